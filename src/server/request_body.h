/*
 * Bodies of requests as they arrive, before anybody knows who sends them: each in memory of its own, which
 * moves when it grows and leaves no copy behind, and all of them together within LIMIT_BODIES.
 */
#ifndef VIRGA_SERVER_REQUEST_BODY_H
#define VIRGA_SERVER_REQUEST_BODY_H

#include "base/str.h"
#include "wire/request.h"

/* All bodies of one server. */
struct bodies {
    size_t bytes; /* the room that they have together */
};

struct body {
    char *p;
    size_t n, room;
    size_t cap;   /* the most that n may become */
    bool over;    /* it went on past the cap */
    bool crowded; /* there was no room among the others; then nothing is kept of it */
};

/* Zeroed memory is an empty body without room. Makes it empty and ready for another request; the room of an
 * ordinary one is kept. */
void body_clear(struct body *b, struct bodies *all);
void body_done(struct body *b, struct bodies *all);

/* Puts the whole piece behind what is there, or nothing of it and nothing more from then on. */
void body_put(struct body *b, struct bodies *all, struct str piece);

static inline struct str body_str(const struct body *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}

/* --- framing --- */

/*
 * Where does a request's body end? A message on which two programs may disagree about that is refused, since
 * the rest of one request would be taken for the next (RFC 9112 6.3 and 11.2). libmicrohttpd lets those pass.
 */

struct message_framing_fault {
    int status;
    struct str problem; /* without quotes and backslashes */
};

/* 0, or -1 with the fault: two lengths, a length beside a transfer coding, a coding other than chunked, a
 * blank in a header's name ("Content-Length : 5" is a length to some and nothing to others; RFC 9112 5.1),
 * and CONNECT, to which any answer of status 200 would mean that a tunnel stands. */
int message_framing_check(struct str method, const struct header *headers, size_t n_headers,
                          struct message_framing_fault *ret_fault);

#endif
