/*
 * A response becomes one of libmicrohttpd here, but for the events, which events.c sends. A whole body is not
 * copied: it is in the exchange's arena, which outlives the response.
 */
#include "server/response.h"

#include <assert.h>

#include "server/sender.h"

/* How much libmicrohttpd asks read_truncated for at a time. */
enum { BLOCK_BYTES = 16 * 1024 };

/* The Content-Length is that of the whole body, which ends early: the library then closes the connection. */
static ssize_t read_truncated(void *cls, uint64_t at, char *to, size_t room)
{
    const struct exchange *x = cls;
    uint64_t end = x->call.truncate_bytes;
    if (at >= end)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t n = end - at < room ? (size_t)(end - at) : room;
    memcpy(to, x->call.answer.p + at, n);
    return (ssize_t)n;
}

/* NULL when libmicrohttpd has no memory for it. */
static struct MHD_Response *response_new(struct exchange *x)
{
    struct str body = x->call.answer;
    if (x->sender)
        return sender_response(x);
    if (x->call.truncated)
        return MHD_create_response_from_callback(body.n, BLOCK_BYTES, read_truncated, x, NULL);
    return MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p, MHD_RESPMEM_PERSISTENT);
}

/* Adds Accept-Ranges, because a client needs it before it resumes a download. */
static void add_file_headers(struct exchange *x, struct MHD_Response *response)
{
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
    if (x->call.file_range.p)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE,
                                      arena_cstr(&x->arena, x->call.file_range));
}

static void add_header(struct exchange *x, struct MHD_Response *response, const char *name, struct str value)
{
    (void)MHD_add_response_header(response, name, arena_cstr(&x->arena, value));
}

/* The real service has no such headers: only a server with --why-header sends them, or a request that asks
 * for them as the console does. */
static void add_explanation(struct exchange *x, struct MHD_Response *response)
{
    const struct call *c = &x->call;
    bool asked = request_header(&c->request, STR("X-Virga-Explain")).p != NULL;
    if (c->explanation.cause.p && (asked || c->world->settings.why_header))
        add_header(x, response, "X-Virga-Why", c->explanation.cause);
    if (c->failed_step && asked)
        add_header(x, response, "X-Virga-Step", str_from(c->failed_step));
}

enum MHD_Result response_queue(struct exchange *x)
{
    assert(x->state != EXCHANGE_ANSWERED && x->pending == PENDING_NONE);
    x->state = EXCHANGE_ANSWERED;
    if (x->status == 0)
        return MHD_NO;
    assert(x->status >= 200 && x->content_type);
    struct MHD_Response *response = response_new(x);
    if (!response)
        return MHD_NO;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, x->content_type);
    if (x->call.file_name.p)
        add_file_headers(x, response);
    for (size_t i = 0; i < x->n_response_headers; i++)
        add_header(x, response, arena_cstr(&x->arena, x->response_headers[i].name),
                   x->response_headers[i].value);
    add_explanation(x, response);
    enum MHD_Result queued = MHD_queue_response(x->mhd, (unsigned)x->status, response);
    MHD_destroy_response(response);
    return queued;
}
