/* Proves which calls a rule is for, that a struck call reads like a natural failure, and what it leaves
 * undone. */
#include "support/test_world.h"

#include "core/registry.h"
#include "gen/products.h"
#include "gen/sqlserver.h"

static const char *const backup_body = "{\"InstanceId\":\"" TEST_INSTANCE "\"}";

static void arm(struct test_world *t, struct fault rule)
{
    if (rule.when.probability == 0)
        rule.when.probability = 1;
    assert_non_null(fault_add(&t->world.faults, &rule));
}

static const struct action *action(const char *name)
{
    return action_find(&product_sqlserver, str_from(name));
}

#define FAIL_WITH(id) .act = {.code = (id)}

static const char *backup(struct test_world *t)
{
    return test_world_backup(t, backup_body);
}

static void the_action_must_be_the_rules(void **state)
{
    struct test_world *t = *state;
    arm(t, (struct fault){.match = {.action = action("DescribeFlowStatus")}, FAIL_WITH(ERR_INTERNAL_ERROR)});
    assert_string_equal(backup(t), "");
    assert_null(t->call.injected.p);
    struct test_world_request r = test_world_post("DescribeFlowStatus", "{\"FlowId\":1}");
    assert_string_equal(test_world_run(t, &r), "InternalError");
    test_world_assert_failed(t, "fault", "InternalError");
    assert_text(t->call.injected, "fault 1");
}

static void without_an_action_the_code_must_fit(void **state)
{
    struct test_world *t = *state;
    arm(t, (struct fault){FAIL_WITH(ERR_LIMIT_EXCEEDED_TOO_MANY_DB)});
    struct test_world_request r = test_world_post("DescribeFlowStatus", "{\"FlowId\":1}");
    (void)test_world_run(t, &r);
    assert_null(t->call.injected.p);
    assert_string_equal(backup(t), "LimitExceeded.TooManyDB");
}

static void everything_named_must_hold(void **state)
{
    struct test_world *t = *state;
    static const struct fault_param right[] = {{STR_INIT("InstanceId"), STR_INIT(TEST_INSTANCE)},
                                               {STR_INIT("Strategy"), STR_INIT("0")}};
    static const struct fault_param wrong[] = {{STR_INIT("InstanceId"), STR_INIT(TEST_INSTANCE)},
                                               {STR_INIT("DBNames.0"), STR_INIT("db1")}};
    const struct fault_match never[] = {
        {.region = STR("ap-tokyo")},
        {.secret_id = STR("AKIDnobody")},
        {.trace = STR("test-")},
        {.params = wrong, .n_params = 2},
    };
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        arm(t, (struct fault){.match = never[i], FAIL_WITH(ERR_INTERNAL_ERROR)});
    arm(t, (struct fault){.match = {.region = STR(TEST_REGION),
                                    .secret_id = STR(TEST_ID),
                                    .params = right, /* a default counts as given */
                                    .n_params = 2},
                          FAIL_WITH(ERR_INTERNAL_ERROR_DB_ERROR)});
    assert_string_equal(backup(t), "InternalError.DBError");
    assert_text(t->call.injected, "fault 5");
}

