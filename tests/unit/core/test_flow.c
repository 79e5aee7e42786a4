/* Proves that a flow runs until its due millisecond, takes effect once and in due order, and outlives the
 * program. */
#include "support/test_world.h"
#include "support/toy_product.h"

#include "core/journal.h"

static void use_kinds(struct test_world *t)
{
    t->world.settings.flow_ms[TOY_SLOW] = TOY_SLOW_MS;
    t->world.settings.flow_ms[TOY_QUICK] = TOY_QUICK_MS;
}

/* Two things, the rows 1 and 2. */
static int set_up(struct test_world *t)
{
    test_world_add_regions(t, "[{'region':'" TEST_REGION
                              "','instances':[{'instance_id':'one'},{'instance_id':'two'}]}]");
    use_kinds(t);
    return 0;
}

static int setup(void **state)
{
    toy_reset();
    return test_world_setup(state) == 0 ? set_up(*state) : -1;
}

static int setup_file(void **state)
{
    toy_reset();
    return test_world_setup_file(state) == 0 ? set_up(*state) : -1;
}

/* Starts a flow on a thing and keeps it. */
static struct flow start_on(struct test_world *t, size_t type, int64_t thing)
{
    const struct flow_plan plan = {
        .type = &toy_flow_types[type], .resource = thing, .start_ms = world_now_ms(&t->world)};
    struct flow f;
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(flow_start(&t->world, &plan, &f), 0);
    assert_int_equal(savepoint_release(t->world.db), 0);
    return f;
}

static struct flow start(struct test_world *t, size_t type)
{
    return start_on(t, type, 1);
}

static enum flow_state state_of(struct test_world *t, int64_t id)
{
    SCOPED_STMT(s, t->world.db, "SELECT outcome FROM flow WHERE id = :id");
    stmt_bind_i64(s, ":id", id);
    assert_int_equal(stmt_step(s), 1);
    return flow_state_read(s, &t->arena);
}

static void settle_at(struct test_world *t, int64_t ms)
{
    clock_freeze(&t->world.clock, TEST_NOW + ms);
    assert_int_equal(flow_settle(&t->world), 0);
}

static void a_flow_is_over_at_its_due_millisecond(void **state)
{
    struct test_world *t = *state;
    struct flow f = start(t, TOY_SLOW);
    assert_int_equal(f.id, 5293);
    assert_int_equal(f.start_ms, TEST_NOW);
    assert_int_equal(f.due_ms, TEST_NOW + TOY_SLOW_MS);
    assert_false(f.over);
    settle_at(t, TOY_SLOW_MS - 1);
    assert_int_equal(state_of(t, f.id), FLOW_RUNNING);
    assert_int_equal(toy.n_settled, 0);
    settle_at(t, TOY_SLOW_MS);
    assert_int_equal(state_of(t, f.id), FLOW_SUCCEEDED);
    assert_int_equal(toy.n_settled, 1);
}

static void a_flow_takes_effect_once(void **state)
{
    struct test_world *t = *state;
    struct flow f = start(t, TOY_SLOW);
    settle_at(t, TOY_SLOW_MS);
    settle_at(t, TOY_SLOW_MS);
    settle_at(t, 100 * TOY_SLOW_MS);
    settle_at(t, 0); /* a clock that was moved back brings nothing back */
    assert_int_equal(state_of(t, f.id), FLOW_SUCCEEDED);
    assert_int_equal(toy.n_settled, 1);
}

static void due_times_decide_the_order_and_then_ids(void **state)
{
    struct test_world *t = *state;
    int64_t slow = start(t, TOY_SLOW).id, quick = start(t, TOY_QUICK).id, tie = start(t, TOY_SLOW).id;
    clock_freeze(&t->world.clock, TEST_NOW + 100);
    int64_t later = start(t, TOY_QUICK).id;
    settle_at(t, 10 * TOY_SLOW_MS);
    const int64_t expected[] = {quick, later, slow, tie};
    assert_int_equal(toy.n_settled, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(toy.settled[i], expected[i]);
}

static void the_next_due_time_is_known(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(t->world.next_due_ms, INT64_MAX);
    (void)start(t, TOY_SLOW);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + TOY_SLOW_MS);
    (void)start(t, TOY_QUICK);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + TOY_QUICK_MS);
    settle_at(t, TOY_QUICK_MS);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + TOY_SLOW_MS);
    settle_at(t, TOY_SLOW_MS);
    assert_int_equal(t->world.next_due_ms, INT64_MAX);
}

