/* Proves what each effect of a flow does to its database: while the flow runs, at its success and at its
 * failure. */
#include "support/flow_fixture.h"

#include "product/sqlserver/sqlserver.h"

#define DB(effect_, name_) ((struct flow_database){.name = STR(name_), .effect = (effect_)})
#define RENAME(from, to) ((struct flow_database){STR(from), STR(to), DATABASE_EFFECT_RENAME})

enum { GONE = 0 }; /* no status is 0 */

/* A restore, since its kind does nothing beside the effects. */
static struct flow start(struct test_world *t, bool fails, const struct flow_database *databases, size_t n)
{
    struct flow_plan plan = flow_fixture_plan(t, FLOW_KIND_RESTORE, 1);
    plan.fails = fails;
    return flow_fixture_start(t, &plan, databases, n);
}

static void execute(struct stmt *s)
{
    assert_int_equal(stmt_run(s), 0);
    stmt_release(&s);
}

#define WRITE(t, sql)                                                                                        \
    do {                                                                                                     \
        assert_int_equal(savepoint_begin((t)->world.db), 0);                                                 \
        execute(stmt_get((t)->world.db, "" sql));                                                            \
        assert_int_equal(savepoint_release((t)->world.db), 0);                                               \
    } while (0)

/* A database as CreateDB puts it there. */
static void put_new(struct test_world *t)
{
    WRITE(t, "INSERT INTO database (instance, name, status, charset, remark, simple_recovery, created_ms)"
             " VALUES (1, 'fresh', 1, 'Chinese_PRC_CI_AS', '', 0, 0)");
}

static int64_t status_of(struct test_world *t, int64_t instance, const char *name)
{
    SCOPED_STMT(s, t->world.db, "SELECT status FROM database WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", str_from(name));
    int rc = stmt_step(s);
    assert_true(rc >= 0);
    return rc == 1 ? stmt_i64(s, "status") : GONE;
}

static void settle(struct test_world *t)
{
    clock_advance(&t->world.clock, 2000);
    assert_int_equal(flow_settle(&t->world), 0);
}

static int setup(void **state)
{
    int rc = test_world_setup(state);
    ((struct test_world *)*state)->world.settings.flow_ms[FLOW_KIND_RESTORE] = 2000;
    return rc;
}

/* --- one at a time --- */

struct course {
    struct flow_database database;
    int64_t meanwhile, success, failure; /* the status under the old name */
};

static void run_course(struct test_world *t, const struct course *course, bool fails)
{
    const char *name = course->database.name.p;
    (void)start(t, fails, &course->database, 1);
    assert_int_equal(status_of(t, 1, name), course->meanwhile);
    settle(t);
    assert_int_equal(status_of(t, 1, name), fails ? course->failure : course->success);
}

static void each_effect_shows_and_ends(void **state)
{
    const struct course courses[] = {
        {DB(DATABASE_EFFECT_HOLD, "db1"), 2, 2, 2},     {DB(DATABASE_EFFECT_CHANGE, "db1"), 3, 2, 2},
        {DB(DATABASE_EFFECT_DROP, "db1"), -1, GONE, 2}, {DB(DATABASE_EFFECT_MAKE, "fresh"), 1, 2, GONE},
        {RENAME("db1", "other"), 3, GONE, 2},
    };
    for (size_t i = 0; i < 2 * sizeof courses / sizeof *courses; i++) {
        struct settings settings = test_world_settings();
        test_world_reopen(*state, &settings);
        ((struct test_world *)*state)->world.settings.flow_ms[FLOW_KIND_RESTORE] = 2000;
        put_new(*state);
        run_course(*state, &courses[i / 2], i % 2 == 1);
    }
}

static void a_new_name_is_there_at_the_end_only(void **state)
{
    struct test_world *t = *state;
    (void)start(t, false, &RENAME("db1", "other"), 1);
    assert_int_equal(status_of(t, 1, "other"), GONE);
    assert_int_equal(flow_holds(&t->world, 1, STR("other"), false), 1); /* but taken */
    settle(t);
    assert_int_equal(status_of(t, 1, "other"), 2);
    assert_int_equal(flow_holds(&t->world, 1, STR("other"), false), 0);
    assert_int_equal(status_of(t, 1, "db2"), 2);
}

static void no_duration_applies_at_once(void **state)
{
    struct test_world *t = *state;
    t->world.settings.flow_ms[FLOW_KIND_RESTORE] = 0;
    put_new(t);
    const struct flow_database all[] = {DB(DATABASE_EFFECT_MAKE, "fresh"), RENAME("db1", "other"),
                                        DB(DATABASE_EFFECT_DROP, "db2")};
    assert_true(start(t, false, all, 3).over);
    assert_int_equal(status_of(t, 1, "fresh"), 2);
    assert_int_equal(status_of(t, 1, "other"), 2);
    assert_int_equal(status_of(t, 1, "db1"), GONE);
    assert_int_equal(status_of(t, 1, "db2"), GONE);
}

