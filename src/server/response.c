/*
 * Where a whole answer becomes a response of libmicrohttpd; one that never ends is made in events.c. The body
 * is not copied: it lies in the exchange's arena, which outlives the response.
 */
#include "server/response.h"

/* libmicrohttpd asks for this much at a time. */
enum { BLOCK = 16 * 1024 };

/* A body that was announced whole and ends early: the library then closes the connection. */
static ssize_t read_cut(void *cls, uint64_t at, char *to, size_t room)
{
    const struct exchange *x = cls;
    uint64_t end = x->call.truncate_bytes;
    if (at >= end)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t n = end - at < room ? (size_t)(end - at) : room;
    memcpy(to, x->call.answer.p + at, n);
    return (ssize_t)n;
}

static struct MHD_Response *response_of(struct exchange *x)
{
    struct str body = x->call.answer;
    if (x->call.truncated)
        return MHD_create_response_from_callback(body.n, BLOCK, read_cut, x, NULL);
    return MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p, MHD_RESPMEM_PERSISTENT);
}

/* Clients that go on with a download look whether they may. */
static void add_file_headers(struct exchange *x, struct MHD_Response *response)
{
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
    if (x->call.file_range.p)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE,
                                      arena_cstr(&x->arena, x->call.file_range));
}

static void put_header(struct exchange *x, struct MHD_Response *response, const char *name, struct str value)
{
    (void)MHD_add_response_header(response, name, arena_cstr(&x->arena, value));
}

/* The real service has no such headers: they are for who has asked at the start, or with this very call, as
 * the console does. */
static void put_explanation(struct exchange *x, struct MHD_Response *response)
{
    const struct call *c = &x->call;
    bool asked = request_header(&c->request, STR("X-Virga-Explain")).p != NULL;
    if (c->explanation.cause.p && (asked || c->world->settings.why_header))
        put_header(x, response, "X-Virga-Why", c->explanation.cause);
    if (c->failed_step && asked)
        put_header(x, response, "X-Virga-Step", str_from(c->failed_step));
}

/* MHD_NO is how a handler has the library close a connection without an answer. */
enum MHD_Result response_queue(struct exchange *x)
{
    x->state = EXCHANGE_ANSWERED;
    if (x->status == 0)
        return MHD_NO;
    struct MHD_Response *response = response_of(x);
    if (!response)
        return MHD_NO;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, x->content_type);
    if (x->call.file_name.p)
        add_file_headers(x, response);
    for (size_t i = 0; i < x->n_answer_headers; i++)
        put_header(x, response, arena_cstr(&x->arena, x->answer_headers[i].name), x->answer_headers[i].value);
    put_explanation(x, response);
    enum MHD_Result queued = MHD_queue_response(x->mhd, (unsigned)x->status, response);
    MHD_destroy_response(response);
    return queued;
}
