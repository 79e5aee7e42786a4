/*
 * The journal as an HTTP archive, HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), for the tools
 * that browsers have. In this format, -1 is an unknown size or time, and names that begin with an underscore
 * are allowed additions.
 */
#include "base/codec.h"
#include "base/version.h"
#include "control/calls.h"
#include "control/selection.h"
#include "wire/json.h"

#define UNKNOWN_SIZE I64(-1)

static struct har_pair_list headers_of(struct arena *a, const struct journal_call *c)
{
    struct har_pair_list list = {ARENA_ARRAY(a, struct har_pair, c->headers.n), c->headers.n, true};
    for (size_t i = 0; i < list.n; i++)
        list.v[i] = (struct har_pair){c->headers.v[i].name, c->headers.v[i].value};
    return list;
}

static struct str decoded(struct arena *a, struct str text)
{
    return utf8_replace_invalid(a, url_decode(a, text));
}

/* Parses the query part by part, so that it also shows a query that was rejected as a whole. */
static struct har_pair_list query_of(struct arena *a, const struct journal_call *c)
{
    struct har_pair_list list = {.set = true};
    struct str rest = str_skip(c->target, str_find(c->target, '?') + 1), part;
    while (str_next(&rest, '&', &part)) {
        if (part.n == 0)
            continue;
        size_t equals = str_find(part, '=');
        list.v = arena_grow(a, list.v, list.n, sizeof list.v[0]);
        list.v[list.n++] =
            (struct har_pair){decoded(a, str_head(part, equals)), decoded(a, str_skip(part, equals + 1))};
    }
    return list;
}

/* The first header of that name; empty when there is none. */
static struct str header_value(const struct journal_call *c, struct str name)
{
    for (size_t i = 0; i < c->headers.n; i++)
        if (str_eq_nocase(c->headers.v[i].name, name))
            return c->headers.v[i].value;
    return STR("");
}

/* Makes the whole address, which the format requires. A call of HTTP/1.0 may have no Host; it gets the
 * address of the server. */
static struct str url_of(struct arena *a, const struct world *w, const struct journal_call *c, bool tls)
{
    struct str host = header_value(c, STR("Host"));
    if (host.n == 0)
        return CONCAT(a, tls ? w->tls_endpoint : w->endpoint, c->target);
    return CONCAT(a, tls ? STR("https://") : STR("http://"), host, c->target);
}

/* Shows every body as "text". HAR also has "params", but allows only one of the two. */
static struct har_request *request_of(struct arena *a, const struct world *w, const struct journal_call *c,
                                      bool tls)
{
    struct har_request *r = ARENA_NEW(a, struct har_request);
    *r = (struct har_request){.method = c->method,
                              .url = url_of(a, w, c, tls),
                              .http_version = STR("HTTP/1.1"),
                              .headers = headers_of(a, c),
                              .query_string = query_of(a, c),
                              .headers_size = UNKNOWN_SIZE,
                              .body_size = I64(c->body_bytes.v)};
    if (c->body.n > 0) {
        r->post_data = ARENA_NEW(a, struct har_post_data);
        *r->post_data = (struct har_post_data){header_value(c, STR("Content-Type")), c->body};
    }
    return r;
}

/* The response of a connection that was closed without one, in the form that browsers write. */
static struct har_response *no_response(struct arena *a)
{
    struct har_response *r = ARENA_NEW(a, struct har_response);
    struct har_content *content = ARENA_NEW(a, struct har_content);
    *content = (struct har_content){.mime_type = STR("x-unknown")};
    *r = (struct har_response){.content = content, .headers_size = UNKNOWN_SIZE, .body_size = UNKNOWN_SIZE};
    return r;
}

/* A status other than 200 belongs to a page of the edge, which a fault has sent. */
static struct har_response *response_of(struct arena *a, const struct journal_call *c)
{
    bool ok = c->http_status.v == HTTP_OK;
    struct str type = ok ? STR("application/json") : STR("text/html");
    struct har_response *r = ARENA_NEW(a, struct har_response);
    struct har_pair *header = ARENA_NEW(a, struct har_pair);
    struct har_content *content = ARENA_NEW(a, struct har_content);
    *header = (struct har_pair){STR("Content-Type"), type};
    *content = (struct har_content){c->answer_bytes, type, c->answer.p ? c->answer : STR("")};
    *r = (struct har_response){.status = c->http_status,
                               .status_text = ok ? STR("OK") : STR(""),
                               .http_version = STR("HTTP/1.1"),
                               .headers = {header, 1, true},
                               .content = content,
                               .headers_size = UNKNOWN_SIZE,
                               .body_size = c->answer_bytes};
    return r;
}

/* Computes the start of the request for the archive: the journal has its end and its duration. */
static const void *make_entry(struct arena *a, const struct world *w, const struct journal_entry *e)
{
    struct journal_call c;
    struct har_entry *entry = ARENA_NEW(a, struct har_entry);
    double ms = (double)e->duration_us / 1000;
    struct har_timings *timings = ARENA_NEW(a, struct har_timings);
    journal_show(a, e, &c);
    timings->wait = F64(ms);
    *entry = (struct har_entry){
        .started_date_time = journal_time(a, e->real_ms - e->duration_us / 1000),
        .time = F64(ms),
        .request = request_of(a, w, &c, e->tls),
        .response = e->http_status == 0 ? no_response(a) : response_of(a, &c),
        .cache = node_new(a, NODE_OBJECT),
        .timings = timings,
        .request_id = c.request_id,
        .action = c.action,
        .code = c.code,
    };
    return entry;
}

/* The same selection as GET /_virga/requests, whose query has the same fields. */
int control_get_requests_har(struct control *k, const struct get_requests_har_query *query,
                             struct har_archive *answer)
{
    struct get_requests_query same = {query->action,    query->code,  query->trace,
                                      query->secret_id, query->since, query->limit};
    struct arena *a = k->call->arena;
    if (call_list_begin(k, &same, STR("entries"), &har_entry_shape, make_entry) != 0)
        return -1;
    answer->log = ARENA_NEW(a, struct har_log);
    answer->log->version = STR("1.2");
    answer->log->creator = ARENA_NEW(a, struct har_creator);
    *answer->log->creator = (struct har_creator){STR("virga"), STR(VIRGA_VERSION)};
    return 0;
}
