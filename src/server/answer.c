#include "server/answer.h"

/* libmicrohttpd asks for this much at a time. */
enum { BLOCK = 16 * 1024 };

/* A body that was announced whole and ends early: the library then closes the connection. */
static ssize_t read_cut(void *cls, uint64_t at, char *to, size_t room)
{
    const struct exchange *x = cls;
    uint64_t end = x->call.effect.truncate_bytes;
    if (at >= end)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t n = end - at < room ? (size_t)(end - at) : room;
    memcpy(to, x->call.answer.p + at, n);
    return (ssize_t)n;
}

static struct MHD_Response *response_of(struct exchange *x)
{
    const struct fault_effect *e = &x->call.effect;
    struct str body = x->call.answer;
    if (e->truncates && e->truncate_bytes < body.n)
        return MHD_create_response_from_callback(body.n, BLOCK, read_cut, x, NULL);
    return MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p, MHD_RESPMEM_PERSISTENT);
}

enum MHD_Result answer_queue(struct exchange *x)
{
    const struct fault_effect *e = &x->call.effect;
    x->state = EXCHANGE_ANSWERED;
    if (e->close != FAULT_ANSWERS)
        return MHD_NO;
    if (e->http_status) {
        x->status = e->http_status;
        x->content_type = "text/html";
    }
    struct MHD_Response *response = response_of(x);
    if (!response)
        return MHD_NO;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, x->content_type);
    for (size_t i = 0; i < x->n_answer_headers; i++)
        (void)MHD_add_response_header(response, arena_cstr(&x->arena, x->answer_headers[i].name),
                                      arena_cstr(&x->arena, x->answer_headers[i].value));
    if (x->call.why.p && x->call.world->settings.why_header)
        (void)MHD_add_response_header(response, "X-Virga-Why", arena_cstr(&x->arena, x->call.why));
    enum MHD_Result queued = MHD_queue_response(x->connection, (unsigned)x->status, response);
    MHD_destroy_response(response);
    return queued;
}
