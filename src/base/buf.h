/*
 * A growing text in an arena, with a cap.
 *
 * Past its cap a buffer accepts nothing more and sets `over`. The owner tests it once, at the end, instead of
 * after every put.
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
    bool over;   /* a put did not fit */
};

/* Empty. Allocates `room` bytes at once (0: at the first put); only the arena frees them. */
void buf_init(struct buf *b, struct arena *a, size_t room, size_t cap);

/* A put appends all or nothing. After one that did not fit, no later put appends anything. */
void buf_put(struct buf *b, struct str s);
void buf_putc(struct buf *b, char c);
void buf_put_i64(struct buf *b, int64_t v);
void buf_put_u64(struct buf *b, uint64_t v);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `s` as a JSON string with its quotes. Escapes only what RFC 8259 requires; UTF-8 stays as it is (observed
 * in the gateway's Chinese answers). A byte that is not part of UTF-8 becomes U+FFFD, so that the output is
 * always JSON. An absent text is written as "". */
void buf_put_json_string(struct buf *b, struct str s);

/* `text` with "{0}" replaced by the first argument, and so on. A place without an argument stays as it is. */
void buf_put_filled(struct buf *b, struct str text, const struct str *args, size_t n_args);

/* The text so far; valid until the next put. */
static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}

/* Empties the buffer and clears `over`; keeps its room. */
void buf_clear(struct buf *b);

#endif
