/* Proves that an arena's pieces are aligned, apart from each other and whole, and that it can be reused. */
#include "support/texts.h"

#include <stdalign.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int setup(void **state)
{
    static struct arena a;
    arena_init(&a);
    *state = &a;
    return 0;
}

static int teardown(void **state)
{
    arena_done(*state);
    return 0;
}

/* Sizes around the alignment, around a large piece (4 KiB) and around a block (16 KiB). */
static const size_t sizes[] = {0, 1, 15, 16, 17, 4079, 4080, 4095, 4096, 4097, 16383, 16384, 16385, 100000};
enum { N_SIZES = sizeof sizes / sizeof *sizes, ROUNDS = 40 };

static void pieces_are_aligned_and_keep_what_is_written(void **state)
{
    unsigned char *pieces[ROUNDS][N_SIZES];
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < N_SIZES; i++) {
            pieces[round][i] = arena_alloc(*state, sizes[i]);
            assert_int_equal((uintptr_t)pieces[round][i] % alignof(max_align_t), 0);
            memset(pieces[round][i], (int)(round + i), sizes[i]);
        }
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < N_SIZES; i++) {
            for (size_t at = 0; at < sizes[i]; at++)
                assert_int_equal(pieces[round][i][at], (unsigned char)(round + i));
        }
    }
}

static void pieces_of_size_zero_are_not_null_and_differ(void **state)
{
    char *first = arena_alloc(*state, 0);
    char *second = arena_alloc(*state, 0);
    assert_non_null(first);
    assert_ptr_not_equal(first, second);
}

static void zeroed_memory_is_zero_also_where_it_was_used_before(void **state)
{
    memset(arena_alloc(*state, 4000), 0xff, 4000);
    arena_reset(*state);
    const unsigned char *p = arena_zalloc(*state, 4000);
    for (size_t i = 0; i < 4000; i++)
        assert_int_equal(p[i], 0);
    const int *array = ARENA_ARRAY(*state, int, 3);
    assert_int_equal(array[0] | array[1] | array[2], 0);
}

static void reset_keeps_one_block_and_starts_with_it(void **state)
{
    struct arena *a = *state;
    void *first = arena_alloc(a, 100);
    size_t left = a->left;
    (void)arena_alloc(a, 1000 * 1000);
    arena_reset(a);
    assert_ptr_equal(arena_alloc(a, 100), first);
    assert_int_equal(a->left, left);
    arena_reset(a);
    arena_reset(a);
    assert_ptr_equal(arena_alloc(a, 100), first);
}

static void a_reset_or_done_arena_can_be_used_again(void **state)
{
    struct arena *a = *state;
    arena_reset(a);
    assert_null(a->block);
    (void)arena_alloc(a, 10);
    arena_done(a);
    arena_done(a);
    assert_null(a->block);
    assert_text(arena_dup(a, STR("again")), "again");
}

static void a_large_piece_leaves_the_block_in_use(void **state)
{
    char *first = arena_alloc(*state, 16), *second = arena_alloc(*state, 16);
    (void)arena_alloc(*state, 1000 * 1000);
    assert_ptr_equal(arena_alloc(*state, 16), second + (second - first));
}

/* Of AddressSanitizer; NULL in a build without it. */
int __asan_address_is_poisoned(const volatile void *p) __attribute__((weak));

static void what_is_not_given_out_is_forbidden(void **state)
{
    if (!__asan_address_is_poisoned)
        skip();
    char *first = arena_alloc(*state, 32), *second = arena_alloc(*state, 5);
    assert_false(__asan_address_is_poisoned(first + 31));
    assert_true(__asan_address_is_poisoned(first + 32));
    assert_false(__asan_address_is_poisoned(second + 4));
    assert_true(__asan_address_is_poisoned(second + 5));
    arena_reset(*state);
    assert_true(__asan_address_is_poisoned(second));
}

static void copies_end_in_a_nul_and_keep_inner_ones(void **state)
{
    const char original[] = {'a', '\0', 'b'};
    struct str copy = arena_dup(*state, (struct str){original, 3});
    assert_int_equal(copy.n, 3);
    assert_ptr_not_equal(copy.p, original);
    assert_memory_equal(copy.p, "a\0b", 4);
    struct str empty = arena_dup(*state, (struct str){NULL, 0});
    assert_non_null(empty.p);
    assert_int_equal(empty.n, 0);
    assert_string_equal(arena_cstr(*state, STR("text")), "text");
}

static void formatted_text_of_any_length_is_whole(void **state)
{
    assert_text(arena_printf(*state, "%d-%s", 7, "x"), "7-x");
    assert_text(arena_printf(*state, "%s", ""), "");
    struct str wide = arena_printf(*state, "%*d", 20000, 1);
    assert_int_equal(wide.n, 20000);
    assert_int_equal(wide.p[19999], '1');
    assert_int_equal(wide.p[20000], '\0');
}

/* Runs in a child. The overflow is detected before malloc, whose failure a sanitizer would report. */
_Noreturn static void ask_for_too_much(int error_fd)
{
    struct arena a;
    (void)dup2(error_fd, STDERR_FILENO);
    arena_init(&a);
    (void)arena_zarray(&a, SIZE_MAX / 2, 3);
    _exit(0);
}

static void an_overflowing_product_ends_the_program_with_a_message(void **state)
{
    int ends[2], status;
    char text[100] = "";
    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0)
        ask_for_too_much(ends[1]);
    close(ends[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_FAILURE);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    close(ends[0]);
    assert_string_equal(text, "virga: error: out of memory\n");
}

SUITE(arena)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pieces_are_aligned_and_keep_what_is_written, setup, teardown),
        cmocka_unit_test_setup_teardown(pieces_of_size_zero_are_not_null_and_differ, setup, teardown),
        cmocka_unit_test_setup_teardown(zeroed_memory_is_zero_also_where_it_was_used_before, setup, teardown),
        cmocka_unit_test_setup_teardown(reset_keeps_one_block_and_starts_with_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reset_or_done_arena_can_be_used_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_large_piece_leaves_the_block_in_use, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_given_out_is_forbidden, setup, teardown),
        cmocka_unit_test_setup_teardown(copies_end_in_a_nul_and_keep_inner_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(formatted_text_of_any_length_is_whole, setup, teardown),
        cmocka_unit_test(an_overflowing_product_ends_the_program_with_a_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
