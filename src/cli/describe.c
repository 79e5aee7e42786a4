/* `virga actions` and `virga magic`: what the schema says of actions and magic ids. */
#include <assert.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/suggest.h"
#include "cli/output.h"
#include "core/magic.h"
#include "gen/cli.h"
#include "gen/errors.h"
#include "gen/explain.h"
#include "gen/products.h"

/* The action of that row of the registry, which is also its row in action_words. */
static const struct action *action_at(size_t row)
{
    return registry_action_at(&all_products, row);
}

/* Actions of all products. */
static size_t n_actions(void)
{
    return registry_n_actions(&all_products);
}

/* --- actions: the list -------------------------------------------------------------------------------- */

/* --emulated leaves out the actions that virga only knows by name. */
static bool is_shown(const struct actions_options *o, size_t i)
{
    return action_at(i)->handle || !o->emulated;
}

/* One name a line, as completion wants them. */
static void put_names(struct buf *b, const struct actions_options *o)
{
    for (size_t i = 0; i < n_actions(); i++)
        if (is_shown(o, i))
            buf_printf(b, "%.*s\n", STR_ARG(action_at(i)->name));
}

/* The members that the list and one action have in common. */
static void put_summary(struct buf *b, size_t i)
{
    const struct action *a = action_at(i);
    assert(i < ACTION_WORDS && str_eq(action_words[i].name, a->name));
    output_json_open(b, NULL, '{');
    output_json_text(b, "action", a->name);
    output_json_text(b, "domain", action_words[i].domain);
    output_json_text(b, "summary", action_words[i].summary);
    output_json_bool(b, "emulated", a->handle != NULL);
    output_json_bool(b, "writes", a->writes);
    output_json_number(b, "calls_per_second", a->rate_per_second);
}

/* One line for each action, so that the output can be compared line by line. */
static void put_list_json(struct buf *b, const struct actions_options *o)
{
    output_json_open(b, NULL, '[');
    for (size_t i = 0; i < n_actions(); i++) {
        if (!is_shown(o, i))
            continue;
        output_json_line(b);
        put_summary(b, i);
        output_json_close(b, '}');
    }
    output_json_end(b, ']');
}

/* The table of actions; the rate is the documented limit of calls a second. */
static void put_list(struct buf *b, const struct actions_options *o)
{
    static const struct str head[] = {STR_INIT("ACTION"), STR_INIT("DOMAIN"), STR_INIT("EMULATED"),
                                      STR_INIT("PER SECOND")};
    struct output_table t;
    output_table_init(&t, b->arena, sizeof head / sizeof head[0]);
    output_table_add(&t, head);
    for (size_t i = 0; i < n_actions(); i++) {
        const struct action *a = action_at(i);
        const struct str cells[] = {a->name, action_words[i].domain, a->handle ? STR("yes") : STR("no"),
                                    arena_printf(b->arena, "%d", a->rate_per_second)};
        if (is_shown(o, i))
            output_table_add(&t, cells);
    }
    output_put_table(b, &t);
}

/* --- actions: one ------------------------------------------------------------------------------------- */

/* The type as the reference documentation writes it; an object has its own name when it has one. */
static struct str type_of(struct arena *a, const struct shape_field *f)
{
    static const char *const types[] = {
        [SHAPE_STRING] = "string", [SHAPE_INT64] = "int64",   [SHAPE_UINT64] = "uint64",
        [SHAPE_BOOL] = "bool",     [SHAPE_DOUBLE] = "double", [SHAPE_JSON] = "any JSON",
        [SHAPE_OBJECT] = "object",
    };
    const char *type = f->type == SHAPE_OBJECT && f->object->name ? f->object->name : types[f->type];
    return arena_printf(a, f->list ? "list<%s>" : "%s", type);
}

/* The fields of a parameter object or an answer, one a line. */
static void put_fields(struct buf *b, struct str title, const struct shape *shape)
{
    struct output_table t;
    output_table_init(&t, b->arena, 4);
    for (size_t i = 0; i < shape->n_fields; i++) {
        const struct shape_field *f = &shape->fields[i];
        const struct str cells[] = {CONCAT(b->arena, STR("  "), f->name), type_of(b->arena, f),
                                    f->required ? STR("required") : STR(""),
                                    f->fallback.p ? CONCAT(b->arena, STR("default "), f->fallback) : STR("")};
        output_table_add(&t, cells);
    }
    output_put_title(b, title);
    buf_putc(b, '\n');
    output_put_table(b, &t);
}

/* What makes the action answer the code; p == NULL when only an injected fault does. */
static struct str cause_of(struct str code, struct str action)
{
    for (size_t i = 0; i < EXPLANATIONS; i++)
        for (size_t k = 0; str_eq(explanations[i].code, code) && k < explanations[i].n_causes; k++)
            if (str_eq(explanations[i].causes[k].action, action))
                return explanations[i].causes[k].cause;
    return (struct str){NULL, 0};
}

/* The codes that the action documents, with their causes. */
static void put_errors(struct buf *b, const struct action *a)
{
    struct output_table t;
    output_table_init(&t, b->arena, 2);
    for (size_t i = 0; i < a->n_errors; i++) {
        struct str code = error_table[a->errors[i]].code, cause = cause_of(code, a->name);
        const struct str cells[] = {CONCAT(b->arena, STR("  "), code),
                                    cause.p ? cause : STR("by fault injection only")};
        output_table_add(&t, cells);
    }
    output_put_title(b, STR("Error codes"));
    buf_putc(b, '\n');
    output_put_table(b, &t);
}

