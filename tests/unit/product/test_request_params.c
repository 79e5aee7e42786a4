/* Proves how an action's parameters come in by JSON, query and form, and what each fault of theirs is called.
 */
#include "support/test_world.h"

#define BACK_UP "{\"InstanceId\":\"" TEST_INSTANCE "\"}"

static void assert_call(struct test_world *t, const char *code, const char *message)
{
    assert_text(error_table[t->call.error].code, code);
    assert_text(t->call.message, message);
}

/* A POST with that body ends so. */
static void reject_json(struct test_world *t, const char *body, const char *code, const char *message)
{
    (void)test_world_backup(t, body);
    assert_call(t, code, message);
    assert_string_equal(t->call.failed_step, "decode");
}

static void reject_query(struct test_world *t, const char *query, const char *code, const char *message)
{
    struct test_world_request r = test_world_get("CreateBackup", query);
    (void)test_world_run(t, &r);
    assert_call(t, code, message);
}

static void the_type_is_json_in_any_case_with_any_suffix(void **state)
{
    static const char *const types[] = {"application/json", "application/json; charset=utf-8",
                                        "Application/JSON", "application/json ;x"};
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct test_world_request r = test_world_post("CreateBackup", BACK_UP);
        r.content_type = types[i];
        assert_string_equal(test_world_run(t, &r), "");
        clock_advance(&t->world.clock, TEST_FLOW_MS);
    }
}

static void another_type_is_named(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("CreateBackup", BACK_UP);
    r.content_type = "multipart/form-data; boundary=x";
    (void)test_world_run(t, &r);
    assert_call(t, "UnsupportedProtocol", "this action does not support Content-Type=`multipart/form-data`");
    r.content_type = "application/jsonp";
    (void)test_world_run(t, &r);
    assert_call(t, "UnsupportedProtocol", "this action does not support Content-Type=`application/jsonp`");
    r.content_type = NULL;
    (void)test_world_run(t, &r);
    assert_call(t, "UnsupportedProtocol", "this action does not support Content-Type=``");
}

static void a_body_is_one_object(void **state)
{
    static const char *const bodies[] = {"", "null", "[]", "1", "{", "{}{}", "InstanceId=x", "{\"a\":1,}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        reject_json(*state, bodies[i], "InvalidParameter",
                    "The request content not valid json format for specified content-type=application/json.");
}

static void faults_of_values_are_named(void **state)
{
    reject_json(*state, "{\"Nope\":1}", "UnknownParameter", "The parameter `Nope` is not recognized.");
    reject_json(*state, "{\"InstanceId\":\"a\",\"InstanceId\":\"b\"}", "InvalidParameter",
                "Parameter `InstanceId` input repeated.");
    reject_json(*state, "{\"InstanceId\":5}", "InvalidParameter",
                "The value type of parameter `InstanceId` is not valid, input type should be `string`");
    reject_json(*state, "{\"Strategy\":\"1\"}", "InvalidParameter",
                "The value type of parameter `Strategy` is not valid, input type should be `integer`");
    reject_json(*state, "{\"DBNames\":[\"a\",2]}", "InvalidParameter",
                "The value type of parameter `DBNames.1` is not valid, input type should be `string`");
}

static void what_must_be_given_is_named(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("DescribeFlowStatus", "{}");
    (void)test_world_run(t, &r);
    assert_call(t, "MissingParameter", "The request is missing a required parameter `FlowId`.");
    r.body = "{\"FlowId\":null}";
    (void)test_world_run(t, &r);
    assert_call(t, "MissingParameter", "The request is missing a required parameter `FlowId`.");
}

static void faults_of_queries_are_named(void **state)
{
    reject_query(*state, "InstanceId=a&InstanceId=b", "InvalidParameter",
                 "Parameter `InstanceId` input repeated.");
    reject_query(
        *state, "DBNames.1=a", "InvalidParameter",
        "Parameter `DBNames` invalid array format, array index must be continuous and starts with 0.");
    reject_query(*state, "Strategy=one", "InvalidParameter",
                 "The value type of parameter `Strategy` is not valid, input type should be `integer`");
    reject_query(*state, "Nope=1", "UnknownParameter", "The parameter `Nope` is not recognized.");
}

