/* Proves that a flow runs until its due millisecond, takes effect once and in due order, and outlives the
 * program. */
#include "support/test_world.h"

/* The first automatic backup: what is next when no flow runs. */
#define MIDNIGHT (TEST_NOW + INT64_C(86400000))

enum { SLOW, QUICK, KINDS };
enum { SLOW_MS = 2000, QUICK_MS = 500, SETTLED_MAX = 16 };

/* What settled, in order; the one that is to fail. */
static int64_t settled[SETTLED_MAX];
static size_t n_settled;
static int64_t fails;

static int record(struct world *w, const struct flow *f)
{
    if (f->id == fails)
        return -1;
    assert_true(n_settled < SETTLED_MAX);
    assert_int_equal(f->due_ms - f->start_ms, w->settings.flow_ms[f->kind]);
    settled[n_settled++] = f->id;
    return 0;
}

static const struct flow_type kinds[KINDS] = {
    [SLOW] = {STR_INIT("backup"), SLOW_MS, record},
    [QUICK] = {STR_INIT("restore"), QUICK_MS, record},
};

static void use_kinds(struct world *w)
{
    w->flow_types = kinds;
    w->n_flow_types = KINDS;
    w->settings.flow_ms[SLOW] = SLOW_MS;
    w->settings.flow_ms[QUICK] = QUICK_MS;
    n_settled = 0;
    fails = -1;
}

static int setup(void **state)
{
    int rc = test_world_setup(state);
    use_kinds(&((struct test_world *)*state)->world);
    return rc;
}

static int setup_file(void **state)
{
    int rc = test_world_setup_file(state);
    use_kinds(&((struct test_world *)*state)->world);
    return rc;
}

/* Starts a flow on the database `name` of an instance and keeps it. */
static struct flow start_on(struct test_world *t, size_t kind, int64_t instance, const char *name)
{
    const struct flow_database database = {.name = str_from(name), .effect = DATABASE_EFFECT_HOLD};
    const struct flow_plan plan = {.kind = kind,
                                   .instance = instance,
                                   .start_ms = world_now_ms(&t->world),
                                   .databases = &database,
                                   .n_databases = 1};
    struct flow f;
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(flow_start(&t->world, &plan, &f), 0);
    assert_int_equal(savepoint_release(t->world.db), 0);
    return f;
}

static struct flow start(struct test_world *t, size_t kind)
{
    return start_on(t, kind, 1, "db1");
}

static enum flow_state state_of(struct test_world *t, int64_t id)
{
    enum flow_state s;
    assert_int_equal(flow_find(&t->world, STR(TEST_UIN), STR(TEST_REGION), id, &s), 1);
    return s;
}

static void settle_at(struct test_world *t, int64_t ms)
{
    clock_freeze(&t->world.clock, TEST_NOW + ms);
    assert_int_equal(flow_settle(&t->world), 0);
}

static void a_flow_is_over_at_its_due_millisecond(void **state)
{
    struct test_world *t = *state;
    struct flow f = start(t, SLOW);
    assert_int_equal(f.id, 5293);
    assert_int_equal(f.start_ms, TEST_NOW);
    assert_int_equal(f.due_ms, TEST_NOW + SLOW_MS);
    assert_false(f.over);
    settle_at(t, SLOW_MS - 1);
    assert_int_equal(state_of(t, f.id), FLOW_RUNNING);
    assert_int_equal(n_settled, 0);
    settle_at(t, SLOW_MS);
    assert_int_equal(state_of(t, f.id), FLOW_SUCCEEDED);
    assert_int_equal(n_settled, 1);
}

static void a_flow_takes_effect_once(void **state)
{
    struct test_world *t = *state;
    struct flow f = start(t, SLOW);
    settle_at(t, SLOW_MS);
    settle_at(t, SLOW_MS);
    settle_at(t, 100 * SLOW_MS);
    settle_at(t, 0); /* a clock that was moved back brings nothing back */
    assert_int_equal(state_of(t, f.id), FLOW_SUCCEEDED);
    assert_int_equal(n_settled, 1);
}

