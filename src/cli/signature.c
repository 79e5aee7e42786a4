/* `virga sig diff`: where the text that a client has signed departs from virga's. */

#include "base/log.h"
#include "cli/control_request.h"
#include "cli/main.h"
#include "cli/output.h"
#include "cli/session.h"
#include "core/redact.h"
#include "diagnosis/visible.h"

static const struct option_row rows[] = {
    SESSION_ROWS_SERVER,
    SESSION_ROW_JSON,
};

const struct option_table sig_option_table = {
    .usage = "virga sig diff FILE [REQUEST_ID] [options]",
    .about =
        "Compares a canonical request, or a string to sign, as a client has made it with virga's own of a\n"
        "call whose signature was refused, the last one by itself, and marks the first byte that\n"
        "differs. FILE - is standard input. Exit code 11 when they differ.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .words = "diff",
    .word = session_add_word,
};

/* The RequestId that was given, or that of the last call with a refused signature. */
static struct str request_id(struct session *s)
{
    struct client_response answer;
    if (s->words.n == 3)
        return s->words.v[2];
    const struct node *page = session_ask(
        s, "GET", STR("/requests?limit=1&code=AuthFailure.SignatureFailure"), (struct str){NULL, 0}, &answer);
    const struct node *list = page ? node_find(page, STR("requests")) : NULL;
    if (!list || !list->first)
        die(EXIT_REFUSED, "no signature was refused");
    return session_text(s, list->first, STR("request_id"));
}

static const struct node *ask(struct session *s)
{
    struct client_response answer;
    struct buf path;
    buf_init(&path, &s->arena, 64, OUTPUT_MAX);
    buf_put(&path, STR("/why/"));
    control_request_put_escaped(&path, request_id(s));
    return session_ask(s, "GET", buf_str(&path), (struct str){NULL, 0}, &answer);
}

/* Which of virga's two texts the client's one is to be like. */
static struct str own_text(struct session *s, const struct node *problem, struct str theirs,
                           bool *ret_canonical)
{
    struct str canonical = session_text(s, problem, STR("canonical_request"));
    struct str string = session_text(s, problem, STR("string_to_sign"));
    *ret_canonical = canonical.n > 0 && !str_starts(theirs, STR("TC3-HMAC-"));
    if (string.n == 0)
        die(EXIT_REFUSED, "what virga has signed is not known of this call: its signature was not examined");
    return *ret_canonical ? canonical : string;
}

/* Secrets become *** as they are in virga's, so that they do not differ. */
static struct str without_secrets(struct session *s, struct str text, bool canonical)
{
    struct buf b;
    buf_init(&b, &s->arena, text.n + 64, OUTPUT_MAX);
    (canonical ? redact_canonical : redact_target)(&b, text);
    return buf_str(&b);
}

static void put_mark(struct buf *b, size_t bytes, struct str shown)
{
    for (size_t i = 0; i < bytes && i < shown.n; i++)
        if (((unsigned char)shown.p[i] & 0xC0) != 0x80)
            buf_putc(b, ' ');
    buf_put(b, STR("^\n"));
}

static struct str words_of(struct session *s, const struct difference *d)
{
    struct buf b;
    buf_init(&b, &s->arena, 512, OUTPUT_MAX);
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

static struct str json_of(struct session *s, const struct difference *d)
{
    struct buf b;
    buf_init(&b, &s->arena, 512, OUTPUT_MAX);
    buf_printf(&b, "{\"same\":%s,\"offset\":%zu,\"line\":%zu,\"column\":%zu,\"yours\":",
               d->same ? "true" : "false", d->offset, d->line, d->column);
    buf_put_json_string(&b, d->theirs);
    buf_put(&b, STR(",\"virga\":"));
    buf_put_json_string(&b, d->own);
    buf_put(&b, STR("}\n"));
    return buf_str(&b);
}

int sig_main(char **argv)
{
    struct session s = {0};
    struct difference d;
    bool canonical;
    if (!session_open(&s, &sig_option_table, argv))
        return EXIT_OK;
    session_need_words(&s, &sig_option_table, 2, 3);
    if (!str_eq(s.words.v[0], STR("diff")))
        die(EXIT_USAGE, "%.*s is not known: %s", STR_ARG(s.words.v[0]), sig_option_table.usage);
    session_find(&s);
    struct str theirs = session_read_file(&s, s.words.v[1]);
    const struct node *problem = ask(&s);
    if (!problem)
        return session_close(&s, EXIT_REFUSED);
    struct str own = own_text(&s, problem, theirs, &canonical);
    doctor_diff(&s.arena, own, without_secrets(&s, theirs, canonical), &d);
    int written = output_write(s.json ? json_of(&s, &d) : words_of(&s, &d));
    return session_close(&s, written != 0 ? EXIT_UNEXPECTED : d.same ? EXIT_OK : EXIT_NOT_SO);
}
