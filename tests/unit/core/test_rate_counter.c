/* Proves that calls are counted by key in whole seconds of the clock that is given. */
#include "support/texts.h"

#include "core/rate_counter.h"

static struct arena arena;
static struct rate_counter rate_counter;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    rate_counter_init(&rate_counter, &arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void calls_of_a_second_add_up(void **state)
{
    (void)state;
    for (int i = 1; i <= 25; i++)
        assert_int_equal(rate_counter_add(&rate_counter, STR("a/CreateBackup/"), 5000 + i), i);
}

static void a_window_ends_with_its_second(void **state)
{
    (void)state;
    assert_int_equal(rate_counter_add(&rate_counter, STR("k"), 1000), 1);
    assert_int_equal(rate_counter_add(&rate_counter, STR("k"), 1999), 2);
    assert_int_equal(rate_counter_add(&rate_counter, STR("k"), 2000), 1);
    assert_int_equal(rate_counter_add(&rate_counter, STR("k"), 2999), 2);
    assert_int_equal(rate_counter_add(&rate_counter, STR("k"), 9000), 1);
}

static void a_clock_moved_back_starts_a_new_window(void **state)
{
    (void)state;
    assert_int_equal(rate_counter_add(&rate_counter, STR("k"), 9000), 1);
    assert_int_equal(rate_counter_add(&rate_counter, STR("k"), 9000), 2);
    assert_int_equal(rate_counter_add(&rate_counter, STR("k"), 3000), 1);
    assert_int_equal(rate_counter_add(&rate_counter, STR("k"), 9000), 1);
}

/* The epoch's second is also the one of a counter that has not counted yet. */
static void the_epoch_is_a_second_like_any(void **state)
{
    (void)state;
    assert_int_equal(rate_counter_add(&rate_counter, STR("k"), 0), 1);
    assert_int_equal(rate_counter_add(&rate_counter, STR("k"), 999), 2);
    assert_int_equal(rate_counter_add(&rate_counter, STR("k"), 1000), 1);
}

/* Addresses are the client's choice: the counters for them must not fill the memory. */
static void the_number_of_counters_is_bounded(void **state)
{
    int64_t calls = 0;
    (void)state;
    assert_int_equal(rate_counter_add(&rate_counter, STR("early"), 0), 1);
    for (int i = 0; i < 100 * 1000; i++)
        calls = rate_counter_add(&rate_counter, arena_printf(&arena, "%d", i), 0);
    assert_true(rate_counter.counters.n <= 64 * 1024 + 1);
    assert_true(calls > 1000); /* those past the bound are counted together */
    assert_int_equal(rate_counter_add(&rate_counter, STR("early"), 0), 2);
}

static void keys_count_apart(void **state)
{
    (void)state;
    assert_int_equal(rate_counter_add(&rate_counter, STR("a/CreateBackup/"), 1000), 1);
    assert_int_equal(rate_counter_add(&rate_counter, STR("b/CreateBackup/"), 1000), 1);
    assert_int_equal(rate_counter_add(&rate_counter, STR("a/CreateBackup/ap-shanghai"), 1000), 1);
    assert_int_equal(rate_counter_add(&rate_counter, STR("a/CreateBackup/"), 1000), 2);
    assert_int_equal(rate_counter.counters.n, 3);
}

static void a_clear_forgets_all_counts(void **state)
{
    struct arena a;
    struct rate_counter l;
    (void)state;
    arena_init(&a);
    rate_counter_init(&l, &a);
    assert_int_equal(rate_counter_clear(&l), 0);
    (void)rate_counter_add(&l, STR("a"), 1000);
    (void)rate_counter_add(&l, STR("a"), 1000);
    (void)rate_counter_add(&l, STR("b"), 1000);
    l.refused = 3;
    assert_int_equal(rate_counter_clear(&l), 2);
    assert_int_equal(l.refused, 0);
    assert_int_equal(rate_counter_clear(&l), 0);
    assert_int_equal(rate_counter_add(&l, STR("a"), 1000), 1);
    arena_done(&a);
}

SUITE(rate_counter)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clear_forgets_all_counts),
        cmocka_unit_test_setup_teardown(calls_of_a_second_add_up, setup, teardown),
        cmocka_unit_test_setup_teardown(a_window_ends_with_its_second, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_moved_back_starts_a_new_window, setup, teardown),
        cmocka_unit_test_setup_teardown(the_epoch_is_a_second_like_any, setup, teardown),
        cmocka_unit_test_setup_teardown(the_number_of_counters_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_count_apart, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
