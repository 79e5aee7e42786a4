/* What unit tests share: cmocka with the headers that it wants first, and a comparison of views. */
#ifndef VIRGA_TESTS_TEXTS_H
#define VIRGA_TESTS_TEXTS_H

#include "support/suite.h"

#include "base/arena.h"

/* Copies into C strings first, so that a failure prints both texts. */
#define assert_text(actual, expected)                                                                        \
    do {                                                                                                     \
        struct arena text_arena;                                                                             \
        arena_init(&text_arena);                                                                             \
        assert_string_equal(arena_cstr(&text_arena, (actual)), (expected));                                  \
        arena_done(&text_arena);                                                                             \
    } while (0)

#endif
