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
    size_t room; /* bytes allocated at p */
    size_t cap;  /* the most that n may become */
    bool over;   /* a put was refused */
};

void buf_init(struct buf *b, struct arena *a, size_t room, size_t cap);
void buf_put(struct buf *b, struct str s);
void buf_putc(struct buf *b, char c);
void buf_put_i64(struct buf *b, int64_t v);
void buf_put_u64(struct buf *b, uint64_t v);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What has been put so far; valid until the next put. */
static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}

/* Makes the buffer empty again, keeping its room. */
void buf_clear(struct buf *b);

#endif
