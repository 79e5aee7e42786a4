/* An HTTP request as the core sees it: views into the call's arena, no library's types. */
#ifndef VIRGA_WIRE_REQUEST_H
#define VIRGA_WIRE_REQUEST_H

#include "base/str.h"

struct header {
    struct str name, value; /* the value without surrounding white space, else as sent */
};

struct request {
    struct str method;
    struct str path;      /* of the target, undecoded */
    struct str query;     /* the raw text after '?', never decoded; empty when there is none */
    struct str authority; /* host[:port] of an absolute-form target; p == NULL for origin-form */
    struct str body;
    bool body_cut;   /* it went on past what the server keeps, LIMIT_BODY_V3 */
    struct str peer; /* the client's address, 4 or 16 bytes in network order; p == NULL: by a Unix socket */
    bool tls;        /* came over TLS */
    const struct header *headers; /* in the order received */
    size_t n_headers;
};

/* Names under which a client may have reached, and signed, this host; the likeliest first. */
struct host_names {
    const struct str *v;
    size_t n;
};

/* The value of the first header of that name, without regard to case (Go sends X-Tc-Action); p == NULL if
 * none. */
struct str request_header(const struct request *r, struct str name);

#endif
