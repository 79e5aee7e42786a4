/*
 * Kept requests: those of rejected calls that were not diagnosed at once, for a diagnosis on demand.
 *
 * The journal masks signatures and secrets, and a diagnosis needs both. So the last few of these requests are
 * kept as they came, in memory only. No route shows them.
 */
#ifndef VIRGA_CORE_KEPT_REQUEST_H
#define VIRGA_CORE_KEPT_REQUEST_H

#include "base/arena.h"
#include "base/limits.h"
#include "wire/request.h"

enum { KEPT_ID_CHARS = 36 };

struct kept_request {
    char request_id[KEPT_ID_CHARS];
    const char *failed_step; /* the step that rejected the call; static */
    struct request request;
    struct arena arena; /* of the request's texts */
};

struct kept_requests {
    struct kept_request *ring[LIMIT_KEPT_REQUESTS]; /* NULL: not used yet */
    size_t next;
};

/* Keeps a copy in the place of the oldest one. A request over LIMIT_KEPT_REQUEST is not kept. */
void kept_requests_add(struct kept_requests *k, const char request_id[KEPT_ID_CHARS], const char *failed_step,
                       const struct request *request);
/* NULL when it is not kept. */
const struct kept_request *kept_requests_find(const struct kept_requests *k, struct str request_id);
/* Forgets all of them. */
void kept_requests_clear(struct kept_requests *k);

#endif
