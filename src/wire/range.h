/* Byte ranges: which part of a file a request asks for, as a download does that goes on where it was cut off
 * (RFC 9110, 14). */
#ifndef VIRGA_WIRE_RANGE_H
#define VIRGA_WIRE_RANGE_H

#include "wire/request.h"

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
