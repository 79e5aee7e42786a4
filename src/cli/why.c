/*
 * `virga why` and `virga sig diff`: why a call was rejected, and where a client's signed text differs from
 * virga's. Both ask the server for one rejected call; the server has explained it when it answered it.
 */
#include "base/limits.h"
#include "base/log.h"
#include "cli/call_params.h"
#include "cli/control_request.h"
#include "cli/env.h"
#include "cli/output.h"
#include "core/redact.h"
#include "core/registry.h"
#include "diagnosis/text_diff.h"
#include "gen/cli.h"
#include "gen/errors.h"
#include "gen/products.h"
#include "wire/encode.h"

/* --- why: the text ------------------------------------------------------------------------------------ */

/* The texts of an array, with commas. */
static struct str list_of(struct session *s, const struct node *rejection, struct str name)
{
    const struct node *list = node_find(rejection, name);
    struct buf b;
    buf_init(&b, &s->arena, 256, LIMIT_CLI_TEXT);
    for (const struct node *n = list ? list->first : NULL; n; n = n->next)
        buf_printf(&b, "%s%.*s", n == list->first ? "" : ", ", STR_ARG(n->text));
    return buf_str(&b);
}

/* Nothing for an empty text: not every call has every part. */
static void put_row(struct buf *b, const char *title, struct str text)
{
    if (text.n == 0)
        return;
    buf_printf(b, "  %-10s ", title);
    output_put_text(b, text);
    buf_putc(b, '\n');
}

/* The Chinese text where it is wanted and exists: the schema has some texts in English only. */
static struct str in_lang(struct session *s, const struct node *n, struct str name)
{
    struct str zh = CONCAT(&s->arena, name, STR("_zh"));
    struct str text = s->lang == LANG_ZH ? session_text(s, n, zh) : STR("");
    return text.n > 0 ? text : session_text(s, n, name);
}

/* One line: what it is about, the text, and how well it is known. */
static void put_evidence(struct buf *b, struct session *s, const struct node *evidence)
{
    struct str source = session_text(s, evidence, STR("source"));
    buf_printf(b, "    %.*s: %.*s (%.*s%s%.*s)\n", STR_ARG(session_text(s, evidence, STR("about"))),
               STR_ARG(in_lang(s, evidence, STR("what"))),
               STR_ARG(session_text(s, evidence, STR("provenance"))), source.n > 0 ? ": " : "",
               STR_ARG(source));
}

/* What the explanation rests on; nothing for a call without any. */
static void put_all_evidence(struct buf *b, struct session *s, const struct node *rejection)
{
    const struct node *list = node_find(rejection, STR("grounds"));
    if (!list || !list->first)
        return;
    buf_put(b, STR("  grounds\n"));
    for (const struct node *n = list->first; n; n = n->next)
        put_evidence(b, s, n);
}

/* The call and what it was answered, then what identifies it. */
static void put_head(struct buf *b, struct session *s, const struct node *rejection)
{
    struct str code = session_text(s, rejection, STR("code")),
               message = session_text(s, rejection, STR("message"));
    output_put_text(b, session_text(s, rejection, STR("action")));
    buf_printf(b, " => %.*s\n", STR_ARG(code.n > 0 ? code : STR("no answer")));
    put_row(b, "message", message);
    put_row(b, "at", session_text(s, rejection, STR("time")));
    put_row(b, "requestid", session_text(s, rejection, STR("request_id")));
}

/* The id of the reason with its text; empty for a call that was not rejected. */
static struct str finding_of(struct session *s, const struct node *rejection)
{
    struct str id = session_text(s, rejection, STR("why"));
    return id.n == 0 ? id : CONCAT(&s->arena, id, STR(": "), in_lang(s, rejection, STR("why_text")));
}

/* The rows of the explanation, in the order in which the server found out what they say. */
static const struct row {
    const char *title;
    struct str member;
    bool list;
} rows[] = {
    {"injected", STR_INIT("injected"), false}, {"parameter", STR_INIT("parameter"), false},
    {"passed", STR_INIT("passed"), true},      {"failed", STR_INIT("failed_step"), false},
    {"next", STR_INIT("next"), true},          {"leniency", STR_INIT("leniencies"), true},
    {"unread", STR_INIT("unread"), true},
};