static void due_times_decide_the_order_and_then_ids(void **state)
{
    struct test_world *t = *state;
    int64_t slow = start(t, SLOW).id, quick = start(t, QUICK).id, tie = start(t, SLOW).id;
    clock_freeze(&t->world.clock, TEST_NOW + 100);
    int64_t later = start(t, QUICK).id;
    settle_at(t, 10 * SLOW_MS);
    const int64_t expected[] = {quick, later, slow, tie};
    assert_int_equal(n_settled, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(settled[i], expected[i]);
}

static void the_next_due_time_is_known(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(t->world.next_due_ms, MIDNIGHT);
    (void)start(t, SLOW);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + SLOW_MS);
    (void)start(t, QUICK);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + QUICK_MS);
    settle_at(t, QUICK_MS);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + SLOW_MS);
    settle_at(t, SLOW_MS);
    assert_int_equal(t->world.next_due_ms, MIDNIGHT);
}

static void no_duration_is_over_at_the_start(void **state)
{
    struct test_world *t = *state;
    int64_t running;
    t->world.settings.flow_ms[SLOW] = 0;
    struct flow f = start(t, SLOW);
    assert_true(f.over);
    assert_int_equal(f.due_ms, TEST_NOW);
    assert_int_equal(state_of(t, f.id), FLOW_SUCCEEDED);
    assert_int_equal(flow_count_running(&t->world, 1, &running), 0);
    assert_int_equal(running, 0);
    assert_int_equal(flow_holds(&t->world, 1, STR("db1")), 0);
    settle_at(t, SLOW_MS);
    assert_int_equal(n_settled, 0); /* its starter wrote the result */
}

static void a_running_flow_holds_its_databases(void **state)
{
    struct test_world *t = *state;
    (void)start_on(t, QUICK, 1, "db1");
    assert_int_equal(flow_holds(&t->world, 1, STR("db1")), 1);
    assert_int_equal(flow_holds(&t->world, 1, STR("db2")), 0);
    assert_int_equal(flow_holds(&t->world, 1, STR("DB1")), 0);
    assert_int_equal(flow_holds(&t->world, 2, STR("db1")), 0);
    settle_at(t, QUICK_MS);
    assert_int_equal(flow_holds(&t->world, 1, STR("db1")), 0);
}

static void running_flows_count_by_instance(void **state)
{
    struct test_world *t = *state;
    int64_t one, two;
    (void)start_on(t, SLOW, 1, "db1");
    (void)start_on(t, QUICK, 1, "db2");
    (void)start_on(t, QUICK, 2, "orders");
    assert_int_equal(flow_count_running(&t->world, 1, &one), 0);
    assert_int_equal(flow_count_running(&t->world, 2, &two), 0);
    assert_int_equal(one, 2);
    assert_int_equal(two, 1);
    settle_at(t, QUICK_MS);
    assert_int_equal(flow_count_running(&t->world, 1, &one), 0);
    assert_int_equal(one, 1);
}

static void a_flow_is_its_accounts_in_its_region(void **state)
{
    struct test_world *t = *state;
    enum flow_state s;
    int64_t id = start(t, SLOW).id;
    assert_int_equal(flow_find(&t->world, STR(TEST_UIN), STR(TEST_REGION), id, &s), 1);
    assert_int_equal(flow_find(&t->world, STR("100000000002"), STR(TEST_REGION), id, &s), 0);
    assert_int_equal(flow_find(&t->world, STR(TEST_UIN), STR("ap-shanghai"), id, &s), 0);
    assert_int_equal(flow_find(&t->world, STR(TEST_UIN), STR(TEST_REGION), id + 1, &s), 0);
}

static void what_could_not_be_applied_stays_due(void **state)
{
    struct test_world *t = *state;
    int64_t first = start(t, QUICK).id, second = start(t, SLOW).id;
    fails = second;
    clock_freeze(&t->world.clock, TEST_NOW + SLOW_MS);
    assert_int_equal(flow_settle(&t->world), -1);
    assert_int_equal(state_of(t, first), FLOW_SUCCEEDED);
    assert_int_equal(state_of(t, second), FLOW_RUNNING); /* its own mark was undone as well */
    fails = -1;
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(state_of(t, second), FLOW_SUCCEEDED);
    assert_int_equal(n_settled, 2);
}

