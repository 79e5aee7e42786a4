/* `virga actions`, `virga explain` and `virga magic`: what the schema says of actions, error codes and magic
 * ids. */
#include <assert.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/suggest.h"
#include "cli/output.h"
#include "core/registry.h"
#include "gen/cli.h"
#include "gen/errors.h"
#include "gen/explain.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/magic.h"

static const struct product *const product = &product_sqlserver;

static int print(const struct buf *b)
{
    return output_write(buf_str(b)) == 0 ? EXIT_OK : EXIT_UNEXPECTED;
}

/* Lines of names, with --json as an array. */
static int print_names(struct session *s, const struct buf *lines)
{
    struct buf b;
    if (!s->json)
        return print(lines);
    buf_init(&b, &s->arena, 2 * lines->n, LIMIT_CLI_TEXT);
    output_put_json_lines(&b, buf_str(lines));
    return print(&b);
}

static void put_title(struct buf *b, struct str title)
{
    output_put_colored(b, COLOR_KEY, title);
    buf_putc(b, ':');
}

/* --- actions: the list -------------------------------------------------------------------------------- */

static bool is_shown(const struct actions_options *o, size_t i)
{
    return product->actions[i].handle || !o->emulated;
}

static void put_names(struct buf *b, const struct actions_options *o)
{
    for (size_t i = 0; i < product->n_actions; i++)
        if (is_shown(o, i))
            buf_printf(b, "%.*s\n", STR_ARG(product->actions[i].name));
}

/* The members that the list and one action have in common. */
static void put_summary(struct buf *b, size_t i)
{
    const struct action *a = &product->actions[i];
    assert(i < ACTION_WORDS && str_eq(action_words[i].name, a->name));
    output_json_open(b, NULL, '{');
    output_json_text(b, "action", a->name);
    output_json_text(b, "domain", action_words[i].domain);
    output_json_text(b, "summary", action_words[i].summary);
    output_json_bool(b, "emulated", a->handle != NULL);
    output_json_bool(b, "writes", a->writes);
    output_json_number(b, "calls_per_second", a->rate_per_second);
}

static void put_list_json(struct buf *b, const struct actions_options *o)
{
    output_json_open(b, NULL, '[');
    for (size_t i = 0; i < product->n_actions; i++) {
        if (!is_shown(o, i))
            continue;
        output_json_line(b);
        put_summary(b, i);
        output_json_close(b, '}');
    }
    output_json_close(b, ']');
    buf_putc(b, '\n');
}

static void put_list(struct buf *b, const struct actions_options *o)
{
    static const struct str head[] = {STR_INIT("ACTION"), STR_INIT("DOMAIN"), STR_INIT("EMULATED"),
                                      STR_INIT("PER SECOND")};
    struct output_table t;
    output_table_init(&t, b->arena, sizeof head / sizeof head[0]);
    output_table_add(&t, head);
    for (size_t i = 0; i < product->n_actions; i++) {
        const struct action *a = &product->actions[i];
        const struct str cells[] = {a->name, action_words[i].domain, a->handle ? STR("yes") : STR("no"),
                                    arena_printf(b->arena, "%d", a->rate_per_second)};
        if (is_shown(o, i))
            output_table_add(&t, cells);
    }
    output_put_table(b, &t);
}

/* --- actions: one ------------------------------------------------------------------------------------- */

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
    put_title(b, title);
    buf_putc(b, '\n');
    output_put_table(b, &t);
}

static struct str cause_of(struct str code, struct str action)
{
    for (size_t i = 0; i < EXPLANATIONS; i++)
        for (size_t k = 0; str_eq(explanations[i].code, code) && k < explanations[i].n_causes; k++)
            if (str_eq(explanations[i].causes[k].action, action))
                return explanations[i].causes[k].cause;
    return (struct str){NULL, 0};
}

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
    put_title(b, STR("Error codes"));
    buf_putc(b, '\n');
    output_put_table(b, &t);
}

static void put_action(struct buf *b, size_t i)
{
    const struct action *a = &product->actions[i];
    buf_printf(b, "%.*s (%.*s%s)\n%.*s\n", STR_ARG(a->name), STR_ARG(action_words[i].domain),
               a->handle ? "" : ", not emulated", STR_ARG(action_words[i].summary));
    put_fields(b, STR("Parameters"), a->in);
    put_fields(b, STR("Answer"), a->out);
    put_errors(b, a);
}

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

static void put_action_json(struct buf *b, size_t i)
{
    const struct action *a = &product->actions[i];
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
    output_json_close(b, '}');
    buf_putc(b, '\n');
}