/* The whole explanation for people; --json prints the server's answer instead. */
static struct str text_of(struct session *s, const struct node *rejection)
{
    struct buf b;
    buf_init(&b, &s->arena, 1024, LIMIT_CLI_TEXT);
    put_head(&b, s, rejection);
    put_row(&b, "why", finding_of(s, rejection));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        put_row(&b, rows[i].title,
                rows[i].list ? list_of(s, rejection, rows[i].member)
                             : session_text(s, rejection, rows[i].member));
    put_all_evidence(&b, s, rejection);
    return buf_str(&b);
}

/* --- why: the call as a program ----------------------------------------------------------------------- */

/* Values that came as text, whose types the schema must supply, as words: "Names.0=a". */
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

/* In a query or a form every value is a text, and version 1 of the signature has nothing else. */
static bool came_as_text(struct session *s, const struct node *rejection)
{
    return str_eq(session_text(s, rejection, STR("signature")), STR("v1")) ||
           str_eq(session_text(s, rejection, STR("method")), STR("GET"));
}

/* The call's parameters as JSON in their own types; ends the program when they cannot be known. */
static struct str params_of(struct session *s, const struct node *rejection)
{
    const struct node *params = node_find(rejection, STR("params"));
    const struct action *action =
        registry_find_action(&all_products, session_text(s, rejection, STR("action")));
    struct str_list words = {0};
    struct buf b;
    struct str problem;
    if (!params || params->kind != NODE_OBJECT)
        die(EXIT_SERVER_ERROR, "its parameters cannot be read, so it cannot be repeated");
    buf_init(&b, &s->arena, 256, LIMIT_CLI_TEXT);
    if (!came_as_text(s, rejection)) {
        encode_node(&b, params);
        return buf_str(&b);
    }
    add_words(s, &words, STR(""), params);
    if (call_params_put(&b, action ? action->in : NULL, words.v, words.n, &problem) != 0)
        die(EXIT_SERVER_ERROR, "%.*s, so it cannot be repeated", STR_ARG(problem));
    return buf_str(&b);
}

/* The journal writes *** for each secret. */
static bool has_mask(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (str_starts(str_skip(text, i), STR("\"***\"")))
            return true;
    return false;
}

/* The call's SecretId if the server has a key for it that needs no token; else absent: the server's own. */
static struct str usable_id(struct session *s, struct str wanted)
{
    struct client_response response;
    const struct node *found = session_ask(s, "GET", STR("/credentials"), (struct str){NULL, 0}, &response);
    const struct node *list = found ? node_find(found, STR("credentials")) : NULL;
    for (const struct node *n = list ? list->first : NULL; n; n = n->next)
        if (str_eq(session_text(s, n, STR("secret_id")), wanted) && !node_find(n, STR("token")))
            return wanted;
    log_say(LOG_WARN,
            "the server has no lasting key for %.*s; the program uses the server's first credential",
            STR_ARG(wanted.n > 0 ? wanted : STR("no SecretId")));
    return (struct str){NULL, 0};
}

/* The server writes an empty text for what it does not know. */
static struct str or_absent(struct str text)
{
    return text.n > 0 ? text : (struct str){NULL, 0};
}

/* The call as a program that signs it again. The parts that the journal does not have are named in
 * warnings. */
static int print_sample(struct session *s, struct str client, const struct node *rejection)
{
    struct code_sample sample = {.client = client,
                                 .action = session_text(s, rejection, STR("action")),
                                 .region = or_absent(session_text(s, rejection, STR("region"))),
                                 .params = params_of(s, rejection)};
    if (has_mask(sample.params))
        log_say(LOG_WARN, "the journal keeps no secrets: put them in for each ***");
    sample.secret_id = usable_id(s, session_text(s, rejection, STR("secret_id")));
    log_flush();
    return code_sample_print(s, &sample);
}

/* What the server knows of one call, by its RequestId or "last". */
static const struct node *ask(struct session *s, struct str id, struct client_response *ret_response)
{
    struct str path = control_path(&s->arena, "/why", id);
    return session_ask(s, "GET", path, (struct str){NULL, 0}, ret_response);
}

int why_main(struct session *s)
{
    const struct why_options *o = (void *)s;
    struct client_response response;
    if (o->as.p)
        (void)need_client(s, "--as", o->as);
    session_find(s);
    const struct node *rejection = ask(s, s->words.n > 0 ? s->words.v[0] : STR("last"), &response);
    if (!rejection)
        return EXIT_SERVER_ERROR;
    return o->as.p ? print_sample(s, o->as, rejection) : session_print(s, text_of(s, rejection), &response);
}