/* In version 3 the common parameters are headers; in a query they are the action's, and unknown. */
static void common_parameters_belong_to_version_1(void **state)
{
    struct test_world *t = *state;
    reject_query(t, "Action=CreateBackup", "UnknownParameter", "The parameter `Action` is not recognized.");
    struct test_world_request r =
        test_world_form("CreateBackup", "RequestClient=SDK&Token=&InstanceId=" TEST_INSTANCE "&");
    r.language = "en-US";
    r.signature_method = "HmacSHA256";
    assert_string_equal(test_world_run_v1(t, &r), "");
    r.body = "Nope=1&";
    (void)test_world_run_v1(t, &r);
    assert_call(t, "UnknownParameter", "The parameter `Nope` is not recognized.");
}

static void deep_keys_are_rejected(void **state)
{
    struct test_world *t = *state;
    char key[201];
    for (size_t i = 0; i < 200; i++)
        key[i] = i % 2 ? '.' : '0';
    key[0] = 'A';
    key[199] = '\0';
    struct test_world_request r = test_world_get("CreateBackup", arena_printf(&t->arena, "%s=1", key).p);
    (void)test_world_run(t, &r);
    assert_call(t, "InvalidParameter", arena_printf(&t->arena, "Parameter `%s` format invalid.", key).p);
}

static void lists_and_numbers_come_by_form(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_form(
        "CreateBackup", "DBNames.1=db2&Strategy=1&DBNames.0=db1&InstanceId=" TEST_INSTANCE "&");
    assert_string_equal(test_world_run_v1(t, &r), "");
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow_database"), 2);
    assert_int_equal(test_world_count(t, "SELECT strategy AS n FROM backup"), 1);
}

static void rules_have_codes_of_their_own(void **state)
{
    static const struct {
        const char *body, *code;
    } cases[] = {
        {"{}", "InvalidParameter.ParamsAssertFailed"},
        {"{\"InstanceId\":null}", "InvalidParameter.ParamsAssertFailed"},
        {"{\"InstanceId\":\"x\",\"Strategy\":2}", "InvalidParameter.InputIllegal"},
        {"{\"InstanceId\":\"x\",\"Strategy\":-1}", "InvalidParameter.InputIllegal"},
        {"{\"InstanceId\":\"x\",\"StorageStrategy\":2}", "InvalidParameter.InputIllegal"},
        {"{\"InstanceId\":\"x\",\"BackupName\":\"\"}", "InvalidParameterValue.BackupNameIsIllegal"},
        {"{\"InstanceId\":\"x\",\"BackupName\":\"a b\"}", "InvalidParameterValue.BackupNameIsIllegal"},
        {"{\"InstanceId\":\"x\",\"Strategy\":2,\"BackupName\":\"\"}", "InvalidParameter.InputIllegal"},
    };
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)test_world_backup(t, cases[i].body);
        test_world_assert_failed(t, "rules", cases[i].code);
    }
}

/* The service's text does not name the parameter; the call keeps it. */
static void a_refusing_rule_is_kept(void **state)
{
    struct test_world *t = *state;
    (void)test_world_backup(t, "{\"InstanceId\":\"x\",\"Strategy\":2}");
    assert_non_null(t->call.refused_rule);
    assert_int_equal(t->call.refused_rule->kind, RULE_INT_RANGE);
    assert_text(t->call.refused_path, "Strategy");
    (void)test_world_backup(t, "{\"InstanceId\":\"x\"}");
    assert_null(t->call.refused_rule);
}

SUITE(request_params)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_type_is_json_in_any_case_with_any_suffix, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(another_type_is_named, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_body_is_one_object, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(faults_of_values_are_named, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_must_be_given_is_named, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(faults_of_queries_are_named, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(common_parameters_belong_to_version_1, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(deep_keys_are_rejected, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(lists_and_numbers_come_by_form, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(rules_have_codes_of_their_own, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_refusing_rule_is_kept, test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