/* One action for people: what it does, its parameters, its answer, and the codes that it documents with
 * what makes it answer each. */
static void put_action(struct buf *b, size_t i)
{
    const struct action *a = action_at(i);
    buf_printf(b, "%.*s (%.*s%s)\n%.*s\n", STR_ARG(a->name), STR_ARG(action_words[i].domain),
               a->handle ? "" : ", not emulated", STR_ARG(action_words[i].summary));
    put_fields(b, STR("Parameters"), a->in);
    put_fields(b, STR("Answer"), a->out);
    put_errors(b, a);
}

/* The fields as an array of objects, in the order of the schema. */
static void put_fields_json(struct buf *b, const char *key, const struct shape *shape)
{
    output_json_open(b, key, '[');
    for (size_t i = 0; i < shape->n_fields; i++) {
        const struct shape_field *f = &shape->fields[i];
        output_json_open(b, NULL, '{');
        output_json_text(b, "name", f->name);
        output_json_text(b, "type", type_of(b->arena, f));
        output_json_bool(b, "required", f->required);
        output_json_close(b, '}');
    }
    output_json_close(b, ']');
}

/* The same for programs: the members of the list, with the fields and the codes. */
static void put_action_json(struct buf *b, size_t i)
{
    const struct action *a = action_at(i);
    put_summary(b, i);
    put_fields_json(b, "in", a->in);
    put_fields_json(b, "out", a->out);
    output_json_open(b, "errors", '[');
    for (size_t k = 0; k < a->n_errors; k++) {
        struct str code = error_table[a->errors[k]].code;
        output_json_open(b, NULL, '{');
        output_json_text(b, "code", code);
        output_json_text(b, "cause", cause_of(code, a->name));
        output_json_close(b, '}');
    }
    output_json_close(b, ']');
    output_json_end(b, '}');
}

/* Names the nearest action when there is one near enough. */
static _Noreturn void reject_action(struct str name)
{
    struct suggestion suggestion;
    suggest_init(&suggestion, name);
    action_offer(&all_products, &suggestion);
    if (suggestion.best.p)
        die(EXIT_USAGE, "there is no action %.*s; did you mean %.*s?", STR_ARG(name),
            STR_ARG(suggestion.best));
    die(EXIT_USAGE, "there is no action %.*s; virga actions lists them", STR_ARG(name));
}

int actions_main(struct session *s)
{
    const struct actions_options *o = (void *)s;
    struct buf b;
    buf_init(&b, &s->arena, 4096, LIMIT_CLI_TEXT);
    if (s->words.n == 1) {
        const struct action *a = registry_find_action(&all_products, s->words.v[0]);
        if (!a)
            reject_action(s->words.v[0]);
        (s->json ? put_action_json : put_action)(&b, registry_row(&all_products, a));
    } else if (o->names) {
        put_names(&b, o);
        return session_print_names(s, buf_str(&b));
    } else {
        (s->json ? put_list_json : put_list)(&b, o);
    }
    return session_write(s, buf_str(&b));
}

/* --- magic -------------------------------------------------------------------------------------------- */

/* The code that a call with the id receives; p == NULL when it receives none: it waits, or its answer is
 * lost. */
static struct str code_of(const struct magic *m)
{
    return m->effect.code == ERR_NONE ? (struct str){NULL, 0} : error_table[m->effect.code].code;
}

/* The magic id of this number, counted over all products, or NULL after the last. */
static const struct magic *magic_at(size_t i)
{
    for (size_t k = 0; k < all_products.n_products; k++) {
        const struct product *p = all_products.products[k];
        if (i < p->n_magic)
            return &p->magic[i];
        i -= p->n_magic;
    }
    return NULL;
}

/* The table of ids. An id without an action works with each action that takes it. */
static void put_magic(struct buf *b, int lang)
{
    static const struct str head[] = {STR_INIT("INSTANCE"), STR_INIT("ACTION"), STR_INIT("CODE"),
                                      STR_INIT("WHAT HAPPENS")};
    struct output_table t;
    output_table_init(&t, b->arena, sizeof head / sizeof head[0]);
    output_table_add(&t, head);
    const struct magic *m;
    for (size_t i = 0; (m = magic_at(i)); i++) {
        const struct str cells[] = {m->resource_id, m->action.p ? m->action : STR("(each)"),
                                    code_of(m).p ? code_of(m) : STR("-"), m->words[lang]};
        output_table_add(&t, cells);
    }
    output_put_table(b, &t);
}

/* The same for programs, one line for each id. */
static void put_magic_json(struct buf *b, int lang)
{
    output_json_open(b, NULL, '[');
    const struct magic *m;
    for (size_t i = 0; (m = magic_at(i)); i++) {
        output_json_line(b);
        output_json_open(b, NULL, '{');
        output_json_text(b, "instance_id", m->resource_id);
        output_json_text(b, "action", m->action);
        output_json_text(b, "code", code_of(m));
        output_json_text(b, "summary", m->words[lang]);
        output_json_close(b, '}');
    }
    output_json_end(b, ']');
}

int magic_main(struct session *s)
{
    struct buf b;
    buf_init(&b, &s->arena, 4096, LIMIT_CLI_TEXT);
    (s->json ? put_magic_json : put_magic)(&b, s->lang);
    return session_write(s, buf_str(&b));
}
