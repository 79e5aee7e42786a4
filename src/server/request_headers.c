/* Everything here is a view of what libmicrohttpd keeps until the request is complete. */
#include "server/request_headers.h"

#include <assert.h>

#include "control/guard.h"
#include "server/exchange.h"
#include "server/listener.h"
#include "server/request_head.h"
#include "server/url_owner.h"

/* The headers that on_header fills; `v` has room for all that the library reported. */
struct header_list {
    struct header *v;
    size_t n;
};

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n,
                                 const char *value, size_t value_n)
{
    struct header_list *list = cls;
    (void)kind;
    list->v[list->n++] =
        (struct header){{name, name_n}, str_trim(value ? (struct str){value, value_n} : STR(""))};
    return MHD_YES;
}

/* Fills x->call.request but for the body: views of what libmicrohttpd keeps until on_completed. -1 when there
 * are too many headers. */
static int read_headers(const struct listener *l, struct exchange *x, const char *method)
{
    struct request *r = &x->call.request;
    int n = MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, NULL, NULL);
    if (n < 0 || n > LIMIT_HEADER_COUNT)
        return -1;
    struct header_list list = {ARENA_ARRAY(&x->arena, struct header, (size_t)n), 0};
    (void)MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, on_header, &list);
    assert(list.n == (size_t)n);
    *r = (struct request){.method = str_from(method),
                          .headers = list.v,
                          .n_headers = list.n,
                          .peer = listener_peer(x->mhd),
                          .tls = l->tls};
    exchange_split_target(x->target, r);
    return 0;
}

static const struct rejection *check_head(const struct exchange *x, const char *version)
{
    const struct request *r = &x->call.request;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    const struct request_head head = {.method = r->method,
                                      .target_at = x->target_at,
                                      .target = x->target,
                                      .version = str_from(version),
                                      .headers = r->headers,
                                      .n_headers = r->n_headers,
                                      .bytes = info->header_size};
    return request_head_check(&head);
}

/* The real gateway's edge answers plain HTTP with 403. */
static bool is_rejected_plain(const struct listener *l, const struct exchange *x)
{
    return l->plain_port && l->listeners->tls_port && l->listeners->world->settings.strict &&
           !x->owner->accepts_plain;
}

/* A page needs no permission of the server for these, and reads no answer. It may sign a call with the
 * credential that the documentation names. Other methods are rejected by the gateway. */
static bool is_foreign_page(struct exchange *x)
{
    const struct request *r = &x->call.request;
    bool simple =
        str_eq(r->method, STR("GET")) || str_eq(r->method, STR("HEAD")) || str_eq(r->method, STR("POST"));
    return x->owner->is_call && simple && guard_is_foreign_page(&x->arena, r);
}

/* What is wrong with the request as a whole; NULL: nothing. */
static const struct rejection *check(const struct listener *l, struct exchange *x, const char *version)
{
    static const struct rejection plain = {
        403, STR_INIT("plain HTTP; with --strict and a TLS port only https is accepted")};
    static const struct rejection page = {403, STR_INIT("a page of another site made the request")};
    const struct request *r = &x->call.request;
    if (is_rejected_plain(l, x))
        return &plain;
    if (is_foreign_page(x))
        return &page;
    const struct rejection *malformed = check_head(x, version);
    return malformed ? malformed : message_framing_check(r->method, r->headers, r->n_headers);
}

const struct rejection *request_headers_read(const struct listener *l, struct exchange *x, const char *method,
                                             const char *version)
{
    static const struct rejection too_many = {431, STR_INIT("more headers than virga reads")};
    const struct request *r = &x->call.request;
    if (read_headers(l, x, method) != 0)
        return &too_many;
    x->owner = url_owner_find(l->listeners->world, r);
    x->body.cap =
        x->owner->body_max(r->path) + 1; /* one byte more, by which one that is too large is known */
    return check(l, x, version);
}
