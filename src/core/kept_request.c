/* Each request has an arena of its own, so that the ring frees one without the others. */
#include "core/kept_request.h"

#include <stdlib.h>

static size_t size_of(const struct request *r)
{
    size_t n = r->method.n + r->path.n + r->query.n + r->authority.n + r->body.n + r->peer.n;
    for (size_t i = 0; i < r->n_headers; i++)
        n += sizeof r->headers[i] + r->headers[i].name.n + r->headers[i].value.n;
    return n;
}

/* An absent text stays absent: an empty body and no authority mean different things. */
static struct str copy_text(struct arena *a, struct str s)
{
    return s.p ? arena_dup(a, s) : s;
}

static void copy_request(struct arena *a, const struct request *from, struct request *to)
{
    struct header *headers = ARENA_ARRAY(a, struct header, from->n_headers);
    *to = *from;
    for (size_t i = 0; i < from->n_headers; i++)
        headers[i] =
            (struct header){copy_text(a, from->headers[i].name), copy_text(a, from->headers[i].value)};
    to->headers = headers;
    to->method = copy_text(a, from->method);
    to->path = copy_text(a, from->path);
    to->query = copy_text(a, from->query);
    to->authority = copy_text(a, from->authority);
    to->body = copy_text(a, from->body);
    to->peer = copy_text(a, from->peer);
}

static void forget(struct kept_request *r)
{
    if (!r)
        return;
    arena_done(&r->arena);
    free(r);
}

void kept_requests_add(struct kept_requests *k, const char request_id[KEPT_ID_CHARS], const char *failed_step,
                       const struct request *request)
{
    if (request->body_cut || size_of(request) > LIMIT_KEPT_REQUEST)
        return;
    struct kept_request *r = memory_new(sizeof *r);
    memcpy(r->request_id, request_id, sizeof r->request_id);
    r->failed_step = failed_step;
    arena_init(&r->arena);
    copy_request(&r->arena, request, &r->request);
    forget(k->ring[k->next]);
    k->ring[k->next] = r;
    k->next = (k->next + 1) % LIMIT_KEPT_REQUESTS;
}

const struct kept_request *kept_requests_find(const struct kept_requests *k, struct str request_id)
{
    for (size_t i = 0; i < LIMIT_KEPT_REQUESTS; i++) {
        const struct kept_request *r = k->ring[i];
        if (r && str_eq((struct str){r->request_id, sizeof r->request_id}, request_id))
            return r;
    }
    return NULL;
}

void kept_requests_clear(struct kept_requests *k)
{
    for (size_t i = 0; i < LIMIT_KEPT_REQUESTS; i++)
        forget(k->ring[i]);
    *k = (struct kept_requests){.next = 0};
}
