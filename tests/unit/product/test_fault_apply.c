/* Proves which calls a rule matches, that an injected error reads like a natural one, and what is left
 * undone. */
#include "support/test_world.h"

#include "core/registry.h"
#include "gen/products.h"
#include "gen/sqlserver.h"
#include "wire/json.h"

static const char *const backup_body = "{\"InstanceId\":\"" TEST_INSTANCE "\"}";

/* A rule for the action of that name (NULL: any) that fails with `id` (ERR_NONE: no error). */
static void arm_for(struct test_world *t, const char *name, enum error_id id, struct fault_rule rule)
{
    rule.code = id ? error_table[id].code : (struct str){NULL, 0};
    const struct action *action = name ? action_find(&product_sqlserver, str_from(name)) : NULL;
    assert_non_null(fault_add(&t->world.faults, &rule, action, id));
}

static void arm(struct test_world *t, enum error_id id, struct fault_rule rule)
{
    arm_for(t, NULL, id, rule);
}

/* {"NAME":"VALUE",...} of pairs of texts. */
static const struct node *params(struct test_world *t, const char *const pairs[][2], size_t n)
{
    struct node *object = node_new(&t->arena, NODE_OBJECT);
    for (size_t i = 0; i < n; i++) {
        struct node *value = node_new(&t->arena, NODE_STRING);
        value->text = str_from(pairs[i][1]);
        node_add(object, str_from(pairs[i][0]), value);
    }
    return object;
}

static const char *backup(struct test_world *t)
{
    return test_world_backup(t, backup_body);
}

static void the_action_must_be_the_rules(void **state)
{
    struct test_world *t = *state;
    arm_for(t, "DescribeFlowStatus", ERR_INTERNAL_ERROR, (struct fault_rule){.id = I64(0)});
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
    arm(t, ERR_LIMIT_EXCEEDED_TOO_MANY_DB, (struct fault_rule){.id = I64(0)});
    struct test_world_request r = test_world_post("DescribeFlowStatus", "{\"FlowId\":1}");
    (void)test_world_run(t, &r);
    assert_null(t->call.injected.p);
    assert_string_equal(backup(t), "LimitExceeded.TooManyDB");
}

static void everything_named_must_hold(void **state)
{
    struct test_world *t = *state;
    static const char *const right[][2] = {{"InstanceId", TEST_INSTANCE}, {"Strategy", "0"}};
    static const char *const wrong[][2] = {{"InstanceId", TEST_INSTANCE}, {"DBNames.0", "db1"}};
    const struct fault_rule never[] = {
        {.region = STR("ap-tokyo")},
        {.secret_id = STR("AKIDunknown")},
        {.trace = STR("test-")},
        {.params = params(t, wrong, 2)},
    };
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        arm(t, ERR_INTERNAL_ERROR, never[i]);
    arm(t, ERR_INTERNAL_ERROR_DB_ERROR,
        (struct fault_rule){.region = STR(TEST_REGION),
                            .secret_id = STR(TEST_ID),
                            .params = params(t, right, 2)}); /* a default counts as given */
    assert_string_equal(backup(t), "InternalError.DBError");
    assert_text(t->call.injected, "fault 5");
}

static void a_trace_is_compared_by_its_prefix(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("CreateBackup", backup_body);
    arm(t, ERR_INTERNAL_ERROR, (struct fault_rule){.trace = STR("test-")});
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

static void the_first_that_applies_is_the_only_one(void **state)
{
    struct test_world *t = *state;
    arm(t, ERR_INTERNAL_ERROR_DB_ERROR, (struct fault_rule){.after = I64(1)});
    arm(t, ERR_INTERNAL_ERROR_GCS_ERROR, (struct fault_rule){.count = I64(2)});
    assert_string_equal(backup(t), "InternalError.GcsError");
    assert_string_equal(backup(t), "InternalError.DBError");
    assert_string_equal(backup(t), "InternalError.DBError");
    assert_int_equal(fault_find(&t->world.faults, 1)->rule.hits.v, 2);
    assert_int_equal(fault_find(&t->world.faults, 2)->rule.seen.v, 1);
}

static void a_failed_call_changes_nothing(void **state)
{
    struct test_world *t = *state;
    arm(t, ERR_INTERNAL_ERROR_DB_ERROR, (struct fault_rule){.id = I64(0)});
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
        arm(t, cases[i].code, (struct fault_rule){.count = I64(1)});
        (void)backup(t);
        assert_text(t->call.message, cases[i].message);
    }
}

/* A place that stays open would distinguish an injected error from a natural one. */
static void no_place_stays_open(void **state)
{
    struct test_world *t = *state;
    for (enum error_id id = ERR_NONE + 1; id < ERR_COUNT; id++) {
        if (code_find(&all_products, NULL, error_table[id].code) != id)
            continue;
        arm(t, id, (struct fault_rule){.id = I64(0)});
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
    arm(t, ERR_INTERNAL_ERROR, (struct fault_rule){.message = STR("as {0} as asked")});
    (void)backup(t);
    assert_text(t->call.message, "as {0} as asked");
}

static void a_suppressed_response_has_no_body(void **state)
{
    struct test_world *t = *state;
    arm(t, ERR_NONE, (struct fault_rule){.count = I64(1), .close = STR("before")});
    arm(t, ERR_NONE, (struct fault_rule){.http_status = I64(502)});
    (void)backup(t);
    assert_string_equal(t->call.failed_step, "fault");
    assert_text(t->call.answer, "");
    (void)backup(t);
    assert_true(str_starts(t->call.answer, STR("<html>")));
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow"), 0);
}

static void only_the_flow_of_the_call_is_changed(void **state)
{
    struct test_world *t = *state;
    arm(t, ERR_NONE,
        (struct fault_rule){.count = I64(1), .flow_outcome = STR("failure"), .flow_seconds = I64(1)});
    assert_string_equal(backup(t), "");
    assert_true(t->call.changed);
    int64_t id = test_world_flow_id(t);
    clock_advance(&t->world.clock, 999);
    assert_int_equal(test_world_flow_state(t, id), FLOW_RUNNING);
    clock_advance(&t->world.clock, 1);
    assert_int_equal(test_world_flow_state(t, id), FLOW_FAILED);
    assert_string_equal(backup(t), "");
    id = test_world_flow_id(t);
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_int_equal(test_world_flow_state(t, id), FLOW_SUCCEEDED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, test_world_setup, test_world_teardown)

SUITE(fault_apply)
{
    const struct CMUnitTest tests[] = {
        TEST(the_action_must_be_the_rules),
        TEST(without_an_action_the_code_must_fit),
        TEST(everything_named_must_hold),
        TEST(a_trace_is_compared_by_its_prefix),
        TEST(the_first_that_applies_is_the_only_one),
        TEST(a_failed_call_changes_nothing),
        TEST(texts_read_as_natural_ones),
        TEST(no_place_stays_open),
        TEST(a_message_of_its_own),
        TEST(a_suppressed_response_has_no_body),
        TEST(only_the_flow_of_the_call_is_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
