/*
 * Arenas: blocks from the heap in one list. Pieces are cut from the front of the newest block.
 *
 * When a piece does not fit, the rest of the block is wasted. Pieces are smaller than a quarter of a block,
 * so at most a quarter is wasted.
 *
 * AddressSanitizer sees a block as a whole. So in a build with it, what is not given out is forbidden, with a
 * gap after each piece: a read past the end of a text is then an error in tests.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/os.h"
#include "base/sink.h"

enum {
    /* Ordinary calls fit in one block, which arena_reset keeps, so they do not use malloc. */
    BLOCK_BYTES = 16 * 1024,
    /* Pieces from this size on get a block of their own: cut from a shared block they would waste up to as
       much. */
    LARGE_BYTES = BLOCK_BYTES / 4
};

#if defined(__has_feature) /* clang */
#if __has_feature(address_sanitizer)
#define HAS_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__) /* gcc */
#define HAS_ASAN
#endif

#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
enum { GAP_BYTES = alignof(max_align_t) };
#else
enum { GAP_BYTES = 0 };
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

/* The header's size is a multiple of the alignment, so `bytes` is aligned as malloc's result is. */
struct arena_block {
    struct arena_block *older;
    size_t size;
    alignas(max_align_t) char bytes[];
};

/* --- the heap --- */

void memory_out(void)
{
    sink_put(STR("virga: error: out of memory\n"));
    sink_flush();
    exit(EXIT_FAILURE);
}

void *memory_new(size_t size)
{
    void *p = calloc(1, size);
    if (!p)
        memory_out();
    return p;
}

void *memory_resize(void *p, size_t size)
{
    assert(size > 0);
    void *moved = realloc(p, size);
    if (!moved)
        memory_out();
    return moved;
}

/* --- blocks --- */

static struct arena_block *block_new(size_t size)
{
    struct arena_block *block =
        size <= SIZE_MAX - sizeof(struct arena_block) ? malloc(sizeof(struct arena_block) + size) : NULL;
    if (!block)
        memory_out();
    block->older = NULL;
    block->size = size;
    return block;
}

/* A loop, not a recursion: a large request leaves thousands of blocks. Without the trim their memory would
 * stay in the process as soon as a block that lives longer has been allocated after them. */
static void blocks_free(struct arena_block *block)
{
    size_t freed = 0;
    while (block) {
        struct arena_block *older = block->older;
        freed += block->size < LIMIT_HEAP_BLOCK ? block->size : 0;
        free(block);
        block = older;
    }
    if (freed >= LIMIT_HEAP_KEPT)
        os_heap_trim();
}

/* Makes `block` the current one, from which small pieces are cut. */
static void use_block(struct arena *a, struct arena_block *block)
{
    block->older = a->block;
    a->block = block;
    a->next = block->bytes;
    a->left = block->size;
    ASAN_POISON_MEMORY_REGION(a->next, a->left);
}

/* Inserts the large block after the current one, which stays in use. */
static void *alloc_large(struct arena *a, size_t size)
{
    if (!a->block)
        use_block(a, block_new(BLOCK_BYTES));
    struct arena_block *block = block_new(size);
    block->older = a->block->older;
    a->block->older = block;
    return block->bytes;
}

/* --- arenas --- */

void arena_init(struct arena *a)
{
    *a = (struct arena){0};
}

void arena_reset(struct arena *a)
{
    struct arena_block *kept = a->block;
    if (!kept)
        return;
    assert(kept->size == BLOCK_BYTES); /* large blocks are inserted after the current one */
    blocks_free(kept->older);
    *a = (struct arena){0};
    use_block(a, kept);
}

/* Zeroed, so that a second call frees nothing. */
void arena_done(struct arena *a)
{
    blocks_free(a->block);
    *a = (struct arena){0};
}

void *arena_alloc(struct arena *a, size_t size)
{
    if (size >= LARGE_BYTES)
        return alloc_large(a, size);
    /* Size 0 takes one unit too, so that two results are never the same pointer. */
    size_t taken =
        size ? (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1) : alignof(max_align_t);
    taken += GAP_BYTES;
    if (taken > a->left)
        use_block(a, block_new(BLOCK_BYTES));
    char *p = a->next;
    ASAN_UNPOISON_MEMORY_REGION(p, size);
    a->next += taken;
    a->left -= taken;
    return p;
}

void *arena_zalloc(struct arena *a, size_t size)
{
    return memset(arena_alloc(a, size), 0, size);
}

void *arena_zarray(struct arena *a, size_t size, size_t n)
{
    size_t total;
    if (__builtin_mul_overflow(size, n, &total))
        memory_out();
    return arena_zalloc(a, total);
}

void *arena_grow(struct arena *a, void *v, size_t n, size_t size)
{
    assert(size > 0 && (v || n == 0));
    if ((n & (n - 1)) != 0)
        return v;
    void *wider = arena_zarray(a, size, n ? n * 2 : 1);
    return n ? memcpy(wider, v, n * size) : wider;
}

/* --- texts --- */

struct str arena_dup(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (struct str){p, s.n};
}

const char *arena_cstr(struct arena *a, struct str s)
{
    return arena_dup(a, s).p;
}

/* Measures first, then writes: the arena cannot take back memory that a guess did not need. */
struct str arena_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    /* Negative only for a text longer than INT_MAX, which the limits on a call's input exclude. */
    if (n < 0)
        memory_out();
    char *p = arena_alloc(a, (size_t)n + 1);
    (void)vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return (struct str){p, (size_t)n};
}

struct str arena_concat(struct arena *a, const struct str *parts, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        size += parts[i].n;
    char *p = arena_alloc(a, size + 1);
    char *at = p;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n)
            memcpy(at, parts[i].p, parts[i].n);
        at += parts[i].n;
    }
    *at = '\0';
    return (struct str){p, size};
}
