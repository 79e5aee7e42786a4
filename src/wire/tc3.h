/*
 * TC3-HMAC-SHA256, the signature in the Authorization header (API documentation 213/30654; docs/fidelity.md).
 *
 * A genuine client may have signed one of several texts: with any of its host names, with header values as
 * sent or in lower case, and for a POST with an empty query string or the raw one. Verification tries them
 * and returns which one matched, because each but the first is a leniency that the log names.
 */
#ifndef VIRGA_WIRE_TC3_H
#define VIRGA_WIRE_TC3_H

#include "base/arena.h"
#include "wire/digest.h"
#include "wire/request.h"

/* The header's first word, and the last part of a credential scope. */
#define TC3_ALGORITHM_NAME "TC3-HMAC-SHA256"
#define TC3_TERMINATOR "tc3_request"

struct tc3_authorization {
    struct str secret_id;
    struct str date;           /* YYYY-MM-DD */
    struct str service;        /* may have ':' and '.': some SDKs write the host there (docs/fidelity.md) */
    struct str signed_headers; /* "content-type;host" */
    struct str signature;      /* as sent */
    struct str payload_hash;   /* set by a caller that has it; p == NULL: tc3_verify computes it */
};

/* The part of the header that is wrong, named as the gateway names `Service`; the other names are assumed. */
enum tc3_part {
    TC3_NOTHING,
    TC3_ALGORITHM,
    TC3_CREDENTIAL,
    TC3_SIGNED_HEADERS, /* absent, or without content-type or host */
    TC3_SIGNATURE       /* absent, or not 64 hexadecimal digits */
};

/* Parses the header's value; the views point into it. The parts may have any order, with a comma and any
 * white space between them (assumed; every SDK writes ", "). Unknown parts are ignored. Wrong are: a part
 * given twice; SignedHeaders with an empty or repeated name, or with more than LIMIT_HEADER_COUNT names
 * (assumed). Returns the first wrong part in the order of the enum, or TC3_NOTHING. Only the form is checked:
 * later steps check the date, the credential and the service, each with an error of its own. */
enum tc3_part tc3_parse(struct str value, struct tc3_authorization *ret_auth);

/* kSigning = HMAC(HMAC(HMAC("TC3" + secret_key, date), service), "tc3_request"), prepared for use. */
void tc3_signing_key(struct str secret_key, struct str date, struct str service, struct hmac_key *ret_key);

/* One text that the client may have signed. */
struct tc3_variant {
    struct str host;   /* the value of the host line */
    bool lower_values; /* header values in lower case */
    bool query;        /* with the raw query string in the canonical request */
};

/* The canonical request and the string to sign of one variant, in the arena. `payload_hash` is 64 hex digits.
 * The path is always "/". Names are in lower case and in the order that the client lists; a signed header
 * that the request does not have has an empty value (assumed). */
struct str tc3_canonical_request(struct arena *a, const struct request *r,
                                 const struct tc3_authorization *auth, struct str payload_hash,
                                 const struct tc3_variant *variant);
struct str tc3_string_to_sign(struct arena *a, struct str timestamp, const struct tc3_authorization *auth,
                              struct str canonical_request);

/* The hash of the payload, without a NUL. The payload is the literal UNSIGNED-PAYLOAD when
 * X-TC-Content-SHA256 says so, for any method (the Go SDK marks a GET this way too); else empty for a GET,
 * and the body for other methods. */
void tc3_payload_hash(const struct request *r, char out[SHA256_HEX]);

/* A request with the signature that it claims. */
struct tc3_claim {
    const struct request *request;
    const struct tc3_authorization *auth;
    struct str timestamp;       /* X-TC-Timestamp as sent: this text is signed */
    const struct hmac_key *key; /* tc3_signing_key of the credential, for the date and service of `auth` */
};

/* Tries the variants of each host: values as sent, then in lower case; in each the query string as GET has
 * it, or for other methods without it, then with it. 0 and the variant that matched, or -1. The signature
 * must be in lower case (assumed). */
int tc3_verify(struct arena *a, const struct tc3_claim *claim, const struct host_names *hosts,
               struct tc3_variant *ret_variant);

#endif
