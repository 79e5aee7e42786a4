/* Proves what each reset removes and what it leaves, for one account and for all. */
#include "support/flow_fixture.h"

#include "core/reset.h"
#include "core/test_account.h"
#include "store/snapshot.h"

#define WHOLE "{\"InstanceId\":\"" TEST_INSTANCE "\"}"
#define EVERYBODY ((struct str){NULL, 0})

enum { FLOWS, BACKUPS }; /* in reset_scopes */

/* Keeps what it did, as the control API does. */
static struct reset_counts run(struct test_world *t, const struct reset_plan *plan)
{
    struct reset_counts counts;
    assert_int_equal(reset_run(&t->world, plan, &counts), 0);
    return counts;
}

static struct reset_counts run_scope(struct test_world *t, size_t scope)
{
    struct reset_plan plan = {.account = EVERYBODY};
    plan.scopes[scope] = true;
    return run(t, &plan);
}

static struct reset_counts run_all(struct test_world *t, struct str account)
{
    return run(t, &(struct reset_plan){.account = account, .all = true});
}

static void scopes_are_known_by_name(void **state)
{
    struct test_world *t = *state;
    struct str names[RESET_SCOPES_MAX];
    assert_int_equal(reset_scopes(t->world.registry, names), 2);
    assert_text(names[FLOWS], "flows");
    assert_text(names[BACKUPS], "backups");
}

static int64_t count_flows(struct test_world *t)
{
    return test_world_count(t, "SELECT count(*) AS n FROM flow");
}

static void finished_backups_keep_their_flows(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_string_equal(test_world_backup(t, WHOLE), "");
    struct reset_counts counts = run_scope(t, FLOWS);
    assert_int_equal(counts.removed[FLOWS], 1);
    assert_int_equal(counts.removed[BACKUPS], 1);
    assert_int_equal(count_flows(t), 1);
    assert_int_equal(test_world_count(t, "SELECT status AS n FROM backup"), 1);
    counts = run_scope(t, FLOWS);
    assert_int_equal(counts.removed[FLOWS] + counts.removed[BACKUPS], 0);
}

static void a_flow_that_is_undone_frees_its_databases(void **state)
{
    struct test_world *t = *state;
    const struct flow_database drops = {.name = STR("db1"), .effect = DATABASE_EFFECT_DROP};
    const struct flow_plan plan = flow_fixture_plan(t, FLOW_KIND_BACKUP, 1);
    (void)flow_fixture_start(t, &plan, &drops, 1);
    assert_int_equal(
        test_world_count(t, "SELECT status AS n FROM database WHERE instance = 1 AND name = 'db1'"), -1);
    assert_int_equal(run_scope(t, FLOWS).removed[FLOWS], 1);
    assert_int_equal(
        test_world_count(t, "SELECT status AS n FROM database WHERE instance = 1 AND name = 'db1'"), 2);
    assert_int_equal(t->world.next_due_ms > TEST_NOW + TEST_FLOW_MS, 1);
}

static void backups_take_their_flows_along(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_string_equal(test_world_backup(t, WHOLE), "");
    struct reset_counts counts = run_scope(t, BACKUPS);
    assert_int_equal(counts.removed[FLOWS], 2);
    assert_int_equal(counts.removed[BACKUPS], 2);
    assert_int_equal(count_flows(t), 0);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow_database"), 0);
    assert_int_equal(world_commit(&t->world), 0);
}

static void everything_is_as_at_the_start(void **state)
{
    struct test_world *t = *state;
    struct test_account g;
    struct str problem;
    assert_int_equal(test_account_create(&t->world, &t->arena, NULL, &g, &problem), 0);
    assert_string_equal(test_world_backup(t, WHOLE), "");
    struct reset_counts counts = run_all(t, EVERYBODY);
    assert_int_equal(counts.accounts, 1);
    assert_int_equal(counts.removed[FLOWS], 1);
    assert_int_equal(t->world.next_flow_id, 5293);
    assert_null(accounts_find_credential(&t->world.accounts, g.secret_id));
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM account"), 1);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM instance"), 2);
    assert_int_equal(world_commit(&t->world), 0);
}

/* Also of tables that a later schema adds: none may keep a row of an instance that is gone. */
static void an_account_is_reset_alone(void **state)
{
    struct test_world *t = *state;
    struct test_account g;
    struct str problem;
    assert_int_equal(test_account_create(&t->world, &t->arena, NULL, &g, &problem), 0);
    assert_string_equal(test_world_backup(t, WHOLE), "");
    assert_int_equal(run_all(t, g.uin).removed[FLOWS], 0);
    assert_int_equal(count_flows(t), 1);
    assert_int_equal(run_all(t, STR(TEST_UIN)).removed[FLOWS], 1);
    assert_int_equal(count_flows(t), 0);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM instance"), 4);
    assert_int_equal(foreign_keys_check(t->world.db), 0);
    assert_non_null(accounts_find_credential(&t->world.accounts, g.secret_id));
    assert_int_equal(world_commit(&t->world), 0);
}

static void accounts_are_known_by_their_number(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(reset_account_exists(&t->world, STR(TEST_UIN)), 1);
    assert_int_equal(reset_account_exists(&t->world, STR("1")), 0);
    assert_int_equal(reset_account_exists(&t->world, STR("")), 0);
}

SUITE(reset)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(scopes_are_known_by_name, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(finished_backups_keep_their_flows, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_flow_that_is_undone_frees_its_databases, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(backups_take_their_flows_along, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(everything_is_as_at_the_start, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(an_account_is_reset_alone, test_world_setup_file,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(accounts_are_known_by_their_number, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
