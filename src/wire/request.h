/* An HTTP request as the emulator sees it: views into the call's arena, without types of a library. */
#ifndef VIRGA_WIRE_REQUEST_H
#define VIRGA_WIRE_REQUEST_H

#include "base/str.h"

struct header {
    struct str name, value; /* as sent, but without white space around the value */
};

struct request {
    struct str method;
    struct str path;      /* of the target, not decoded */
    struct str query;     /* the text after '?', never decoded; empty when there is none */
    struct str authority; /* host[:port] of an absolute-form target; p == NULL for origin-form */
    struct str body;
    bool body_cut;   /* the body was longer than LIMIT_BODY_V3, and only that much is kept */
    struct str peer; /* the client's address, 4 or 16 bytes in network order; p == NULL for a Unix socket */
    bool tls;        /* received over TLS */
    const struct header *headers; /* in the order received */
    size_t n_headers;
};

/* Names with which a client may have reached, and signed, this host; the likeliest first. */
struct host_names {
    const struct str *v;
    size_t n;
};

/* The value of the first header of that name, in any case (Go sends X-Tc-Action); p == NULL if
 * there is none. */
struct str request_header(const struct request *r, struct str name);

/* The part of a file that a request asks for, as a client does that continues a download (RFC 9110, 14). */
enum range_kind {
    RANGE_WHOLE,  /* the whole file: no range, or one that is not supported */
    RANGE_PART,   /* struct byte_range */
    RANGE_OUTSIDE /* the range begins after the end */
};

struct byte_range {
    uint64_t from, n;
};

/* Parses "bytes=0-99", "bytes=100-" or "bytes=-28" for a file of `size` bytes. Everything else, such as
 * several ranges, is RANGE_WHOLE, which the RFC allows. *ret_range is set for RANGE_PART. */
enum range_kind range_parse(struct str text, uint64_t size, struct byte_range *ret_range);

/* The range of a GET request's header Range. With If-Range it is RANGE_WHOLE: the range depends on a version
 * of the file, and virga's files have none. */
enum range_kind range_of(const struct request *r, uint64_t size, struct byte_range *ret_range);

#endif