static void an_undone_start_leaves_nothing(void **state)
{
    struct test_world *t = *state;
    const struct flow_plan plan = {.kind = QUICK, .instance = 1, .start_ms = TEST_NOW};
    struct flow f;
    int64_t running;
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(flow_start(&t->world, &plan, &f), 0);
    savepoint_rollback(t->world.db);
    assert_int_equal(flow_count_running(&t->world, 1, &running), 0);
    assert_int_equal(running, 0);
    settle_at(t, QUICK_MS);
    assert_int_equal(n_settled, 0);
    assert_int_equal(t->world.next_due_ms, MIDNIGHT);
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

static void a_flow_by_hand_waits_for_ever(void **state)
{
    struct test_world *t = *state;
    t->world.settings.flow_ms[SLOW] = FLOW_BY_HAND;
    struct flow f = start(t, SLOW);
    assert_true(f.due_ms == FLOW_BY_HAND);
    assert_int_equal(t->world.next_due_ms, MIDNIGHT);
    settle_at(t, INT64_C(10) * 366 * 86400000);
    assert_int_equal(state_of(t, f.id), FLOW_RUNNING);
    assert_int_equal(flow_holds(&t->world, 1, STR("db1")), 1);
}

static void finishing_ends_a_flow_now_either_way(void **state)
{
    struct test_world *t = *state;
    t->world.settings.flow_ms[SLOW] = FLOW_BY_HAND;
    int64_t good = start_on(t, SLOW, 1, "db1").id, bad = start_on(t, QUICK, 1, "db2").id;
    t->world.settings.flow_ms[SLOW] = 100; /* what `record` expects */
    clock_freeze(&t->world.clock, TEST_NOW + 100);
    assert_int_equal(finish(t, good, false), 1);
    assert_int_equal(state_of(t, good), FLOW_SUCCEEDED);
    assert_int_equal(state_of(t, bad), FLOW_RUNNING);
    t->world.settings.flow_ms[QUICK] = 100;
    assert_int_equal(finish(t, bad, true), 1);
    assert_int_equal(state_of(t, bad), FLOW_FAILED);
    assert_int_equal(n_settled, 2);
}

static void only_a_running_flow_can_be_finished(void **state)
{
    struct test_world *t = *state;
    int64_t id = start(t, QUICK).id;
    assert_int_equal(finish(t, id + 1, false), 0);
    settle_at(t, QUICK_MS);
    assert_int_equal(finish(t, id, true), 0);
    assert_int_equal(state_of(t, id), FLOW_SUCCEEDED);
    assert_int_equal(n_settled, 1);
}

static void a_clock_that_was_moved_back_keeps_nobody_from_finishing(void **state)
{
    struct test_world *t = *state;
    int64_t id = start(t, SLOW).id;
    clock_freeze(&t->world.clock, TEST_NOW - 1000);
    t->world.settings.flow_ms[SLOW] = 0; /* due when it started */
    assert_int_equal(finish(t, id, false), 1);
    assert_int_equal(state_of(t, id), FLOW_SUCCEEDED);
}

static void how_a_flow_ends_may_be_settled_at_its_start(void **state)
{
    struct test_world *t = *state;
    struct flow_plan plan = {.kind = QUICK, .instance = 1, .start_ms = TEST_NOW, .fails = true};
    struct flow waits, over;
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(flow_start(&t->world, &plan, &waits), 0);
    t->world.settings.flow_ms[QUICK] = 0;
    assert_int_equal(flow_start(&t->world, &plan, &over), 0);
    assert_int_equal(savepoint_release(t->world.db), 0);
    t->world.settings.flow_ms[QUICK] = QUICK_MS;
    assert_true(over.over && over.fails);
    assert_int_equal(state_of(t, over.id), FLOW_FAILED);
    assert_int_equal(state_of(t, waits.id), FLOW_RUNNING);
    settle_at(t, QUICK_MS);
    assert_int_equal(state_of(t, waits.id), FLOW_FAILED);
}

/* --- across runs --- */

static void reopen_at(struct test_world *t, int64_t ms)
{
    struct settings s = test_world_settings();
    s.db_path = t->path;
    s.clock_ms = TEST_NOW + ms;
    assert_int_equal(transaction_commit(t->world.db), 0);
    test_world_reopen(t, &s);
    use_kinds(&t->world);
}

static void ids_go_on_after_a_restart(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(start(t, SLOW).id, 5293);
    assert_int_equal(start(t, QUICK).id, 5294);
    reopen_at(t, 0);
    assert_int_equal(start(t, SLOW).id, 5295);
}

static void what_fell_due_meanwhile_is_applied(void **state)
{
    struct test_world *t = *state;
    int64_t slow = start(t, SLOW).id, quick = start(t, QUICK).id;
    reopen_at(t, QUICK_MS);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + QUICK_MS);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(state_of(t, quick), FLOW_SUCCEEDED);
    assert_int_equal(state_of(t, slow), FLOW_RUNNING);
    reopen_at(t, 10 * SLOW_MS);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(n_settled, 1);
    assert_int_equal(settled[0], slow);
    reopen_at(t, 20 * SLOW_MS);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(n_settled, 0);
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

/* --- files that somebody edited --- */

/* Runs one statement as an editor would: past the rules. */
static void edit(struct stmt *taken)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = taken;
    assert_int_equal(stmt_run(s), 0);
}

