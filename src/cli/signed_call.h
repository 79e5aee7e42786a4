/* A call as the official clients send it: a POST that is signed with TC3-HMAC-SHA256 (wire/tc3.h). */
#ifndef VIRGA_CLI_SIGNED_CALL_H
#define VIRGA_CLI_SIGNED_CALL_H

#include "base/arena.h"
#include "wire/request.h"

struct sign_key {
    struct str secret_id, secret_key;
    struct str service; /* the first label of the product's host */
};

/* The value of the header Authorization for a POST. The request has the headers Host, Content-Type and
 * X-TC-Timestamp; `seconds` since 1970 UTC is the time in the last. */
struct str sign_post(struct arena *a, const struct request *r, const struct sign_key *key, int64_t seconds);

struct signed_call {
    struct str action;
    struct str version, region, language, trace, token; /* p == NULL: without the header */
    struct str content_type;
    struct str body;      /* JSON */
    struct str authority; /* host:port, which the signature covers */
    struct sign_key key;
    int64_t seconds; /* since 1970 UTC */
};

enum { SIGNED_CALL_HEADERS = 10 };

/* Makes the request, whose headers are in the array of the caller (SIGNED_CALL_HEADERS). Host is not among
 * them: the client that sends the request adds it. */
void signed_call_make(struct arena *a, const struct signed_call *call, struct header *headers,
                      struct request *ret_request);

#endif
