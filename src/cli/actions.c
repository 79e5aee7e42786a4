/* `virga actions`: the actions as the schema has them. */

#include "base/log.h"
#include "base/suggest.h"
#include "cli/main.h"
#include "cli/output.h"
#include "cli/session.h"
#include "core/registry.h"
#include "gen/explain.h"
#include "gen/products.h"

struct actions {
    struct session session;
    struct str names, emulated;
};

static const struct option_row rows[] = {
    SESSION_ROW_JSON,
};

static const struct option_text texts[] = {
    {"--names", NULL, "print the names alone, one a line", offsetof(struct actions, names), OPTION_LOCAL},
    {"--emulated", NULL, "only those that virga emulates", offsetof(struct actions, emulated), OPTION_LOCAL},
};

const struct option_table actions_option_table = {
    .usage = "virga actions [ACTION] [options]",
    .about =
        "Lists the actions of the API, or describes one: its parameters, its answer and its error codes.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .texts = texts,
    .n_texts = sizeof texts / sizeof texts[0],
    .words = "ACTION",
    .word = session_add_word,
};

/* Rows are those of the registry, as in action_words. */
static const struct action *action_at(size_t row)
{
    return registry_action_at(&all_products, row);
}

static const char *boolean(bool value)
{
    return value ? "true" : "false";
}

/* --- the list ----------------------------------------------------------------------------------------- */

static bool is_shown(const struct actions *o, size_t i)
{
    return action_at(i)->handle || !o->emulated.p;
}

static void put_names(struct buf *b, const struct actions *o)
{
    for (size_t i = 0; i < registry_n_actions(&all_products); i++)
        if (is_shown(o, i))
            buf_printf(b, "%.*s\n", STR_ARG(action_at(i)->name));
}

static void put_names_json(struct buf *b, const struct actions *o)
{
    struct buf names;
    buf_init(&names, b->arena, 8192, OUTPUT_MAX);
    put_names(&names, o);
    output_put_json_lines(b, buf_str(&names));
}

static void put_summary(struct buf *b, size_t i)
{
    const struct action *a = action_at(i);
    buf_put(b, STR("{\"action\":"));
    buf_put_json_string(b, a->name);
    buf_put(b, STR(",\"domain\":"));
    buf_put_json_string(b, action_words[i].domain);
    buf_put(b, STR(",\"summary\":"));
    buf_put_json_string(b, action_words[i].summary);
    buf_printf(b, ",\"emulated\":%s,\"writes\":%s,\"calls_per_second\":%d", boolean(a->handle),
               boolean(a->writes), a->rate_per_second);
}

static void put_list_json(struct buf *b, const struct actions *o)
{
    size_t n = 0;
    buf_putc(b, '[');
    for (size_t i = 0; i < registry_n_actions(&all_products); i++) {
        if (!is_shown(o, i))
            continue;
        if (n++ > 0)
            buf_put(b, STR(",\n "));
        put_summary(b, i);
        buf_putc(b, '}');
    }
    buf_put(b, STR("]\n"));
}

static void put_list(struct buf *b, const struct actions *o)
{
    struct output_table t;
    output_table_init(&t, b->arena, 4);
    output_table_add(&t, STR("ACTION"));
    output_table_add(&t, STR("DOMAIN"));
    output_table_add(&t, STR("EMULATED"));
    output_table_add(&t, STR("PER SECOND"));
    for (size_t i = 0; i < registry_n_actions(&all_products); i++) {
        const struct action *a = action_at(i);
        if (!is_shown(o, i))
            continue;
        output_table_add(&t, a->name);
        output_table_add(&t, action_words[i].domain);
        output_table_add(&t, a->handle ? STR("yes") : STR("no"));
        output_table_add(&t, arena_printf(b->arena, "%d", a->rate_per_second));
    }
    output_put_table(b, &t);
}

/* --- one action --------------------------------------------------------------------------------------- */

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

