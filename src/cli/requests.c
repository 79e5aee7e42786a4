/* `virga requests` and `virga verify`: the journal of the server. */
#include <stdio.h>

#include "base/log.h"
#include "cli/call_params.h"
#include "cli/control_request.h"
#include "cli/main.h"
#include "cli/output.h"
#include "cli/session.h"
#include "core/registry.h"
#include "gen/sqlserver.h"

/* --- requests ----------------------------------------------------------------------------------------- */

struct requests {
    struct session session;
    struct str action, code, trace, secret_id, since, limit, har;
};

static const struct option_row rows[] = {
    SESSION_ROWS_SERVER,
    SESSION_ROW_JSON,
};

static const struct option_text texts[] = {
    {"--action", "ACTION", "only calls of this action", offsetof(struct requests, action), OPTION_SENT_TEXT},
    {"--code", "CODE", "only those that were answered this code; ok: that were done",
     offsetof(struct requests, code), OPTION_SENT_TEXT},
    {"--trace", "TEXT", "only those whose X-TC-TraceId begins so", offsetof(struct requests, trace),
     OPTION_SENT_TEXT},
    {"--secret-id", "ID", "only those under this credential", offsetof(struct requests, secret_id),
     OPTION_SENT_TEXT},
    {"--since", "WHEN", "only those after this RequestId, or from this time on",
     offsetof(struct requests, since), OPTION_SENT_TEXT},
    {"--limit", "N", "the newest of them, at most so many (100)", offsetof(struct requests, limit),
     OPTION_SENT_NUMBER},
    {"--har", NULL, "print them as an HTTP archive, HAR 1.2", offsetof(struct requests, har), OPTION_LOCAL},
};

const struct option_table requests_option_table = {
    .usage = "virga requests [REQUEST_ID | clear] [options]",
    .about =
        "Lists the calls that the server has had, shows one of them whole, or forgets them all. A * behind\n"
        "the code: a fault made it.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .texts = texts,
    .n_texts = sizeof texts / sizeof texts[0],
    .words = "clear",
    .word = session_add_word,
};

static struct str request_path(struct requests *r)
{
    struct session *s = &r->session;
    struct buf b;
    buf_init(&b, &s->arena, 256, OUTPUT_MAX);
    buf_put(&b, r->har.p ? STR("/requests.har") : STR("/requests"));
    if (s->words.n > 0) {
        buf_putc(&b, '/');
        control_request_put_escaped(&b, s->words.v[0]);
    } else {
        control_request_put_query(&b, &requests_option_table, r);
    }
    return buf_str(&b);
}

static void add_call(struct session *s, struct output_table *t, const struct node *call)
{
    struct str injected = session_text(s, call, STR("injected"));
    int64_t us = 0;
    (void)str_to_i64(session_text(s, call, STR("duration_us")), &us);
    output_table_add(t, session_text(s, call, STR("time")));
    output_table_add(t, session_text(s, call, STR("action")));
    output_table_add(t,
                     CONCAT(&s->arena, session_text(s, call, STR("code")), injected.n ? STR("*") : STR("")));
    output_table_add(t, arena_printf(&s->arena, "%.1f", (double)us / 1000));
    output_table_add(t, session_text(s, call, STR("flow_id")));
    output_table_add(t, session_text(s, call, STR("request_id")));
    output_table_add(t, session_text(s, call, STR("trace")));
}

static struct str list_text(struct session *s, const struct node *page)
{
    static const struct str head[] = {STR_INIT("TIME"), STR_INIT("ACTION"), STR_INIT("CODE"),
                                      STR_INIT("MS"),   STR_INIT("FLOW"),   STR_INIT("REQUESTID"),
                                      STR_INIT("TRACE")};
    const struct node *calls = page->kind == NODE_OBJECT ? node_find(page, STR("requests")) : NULL;
    struct str dropped = session_text(s, page, STR("dropped"));
    struct output_table t;
    struct buf b;
    output_table_init(&t, &s->arena, sizeof head / sizeof head[0]);
    for (size_t i = 0; i < t.columns; i++)
        output_table_add(&t, head[i]);
    for (const struct node *n = calls ? calls->first : NULL; n; n = n->next)
        add_call(s, &t, n);
    buf_init(&b, &s->arena, 4096, OUTPUT_MAX);
    output_put_table(&b, &t);
    if (dropped.n > 0 && !str_eq(dropped, STR("0")))
        buf_printf(&b, "and %.*s older calls that the journal had to forget\n", STR_ARG(dropped));
    return buf_str(&b);
}

static struct str pretty(struct session *s, struct str json)
{
    struct buf b;
    buf_init(&b, &s->arena, json.n * 2, OUTPUT_MAX);
    output_put_pretty(&b, json);
    return buf_str(&b);
}

static struct str removed_text(struct session *s, const struct node *answer)
{
    return CONCAT(&s->arena, STR("removed: "), session_text(s, answer, STR("removed")), STR("\n"));
}

