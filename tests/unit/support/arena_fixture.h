/* For tests that need an arena only: it is empty before each test. */
#ifndef VIRGA_TESTS_ARENA_FIXTURE_H
#define VIRGA_TESTS_ARENA_FIXTURE_H

#include "support/texts.h"

#include "base/arena.h"

static struct arena arena;

static inline int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

#endif
