/* Proves what is counted of a call: its action, its code and the bucket of its time. */
#include "support/test_world.h"

static const struct action *action_of(struct test_world *t, const char *name)
{
    return registry_find_action(t->world.registry, str_from(name));
}

/* Counts a call that took so long. */
static void count(struct test_world *t, const struct action *action, enum error_id error, double seconds)
{
    metrics_count(&t->world.metrics, action, error, seconds);
}

static void calls_are_counted_by_action_and_code(void **state)
{
    struct test_world *t = *state;
    struct metrics *m = &t->world.metrics;
    const struct registry *r = t->world.registry;
    const struct action *first = registry_action_at(r, 0);
    const struct action *last = registry_action_at(r, registry_n_actions(r) - 1);
    count(t, first, ERR_NONE, 0);
    count(t, first, ERR_NONE, 0);
    count(t, last, (enum error_id)(ERR_COUNT - 1), 0);
    count(t, NULL, ERR_NONE, 0);
    count(t, NULL, (enum error_id)(ERR_COUNT - 1), 0);
    assert_int_equal(metrics_calls(m, first, ERR_NONE), 2);
    assert_int_equal(metrics_calls(m, first, ERR_INTERNAL_ERROR), 0);
    assert_int_equal(metrics_calls(m, last, (enum error_id)(ERR_COUNT - 1)), 1);
    assert_int_equal(metrics_calls(m, NULL, ERR_NONE), 1);
    assert_int_equal(metrics_calls(m, NULL, (enum error_id)(ERR_COUNT - 1)), 1);
    assert_int_equal(metrics_calls(m, action_of(t, "ReadThing"), ERR_NONE), 0);
}

static void times_fall_into_buckets(void **state)
{
    struct test_world *t = *state;
    struct metrics *m = &t->world.metrics;
    count(t, NULL, ERR_NONE, 0.02);
    count(t, NULL, ERR_NONE, 0.3);
    count(t, NULL, ERR_NONE, 60);
    assert_int_equal(m->durations[7], 1);
    assert_int_equal(m->durations[8], 1);
    assert_int_equal(m->durations[METRICS_BUCKETS], 1);
    assert_true(m->seconds >= 60.32 && m->seconds < 61);
    for (size_t i = 1; i < METRICS_BUCKETS; i++)
        assert_true(metrics_bounds[i - 1] < metrics_bounds[i]);
}

static void a_commit_that_changed_something_counts(void **state)
{
    struct test_world *t = *state;
    uint64_t before = t->world.metrics.commits;
    assert_int_equal(world_commit(&t->world), 0);
    assert_int_equal(t->world.metrics.commits, before);
    test_world_add_regions(t, "[{'region':'" TEST_REGION "','instances':[{'instance_id':'new'}]}]");
    assert_int_equal(world_commit(&t->world), 0);
    assert_int_equal(t->world.metrics.commits, before + 1);
}

SUITE(metrics)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(calls_are_counted_by_action_and_code, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(times_fall_into_buckets, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_commit_that_changed_something_counts, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
