/*
 * An arena: memory that is given back all at once.
 *
 * Every call owns one; what is made for a call is made in it and nothing is freed by hand. Memory comes from
 * the heap in blocks; running out of it ends the program with a plain message, so no caller tests for NULL.
 * How much a call may use is bounded by the limits on its input (base/limits.h), not here.
 */
#ifndef VIRGA_BASE_ARENA_H
#define VIRGA_BASE_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct arena_block;

struct arena {
    struct arena_block *block; /* the one in use, then older and large ones */
    char *next;                /* the unused rest of the one in use */
    size_t left;
};

/* An empty arena; it takes its first block on first use. */
void arena_init(struct arena *a);

/* Gives back everything but one block of ordinary size, which the next use starts with. */
void arena_reset(struct arena *a);

/* Gives back everything. The arena is empty and usable afterwards. */
void arena_done(struct arena *a);

/* `size` bytes aligned for any type; contents undefined / zeroed. Never NULL, also for size 0. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_zalloc(struct arena *a, size_t size);

#define ARENA_NEW(a, type) ((type *)arena_zalloc((a), sizeof(type)))
/* `n` zeroed elements; a product that overflows ends the program like running out of memory. */
#define ARENA_ARRAY(a, type, n) ((type *)arena_zarray((a), sizeof(type), (n)))
void *arena_zarray(struct arena *a, size_t size, size_t n);

/* Room for one more element of `size` bytes behind the `n` of `v`, for a list whose length nobody knows
 * before: `v` itself, or a copy in twice the room, when `n` is 0 or a power of two and the room must be full.
 * What is left behind in the arena is together at most as large as the list. */
void *arena_grow(struct arena *a, void *v, size_t n, size_t size);

/* A copy of `s` in the arena; the bytes are followed by a NUL that is not counted. An absent text becomes
 * empty. */
struct str arena_dup(struct arena *a, struct str s);
const char *arena_cstr(struct arena *a, struct str s);

/* The parts one after the other: much cheaper than arena_printf, and for texts that hold a NUL, which "%.*s"
 * would end at. */
struct str arena_concat(struct arena *a, const struct str *parts, size_t n);
#define CONCAT(a, ...)                                                                                       \
    arena_concat((a), (const struct str[]){__VA_ARGS__},                                                     \
                 sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str))

/* The formatted text, followed by a NUL that is not counted. */
struct str arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- memory --- */

/*
 * Memory from the heap that must be there.
 *
 * Nobody above tests for NULL: an emulator without memory has no answer left to give, and half an answer
 * would be worse. What belongs to one call comes from its arena (base/arena.h); this is for what outlives
 * calls and is given back one by one, with free.
 */

/* Zeroed; never NULL. */
void *memory_new(size_t size);

/* As realloc; never NULL for a size above 0. */
void *memory_resize(void *p, size_t size);

/* Says so and ends the program with status 1. Allocates nothing on the way. */
_Noreturn void memory_out(void);

#endif
