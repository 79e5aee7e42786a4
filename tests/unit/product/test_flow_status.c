/* Proves what DescribeFlowStatus returns, to which callers, and that it writes nothing itself. */
#include "support/test_world.h"

#define WHOLE "{\"InstanceId\":\"" TEST_INSTANCE "\"}"

static void a_flow_is_running_and_then_done(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    assert_int_equal(test_world_flow_state(t, 5293), 2);
    assert_false(t->call.changed);
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_int_equal(test_world_flow_state(t, 5293), 0);
    assert_false(t->call.changed);
    assert_text(
        t->call.answer,
        arena_printf(&t->arena, "{\"Response\":{\"Status\":0,\"RequestId\":\"%.36s\"}}", t->call.request_id)
            .p);
}

static void a_failed_flow_has_its_status(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    assert_int_equal(savepoint_begin(t->world.db), 0);
    {
        SCOPED_STMT(s, t->world.db, "UPDATE flow SET outcome = 'failure'");
        assert_int_equal(stmt_run(s), 0);
    }
    assert_int_equal(savepoint_release(t->world.db), 0);
    assert_int_equal(test_world_flow_state(t, 5293), 1);
}

static void an_unknown_flow_is_rejected(void **state)
{
    static const int64_t ids[] = {0, -1, 5294, INT64_C(9007199254740991)};
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        assert_int_equal(test_world_flow_state(t, ids[i]), -1);
        test_world_assert_failed(t, "handle", "InvalidParameter");
    }
}

static void another_region_does_not_see_the_flow(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    struct test_world_request r = test_world_post("DescribeFlowStatus", "{\"FlowId\":5293}");
    r.region = "ap-shanghai";
    assert_string_equal(test_world_run(t, &r), "InvalidParameter");
}

SUITE(flow_status)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_flow_is_running_and_then_done, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_failed_flow_has_its_status, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(an_unknown_flow_is_rejected, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(another_region_does_not_see_the_flow, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
