/* Proves that held-back answers come out by their time, first those that are due first. */
#include "support/texts.h"

#include "server/pending.h"

static struct exchange *pending(struct delays *d, struct exchange *x, int64_t delay_ms)
{
    x->call.delay_ms = delay_ms;
    delayed_add(d, x);
    return x;
}

static void the_nearest_comes_first(void **state)
{
    static struct exchange x[4];
    struct delays d = {NULL};
    (void)state;
    pending(&d, &x[0], 3000);
    pending(&d, &x[1], 1000);
    pending(&d, &x[2], 2000);
    pending(&d, &x[3], 5000);
    assert_null(delayed_take(&d, x[1].due_ns - 1));
    assert_ptr_equal(delayed_take(&d, x[1].due_ns), &x[1]);
    assert_null(delayed_take(&d, x[1].due_ns));
    assert_ptr_equal(delayed_take(&d, x[0].due_ns), &x[2]);
    assert_ptr_equal(delayed_take(&d, x[0].due_ns), &x[0]);
    assert_ptr_equal(delayed_take(&d, INT64_MAX), &x[3]);
    assert_null(delayed_take(&d, INT64_MAX));
}

static void the_wait_is_rounded_up(void **state)
{
    static struct exchange x;
    struct delays d = {NULL};
    (void)state;
    assert_int_equal(delayed_wait_ms(&d, 0), -1);
    pending(&d, &x, 100);
    assert_int_equal(delayed_wait_ms(&d, x.due_ns - 1), 1);
    assert_int_equal(delayed_wait_ms(&d, x.due_ns - 1000000), 1);
    assert_int_equal(delayed_wait_ms(&d, x.due_ns - 1000001), 2);
    assert_int_equal(delayed_wait_ms(&d, x.due_ns), 0);
    assert_int_equal(delayed_wait_ms(&d, x.due_ns + 5000000), 0);
    assert_int_equal(delayed_wait_ms(&d, x.due_ns - INT64_C(3600000000000)), 60000);
}

SUITE(pending_delay)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_comes_first),
        cmocka_unit_test(the_wait_is_rounded_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
