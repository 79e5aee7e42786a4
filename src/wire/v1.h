/* HmacSHA1 and HmacSHA256, the signature among the parameters (API documentation 213/30654, version 1;
 * docs/fidelity.md). */
#ifndef VIRGA_WIRE_V1_H
#define VIRGA_WIRE_V1_H

#include "wire/form.h"
#include "wire/request.h"

enum v1_method { V1_HMAC_SHA1, V1_HMAC_SHA256 };

/* HmacSHA256 when SignatureMethod has exactly that name; HmacSHA1 for any other value and without one
 * (documented). */
enum v1_method v1_method_of(const struct form *f);

/* METHOD + host + "/?" + "k=v&..." with decoded values, sorted by key in byte order, without Signature.
 * Repeated keys keep their order. */
struct str v1_string_to_sign(struct arena *a, struct str method, struct str host, const struct form *f);

/* base64(HMAC(secret_key, text)). */
struct str v1_sign(struct arena *a, enum v1_method method, struct str secret_key, struct str text);

/* A request with the signature that its parameters claim. */
struct v1_claim {
    const struct request *request;
    const struct form *form; /* all parameters, of the query or of the body */
    struct str secret_key;
};

/* Tries the hosts in order; 0 and the index that matched, or -1. White space around the signature is ignored
 * (Ruby's ends in a newline). A '+' that arrived as a space stays a space (what the gateway does is not
 * known). */
int v1_verify(struct arena *a, const struct v1_claim *claim, const struct host_names *hosts,
              size_t *ret_host);

#endif
