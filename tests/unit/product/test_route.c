/* Proves how version, action and region are judged, and that calls past the limit of a second are refused. */
#include "support/test_world.h"

#include "gen/sqlserver.h"

#define ASK "{\"FlowId\":1}"
/* What a call that gets through answers here: there is no such flow. */
#define THROUGH "InvalidParameter"

static const char *ask(struct test_world *t)
{
    struct test_world_request r = test_world_post("DescribeFlowStatus", ASK);
    return test_world_run(t, &r);
}

static void another_version_is_named(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("DescribeFlowStatus", ASK);
    r.version = "2017-03-20";
    test_world_run(t, &r);
    test_world_assert_failed(t, "version", "NoSuchVersion");
    assert_text(t->call.message,
                "The specified api version=`2017-03-20` does not exist in service=`sqlserver`.");
}

static void another_action_is_named(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("createbackup", ASK);
    test_world_run(t, &r);
    test_world_assert_failed(t, "action", "InvalidAction");
    assert_text(t->call.message, "The request action=`createbackup` is invalid or not found in"
                                 " service=`sqlserver` and version=`2018-03-28`.");
}

static void a_region_must_be_given(void **state)
{
    static const char *const none[] = {NULL, ""};
    struct test_world *t = *state;
    for (size_t i = 0; i < 2; i++) {
        struct test_world_request r = test_world_post("DescribeFlowStatus", ASK);
        r.region = none[i];
        test_world_run(t, &r);
        test_world_assert_failed(t, "region", "MissingParameter");
    }
}

static void a_region_that_is_none_is_named_by_its_carrier(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("DescribeFlowStatus", ASK);
    r.region = "ap-Guangzhou";
    test_world_run(t, &r);
    test_world_assert_failed(t, "region", "InvalidParameterValue");
    assert_text(t->call.message,
                "A value specified in `X-TC-Region` is not valid, is unsupported, or cannot be used.");
    r = test_world_form("DescribeFlowStatus", "FlowId=1&");
    r.region = "ap-Guangzhou";
    test_world_run_v1(t, &r);
    assert_text(t->call.message,
                "A value specified in `Region` is not valid, is unsupported, or cannot be used.");
}

static void a_region_without_the_product_has_its_own_code(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("DescribeFlowStatus", ASK);
    r.region = "ap-mumbai";
    test_world_run(t, &r);
    test_world_assert_failed(t, "region", "UnsupportedRegion");
}

/* DescribeRegions needs none, but one that is given must be right. */
static void a_region_that_is_not_needed_is_checked(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("DescribeRegions", "{}");
    r.region = NULL;
    assert_string_equal(test_world_run(t, &r), "");
    r.region = "mars-1";
    test_world_run(t, &r);
    test_world_assert_failed(t, "region", "InvalidParameterValue");
    r.region = "ap-mumbai";
    test_world_run(t, &r);
    test_world_assert_failed(t, "region", "UnsupportedRegion");
}

static void every_region_of_the_product_is_served(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("DescribeFlowStatus", ASK);
    assert_true(product_sqlserver.n_regions > 0);
    for (size_t i = 0; i < product_sqlserver.n_regions; i++) {
        r.region = arena_cstr(&t->arena, product_sqlserver.regions[i].name);
        assert_string_equal(test_world_run(t, &r), THROUGH);
        clock_advance(&t->world.clock, 1000);
    }
}

/* --- the limit --- */

static void the_call_past_the_limit_is_rejected(void **state)
{
    struct test_world *t = *state;
    for (int i = 0; i < 20; i++)
        assert_string_equal(ask(t), THROUGH);
    for (int calls = 21; calls <= 23; calls++) { /* refused calls are counted too (observed) */
        ask(t);
        test_world_assert_failed(t, "limit", "RequestLimitExceeded");
        assert_text(
            t->call.message,
            arena_printf(&t->arena,
                         "Your current request times equals to `%d` in a second, which exceeds the frequency"
                         " limit `20` for a second. Please reduce the frequency of calls.",
                         calls)
                .p);
    }
    clock_advance(&t->world.clock, 999);
    assert_string_equal(ask(t), "RequestLimitExceeded");
    clock_advance(&t->world.clock, 1);
    assert_string_equal(ask(t), THROUGH);
}

static void actions_and_access_regions_count_apart(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("DescribeFlowStatus", ASK);
    for (int i = 0; i < 20; i++)
        assert_string_equal(ask(t), THROUGH);
    assert_string_equal(ask(t), "RequestLimitExceeded");
    assert_string_equal(test_world_backup(t, "{}"), "InvalidParameter.ParamsAssertFailed");
    r.host = "sqlserver.ap-shanghai.tencentcloudapi.com";
    assert_string_equal(test_world_run(t, &r), THROUGH);
    r.host = TEST_HOST;
    r.region = "ap-shanghai"; /* the region asked for is not the one of access */
    assert_string_equal(test_world_run(t, &r), "RequestLimitExceeded");
}

/* What was not proven to be the credential's must not use up its calls. */
static void forged_calls_are_not_counted(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("DescribeFlowStatus", ASK);
    r.key = "wrong";
    for (int i = 0; i < 30; i++)
        assert_string_equal(test_world_run(t, &r), "AuthFailure.SignatureFailure");
    assert_string_equal(ask(t), THROUGH);
}

static void set_limits(struct test_world *t, struct settings settings)
{
    world_done(&t->world);
    test_world_open(t, &settings);
}

static void limits_can_be_set_and_turned_off(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    static const struct limit_setting limits[] = {
        {STR_INIT("DescribeFlowStatus"), 5}, {STR_INIT("DescribeFlowStatus"), 2}, {STR_INIT("NoSuch"), 1}};
    s.limits = limits;
    s.n_limits = 3;
    set_limits(t, s);
    assert_string_equal(ask(t), THROUGH);
    assert_string_equal(ask(t), THROUGH);
    assert_string_equal(ask(t), "RequestLimitExceeded"); /* the later of two settings */
    assert_string_equal(test_world_backup(t, "{}"), "InvalidParameter.ParamsAssertFailed");
    s.n_limits = 0;
    s.limit_off = true;
    set_limits(t, s);
    for (int i = 0; i < 50; i++)
        assert_string_equal(ask(t), THROUGH);
}

SUITE(route)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(another_version_is_named, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(another_action_is_named, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_region_must_be_given, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_region_that_is_none_is_named_by_its_carrier, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_region_without_the_product_has_its_own_code, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_region_that_is_not_needed_is_checked, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(every_region_of_the_product_is_served, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_call_past_the_limit_is_rejected, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(actions_and_access_regions_count_apart, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(forged_calls_are_not_counted, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(limits_can_be_set_and_turned_off, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