int requests_main(char **argv)
{
    struct requests r = {0};
    struct session *s = &r.session;
    struct client_response answer;
    if (!session_open(&r, &requests_option_table, argv))
        return EXIT_OK;
    session_need_words(s, &requests_option_table, 0, 1);
    /* `clear --action A` would forget more than was meant. */
    const char *given = options_given(&requests_option_table, &r, NULL);
    if (given && s->words.n > 0)
        die(EXIT_USAGE, "%s is for the list, not for %.*s", given, STR_ARG(s->words.v[0]));
    session_find(s);
    bool clears = s->words.n == 1 && str_eq(s->words.v[0], STR("clear"));
    const struct node *found =
        clears ? session_ask(s, "DELETE", STR("/requests"), (struct str){NULL, 0}, &answer)
               : session_ask(s, "GET", request_path(&r), (struct str){NULL, 0}, &answer);
    if (!found)
        return session_close(s, EXIT_REFUSED);
    if (clears)
        return session_print(s, removed_text(s, found), &answer);
    bool whole = r.har.p || s->words.n == 1;
    return session_print(s, whole ? pretty(s, answer.body) : list_text(s, found), &answer);
}

/* --- verify ------------------------------------------------------------------------------------------- */

struct verify {
    struct session session;
    struct str code, trace, secret_id, min, max, body;
};

static const struct option_text verify_texts[] = {
    {"--code", "CODE", "only calls that were answered this code; ok: that were done",
     offsetof(struct verify, code), OPTION_SENT_TEXT},
    {"--trace", "TEXT", "only those whose X-TC-TraceId begins so", offsetof(struct verify, trace),
     OPTION_SENT_TEXT},
    {"--secret-id", "ID", "only those under this credential", offsetof(struct verify, secret_id),
     OPTION_SENT_TEXT},
    {"--min", "N", "at least so many (1, or 0 when --max is 0)", offsetof(struct verify, min), OPTION_LOCAL},
    {"--max", "N", "at most so many", offsetof(struct verify, max), OPTION_LOCAL},
    {"--body", "FILE",
     "the whole question as JSON, as the control API takes it (in_order); - is standard input",
     offsetof(struct verify, body), OPTION_LOCAL},
};

const struct option_table verify_option_table = {
    .usage = "virga verify [ACTION] [Name=value]... [Name:=JSON]... [options]",
    .about =
        "Checks that such calls were made. A value has the type that the action's parameter has; dots lead\n"
        "into lists and objects. Exit code 11, and the nearest miss in words, when they were not made.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .texts = verify_texts,
    .n_texts = sizeof verify_texts / sizeof verify_texts[0],
    .words = "ACTION",
    .word = session_add_word,
};

static void put_count(struct buf *b, const char *name, struct str value)
{
    int64_t n;
    if (value.p && (str_to_i64(value, &n) != 0 || n < 0))
        die(EXIT_USAGE, "--%s %.*s is no count", name, STR_ARG(value));
    if (value.p)
        buf_printf(b, "\"%s\":%.*s,", name, STR_ARG(value));
}

static void end_object(struct buf *b)
{
    if (b->n > 0 && b->p[b->n - 1] == ',')
        b->n--;
    buf_putc(b, '}');
}

static void put_params(struct buf *b, struct session *s)
{
    bool names = s->words.n > 0 && str_find(s->words.v[0], '=') == s->words.v[0].n;
    const struct action *action = names ? action_find(&product_sqlserver, s->words.v[0]) : NULL;
    struct str problem;
    if (names) {
        buf_put(b, STR("\"action\":"));
        buf_put_json_string(b, s->words.v[0]);
        buf_putc(b, ',');
    }
    if (s->words.n == names)
        return;
    buf_put(b, STR("\"params\":"));
    const struct shape *shape = action ? action->in : NULL;
    if (params_put_paths(b, shape, s->words.v + names, s->words.n - names, &problem) != 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    buf_putc(b, ',');
}

static struct str verify_body(struct verify *v)
{
    struct session *s = &v->session;
    struct buf b;
    if (v->body.p)
        return session_read_file(s, v->body);
    buf_init(&b, &s->arena, 256, OUTPUT_MAX);
    buf_putc(&b, '{');
    control_request_put_json(&b, &verify_option_table, v);
    put_params(&b, s);
    if (v->min.p || v->max.p) {
        buf_put(&b, STR("\"count\":{"));
        put_count(&b, "min", v->min);
        put_count(&b, "max", v->max);
        end_object(&b);
    }
    end_object(&b);
    return buf_str(&b);
}

int verify_main(char **argv)
{
    struct verify v = {0};
    struct client_response answer;
    if (!session_open(&v, &verify_option_table, argv))
        return EXIT_OK;
    const char *given = options_given(&verify_option_table, &v, "--body");
    if (v.body.p && (given || v.session.words.n > 0))
        die(EXIT_USAGE, "--body is the whole question: %s", verify_option_table.usage);
    session_find(&v.session);
    const struct node *found = session_ask(&v.session, "POST", STR("/verify"), verify_body(&v), &answer);
    if (!found)
        return session_close(&v.session, answer.status == 409 ? EXIT_NOT_SO : EXIT_REFUSED);
    struct str matched = session_text(&v.session, found, STR("matched"));
    return session_print(&v.session, arena_printf(&v.session.arena, "ok, calls: %.*s\n", STR_ARG(matched)),
                         &answer);
}
