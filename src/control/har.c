/*
 * The journal as an HTTP archive, HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), for the tools
 * that browsers have.
 *
 * What virga does not measure is written as the format wants the unknown: -1 for sizes and times.
 */

#include "base/codec.h"
#include "control/calls.h"

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

static struct str decoded(struct buf *b, struct str text)
{
    return utf8_replace_invalid(b->arena, url_decode(b->arena, text));
}

/* Part by part: a query that was refused as a whole is shown all the same. */
static void put_query(struct buf *b, const struct journal_call *c)
{
    struct str rest = str_skip(c->target, str_find(c->target, '?') + 1), part;
    size_t n = 0;
    buf_put(b, STR(",\"queryString\":["));
    while (str_next(&rest, '&', &part)) {
        if (part.n == 0)
            continue;
        if (n++ > 0)
            buf_putc(b, ',');
        size_t equals = str_find(part, '=');
        put_pair(b, decoded(b, str_head(part, equals)), decoded(b, str_skip(part, equals + 1)));
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

/* An archive's addresses are whole; a call of HTTP/1.0 need not name its host. */
static void put_url(struct control *k, const struct journal_call *c, bool tls)
{
    struct buf *b = &k->text;
    const struct world *w = k->call->world;
    struct str host = header_of(c, STR("Host"));
    struct str start = CONCAT(b->arena, tls ? STR("https://") : STR("http://"), host);
    if (host.n == 0)
        start = tls ? w->tls_endpoint : w->endpoint;
    put_member(b, ",\"url\":", CONCAT(b->arena, start, c->target));
}

static void put_request(struct control *k, const struct journal_call *c, bool tls)
{
    struct buf *b = &k->text;
    put_member(b, "\"request\":{\"method\":", c->method);
    put_url(k, c, tls);
    buf_put(b, STR(",\"httpVersion\":\"HTTP/1.1\",\"cookies\":[],"));
    put_headers(b, c);
    put_query(b, c);
    if (c->body.n > 0) {
        put_member(b, ",\"postData\":{\"mimeType\":", header_of(c, STR("Content-Type")));
        put_member(b, ",\"text\":", c->body); /* or "params": the format has one of the two */
        buf_putc(b, '}');
    }
    buf_printf(b, ",\"headersSize\":-1,\"bodySize\":%lld}", (long long)c->body_bytes.v);
}

/* As browsers write a connection that was closed without an answer. */
static void put_no_response(struct buf *b)
{
    buf_put(b,
            STR(",\"response\":{\"status\":0,\"statusText\":\"\",\"httpVersion\":\"\",\"cookies\":[],"
                "\"headers\":[],"
                "\"content\":{\"size\":0,\"mimeType\":\"x-unknown\"},\"redirectURL\":\"\",\"headersSize\":-1,"
                "\"bodySize\":-1}"));
}

/* What is not 200 is a page of the edge. */
static void put_response(struct buf *b, const struct journal_call *c)
{
    bool ok = c->http_status.v == HTTP_OK;
    struct str type = ok ? STR("application/json") : STR("text/html");
    long long size = (long long)c->answer_bytes.v;
    buf_printf(b, ",\"response\":{\"status\":%d,\"statusText\":\"%s\",\"httpVersion\":\"HTTP/1.1\"",
               (int)c->http_status.v, ok ? "OK" : "");
    buf_put(b, STR(",\"cookies\":[],\"headers\":["));
    put_pair(b, STR("Content-Type"), type);
    buf_printf(b, "],\"content\":{\"size\":%lld", size);
    put_member(b, ",\"mimeType\":", type);
    put_member(b, ",\"text\":", c->answer);
    buf_printf(b, "},\"redirectURL\":\"\",\"headersSize\":-1,\"bodySize\":%lld}", size);
}

/* The archive counts from the start of a request, the journal has its end. */
static void put_entry(struct control *k, const struct journal_call *c, bool tls)
{
    struct buf *b = &k->text;
    double ms = (double)c->duration_us.v / 1000;
    put_member(b, "{\"startedDateTime\":", journal_time(b->arena, c->unix_ms.v - c->duration_us.v / 1000));
    buf_printf(b, ",\"time\":%.3f,", ms);
    put_request(k, c, tls);
    if (c->http_status.v == 0)
        put_no_response(b);
    else
        put_response(b, c);
    buf_printf(b, ",\"cache\":{},\"timings\":{\"send\":0,\"wait\":%.3f,\"receive\":0}", ms);
    put_member(b, ",\"_requestId\":", c->request_id);
    put_member(b, ",\"_action\":", c->action);
    put_member(b, ",\"_code\":", c->code);
    buf_putc(b, '}');
}

/* The same selection as GET /_virga/requests, whose query it takes word for word. */
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
        put_entry(k, &call, s.v[i]->tls);
    }
    buf_put(&k->text, STR("]}}"));
    return 0;
}