static void no_duration_is_over_at_the_start(void **state)
{
    struct test_world *t = *state;
    int64_t running;
    t->world.settings.flow_ms[TOY_SLOW] = 0;
    struct flow f = start(t, TOY_SLOW);
    assert_true(f.over);
    assert_int_equal(f.due_ms, TEST_NOW);
    assert_int_equal(state_of(t, f.id), FLOW_SUCCEEDED);
    assert_int_equal(flow_count_running(&t->world, 1, &running), 0);
    assert_int_equal(running, 0);
    settle_at(t, TOY_SLOW_MS);
    assert_int_equal(toy.n_settled, 0); /* its starter wrote the result */
}

static void running_flows_count_by_resource(void **state)
{
    struct test_world *t = *state;
    int64_t one, two;
    (void)start_on(t, TOY_SLOW, 1);
    (void)start_on(t, TOY_QUICK, 1);
    (void)start_on(t, TOY_QUICK, 2);
    assert_int_equal(flow_count_running(&t->world, 1, &one), 0);
    assert_int_equal(flow_count_running(&t->world, 2, &two), 0);
    assert_int_equal(one, 2);
    assert_int_equal(two, 1);
    settle_at(t, TOY_QUICK_MS);
    assert_int_equal(flow_count_running(&t->world, 1, &one), 0);
    assert_int_equal(one, 1);
}

static void what_could_not_be_applied_stays_due(void **state)
{
    struct test_world *t = *state;
    int64_t first = start(t, TOY_QUICK).id, second = start(t, TOY_SLOW).id;
    toy.settle_fails = second;
    clock_freeze(&t->world.clock, TEST_NOW + TOY_SLOW_MS);
    assert_int_equal(flow_settle(&t->world), -1);
    assert_int_equal(state_of(t, first), FLOW_SUCCEEDED);
    assert_int_equal(state_of(t, second), FLOW_RUNNING); /* its own mark was undone as well */
    toy.settle_fails = -1;
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(state_of(t, second), FLOW_SUCCEEDED);
    assert_int_equal(toy.n_settled, 2);
}

static void an_undone_start_leaves_nothing(void **state)
{
    struct test_world *t = *state;
    const struct flow_plan plan = {.type = &toy_flow_types[TOY_QUICK], .resource = 1, .start_ms = TEST_NOW};
    struct flow f;
    int64_t running;
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(flow_start(&t->world, &plan, &f), 0);
    savepoint_rollback(t->world.db);
    assert_int_equal(flow_count_running(&t->world, 1, &running), 0);
    assert_int_equal(running, 0);
    settle_at(t, TOY_QUICK_MS);
    assert_int_equal(toy.n_settled, 0);
    assert_int_equal(t->world.next_due_ms, INT64_MAX);
}

/* --- by hand --- */

/* Finishes a flow as the control API does; what flow_finish returned. */
static int finish(struct test_world *t, int64_t id, bool fails_now)
{
    assert_int_equal(savepoint_begin(t->world.db), 0);
    int rc = flow_finish(&t->world, id, fails_now);
    assert_int_equal(savepoint_release(t->world.db), 0);
    assert_int_equal(flow_settle(&t->world), 0);
    return rc;
}

/* Starts a flow, and then fails if `arg` is not NULL. */
static int start_and_fail(struct world *w, void *arg)
{
    const struct flow_plan plan = {
        .type = &toy_flow_types[TOY_SLOW], .resource = 1, .start_ms = world_now_ms(w)};
    struct flow f;
    assert_int_equal(flow_start(w, &plan, &f), 0);
    return arg ? -1 : 0;
}

static void failed_work_leaves_no_event(void **state)
{
    struct test_world *t = *state;
    const struct journal *j = t->world.journal;
    uint64_t before = j->next_serial - 1;
    assert_int_equal(world_attempt(&t->world, start_and_fail, t), -1);
    assert_null(journal_change_after(j, before));
    assert_int_equal(world_attempt(&t->world, start_and_fail, NULL), 0);
    assert_non_null(journal_change_after(j, before));
}

static void a_flow_by_hand_waits_for_ever(void **state)
{
    struct test_world *t = *state;
    t->world.settings.flow_ms[TOY_SLOW] = FLOW_BY_HAND;
    struct flow f = start(t, TOY_SLOW);
    assert_true(f.due_ms == FLOW_BY_HAND);
    assert_int_equal(t->world.next_due_ms, INT64_MAX);
    settle_at(t, INT64_C(10) * 366 * 86400000);
    assert_int_equal(state_of(t, f.id), FLOW_RUNNING);
}

static void finishing_ends_a_flow_now_either_way(void **state)
{
    struct test_world *t = *state;
    t->world.settings.flow_ms[TOY_SLOW] = FLOW_BY_HAND;
    int64_t good = start_on(t, TOY_SLOW, 1).id, bad = start_on(t, TOY_QUICK, 1).id;
    t->world.settings.flow_ms[TOY_SLOW] = 100; /* what `record` expects */
    clock_freeze(&t->world.clock, TEST_NOW + 100);
    assert_int_equal(finish(t, good, false), 1);
    assert_int_equal(state_of(t, good), FLOW_SUCCEEDED);
    assert_int_equal(state_of(t, bad), FLOW_RUNNING);
    t->world.settings.flow_ms[TOY_QUICK] = 100;
    assert_int_equal(finish(t, bad, true), 1);
    assert_int_equal(state_of(t, bad), FLOW_FAILED);
    assert_int_equal(toy.n_settled, 2);
}

