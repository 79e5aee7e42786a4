/*
 * The journal as an HTTP archive, HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), for the tools
 * that browsers have.
 *
 * What virga does not measure is written as the format wants the unknown: -1 for sizes and times.
 */
#include "server/journal_view.h"
#include "wire/form.h"

static void put_pair(struct buf *b, struct str name, struct str value)
{
    buf_put(b, STR("{\"name\":"));
    buf_put_json_string(b, name);
    buf_put(b, STR(",\"value\":"));
    buf_put_json_string(b, value);
    buf_putc(b, '}');
}

static void put_member(struct buf *b, const char *before, struct str text)
{
    buf_put(b, str_from(before));
    buf_put_json_string(b, text);
}

static void put_headers(struct buf *b, const struct journal_call *c)
{
    buf_put(b, STR("\"headers\":["));
    for (size_t i = 0; i < c->headers.n; i++) {
        if (i > 0)
            buf_putc(b, ',');
        put_pair(b, c->headers.v[i].name, c->headers.v[i].value);
    }
    buf_putc(b, ']');
}

static void put_query(struct buf *b, const struct journal_call *c)
{
    struct form form = {.n = 0};
    (void)form_parse(b->arena, str_skip(c->target, str_find(c->target, '?') + 1), &form);
    buf_put(b, STR(",\"queryString\":["));
    for (size_t i = 0; i < form.n; i++) {
        if (i > 0)
            buf_putc(b, ',');
        put_pair(b, form.fields[i].key, form.fields[i].value);
    }
    buf_putc(b, ']');
}

static struct str header_of(const struct journal_call *c, struct str name)
{
    for (size_t i = 0; i < c->headers.n; i++)
        if (str_eq_nocase(c->headers.v[i].name, name))
            return c->headers.v[i].value;
    return STR("");
}

static void put_url(struct buf *b, const struct journal_call *c, bool tls)
{
    struct str host = header_of(c, STR("Host"));
    put_member(
        b, ",\"url\":",
        arena_printf(b->arena, "http%s://%.*s%.*s", tls ? "s" : "", STR_ARG(host), STR_ARG(c->target)));
}

static void put_request(struct buf *b, const struct journal_call *c, bool tls)
{
    put_member(b, "\"request\":{\"method\":", c->method);
    put_url(b, c, tls);
    buf_put(b, STR(",\"httpVersion\":\"HTTP/1.1\",\"cookies\":[],"));
    put_headers(b, c);
    put_query(b, c);
    if (c->body.n > 0) {
        put_member(b, ",\"postData\":{\"mimeType\":", header_of(c, STR("Content-Type")));
        put_member(b, ",\"params\":[],\"text\":", c->body);
        buf_putc(b, '}');
    }
    buf_printf(b, ",\"headersSize\":-1,\"bodySize\":%lld}", (long long)c->body_bytes.v);
}

static void put_response(struct buf *b, const struct journal_call *c)
{
    long long size = (long long)c->answer_bytes.v;
    buf_printf(b, ",\"response\":{\"status\":%d,\"statusText\":\"%s\",\"httpVersion\":\"HTTP/1.1\"",
               (int)c->http_status.v, c->http_status.v == HTTP_OK ? "OK" : "");
    buf_put(b, STR(",\"cookies\":[],\"headers\":["));
    put_pair(b, STR("Content-Type"), STR("application/json"));
    buf_printf(b, "],\"content\":{\"size\":%lld,\"mimeType\":\"application/json\"", size);
    put_member(b, ",\"text\":", c->answer);
    buf_printf(b, "},\"redirectURL\":\"\",\"headersSize\":-1,\"bodySize\":%lld}", size);
}

/* The archive counts from the start of a request, the journal has its end. */
static void put_entry(struct buf *b, const struct journal_call *c, bool tls)
{
    double ms = (double)c->duration_us.v / 1000;
    put_member(b, "{\"startedDateTime\":", journal_time(b->arena, c->unix_ms.v - c->duration_us.v / 1000));
    buf_printf(b, ",\"time\":%.3f,", ms);
    put_request(b, c, tls);
    put_response(b, c);
    buf_printf(b, ",\"cache\":{},\"timings\":{\"send\":0,\"wait\":%.3f,\"receive\":0}", ms);
    put_member(b, ",\"_requestId\":", c->request_id);
    put_member(b, ",\"_action\":", c->action);
    put_member(b, ",\"_code\":", c->code);
    buf_putc(b, '}');
}

int control_get_requests_har(struct control *k, const struct get_requests_har_query *query)
{
    struct get_requests_query same = {query->action,    query->code,  query->trace,
                                      query->secret_id, query->since, query->limit};
    struct journal_call call;
    struct selection s;
    if (journal_select(k, &same, &s) != 0)
        return -1;
    journal_widen_answer(k);
    buf_put(&k->text,
            STR("{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"virga\",\"version\":\"" VIRGA_VERSION
                "\"},\"pages\":[],\"entries\":["));
    for (size_t i = 0; i < s.n; i++) {
        if (i > 0)
            buf_putc(&k->text, ',');
        journal_show(k->call->arena, s.v[i], &call);
        put_entry(&k->text, &call, s.v[i]->tls);
    }
    buf_put(&k->text, STR("]}}"));
    return 0;
}
