/* Signing a call as the official clients do, TC3-HMAC-SHA256 (wire/tc3.h). */
#ifndef VIRGA_CLI_CALL_H
#define VIRGA_CLI_CALL_H

#include "base/arena.h"
#include "wire/request.h"

struct sign_key {
    struct str secret_id, secret_key;
    struct str service; /* the first label of the product's host */
};

/* The value of the header Authorization for a POST. The request has the headers Host, Content-Type and
 * X-TC-Timestamp; `seconds` since 1970 UTC is the time in the last. */
struct str sign_post(struct arena *a, const struct request *r, const struct sign_key *key, int64_t seconds);

#endif