static void a_trace_is_told_by_its_beginning(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("CreateBackup", backup_body);
    arm(t, (struct fault){.match = {.trace = STR("test-")}, FAIL_WITH(ERR_INTERNAL_ERROR)});
    static const struct {
        const char *trace, *code;
    } cases[] = {{"test-7", "InternalError"}, {"test-", "InternalError"}, {"a-test-7", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        test_world_prepare(t, &r);
        struct header *headers = ARENA_ARRAY(&t->arena, struct header, t->call.request.n_headers + 1);
        memcpy(headers, t->call.request.headers, t->call.request.n_headers * sizeof *headers);
        headers[t->call.request.n_headers++] = (struct header){STR("x-tc-traceid"), str_from(cases[i].trace)};
        t->call.request.headers = headers;
        assert_string_equal(test_world_pipeline(t), cases[i].code);
    }
}

static void the_first_that_strikes_is_the_only_one(void **state)
{
    struct test_world *t = *state;
    arm(t, (struct fault){.when = {.after = 1}, FAIL_WITH(ERR_INTERNAL_ERROR_DB_ERROR)});
    arm(t, (struct fault){.when = {.count = 2}, FAIL_WITH(ERR_INTERNAL_ERROR_GCS_ERROR)});
    assert_string_equal(backup(t), "InternalError.GcsError");
    assert_string_equal(backup(t), "InternalError.DBError");
    assert_string_equal(backup(t), "InternalError.DBError");
    assert_int_equal(fault_find(&t->world.faults, 1)->hits, 2);
    assert_int_equal(fault_find(&t->world.faults, 2)->seen, 1);
}

static void a_struck_call_changes_nothing(void **state)
{
    struct test_world *t = *state;
    arm(t, (struct fault){FAIL_WITH(ERR_INTERNAL_ERROR_DB_ERROR)});
    (void)backup(t);
    assert_false(t->call.changed);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow"), 0);
}

static void texts_read_as_natural_ones(void **state)
{
    struct test_world *t = *state;
    static const struct {
        enum error_id code;
        const char *message;
    } cases[] = {
        {ERR_INTERNAL_ERROR_DB_ERROR, "Database error"},
        {ERR_REQUEST_LIMIT_EXCEEDED,
         "Your current request times equals to `21` in a second, which exceeds the frequency"
         " limit `20` for a second. Please reduce the frequency of calls."},
        {ERR_INVALID_ACTION,
         "The request action=`CreateBackup` is invalid or not found in service=`sqlserver` and"
         " version=`2018-03-28`."},
        {ERR_NO_SUCH_VERSION,
         "The specified api version=`2018-03-28` does not exist in service=`sqlserver`."},
        {ERR_MISSING_PARAMETER, "The request is missing a required parameter `Region`."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        arm(t, (struct fault){.when = {.count = 1}, FAIL_WITH(cases[i].code)});
        (void)backup(t);
        assert_text(t->call.message, cases[i].message);
    }
}

/* A place that stayed open would tell an injected answer from a natural one. */
static void no_place_stays_open(void **state)
{
    struct test_world *t = *state;
    for (enum error_id id = ERR_NONE + 1; id < ERR_COUNT; id++) {
        if (code_find(&all_products, NULL, error_table[id].code) != id)
            continue;
        arm(t, (struct fault){FAIL_WITH(id)});
        for (int language = LANG_EN; language <= LANG_ZH; language++) {
            struct test_world_request r = test_world_post("CreateBackup", backup_body);
            r.language = language == LANG_ZH ? "zh-CN" : NULL;
            (void)test_world_run(t, &r);
            if (t->call.injected.p)
                assert_int_equal(str_find(t->call.message, '{'), t->call.message.n);
        }
        (void)fault_clear(&t->world.faults);
    }
}

static void a_message_of_its_own(void **state)
{
    struct test_world *t = *state;
    arm(t, (struct fault){.act = {.code = ERR_INTERNAL_ERROR, .message = STR("as {0} as told")}});
    (void)backup(t);
    assert_text(t->call.message, "as {0} as told");
}

static void silence_has_no_answer(void **state)
{
    struct test_world *t = *state;
    arm(t, (struct fault){.when = {.count = 1}, .act = {.effect = {.close = FAULT_CLOSE_BEFORE}}});
    arm(t, (struct fault){.act = {.effect = {.http_status = 502}}});
    (void)backup(t);
    assert_string_equal(t->call.failed_step, "fault");
    assert_text(t->call.answer, "");
    (void)backup(t);
    assert_true(str_starts(t->call.answer, STR("<html>")));
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow"), 0);
}

static void the_flow_is_changed_and_no_other(void **state)
{
    struct test_world *t = *state;
    arm(t, (struct fault){.when = {.count = 1},
                          .act = {.effect = {.flow_fails = true, .flow_timed = true, .flow_ms = 500}}});
    assert_string_equal(backup(t), "");
    assert_true(t->call.changed);
    int64_t id = test_world_flow_id(t);
    clock_advance(&t->world.clock, 499);
    assert_int_equal(test_world_flow_state(t, id), FLOW_RUNNING);
    clock_advance(&t->world.clock, 1);
    assert_int_equal(test_world_flow_state(t, id), FLOW_FAILED);
    assert_string_equal(backup(t), "");
    id = test_world_flow_id(t);
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_int_equal(test_world_flow_state(t, id), FLOW_SUCCEEDED);
    assert_null(t->world.effect);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, test_world_setup, test_world_teardown)

SUITE(fault_apply)
{
    const struct CMUnitTest tests[] = {
        TEST(the_action_must_be_the_rules),
        TEST(without_an_action_the_code_must_fit),
        TEST(everything_named_must_hold),
        TEST(a_trace_is_told_by_its_beginning),
        TEST(the_first_that_strikes_is_the_only_one),
        TEST(a_struck_call_changes_nothing),
        TEST(texts_read_as_natural_ones),
        TEST(no_place_stays_open),
        TEST(a_message_of_its_own),
        TEST(silence_has_no_answer),
        TEST(the_flow_is_changed_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
