/*
 * The bytes of a request before its body: checks that they have the form of RFC 9112.
 *
 * libmicrohttpd 0.9.75 also reads lines that end with a bare LF, joins the next line to a header that is
 * folded, as a part of its name, and takes a NUL for the end of a line or a value. Another program finds
 * other headers in such a request, or another end. Its options for strictness change none of this, and it
 * does not show the bytes. But it works in place: it replaces each CR, LF and colon, and the blanks of the
 * request line, by NULs and leaves the rest where it was received. So the parts of a well-formed request
 * follow each other without a gap.
 */
#ifndef VIRGA_SERVER_REQUEST_HEAD_H
#define VIRGA_SERVER_REQUEST_HEAD_H

#include "server/request_body.h"

/* Where libmicrohttpd has the parts of a request. The texts are followed by a NUL. */
struct request_head {
    struct str method, version;
    const char *target_at;
    struct str target;            /* as it was received; in its place the query may be cut off */
    const struct header *headers; /* without white space around the values */
    size_t n_headers;
    size_t bytes; /* from the method to the empty line, which is included */
};

/* NULL when the head is well-formed, else a static rejection. A NUL directly before an LF looks like a CR
 * here and passes: the line has the same end then. */
const struct rejection *request_head_check(const struct request_head *head);

#endif