#define EDIT(t, sql) edit(stmt_get((t)->world.db, "" sql))

/* Renames db1, and then there is another of that name. */
static struct flow start_forbidden(struct test_world *t)
{
    const struct flow_database database = {STR("db1"), STR("taken"), DATABASE_EFFECT_RENAME};
    const struct flow_plan plan = {.kind = QUICK,
                                   .instance = 1,
                                   .start_ms = world_now_ms(&t->world),
                                   .databases = &database,
                                   .n_databases = 1};
    struct flow f;
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(flow_start(&t->world, &plan, &f), 0);
    EDIT(t, "INSERT INTO database (instance, name, status, charset, remark, simple_recovery, created_ms)"
            " VALUES (1, 'taken', 2, '', '', 0, 0)");
    assert_int_equal(savepoint_release(t->world.db), 0);
    return f;
}

static void a_flow_whose_effect_is_forbidden_ends_as_failed(void **state)
{
    struct test_world *t = *state;
    struct flow forbidden = start_forbidden(t), other = start(t, SLOW);
    settle_at(t, SLOW_MS);
    assert_int_equal(state_of(t, forbidden.id), FLOW_FAILED);
    assert_int_equal(state_of(t, other.id), FLOW_SUCCEEDED);
    assert_int_equal(
        test_world_count(t, "SELECT status AS n FROM database WHERE instance = 1 AND name = 'db1'"), 2);
    assert_int_equal(n_settled, 2);
}

/* Nor may the database become normal again. */
static void so_does_one_whose_failure_is_forbidden(void **state)
{
    struct test_world *t = *state;
    struct flow forbidden = start_forbidden(t), other = start(t, SLOW);
    assert_int_equal(savepoint_begin(t->world.db), 0);
    EDIT(t, "CREATE TRIGGER no BEFORE UPDATE OF status ON database BEGIN SELECT raise(ABORT, 'no'); END");
    assert_int_equal(savepoint_release(t->world.db), 0);
    settle_at(t, SLOW_MS);
    assert_int_equal(state_of(t, forbidden.id), FLOW_FAILED);
    assert_int_equal(state_of(t, other.id), FLOW_SUCCEEDED);
    assert_int_equal(n_settled, 1);
}

/* The last id that a flow can have, and then none: an error each time, and no other number. */
static void ids_come_to_an_end(void **state)
{
    struct test_world *t = *state;
    const struct flow_plan plan = {.kind = SLOW, .instance = 1, .start_ms = TEST_NOW};
    struct flow f;
    t->world.next_flow_id = FLOW_ID_MAX;
    assert_int_equal(start(t, SLOW).id, FLOW_ID_MAX);
    assert_int_equal(flow_resume(&t->world), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(savepoint_begin(t->world.db), 0);
        assert_int_equal(flow_start(&t->world, &plan, &f), -1);
        assert_int_equal(db_fault(t->world.db), DB_CONSTRAINT);
        savepoint_rollback(t->world.db);
    }
    EDIT(t, "PRAGMA ignore_check_constraints = ON");
    t->world.next_flow_id = INT64_MAX;
    assert_int_equal(start(t, SLOW).id, INT64_MAX);
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
        cmocka_unit_test_setup_teardown(a_running_flow_holds_its_databases, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(running_flows_count_by_instance, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_flow_is_its_accounts_in_its_region, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_could_not_be_applied_stays_due, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(an_undone_start_leaves_nothing, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_flow_by_hand_waits_for_ever, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(finishing_ends_a_flow_now_either_way, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(only_a_running_flow_can_be_finished, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_was_moved_back_keeps_nobody_from_finishing, setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(how_a_flow_ends_may_be_settled_at_its_start, setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(ids_go_on_after_a_restart, setup_file, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_fell_due_meanwhile_is_applied, setup_file, test_world_teardown),
        cmocka_unit_test_setup_teardown(an_unseeded_world_starts_somewhere, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_flow_whose_effect_is_forbidden_ends_as_failed, setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(so_does_one_whose_failure_is_forbidden, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(ids_come_to_an_end, setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