static _Noreturn void reject_action(struct str name)
{
    struct suggestion suggestion;
    suggest_init(&suggestion, name);
    for (size_t i = 0; i < product->n_actions; i++)
        suggest_offer(&suggestion, product->actions[i].name);
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
        const struct action *a = action_find(product, s->words.v[0]);
        if (!a)
            reject_action(s->words.v[0]);
        (s->json ? put_action_json : put_action)(&b, (size_t)(a - product->actions));
    } else if (o->names) {
        put_names(&b, o);
        return print_names(s, &b);
    } else {
        (s->json ? put_list_json : put_list)(&b, o);
    }
    return print(&b);
}

/* --- explain ------------------------------------------------------------------------------------------ */

enum label { MEANS, CAUSES, HOW, RETRY, YES, NO, INJECTED_ONLY, LABELS };

static const struct str labels[LABELS][2] = {
    [MEANS] = {STR_INIT("Means"), STR_INIT("\345\220\253\344\271\211")},
    [CAUSES] = {STR_INIT("Causes here"), STR_INIT("\346\234\254\346\234\272\345\216\237\345\233\240")},
    [HOW] = {STR_INIT("To see it"), STR_INIT("\345\246\202\344\275\225\345\244\215\347\216\260")},
    [RETRY] = {STR_INIT("Try again"), STR_INIT("\346\230\257\345\220\246\351\207\215\350\257\225")},
    [YES] = {STR_INIT("yes, later, with a longer wait each time; after a lost answer first check whether the "
                      "call was done"),
             STR_INIT("\345\217\257\344\273\245\357\274\214\347\250\215\345\220\216\345\271\266\351\200\220"
                      "\346\254\241\345\273\266\351\225\277\347\255\211\345\276\205")},
    [NO] = {STR_INIT("no: the same call fails again; change it first"),
            STR_INIT("\345\220\246\357\274\214\350\257\267\345\205\210\344\277\256\346\224\271\350\257\267"
                     "\346\261\202")},
    [INJECTED_ONLY] = {STR_INIT("nothing; by fault injection only"),
                       STR_INIT("\346\227\240\357\274\214\344\273\205\345\217\257\351\200\232\350\277\207"
                                "\346\225\205\351\232\234\346\263\250\345\205\245")},
};

static const struct code_reference *find_code(struct str code)
{
    for (size_t i = 0; i < EXPLANATIONS; i++)
        if (str_eq(explanations[i].code, code))
            return &explanations[i];
    return NULL;
}

static bool contains_nocase(struct str text, struct str part)
{
    for (size_t i = 0; i + part.n <= text.n; i++)
        if (str_eq_nocase((struct str){text.p + i, part.n}, part))
            return true;
    return false;
}

/* A part of a code lists all codes that contain it; anything else is taken for a misspelt code. */
static _Noreturn void reject_code(struct session *s, struct str code)
{
    struct suggestion suggestion;
    struct buf b;
    suggest_init(&suggestion, code);
    buf_init(&b, &s->arena, 256, LIMIT_CLI_TEXT);
    for (size_t i = 0; i < EXPLANATIONS; i++) {
        suggest_offer(&suggestion, explanations[i].code);
        if (contains_nocase(explanations[i].code, code))
            buf_printf(&b, "%s%.*s", b.n ? ", " : "; there are ", STR_ARG(explanations[i].code));
    }
    if (b.n == 0 && suggestion.best.p)
        buf_printf(&b, "; did you mean %.*s?", STR_ARG(suggestion.best));
    else if (b.n == 0)
        buf_put(&b, STR("; virga explain --names lists them"));
    die(EXIT_USAGE, "there is no code %.*s%.*s", STR_ARG(code), STR_ARG(buf_str(&b)));
}

/* How to see the code: the schema's own way, else an injection. One action's code needs that action. */
static struct str how_to_see(struct session *s, const struct code_reference *x)
{
    struct arena *a = &s->arena;
    if (x->how[s->lang].p)
        return x->how[s->lang];
    struct str how = CONCAT(a, STR("virga faults add --code "), x->code);
    if (x->common || x->n_causes == 0)
        return how;
    return CONCAT(a, how, STR(" --action "), x->causes[0].action);
}

