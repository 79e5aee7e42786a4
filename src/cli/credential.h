/* The credential of the real cloud, from the places where the official clients have it. It goes into the
 * signature of a call and nowhere else: no file, no log, no journal, no message. */
#ifndef VIRGA_CLI_CREDENTIAL_H
#define VIRGA_CLI_CREDENTIAL_H

#include "base/arena.h"

/* Absent texts have p == NULL. */
struct credential_found {
    struct str secret_id, secret_key, token, region;
    const char *place; /* where it was found, for people */
};

/* The first of these places that has a SecretId and a key: `given` (the options), the variables
 * TENCENTCLOUD_SECRET_ID, _SECRET_KEY and _TOKEN, the SDKs' file ~/.tencentcloud/credentials or the one in
 * /etc, tccli's profile. The region is that of TENCENTCLOUD_REGION or of tccli's profile. -1 and a sentence
 * when no place has one, or when a file that should have it cannot be read. */
int credential_find(struct arena *a, const struct credential_found *given, struct credential_found *ret_found,
                    struct str *ret_problem);

#endif