static void only_a_running_flow_can_be_finished(void **state)
{
    struct test_world *t = *state;
    int64_t id = start(t, TOY_QUICK).id;
    assert_int_equal(finish(t, id + 1, false), 0);
    settle_at(t, TOY_QUICK_MS);
    assert_int_equal(finish(t, id, true), 0);
    assert_int_equal(state_of(t, id), FLOW_SUCCEEDED);
    assert_int_equal(toy.n_settled, 1);
}

static void a_clock_that_was_moved_back_prevents_no_finish(void **state)
{
    struct test_world *t = *state;
    int64_t id = start(t, TOY_SLOW).id;
    clock_freeze(&t->world.clock, TEST_NOW - 1000);
    t->world.settings.flow_ms[TOY_SLOW] = 0; /* due when it started */
    assert_int_equal(finish(t, id, false), 1);
    assert_int_equal(state_of(t, id), FLOW_SUCCEEDED);
}

static void how_a_flow_ends_may_be_settled_at_its_start(void **state)
{
    struct test_world *t = *state;
    struct flow_plan plan = {
        .type = &toy_flow_types[TOY_QUICK], .resource = 1, .start_ms = TEST_NOW, .fails = true};
    struct flow waits, over;
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(flow_start(&t->world, &plan, &waits), 0);
    t->world.settings.flow_ms[TOY_QUICK] = 0;
    assert_int_equal(flow_start(&t->world, &plan, &over), 0);
    assert_int_equal(savepoint_release(t->world.db), 0);
    t->world.settings.flow_ms[TOY_QUICK] = TOY_QUICK_MS;
    assert_true(over.over && over.fails);
    assert_int_equal(state_of(t, over.id), FLOW_FAILED);
    assert_int_equal(state_of(t, waits.id), FLOW_RUNNING);
    settle_at(t, TOY_QUICK_MS);
    assert_int_equal(state_of(t, waits.id), FLOW_FAILED);
}

/* --- across runs --- */

static void reopen_at(struct test_world *t, int64_t ms)
{
    struct settings s = test_world_settings();
    s.db_path = t->path;
    s.clock_ms = TEST_NOW + ms;
    assert_int_equal(transaction_commit(t->world.db), 0);
    toy_reset();
    test_world_reopen(t, &s);
    use_kinds(t);
}

static void ids_go_on_after_a_restart(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(start(t, TOY_SLOW).id, 5293);
    assert_int_equal(start(t, TOY_QUICK).id, 5294);
    reopen_at(t, 0);
    assert_int_equal(start(t, TOY_SLOW).id, 5295);
}

static void what_became_due_meanwhile_is_applied(void **state)
{
    struct test_world *t = *state;
    int64_t slow = start(t, TOY_SLOW).id, quick = start(t, TOY_QUICK).id;
    reopen_at(t, TOY_QUICK_MS);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + TOY_QUICK_MS);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(state_of(t, quick), FLOW_SUCCEEDED);
    assert_int_equal(state_of(t, slow), FLOW_RUNNING);
    reopen_at(t, 10 * TOY_SLOW_MS);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(toy.n_settled, 1);
    assert_int_equal(toy.settled[0], slow);
    reopen_at(t, 20 * TOY_SLOW_MS);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(toy.n_settled, 0);
}

static void an_unseeded_world_starts_somewhere(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    s.seeded = false;
    for (int i = 0; i < 20; i++) {
        test_world_reopen(t, &s);
        assert_in_range(t->world.next_flow_id, 100000, 999999);
    }
}

/* --- edited files --- */

/* Runs one statement on the store. */
static void edit(struct stmt *taken)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = taken;
    assert_int_equal(stmt_run(s), 0);
}

#define EDIT(t, sql) edit(stmt_get((t)->world.db, "" sql))

/* Writes to this column of thing violate a rule from now on. */
#define FORBID(t, column)                                                                                    \
    do {                                                                                                     \
        assert_int_equal(savepoint_begin((t)->world.db), 0);                                                 \
        EDIT(t, "CREATE TRIGGER no_" column " BEFORE UPDATE OF " column " ON thing WHEN new.id = 1"          \
                " BEGIN SELECT raise(ABORT, 'no'); END");                                                    \
        assert_int_equal(savepoint_release((t)->world.db), 0);                                               \
    } while (0)

