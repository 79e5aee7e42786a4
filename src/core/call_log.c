/* The line that the log gets about each call. */

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/call.h"
#include "core/journal.h"
#include "core/redact.h"
#include "wire/decode.h"

enum { LINE_FIRST_ROOM = 256, SHOWN_MEMBERS = 3, SHOWN_MESSAGE = 1024, SHOWN_ACTION = 64 };

/* The first integers of an answer, as "Name=5293 Status=2": enough to recognise it. Texts are left out: they
 * may be long, and with a download address from the log anyone could read the file. */
static void put_shown(struct buf *b, const struct shape *shape, const void *out)
{
    size_t shown = 0;
    for (size_t i = 0; i < shape->n_fields && shown < SHOWN_MEMBERS; i++) {
        const struct shape_field *f = &shape->fields[i];
        const char *at = (const char *)out + f->offset;
        if (f->list || (f->type != SHAPE_INT64 && f->type != SHAPE_UINT64) || !shape_given(f, at))
            continue;
        buf_printf(b, "%s%.*s=", shown++ ? " " : "", STR_ARG(f->name));
        if (f->type == SHAPE_INT64)
            buf_put_i64(b, ((const struct opt_i64 *)(const void *)at)->v);
        else
            buf_put_u64(b, ((const struct opt_u64 *)(const void *)at)->v);
    }
    if (shown == 0)
        buf_put(b, STR("ok"));
}

/* The action as the client sent it, if it has only printable characters. */
static struct str shown_action(const struct call *c)
{
    if (c->action)
        return c->action->name;
    struct str name = c->common.action;
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < '!' || (unsigned char)name.p[i] > '~')
            return STR("?");
    return name.n > 0 && name.n <= SHOWN_ACTION ? name : STR("?");
}

/* A text that may come from a client or a world file: without secrets, cut, not inside a character, and
 * without characters that control a terminal. */
static struct str shown(const struct call *c, struct str whole, size_t most)
{
    struct buf b;
    buf_init(&b, c->arena, 0, whole.n + LINE_FIRST_ROOM);
    redact_prose(&b, whole);
    const struct str text = buf_str(&b);
    struct str head = str_head(text, most);
    if (head.n < text.n)
        head = str_head(head, utf8_prefix(head));
    struct str copy = arena_dup(c->arena, head);
    utf8_mask_unprintable((char *)(uintptr_t)copy.p, copy.n); /* the copy is writable */
    return copy;
}

static struct str shown_message(const struct call *c)
{
    return shown(c, c->english.p ? c->english : c->message, SHOWN_MESSAGE);
}

/* Describes the end of a call without an answer of the API. */
static struct str shown_end(const struct call *c)
{
    if (c->effect.http_status)
        return arena_printf(c->arena, "HTTP %d", c->effect.http_status);
    return STR("closed");
}

static bool has_no_answer(const struct call *c)
{
    return c->error == ERR_NONE && fault_suppresses_response(&c->effect);
}

static double elapsed_ms(const struct call *c)
{
    return (double)(clock_mono_ns() - c->start_ns) / (double)NS_PER_MS;
}

static void put_text_line(struct buf *b, const struct call *c)
{
    buf_put(b, log_begin());
    buf_printf(b, "%.*s.%.*s => ", STR_ARG(c->product->name), STR_ARG(shown_action(c)));
    if (has_no_answer(c))
        buf_put(b, shown_end(c));
    else if (c->error == ERR_NONE)
        put_shown(b, c->action->out, c->out);
    else
        buf_printf(b, "%.*s %.*s", STR_ARG(call_code(c)), STR_ARG(shown_message(c)));
    buf_printf(b, " %.1fms rid=%.*s", elapsed_ms(c), REQUEST_ID_CHARS, c->request_id);
    if (c->injected.p)
        buf_printf(b, " [%.*s]", STR_ARG(shown(c, c->injected, SHOWN_MESSAGE)));
}

static struct str shown_why(const struct call *c, size_t most)
{
    return shown(c, c->explanation.evidence, most);
}

static void put_json_why(struct buf *b, const struct call *c)
{
    if (!c->explanation.cause.p)
        return;
    buf_put(b, STR(",\"why\":"));
    buf_put_json_string(b, c->explanation.cause);
    buf_put(b, STR(",\"why_text\":"));
    buf_put_json_string(b, shown_why(c, SHOWN_MESSAGE));
}

