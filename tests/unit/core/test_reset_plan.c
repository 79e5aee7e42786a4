/* Proves that a reset clears what its plan names, for one account or for all, with the toy product. */
#include "support/test_world.h"
#include "support/toy_product.h"

#include "core/reset.h"
#include "core/test_account.h"

static int setup(void **state)
{
    toy_reset();
    if (test_world_setup(state) != 0)
        return -1;
    test_world_add_regions(*state, "[{'region':'" TEST_REGION "','instances':[{'instance_id':'one'}]}]");
    return 0;
}

static void start_flow(struct test_world *t)
{
    const struct flow_plan plan = {
        .type = &toy_flow_types[TOY_SLOW], .resource = 1, .start_ms = world_now_ms(&t->world)};
    struct flow f;
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(flow_start(&t->world, &plan, &f), 0);
    assert_int_equal(savepoint_release(t->world.db), 0);
}

static struct reset_counts run(struct test_world *t, const struct reset_plan *plan)
{
    struct reset_counts counts;
    assert_int_equal(reset_run(&t->world, plan, &counts), 0);
    return counts;
}

static void a_scope_is_that_of_the_product(void **state)
{
    struct test_world *t = *state;
    struct str names[RESET_SCOPES_MAX];
    assert_int_equal(reset_scopes(t->world.registry, names), 1);
    assert_text(names[0], "flows");
    start_flow(t);
    assert_int_equal(run(t, &(struct reset_plan){.scopes = {false}}).removed[0], 0);
    assert_int_equal(run(t, &(struct reset_plan){.scopes = {true}}).removed[0], 1);
    assert_int_equal(run(t, &(struct reset_plan){.scopes = {true}}).removed[0], 0);
    assert_true(t->world.next_due_ms == INT64_MAX);
}

static void another_accounts_flows_stay(void **state)
{
    struct test_world *t = *state;
    start_flow(t);
    assert_int_equal(run(t, &(struct reset_plan){.account = STR("1"), .scopes = {true}}).removed[0], 0);
    assert_int_equal(run(t, &(struct reset_plan){.account = STR(TEST_UIN), .all = true}).removed[0], 1);
}

/* Things of the built-in world come again; the one that the test has added does not. */
static void everything_begins_with_the_fixtures(void **state)
{
    struct test_world *t = *state;
    struct test_account made;
    struct str problem;
    int64_t built_in = test_world_count(t, "SELECT count(*) AS n FROM thing") - 1;
    assert_int_equal(test_account_create(&t->world, &t->arena, NULL, &made, &problem), 0);
    assert_int_equal(run(t, &(struct reset_plan){.all = true}).accounts, 1);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM thing"), built_in);
    assert_null(accounts_find_credential(&t->world.accounts, made.secret_id));
}

SUITE(reset_plan)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_scope_is_that_of_the_product, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(another_accounts_flows_stay, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(everything_begins_with_the_fixtures, setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