/* --- sig diff ----------------------------------------------------------------------------------------- */

/* The RequestId that was given, or that of the last call whose signature was rejected. */
static struct str request_id(struct session *s)
{
    struct client_response response;
    if (s->words.n == 3)
        return s->words.v[2];
    const struct node *page =
        session_ask(s, "GET", STR("/requests?limit=1&code=AuthFailure.SignatureFailure"),
                    (struct str){NULL, 0}, &response);
    const struct node *list = page ? node_find(page, STR("requests")) : NULL;
    if (!list || !list->first)
        die(EXIT_SERVER_ERROR, "no signature was rejected");
    return session_text(s, list->first, STR("request_id"));
}

/* Which of virga's two texts to compare the client's text with. */
static struct str own_text(struct session *s, const struct node *rejection, struct str theirs,
                           bool *ret_canonical)
{
    struct str canonical = session_text(s, rejection, STR("canonical_request"));
    struct str string = session_text(s, rejection, STR("string_to_sign"));
    *ret_canonical = canonical.n > 0 && !str_starts(theirs, STR("TC3-HMAC-"));
    if (string.n == 0)
        die(EXIT_SERVER_ERROR, "virga's own text for this call is not known: its signature was not examined");
    return *ret_canonical ? canonical : string;
}

/* Secrets become ***, as in virga's own text, so that they do not differ. */
static struct str without_secrets(struct session *s, struct str text, bool canonical)
{
    struct buf b;
    buf_init(&b, &s->arena, text.n + 64, LIMIT_CLI_TEXT);
    (canonical ? redact_canonical : redact_target)(&b, text);
    return buf_str(&b);
}

/* Puts a ^ below the first character that differs; continuation bytes of UTF-8 take no column. */
static void put_mark(struct buf *b, size_t bytes, struct str shown)
{
    for (size_t i = 0; i < bytes && i < shown.n; i++)
        if (((unsigned char)shown.p[i] & 0xC0) != 0x80)
            buf_putc(b, ' ');
    buf_put(b, STR("^\n"));
}

/* Both texts around the first difference, one below the other. */
static struct str difference_text(struct session *s, const struct text_difference *d)
{
    struct buf b;
    buf_init(&b, &s->arena, 512, LIMIT_CLI_TEXT);
    if (d->same) {
        buf_put(&b, STR("the same, byte for byte: the mistake comes after this text\n"));
        return buf_str(&b);
    }
    buf_printf(&b, "line %zu, column %zu (byte %zu) differs\n", d->line, d->column, d->offset);
    buf_printf(&b, "yours  %.*s\n       ", STR_ARG(d->theirs));
    put_mark(&b, d->mark, d->theirs);
    buf_printf(&b, "virga  %.*s\n", STR_ARG(d->own));
    return buf_str(&b);
}

/* The same for programs; the texts are empty when nothing differs. */
static struct str difference_json(struct session *s, const struct text_difference *d)
{
    struct buf b;
    buf_init(&b, &s->arena, 512, LIMIT_CLI_TEXT);
    output_json_open(&b, NULL, '{');
    output_json_bool(&b, "same", d->same);
    output_json_number(&b, "offset", (int64_t)d->offset);
    output_json_number(&b, "line", (int64_t)d->line);
    output_json_number(&b, "column", (int64_t)d->column);
    output_json_text(&b, "yours", d->theirs.p ? d->theirs : STR(""));
    output_json_text(&b, "virga", d->own.p ? d->own : STR(""));
    output_json_end(&b, '}');
    return buf_str(&b);
}

int sig_main(struct session *s)
{
    struct client_response response;
    struct text_difference d;
    bool canonical;
    if (!str_eq(s->words.v[0], STR("diff")))
        session_reject_word(s, s->words.v[0]);
    session_find(s);
    struct str theirs = session_read_file(s, s->words.v[1]);
    const struct node *rejection = ask(s, request_id(s), &response);
    if (!rejection)
        return EXIT_SERVER_ERROR;
    struct str own = own_text(s, rejection, theirs, &canonical);
    text_diff(&s->arena, own, without_secrets(s, theirs, canonical), &d);
    int written = session_write(s, s->json ? difference_json(s, &d) : difference_text(s, &d));
    return written != EXIT_OK ? written : d.same ? EXIT_OK : EXIT_MISMATCH;
}