/* One object a line for log collectors; users rely on the names of its members. */
static void put_json_line(struct buf *b, const struct call *c)
{
    buf_putc(b, '{');
    buf_put(b, log_begin());
    buf_put(b, STR("\"level\":\"info\",\"product\":"));
    buf_put_json_string(b, c->product->name);
    buf_put(b, STR(",\"action\":"));
    buf_put_json_string(b, shown_action(c));
    if (c->error == ERR_NONE) {
        buf_put(b, STR(",\"result\":\""));
        if (has_no_answer(c))
            buf_put(b, shown_end(c));
        else
            put_shown(b, c->action->out, c->out);
        buf_putc(b, '"');
    } else {
        buf_put(b, STR(",\"code\":"));
        buf_put_json_string(b, call_code(c));
        buf_put(b, STR(",\"message\":"));
        buf_put_json_string(b, shown_message(c));
        buf_printf(b, ",\"step\":\"%s\"", c->failed_step);
        put_json_why(b, c);
    }
    if (c->injected.p) {
        buf_put(b, STR(",\"injected\":"));
        buf_put_json_string(b, shown(c, c->injected, SHOWN_MESSAGE));
    }
    buf_printf(b, ",\"ms\":%.3f,\"request_id\":\"%.*s\"}", elapsed_ms(c), REQUEST_ID_CHARS, c->request_id);
}

/* A second line with the explanation, which the answer does not have. */
static void log_explanation(const struct call *c)
{
    struct buf b;
    buf_init(&b, c->arena, LINE_FIRST_ROOM, LIMIT_LOG_LINE);
    buf_printf(&b, "  why: %.*s %.*s", STR_ARG(c->explanation.cause),
               STR_ARG(shown_why(c, LIMIT_LOG_LINE - LINE_FIRST_ROOM)));
    log_line(LOG_INFO, buf_str(&b));
}

void call_log(const struct call *c)
{
    if (!log_wants(LOG_INFO))
        return;
    struct buf b;
    buf_init(&b, c->arena, LINE_FIRST_ROOM, LIMIT_LOG_LINE);
    if (log_get_format() == LOG_JSON)
        put_json_line(&b, c);
    else
        put_text_line(&b, c);
    log_line(LOG_INFO, buf_str(&b));
    if (c->explanation.cause.p && log_get_format() == LOG_TEXT)
        log_explanation(c);
}

static struct str shown_file(const struct call *c)
{
    return c->file_name.p ? shown(c, c->file_name, SHOWN_MESSAGE) : STR("?");
}

static void put_json_download(struct buf *b, const struct call *c, int status, size_t n)
{
    buf_putc(b, '{');
    buf_put(b, log_begin());
    buf_put(b, STR("\"level\":\"info\",\"download\":"));
    buf_put_json_string(b, shown_file(c));
    buf_printf(b, ",\"status\":%d,\"bytes\":%zu", status, n);
    if (c->message.p) {
        buf_put(b, STR(",\"message\":"));
        buf_put_json_string(b, c->message);
    }
    buf_printf(b, ",\"ms\":%.3f}", elapsed_ms(c));
}

static void put_text_download(struct buf *b, const struct call *c, int status, size_t n)
{
    struct str name = shown_file(c);
    buf_put(b, log_begin());
    buf_printf(b, "download %.*s => %d %zu bytes", STR_ARG(name), status, n);
    if (c->message.p)
        buf_printf(b, " %.*s", STR_ARG(c->message));
    buf_printf(b, " %.1fms", elapsed_ms(c));
}

void call_log_download(const struct call *c, int status)
{
    struct buf b;
    size_t n = str_eq(c->request.method, STR("HEAD")) ? 0 : c->answer.n;
    if (!log_wants(LOG_INFO))
        return;
    buf_init(&b, c->arena, LINE_FIRST_ROOM, LIMIT_LOG_LINE);
    if (log_get_format() == LOG_JSON)
        put_json_download(&b, c, status, n);
    else
        put_text_download(&b, c, status, n);
    log_line(LOG_INFO, buf_str(&b));
}

void call_record(const struct call *c, int http_status)
{
    call_log(c);
    journal_record(c->world->journal, c, http_status);
}
