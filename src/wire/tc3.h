/*
 * TC3-HMAC-SHA256, the signature in the Authorization header (API documentation 213/30654; docs/fidelity.md).
 *
 * Verification tries what a genuine client may have signed: the hosts it is given, header values as sent and
 * in lower case, and for a POST the empty query string before the raw one. Which of them matched is reported,
 * because each but the first is a leniency that the log names.
 */
#ifndef VIRGA_WIRE_TC3_H
#define VIRGA_WIRE_TC3_H

#include "base/arena.h"
#include "wire/digest.h"
#include "wire/request.h"

/* The header's first word, and the last part of a credential's scope. */
#define TC3_ALGORITHM_NAME "TC3-HMAC-SHA256"
#define TC3_TERMINATOR "tc3_request"

struct tc3_authorization {
    struct str secret_id;
    struct str date;    /* YYYY-MM-DD */
    struct str service; /* may hold ':' and '.', since some SDKs write the host there (docs/fidelity.md) */
    struct str signed_headers; /* "content-type;host" */
    struct str signature;      /* as sent */
    struct str payload_hash;   /* set by the caller who has it already; p == NULL: tc3_verify makes it */
};

/* The parts that can be wrong, named as the gateway names `Service`; the other names are assumed. */
enum tc3_part {
    TC3_NOTHING,
    TC3_ALGORITHM,
    TC3_CREDENTIAL,
    TC3_SIGNED_HEADERS, /* absent, or without content-type or host */
    TC3_SIGNATURE       /* absent, or not 64 hexadecimal digits */
};

/* Takes the header's value apart; the views point into it. Between the parts a comma with any white space, in
 * any order (assumed; every SDK writes ", "). Unknown parts are passed over; a part given twice is at fault,
 * and so is SignedHeaders with a name that is empty or given twice, or with more than LIMIT_HEADER_COUNT of
 * them (assumed). TC3_NOTHING when all is there, else the first part at fault in the order of the enum. */
enum tc3_part tc3_parse(struct str value, struct tc3_authorization *ret_auth);

/* kSigning = HMAC(HMAC(HMAC("TC3" + secret_key, date), service), "tc3_request"), made ready for use. */
void tc3_signing_key(struct str secret_key, struct str date, struct str service, struct hmac_key *ret_key);

/* One guess at what the client signed. */
struct tc3_variant {
    struct str host;   /* the value of the host line */
    bool lower_values; /* header values in lower case */
    bool query;        /* whether the raw query string is in the canonical request */
};

/* The canonical request and the string to sign of one variant, in the arena. `payload_hash` is 64 hex digits.
 * The path is always "/"; names stand in lower case and in the order listed; a signed header that the request
 * lacks has an empty value (assumed). */
struct str tc3_canonical_request(struct arena *a, const struct request *r,
                                 const struct tc3_authorization *auth, struct str payload_hash,
                                 const struct tc3_variant *variant);
struct str tc3_string_to_sign(struct arena *a, struct str timestamp, const struct tc3_authorization *auth,
                              struct str canonical_request);

/* What is hashed as the payload: the body, or the literal UNSIGNED-PAYLOAD when X-TC-Content-SHA256 says so,
 * whatever the method; else a GET's is the empty text. `out` gets no NUL. */
void tc3_payload_hash(const struct request *r, char out[SHA256_HEX]);

/* A request with the signature that it claims. */
struct tc3_claim {
    const struct request *request;
    const struct tc3_authorization *auth;
    struct str timestamp;       /* X-TC-Timestamp as sent: the very text is signed */
    const struct hmac_key *key; /* tc3_signing_key of the credential, for the date and service of `auth` */
};

/* Tries the variants of each host in turn: values as sent, then in lower case; in each the query string as
 * GET has it, or for other methods left out, then as sent. 0 and the one that matched, or -1. The signature
 * must be in lower case (assumed). */
int tc3_verify(struct arena *a, const struct tc3_claim *claim, const struct host_names *hosts,
               struct tc3_variant *ret_variant);

#endif
