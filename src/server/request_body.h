/*
 * The body of a request as it arrives, before anything is known about its sender: where it ends, and how it
 * is kept.
 *
 * Each body has its own memory on the heap, which moves when it grows and leaves no copy. All bodies of a
 * server share one limit, LIMIT_BODIES.
 */
#ifndef VIRGA_SERVER_REQUEST_BODY_H
#define VIRGA_SERVER_REQUEST_BODY_H

#include "base/str.h"
#include "wire/request.h"

/* Why a request is rejected before it runs. */
struct rejection {
    int status; /* HTTP */
    struct str problem;
};

/* Checks what the headers say about the end of the body. Two programs that disagree about it would take the
 * rest of one request for the next one (RFC 9112 sections 6.3 and 11.2), and libmicrohttpd accepts such
 * messages. NULL when they are fine; else a static rejection: two different lengths, a length with a transfer
 * coding, a coding other than chunked, a blank in a header's name ("Content-Length : 5" is a length to some
 * programs and means nothing to others; RFC 9112 section 5.1), or CONNECT, to which any answer of status 200
 * would confirm a tunnel. */
const struct rejection *message_framing_check(struct str method, const struct header *headers,
                                              size_t n_headers);

/* All bodies of one server. */
struct bodies {
    size_t bytes; /* the memory that they have together */
};

/* Zeroed memory is an empty body without memory, whose cap is 0. */
struct body {
    char *p;
    size_t n, room;
    size_t cap;        /* the most that n may become */
    bool over;         /* it was longer than the cap; `n` bytes of it are kept */
    bool no_room_left; /* LIMIT_BODIES was reached; nothing of it is kept */
};

/* Makes the body empty for another request. It keeps memory for up to LIMIT_BODY_KEPT bytes. */
void body_clear(struct body *b, struct bodies *all);
/* Frees its memory. */
void body_done(struct body *b, struct bodies *all);

/* Appends the whole piece, or nothing of it; then nothing more is appended either, and `over` or
 * `no_room_left` says why. */
void body_put(struct body *b, struct bodies *all, struct str piece);

/* What has arrived; valid until the next body_put. */
static inline struct str body_str(const struct body *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}

#endif
