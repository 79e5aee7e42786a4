/* `virga why`: why a call was refused, and how to make it again. */

#include "base/log.h"
#include "cli/call_params.h"
#include "cli/control_request.h"
#include "cli/env.h"
#include "cli/main.h"
#include "cli/output.h"
#include "cli/session.h"
#include "core/registry.h"
#include "gen/errors.h"
#include "gen/sqlserver.h"
#include "wire/encode.h"

struct why_options {
    struct session session;
    struct str as;
    int lang;
};

static int set_lang(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    (void)a;
    return lang_parse(value, &((struct why_options *)target)->lang, ret_problem);
}

static const struct option_row rows[] = {
    SESSION_ROWS_SERVER,
    {"--lang", "en|zh", "the language of the words (as the locale says)", false, set_lang},
    SESSION_ROW_JSON,
};

static const struct option_text texts[] = {
    {"--as", "CLIENT", "print the call as a program that signs it anew: curl, python, tccli, go, ...",
     offsetof(struct why_options, as), OPTION_LOCAL},
};

const struct option_table why_option_table = {
    .usage = "virga why [REQUEST_ID | last] [options]",
    .about =
        "Says why a call was refused: the steps it passed, the one that refused it, on what ground, and\n"
        "what would have been checked next. Without a RequestId the last refused call.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .texts = texts,
    .n_texts = sizeof texts / sizeof texts[0],
    .words = "last",
    .word = session_add_word,
};

/* --- in words ----------------------------------------------------------------------------------------- */

static struct str list_of(struct session *s, const struct node *problem, struct str name)
{
    const struct node *list = node_find(problem, name);
    struct buf b;
    buf_init(&b, &s->arena, 256, OUTPUT_MAX);
    for (const struct node *n = list ? list->first : NULL; n; n = n->next)
        buf_printf(&b, "%s%.*s", n == list->first ? "" : ", ", STR_ARG(n->text));
    return buf_str(&b);
}

static void put_row(struct buf *b, const char *title, struct str text)
{
    if (text.n > 0)
        buf_printf(b, "  %-10s %.*s\n", title, STR_ARG(text));
}

/* The Chinese text where it is asked for and there is one: the schema says some things in English alone. */
static struct str in_words(struct why_options *o, const struct node *n, struct str name)
{
    struct session *s = &o->session;
    struct str zh = CONCAT(&s->arena, name, STR("_zh"));
    struct str text = o->lang == LANG_ZH ? session_text(s, n, zh) : STR("");
    return text.n > 0 ? text : session_text(s, n, name);
}

static void put_ground(struct buf *b, struct why_options *o, const struct node *error_cause)
{
    struct session *s = &o->session;
    struct str source = session_text(s, error_cause, STR("source"));
    buf_printf(b, "    %.*s: %.*s (%.*s%s%.*s)\n", STR_ARG(session_text(s, error_cause, STR("about"))),
               STR_ARG(in_words(o, error_cause, STR("what"))),
               STR_ARG(session_text(s, error_cause, STR("provenance"))), source.n > 0 ? ": " : "",
               STR_ARG(source));
}

static void put_grounds(struct buf *b, struct why_options *o, const struct node *problem)
{
    const struct node *list = node_find(problem, STR("grounds"));
    if (!list || !list->first)
        return;
    buf_put(b, STR("  grounds\n"));
    for (const struct node *n = list->first; n; n = n->next)
        put_ground(b, o, n);
}

static void put_head(struct buf *b, struct session *s, const struct node *problem)
{
    struct str code = session_text(s, problem, STR("code")),
               message = session_text(s, problem, STR("message"));
    buf_printf(b, "%.*s => %.*s\n", STR_ARG(session_text(s, problem, STR("action"))),
               STR_ARG(code.n > 0 ? code : STR("no answer")));
    put_row(b, "message", message);
    put_row(b, "at", session_text(s, problem, STR("time")));
    put_row(b, "requestid", session_text(s, problem, STR("request_id")));
}

static struct str finding_of(struct why_options *o, const struct node *problem)
{
    struct session *s = &o->session;
    struct str id = session_text(s, problem, STR("why"));
    return id.n == 0 ? id : CONCAT(&s->arena, id, STR(": "), in_words(o, problem, STR("why_text")));
}

