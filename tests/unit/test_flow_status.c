/* Proves what DescribeFlowStatus tells, to whom, and that it writes nothing of its own. */
#include "trial_call.h"

#define WHOLE "{\"InstanceId\":\"" TRIAL_INSTANCE "\"}"

static void a_flow_is_seen_running_and_then_done(void **state)
{
    struct trial *t = *state;
    assert_string_equal(trial_backup(t, WHOLE), "");
    assert_int_equal(trial_flow_state(t, 5293), 2);
    assert_false(t->call.changed);
    clock_advance(&t->world.clock, TRIAL_FLOW_MS);
    assert_int_equal(trial_flow_state(t, 5293), 0);
    assert_false(t->call.changed);
    assert_text(
        t->call.answer,
        arena_printf(&t->arena, "{\"Response\":{\"Status\":0,\"RequestId\":\"%.36s\"}}", t->call.request_id)
            .p);
}

static void a_failed_flow_is_told(void **state)
{
    struct trial *t = *state;
    assert_string_equal(trial_backup(t, WHOLE), "");
    assert_int_equal(db_savepoint(t->world.db), 0);
    {
        DB_STMT(s, t->world.db, "UPDATE flow SET outcome = 'failure'");
        assert_int_equal(stmt_run(s), 0);
    }
    assert_int_equal(db_keep(t->world.db), 0);
    assert_int_equal(trial_flow_state(t, 5293), 1);
}

static void an_unknown_flow_is_refused(void **state)
{
    static const int64_t ids[] = {0, -1, 5294, INT64_C(9007199254740991)};
    struct trial *t = *state;
    assert_string_equal(trial_backup(t, WHOLE), "");
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        assert_int_equal(trial_flow_state(t, ids[i]), -1);
        trial_assert_failed(t, "handle", "InvalidParameter");
    }
}

static void a_flow_is_not_seen_from_another_region(void **state)
{
    struct trial *t = *state;
    assert_string_equal(trial_backup(t, WHOLE), "");
    struct trial_request r = trial_post("DescribeFlowStatus", "{\"FlowId\":5293}");
    r.region = "ap-shanghai";
    assert_string_equal(trial_run(t, &r), "InvalidParameter");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_flow_is_seen_running_and_then_done, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(a_failed_flow_is_told, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(an_unknown_flow_is_refused, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(a_flow_is_not_seen_from_another_region, trial_setup, trial_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
