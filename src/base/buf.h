/*
 * A growing text in an arena, with a cap.
 *
 * Past its cap a buffer takes nothing more and says so in `over`; the owner looks once, at the end, instead
 * of after every put.
 */
#ifndef VIRGA_BASE_BUF_H
#define VIRGA_BASE_BUF_H

#include "base/arena.h"

struct buf {
    struct arena *arena;
    char *p;
    size_t n;
    size_t room; /* the most that p holds without growing */
    size_t cap;  /* the most that n may become */
    bool over;   /* a put was refused */
};

/* Empty. `room` bytes are taken at once (0: at the first put); nothing is ever freed but by the arena. */
void buf_init(struct buf *b, struct arena *a, size_t room, size_t cap);

/* A put is whole or refused; after one was refused every later one is refused too. */
void buf_put(struct buf *b, struct str s);
void buf_putc(struct buf *b, char c);
void buf_put_i64(struct buf *b, int64_t v);
void buf_put_u64(struct buf *b, uint64_t v);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `s` as a JSON string with its quotes: escapes only what RFC 8259 demands, UTF-8 passes through (observed in
 * the gateway's Chinese answers). A byte that is no part of UTF-8 becomes U+FFFD, so that what is written is
 * always JSON; an absent text is written as "". */
void buf_put_json_string(struct buf *b, struct str s);

/* What has been put so far; valid until the next put. */
static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}

/* Makes the buffer empty and willing again, keeping its room. */
void buf_clear(struct buf *b);

#endif