static struct str text_of(struct why_options *o, const struct node *problem)
{
    struct session *s = &o->session;
    struct buf b;
    buf_init(&b, &s->arena, 1024, OUTPUT_MAX);
    put_head(&b, s, problem);
    put_row(&b, "why", finding_of(o, problem));
    put_row(&b, "injected", session_text(s, problem, STR("injected")));
    put_row(&b, "parameter", session_text(s, problem, STR("parameter")));
    put_row(&b, "passed", list_of(s, problem, STR("passed")));
    put_row(&b, "failed", session_text(s, problem, STR("failed_step")));
    put_row(&b, "next", list_of(s, problem, STR("next")));
    put_row(&b, "leniency", list_of(s, problem, STR("leniencies")));
    put_grounds(&b, o, problem);
    return buf_str(&b);
}

/* --- as a program ------------------------------------------------------------------------------------- */

/* Where every value came as text, so that the schema must say what it is: the words "DBNames.0=db1". */
static void add_words(struct session *s, struct str_list *words, struct str path, const struct node *n)
{
    size_t i = 0;
    if (n->kind == NODE_STRING)
        str_list_add(&s->arena, words, CONCAT(&s->arena, path, STR("="), n->text));
    for (const struct node *child = n->first; child; child = child->next, i++) {
        struct str name = child->name.p ? child->name : arena_printf(&s->arena, "%zu", i);
        add_words(s, words, path.n > 0 ? CONCAT(&s->arena, path, STR("."), name) : name, child);
    }
}

static bool came_as_text(struct session *s, const struct node *problem)
{
    return str_eq(session_text(s, problem, STR("signature")), STR("v1")) ||
           str_eq(session_text(s, problem, STR("method")), STR("GET"));
}

static struct str params_of(struct session *s, const struct node *problem)
{
    const struct node *params = node_find(problem, STR("params"));
    const struct action *action = action_find(&product_sqlserver, session_text(s, problem, STR("action")));
    struct str_list words = {0};
    struct buf b;
    struct str said;
    if (!params || params->kind != NODE_OBJECT)
        die(EXIT_REFUSED, "its parameters cannot be read, so it cannot be made again");
    buf_init(&b, &s->arena, 256, OUTPUT_MAX);
    if (!came_as_text(s, problem)) {
        encode_node(&b, params);
        return buf_str(&b);
    }
    add_words(s, &words, STR(""), params);
    if (params_put(&b, action ? action->in : NULL, words.v, words.n, &said) != 0)
        die(EXIT_REFUSED, "%.*s, so it cannot be made again", STR_ARG(said));
    return buf_str(&b);
}

static bool holds_mask(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (str_starts(str_skip(text, i), STR("\"***\"")))
            return true;
    return false;
}

/* The SecretId of the call, if the server has a key for it with which alone a call is signed; else the
 * server's own. */
static struct str usable_id(struct session *s, struct str wanted)
{
    struct client_response answer;
    const struct node *found = session_ask(s, "GET", STR("/credentials"), (struct str){NULL, 0}, &answer);
    const struct node *list = found ? node_find(found, STR("credentials")) : NULL;
    for (const struct node *n = list ? list->first : NULL; n; n = n->next)
        if (str_eq(session_text(s, n, STR("secret_id")), wanted) && !node_find(n, STR("token")))
            return wanted;
    log_say(LOG_WARN, "the server has no lasting key for %.*s; the program takes its first credential",
            STR_ARG(wanted.n > 0 ? wanted : STR("no SecretId")));
    return (struct str){NULL, 0};
}

static struct str if_any(struct str text)
{
    return text.n > 0 ? text : (struct str){NULL, 0};
}

static int print_program(struct why_options *o, const struct node *problem)
{
    struct session *s = &o->session;
    struct program p = {.client = o->as,
                        .action = session_text(s, problem, STR("action")),
                        .region = if_any(session_text(s, problem, STR("region"))),
                        .params = params_of(s, problem)};
    if (holds_mask(p.params))
        log_say(LOG_WARN, "the journal keeps no secrets: put them in where *** stands");
    p.secret_id = usable_id(s, session_text(s, problem, STR("secret_id")));
    log_flush();
    return code_sample_print(s, &p);
}

int why_main(char **argv)
{
    struct why_options o = {.lang = lang_of_locale()};
    struct session *s = &o.session;
    struct client_response answer;
    struct buf path;
    if (!session_open(&o, &why_option_table, argv))
        return EXIT_OK;
    session_need_words(s, &why_option_table, 0, 1);
    session_find(s);
    buf_init(&path, &s->arena, 64, OUTPUT_MAX);
    buf_put(&path, STR("/why/"));
    control_request_put_escaped(&path, s->words.n > 0 ? s->words.v[0] : STR("last"));
    const struct node *problem = session_ask(s, "GET", buf_str(&path), (struct str){NULL, 0}, &answer);
    if (!problem)
        return session_close(s, EXIT_REFUSED);
    return o.as.p ? print_program(&o, problem) : session_print(s, text_of(&o, problem), &answer);
}
