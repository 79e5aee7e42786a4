/*
 * An arena: memory that is freed all at once. Also the heap, for what outlives a call (memory_*, below).
 *
 * Every call owns one arena. What is made for a call is allocated there, and nothing is freed by hand. Memory
 * comes from the heap in blocks. When the heap has none left, the program ends with a plain message, so no
 * caller tests for NULL. How much a call may use is bounded by the limits on its input (base/limits.h).
 */
#ifndef VIRGA_BASE_ARENA_H
#define VIRGA_BASE_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct arena_block;

struct arena {
    struct arena_block *block; /* the current one, then older and large ones */
    char *next;                /* the unused rest of the current one */
    size_t left;
};

/* An empty arena; it allocates its first block on first use. */
void arena_init(struct arena *a);

/* Frees everything but one block of ordinary size, which the next use starts with. */
void arena_reset(struct arena *a);

/* Frees everything. The arena is empty and usable afterwards. */
void arena_done(struct arena *a);

/* `size` bytes aligned for any type, not initialized (zalloc: zeroed). Never NULL, also for size 0. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_zalloc(struct arena *a, size_t size);

#define ARENA_NEW(a, type) ((type *)arena_zalloc((a), sizeof(type)))
/* `n` zeroed elements. A product that overflows ends the program, as a lack of memory does. */
#define ARENA_ARRAY(a, type, n) ((type *)arena_zarray((a), sizeof(type), (n)))
void *arena_zarray(struct arena *a, size_t size, size_t n);

/* Room for one more element of `size` bytes after the `n` elements of `v`, for a list of unknown length.
 * Returns `v`, or a copy with twice the room when `n` is 0 or a power of two, where the room is full. The old
 * copies stay in the arena; together they are at most as large as the list. */
void *arena_grow(struct arena *a, void *v, size_t n, size_t size);

/* A copy of `s` in the arena, followed by a NUL that is not counted. An absent text becomes an empty one. */
struct str arena_dup(struct arena *a, struct str s);
const char *arena_cstr(struct arena *a, struct str s);

/* The parts one after the other, followed by a NUL that is not counted. Much cheaper than arena_printf, and
 * right for texts with a NUL inside, where "%.*s" would stop. */
struct str arena_concat(struct arena *a, const struct str *parts, size_t n);
#define CONCAT(a, ...)                                                                                       \
    arena_concat((a), (const struct str[]){__VA_ARGS__},                                                     \
                 sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str))

/* The formatted text, followed by a NUL that is not counted. */
struct str arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- memory from the heap ---
 *
 * For objects that outlive a call; the owner frees each with free(). An emulator without memory cannot
 * answer, so these functions end the program instead of returning NULL. */

/* Zeroed; never NULL. */
void *memory_new(size_t size);

/* As realloc, for a size above 0; never NULL. `p` may be NULL. */
void *memory_resize(void *p, size_t size);

/* Writes "out of memory" and ends the program with status 1. Allocates nothing. */
_Noreturn void memory_out(void);

#endif