static void put_fields(struct buf *b, const char *title, const struct shape *shape)
{
    struct output_table t;
    output_table_init(&t, b->arena, 4);
    for (size_t i = 0; i < shape->n_fields; i++) {
        const struct shape_field *f = &shape->fields[i];
        output_table_add(&t, CONCAT(b->arena, STR("  "), f->name));
        output_table_add(&t, type_of(b->arena, f));
        output_table_add(&t, f->required ? STR("required") : STR(""));
        output_table_add(&t, f->fallback.p ? CONCAT(b->arena, STR("default "), f->fallback) : STR(""));
    }
    output_put_colored(b, COLOR_KEY, str_from(title));
    buf_put(b, STR(":\n"));
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
        output_table_add(&t, CONCAT(b->arena, STR("  "), code));
        output_table_add(&t, cause.p ? cause : STR("by fault injection only"));
    }
    output_put_colored(b, COLOR_KEY, STR("Error codes"));
    buf_put(b, STR(":\n"));
    output_put_table(b, &t);
}

static void put_action(struct buf *b, size_t i)
{
    const struct action *a = action_at(i);
    buf_printf(b, "%.*s (%.*s%s)\n%.*s\n", STR_ARG(a->name), STR_ARG(action_words[i].domain),
               a->handle ? "" : ", not emulated", STR_ARG(action_words[i].summary));
    put_fields(b, "Parameters", a->in);
    put_fields(b, "Answer", a->out);
    put_errors(b, a);
}

static void put_fields_json(struct buf *b, const char *name, const struct shape *shape)
{
    buf_printf(b, ",\"%s\":[", name);
    for (size_t i = 0; i < shape->n_fields; i++) {
        const struct shape_field *f = &shape->fields[i];
        buf_put(b, i ? STR(",{\"name\":") : STR("{\"name\":"));
        buf_put_json_string(b, f->name);
        buf_put(b, STR(",\"type\":"));
        buf_put_json_string(b, type_of(b->arena, f));
        buf_printf(b, ",\"required\":%s}", boolean(f->required));
    }
    buf_putc(b, ']');
}

static void put_action_json(struct buf *b, size_t i)
{
    const struct action *a = action_at(i);
    put_summary(b, i);
    put_fields_json(b, "in", a->in);
    put_fields_json(b, "out", a->out);
    buf_put(b, STR(",\"errors\":["));
    for (size_t k = 0; k < a->n_errors; k++) {
        struct str code = error_table[a->errors[k]].code, cause = cause_of(code, a->name);
        buf_put(b, k ? STR(",{\"code\":") : STR("{\"code\":"));
        buf_put_json_string(b, code);
        buf_put(b, STR(",\"cause\":"));
        if (cause.p)
            buf_put_json_string(b, cause);
        else
            buf_put(b, STR("null"));
        buf_putc(b, '}');
    }
    buf_put(b, STR("]}\n"));
}

static _Noreturn void reject(struct str name)
{
    struct suggestion suggestion;
    suggest_init(&suggestion, name);
    for (size_t i = 0; i < registry_n_actions(&all_products); i++)
        suggest_offer(&suggestion, action_at(i)->name);
    if (suggestion.best.p)
        die(EXIT_USAGE, "there is no action %.*s; did you mean %.*s?", STR_ARG(name),
            STR_ARG(suggestion.best));
    die(EXIT_USAGE, "there is no action %.*s; virga actions lists them", STR_ARG(name));
}

static void put_one(struct buf *b, const struct actions *o)
{
    const struct action *a = registry_find_action(&all_products, o->session.words.v[0]);
    if (!a)
        reject(o->session.words.v[0]);
    (o->session.json ? put_action_json : put_action)(b, registry_row(&all_products, a));
}

int actions_main(char **argv)
{
    struct actions o = {0};
    struct session *s = &o.session;
    struct buf b;
    if (!session_open(&o, &actions_option_table, argv))
        return EXIT_OK;
    session_need_words(s, &actions_option_table, 0, 1);
    buf_init(&b, &s->arena, 4096, OUTPUT_MAX);
    if (s->words.n == 1)
        put_one(&b, &o);
    else if (o.names.p)
        (s->json ? put_names_json : put_names)(&b, &o);
    else
        (s->json ? put_list_json : put_list)(&b, &o);
    return session_close(s, output_write(buf_str(&b)) == 0 ? EXIT_OK : EXIT_UNEXPECTED);
}