static void a_flow_whose_outcome_is_forbidden_ends_as_failed(void **state)
{
    struct test_world *t = *state;
    struct flow forbidden = start_on(t, TOY_QUICK, 1), other = start_on(t, TOY_SLOW, 2);
    FORBID(t, "succeeded");
    settle_at(t, TOY_SLOW_MS);
    assert_int_equal(state_of(t, forbidden.id), FLOW_FAILED);
    assert_int_equal(state_of(t, other.id), FLOW_SUCCEEDED);
    assert_int_equal(test_world_count(t, "SELECT failed AS n FROM thing WHERE id = 1"), 1);
    assert_int_equal(toy.n_settled, 2);
}

/* Nor may the failure be applied. */
static void so_does_one_whose_failure_is_forbidden(void **state)
{
    struct test_world *t = *state;
    struct flow forbidden = start_on(t, TOY_QUICK, 1), other = start_on(t, TOY_SLOW, 2);
    FORBID(t, "succeeded");
    FORBID(t, "failed");
    settle_at(t, TOY_SLOW_MS);
    assert_int_equal(state_of(t, forbidden.id), FLOW_FAILED);
    assert_int_equal(state_of(t, other.id), FLOW_SUCCEEDED);
    assert_int_equal(toy.n_settled, 1);
}

/* --- scheduled work --- */

static void work_runs_at_its_time_and_after_flows_of_that_time(void **state)
{
    struct test_world *t = *state;
    int64_t id = start(t, TOY_QUICK).id;
    toy.scheduled_ms = TEST_NOW + TOY_QUICK_MS;
    assert_int_equal(flow_reschedule(&t->world), 0);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + TOY_QUICK_MS);
    settle_at(t, TOY_QUICK_MS - 1);
    assert_int_equal(toy.n_scheduled, 0);
    toy.settle_fails = id;
    clock_freeze(&t->world.clock, TEST_NOW + TOY_QUICK_MS);
    assert_int_equal(flow_settle(&t->world), -1);
    assert_int_equal(toy.n_scheduled, 0);
    toy.settle_fails = -1;
    settle_at(t, TOY_QUICK_MS);
    assert_int_equal(toy.n_scheduled, 1);
    assert_true(t->world.next_due_ms == INT64_MAX);
}

static void an_unknown_kind_ends_as_well(void **state)
{
    struct test_world *t = *state;
    int64_t id = start(t, TOY_SLOW).id;
    assert_int_equal(savepoint_begin(t->world.db), 0);
    EDIT(t, "UPDATE flow SET kind = 'newer'");
    assert_int_equal(savepoint_release(t->world.db), 0);
    settle_at(t, TOY_SLOW_MS);
    assert_int_equal(state_of(t, id), FLOW_SUCCEEDED);
}

/* The last id that a flow can have, and then none: an error each time, and no other number. */
static void ids_come_to_an_end(void **state)
{
    struct test_world *t = *state;
    const struct flow_plan plan = {.type = &toy_flow_types[TOY_SLOW], .resource = 1, .start_ms = TEST_NOW};
    struct flow f;
    t->world.next_flow_id = FLOW_ID_MAX;
    assert_int_equal(start(t, TOY_SLOW).id, FLOW_ID_MAX);
    assert_int_equal(flow_resume(&t->world), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(savepoint_begin(t->world.db), 0);
        assert_int_equal(flow_start(&t->world, &plan, &f), -1);
        assert_int_equal(db_fault(t->world.db), DB_CONSTRAINT);
        savepoint_rollback(t->world.db);
    }
    EDIT(t, "PRAGMA ignore_check_constraints = ON");
    t->world.next_flow_id = INT64_MAX;
    assert_int_equal(start(t, TOY_SLOW).id, INT64_MAX);
    assert_int_equal(flow_resume(&t->world), 0);
    assert_int_equal(t->world.next_flow_id, FLOW_ID_MAX + 1);
}

SUITE(flow)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_flow_is_over_at_its_due_millisecond, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_flow_takes_effect_once, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(due_times_decide_the_order_and_then_ids, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(the_next_due_time_is_known, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(no_duration_is_over_at_the_start, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(running_flows_count_by_resource, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_could_not_be_applied_stays_due, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(an_undone_start_leaves_nothing, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(failed_work_leaves_no_event, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_flow_by_hand_waits_for_ever, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(finishing_ends_a_flow_now_either_way, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(only_a_running_flow_can_be_finished, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_was_moved_back_prevents_no_finish, setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(how_a_flow_ends_may_be_settled_at_its_start, setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(ids_go_on_after_a_restart, setup_file, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_became_due_meanwhile_is_applied, setup_file,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(an_unseeded_world_starts_somewhere, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_flow_whose_outcome_is_forbidden_ends_as_failed, setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(so_does_one_whose_failure_is_forbidden, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(work_runs_at_its_time_and_after_flows_of_that_time, setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(an_unknown_kind_ends_as_well, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(ids_come_to_an_end, setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
