/* Proves that an account's own limits count what they name, each apart, beside the action's limit. */
#include "support/test_world.h"

/* What a call that gets through answers here: there is no such flow. */
#define THROUGH "InvalidParameter"
#define UIN "RequestLimitExceeded.UinLimitExceeded"
#define GLOBAL "RequestLimitExceeded.GlobalRegionUinLimitExceeded"
#define IP "RequestLimitExceeded.IPLimitExceeded"

/* A world of two accounts with these limits; the first has two credentials. */
static void open_with(struct test_world *t, const char *limits)
{
    struct settings s = test_world_settings();
    const char *text =
        arena_printf(&t->arena,
                     "{'version':1,'accounts':[{'uin':'" TEST_UIN "','limits':{%s},'credentials':["
                     "{'secret_id':'" TEST_ID "','secret_key':'" TEST_KEY "'},"
                     "{'secret_id':'second','secret_key':'" TEST_KEY "'}]},"
                     "{'uin':'2','limits':{%s},'credentials':["
                     "{'secret_id':'other','secret_key':'" TEST_KEY "'}]}]}",
                     limits, limits)
            .p;
    s.world_path = test_world_write(t, "world.json", test_world_json(t, text));
    test_world_reopen(t, &s);
}

static struct test_world_request question(void)
{
    return test_world_post("DescribeFlowStatus", "{\"FlowId\":1}");
}

/* One call of another credential, from another address, by another listener or to another action. */
static const char *ask_as(struct test_world *t, const char *secret_id)
{
    struct test_world_request r = question();
    r.secret_id = secret_id;
    return test_world_run(t, &r);
}

static const char *ask_from(struct test_world *t, struct str peer)
{
    struct test_world_request r = question();
    test_world_prepare(t, &r);
    t->call.request.peer = peer;
    return test_world_pipeline(t);
}

static const char *ask_by(struct test_world *t, const char *host)
{
    struct test_world_request r = question();
    r.host = host;
    return test_world_run(t, &r);
}

static void credentials_of_an_account_count_together(void **state)
{
    struct test_world *t = *state;
    open_with(t, "'uin':2");
    assert_string_equal(ask_as(t, TEST_ID), THROUGH);
    assert_string_equal(ask_as(t, "second"), THROUGH);
    assert_string_equal(ask_as(t, TEST_ID), UIN);
    assert_string_equal(ask_as(t, "second"), UIN);
    assert_string_equal(test_world_backup(t, "{}"),
                        "InvalidParameter.ParamsAssertFailed"); /* another action */
    clock_advance(&t->world.clock, 1000);
    assert_string_equal(ask_as(t, "second"), THROUGH);
}

static void access_regions_count_apart_or_together(void **state)
{
    struct test_world *t = *state;
    open_with(t, "'uin':1");
    assert_string_equal(ask_by(t, TEST_HOST), THROUGH);
    assert_string_equal(ask_by(t, "sqlserver.ap-tokyo.tencentcloudapi.com"), THROUGH);
    assert_string_equal(ask_by(t, TEST_HOST), UIN);
    open_with(t, "'global_region_uin':1");
    assert_string_equal(ask_by(t, TEST_HOST), THROUGH);
    assert_string_equal(ask_by(t, "sqlserver.ap-tokyo.tencentcloudapi.com"), GLOBAL);
    assert_string_equal(test_world_backup(t, "{}"),
                        "InvalidParameter.ParamsAssertFailed"); /* another action */
}

static void addresses_count_apart(void **state)
{
    struct test_world *t = *state;
    open_with(t, "'ip':1");
    assert_string_equal(ask_from(t, STR("\1\2\3\4")), THROUGH);
    assert_string_equal(ask_from(t, STR("\1\2\3\5")), THROUGH);
    assert_string_equal(ask_from(t, STR("\1\2\3\4")), IP);
    assert_string_equal(ask_from(t, (struct str){NULL, 0}), THROUGH); /* unknown ones are one */
    assert_string_equal(ask_from(t, (struct str){NULL, 0}), IP);
}

static void accounts_count_apart(void **state)
{
    static const struct {
        const char *limits, *code;
    } cases[] = {{"'uin':1", UIN}, {"'global_region_uin':1", GLOBAL}, {"'ip':1", IP}};
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_with(t, cases[i].limits);
        assert_string_equal(ask_as(t, TEST_ID), THROUGH);
        assert_string_equal(ask_as(t, "other"), THROUGH);
        assert_string_equal(ask_as(t, TEST_ID), cases[i].code);
        assert_string_equal(ask_as(t, "other"), cases[i].code);
    }
}

static void the_actions_limit_is_answered_first(void **state)
{
    struct test_world *t = *state;
    open_with(t, "'uin':20,'ip':20");
    for (int i = 0; i < 20; i++)
        assert_string_equal(ask_as(t, TEST_ID), THROUGH);
    assert_string_equal(ask_as(t, TEST_ID), "RequestLimitExceeded");
    assert_string_equal(ask_as(t, "second"), UIN);
}

static void without_limits_nothing_is_counted(void **state)
{
    struct test_world *t = *state;
    open_with(t, "");
    t->world.limits[registry_row(
        t->world.registry, registry_find_action(t->world.registry, STR("DescribeFlowStatus")))] = LIMIT_OFF;
    for (int i = 0; i < 100; i++)
        assert_string_equal(ask_as(t, TEST_ID), THROUGH);
    assert_int_equal(t->world.rate_counter.counters.n, 0);
}

SUITE(rate_limit)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(credentials_of_an_account_count_together, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(access_regions_count_apart_or_together, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(addresses_count_apart, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(accounts_count_apart, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(the_actions_limit_is_answered_first, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(without_limits_nothing_is_counted, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