static void put_causes(struct buf *b, int lang, const struct code_reference *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->n_causes; i++)
        if (x->causes[i].cause.p) {
            n++;
            buf_printf(b, "\n  %.*s: %.*s", STR_ARG(x->causes[i].action), STR_ARG(x->causes[i].cause));
        }
    if (x->cause[lang].p)
        buf_printf(b, "%s%.*s", n ? "\n  " : " ", STR_ARG(x->cause[lang]));
    else if (n == 0)
        buf_printf(b, " %.*s", STR_ARG(labels[INJECTED_ONLY][lang]));
    buf_putc(b, '\n');
}

static void put_code(struct buf *b, struct session *s, const struct code_reference *x)
{
    output_put_colored(b, COLOR_BAD, x->code);
    buf_putc(b, '\n');
    put_title(b, labels[MEANS][s->lang]);
    buf_printf(b, " %.*s\n", STR_ARG(x->meaning[s->lang]));
    put_title(b, labels[CAUSES][s->lang]);
    put_causes(b, s->lang, x);
    put_title(b, labels[HOW][s->lang]);
    buf_printf(b, " %.*s\n", STR_ARG(how_to_see(s, x)));
    put_title(b, labels[RETRY][s->lang]);
    buf_printf(b, " %.*s\n", STR_ARG(labels[x->retry ? YES : NO][s->lang]));
}

static void put_code_json(struct buf *b, struct session *s, const struct code_reference *x)
{
    output_json_open(b, NULL, '{');
    output_json_text(b, "code", x->code);
    output_json_text(b, "meaning", x->meaning[s->lang]);
    output_json_text(b, "cause", x->cause[s->lang]);
    output_json_open(b, "actions", '[');
    for (size_t i = 0; i < x->n_causes; i++) {
        output_json_open(b, NULL, '{');
        output_json_text(b, "action", x->causes[i].action);
        output_json_text(b, "cause", x->causes[i].cause);
        output_json_close(b, '}');
    }
    output_json_close(b, ']');
    output_json_text(b, "how", how_to_see(s, x));
    output_json_bool(b, "common", x->common);
    output_json_bool(b, "retry", x->retry);
    output_json_close(b, '}');
    buf_putc(b, '\n');
}

int explain_main(struct session *s)
{
    const struct explain_options *o = (void *)s;
    struct buf b;
    buf_init(&b, &s->arena, 4096, LIMIT_CLI_TEXT);
    session_need_words(s, o->names ? 0 : 1, 1);
    for (size_t i = 0; o->names && i < EXPLANATIONS; i++)
        buf_printf(&b, "%.*s\n", STR_ARG(explanations[i].code));
    if (o->names)
        return print_names(s, &b);
    const struct code_reference *x = find_code(s->words.v[0]);
    if (!x)
        reject_code(s, s->words.v[0]);
    (s->json ? put_code_json : put_code)(&b, s, x);
    return print(&b);
}

/* --- magic -------------------------------------------------------------------------------------------- */

static struct str code_of(const struct magic *m)
{
    return m->act.code == ERR_NONE ? (struct str){NULL, 0} : error_table[m->act.code].code;
}

static void put_magic(struct buf *b, int lang)
{
    static const struct str head[] = {STR_INIT("INSTANCE"), STR_INIT("ACTION"), STR_INIT("CODE"),
                                      STR_INIT("WHAT HAPPENS")};
    struct output_table t;
    output_table_init(&t, b->arena, sizeof head / sizeof head[0]);
    output_table_add(&t, head);
    for (size_t i = 0; i < n_magic; i++) {
        const struct magic *m = &magic_table[i];
        const struct str cells[] = {m->instance_id, m->action.p ? m->action : STR("(each)"),
                                    code_of(m).p ? code_of(m) : STR("-"), m->words[lang]};
        output_table_add(&t, cells);
    }
    output_put_table(b, &t);
}

static void put_magic_json(struct buf *b, int lang)
{
    output_json_open(b, NULL, '[');
    for (size_t i = 0; i < n_magic; i++) {
        const struct magic *m = &magic_table[i];
        output_json_line(b);
        output_json_open(b, NULL, '{');
        output_json_text(b, "instance_id", m->instance_id);
        output_json_text(b, "action", m->action);
        output_json_text(b, "code", code_of(m));
        output_json_text(b, "summary", m->words[lang]);
        output_json_close(b, '}');
    }
    output_json_close(b, ']');
    buf_putc(b, '\n');
}

int magic_main(struct session *s)
{
    struct buf b;
    buf_init(&b, &s->arena, 4096, LIMIT_CLI_TEXT);
    (s->json ? put_magic_json : put_magic)(&b, s->lang);
    return print(&b);
}