static void no_duration_and_failure_leave_all_as_it_was(void **state)
{
    struct test_world *t = *state;
    t->world.settings.flow_ms[FLOW_KIND_RESTORE] = 0;
    put_new(t);
    const struct flow_database all[] = {DB(DATABASE_EFFECT_MAKE, "fresh"), RENAME("db1", "other"),
                                        DB(DATABASE_EFFECT_DROP, "db2")};
    (void)start(t, true, all, 3);
    assert_int_equal(status_of(t, 1, "fresh"), GONE);
    assert_int_equal(status_of(t, 1, "other"), GONE);
    assert_int_equal(status_of(t, 1, "db1"), 2);
    assert_int_equal(status_of(t, 1, "db2"), 2);
}

/* --- several --- */

/* The second name is free only once the first has been carried out. */
static void effects_go_in_the_order_of_the_flow(void **state)
{
    struct test_world *t = *state;
    const struct flow_database all[] = {DB(DATABASE_EFFECT_DROP, "db2"), RENAME("db1", "db2")};
    (void)start(t, false, all, 2);
    WRITE(t, "UPDATE database SET remark = 'first' WHERE name = 'db1'");
    settle(t);
    assert_int_equal(status_of(t, 1, "db1"), GONE);
    assert_int_equal(test_world_count(t,
                                      "SELECT count(*) AS n FROM database WHERE instance = 1 AND name = 'db2'"
                                      " AND remark = 'first' AND status = 2"),
                     1);
}

static void databases_of_that_name_elsewhere_are_not_concerned(void **state)
{
    struct test_world *t = *state;
    test_world_add_instance(t, "mssql-twin", "db1,db2");
    const struct flow_database all[] = {DB(DATABASE_EFFECT_DROP, "db1"), DB(DATABASE_EFFECT_CHANGE, "db2")};
    (void)start(t, false, all, 2);
    assert_int_equal(status_of(t, 3, "db1"), 2);
    assert_int_equal(status_of(t, 3, "db2"), 2);
    settle(t);
    assert_int_equal(status_of(t, 1, "db1"), GONE);
    assert_int_equal(status_of(t, 3, "db1"), 2);
}

/* The second flow finds what the first has left, though both fall due in one settle. */
static void flows_that_follow_each_other_build_on_each_other(void **state)
{
    struct test_world *t = *state;
    (void)start(t, false, &RENAME("db1", "middle"), 1);
    clock_advance(&t->world.clock, 2000);
    assert_int_equal(flow_settle(&t->world), 0);
    (void)start(t, false, &RENAME("middle", "last"), 1);
    clock_advance(&t->world.clock, 1);
    (void)start(t, true, &DB(DATABASE_EFFECT_DROP, "db2"), 1);
    settle(t);
    assert_int_equal(status_of(t, 1, "middle"), GONE);
    assert_int_equal(status_of(t, 1, "last"), 2);
    assert_int_equal(status_of(t, 1, "db2"), 2);
}

/* --- what hangs on a database --- */

static void put_grants(struct test_world *t)
{
    WRITE(t, "DELETE FROM grants"); /* the built-in world's */
    WRITE(t, "DELETE FROM login");
    WRITE(t,
          "INSERT INTO login (instance, name, account_type) VALUES (1, 'reader', 'L3'), (1, 'owner', 'L2')");
    WRITE(t, "INSERT INTO grants VALUES (1, 'db1', 'reader', 'ReadOnly'), (1, 'db1', 'owner', 'DBOwner'),"
             " (1, 'db2', 'reader', 'ReadWrite')");
}

static void grants_follow_a_new_name(void **state)
{
    struct test_world *t = *state;
    put_grants(t);
    (void)start(t, false, &RENAME("db1", "other"), 1);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM grants WHERE database = 'db1'"), 2);
    settle(t);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM grants WHERE database = 'db1'"), 0);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM grants WHERE database = 'other'"), 2);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM grants WHERE database = 'db2'"), 1);
}

static void grants_go_with_their_database(void **state)
{
    struct test_world *t = *state;
    put_grants(t);
    (void)start(t, false, &DB(DATABASE_EFFECT_DROP, "db1"), 1);
    settle(t);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM grants"), 1);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM login"), 2);
}

SUITE(flow_effect)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_effect_shows_and_ends, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_new_name_is_there_at_the_end_only, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(no_duration_applies_at_once, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(no_duration_and_failure_leave_all_as_it_was, setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(effects_go_in_the_order_of_the_flow, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(databases_of_that_name_elsewhere_are_not_concerned, setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(flows_that_follow_each_other_build_on_each_other, setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(grants_follow_a_new_name, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(grants_go_with_their_database, setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
