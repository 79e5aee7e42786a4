/*
 * Where does a request's body end? A message on which two programs may disagree about that is refused, since
 * the rest of one request would be taken for the next (RFC 9112 6.3 and 11.2). libmicrohttpd lets those pass.
 */
#ifndef VIRGA_SERVER_FRAMING_H
#define VIRGA_SERVER_FRAMING_H

#include "wire/request.h"

struct framing_fault {
    int status;
    struct str why; /* without quotes and backslashes */
};

/* 0, or -1 with the fault: two lengths, a length beside a transfer coding, a coding other than chunked, a
 * blank in a header's name ("Content-Length : 5" is a length to some and nothing to others; RFC 9112 5.1),
 * and CONNECT, to which any answer of status 200 would mean that a tunnel stands. */
int framing_check(struct str method, const struct header *headers, size_t n_headers,
                  struct framing_fault *ret_fault);

#endif
