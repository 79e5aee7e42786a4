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

/* --- range --- */

/* Byte ranges: which part of a file a request asks for, as a download does that goes on where it was cut off
 * (RFC 9110, 14). */

enum range_kind {
    RANGE_WHOLE, /* nothing was asked for, or nothing that is understood: the file as it is */
    RANGE_PART,
    RANGE_OUTSIDE /* it begins behind the end */
};

struct byte_range {
    uint64_t from, n;
};

/* "bytes=0-99", "bytes=100-", "bytes=-28", of a file with `size` bytes. Several ranges at once are not
 * understood, which the RFC allows. */
enum range_kind range_parse(struct str text, uint64_t size, struct byte_range *ret_range);

/* The same of the header Range. With If-Range it depends on a version of the file; ours have none, so that it
 * cannot be the client's. Only GET has ranges. */
enum range_kind range_of(const struct request *r, uint64_t size, struct byte_range *ret_range);

#endif
