/* Proves what explains a rejected call beyond its answer: where the instance is, which name is similar, how
 * far the clock is off, how often calls were made; and that faults and other explanations stay. */
#include "support/test_world.h"

#include "gateway/authenticate.h"
#include "gateway/explain.h"

/* An explanation that exists is not replaced: a handler has its own. */
static void assert_why(struct test_world *t, const char *id, const char *text)
{
    explain_refusal(&t->call);
    assert_text(t->call.explanation.cause, id);
    assert_text(t->call.explanation.evidence, text);
}

static void an_instance_of_another_region_is_found(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("CreateBackup", "{\"InstanceId\":\"" TEST_INSTANCE "\"}");
    r.region = "ap-shanghai";
    assert_string_equal(test_world_run(t, &r), "ResourceNotFound.InstanceNotFound");
    assert_why(t, "instance.not-found",
               TEST_INSTANCE " is in ap-guangzhou, and the call went to ap-shanghai");
}

static void an_instance_of_another_account_is_found(void **state)
{
    struct test_world *t = *state;
    savepoint_begin(t->world.db);
    SCOPED_STMT(s, t->world.db, "INSERT INTO account (uin) VALUES ('200000000002')");
    assert_int_equal(stmt_run(s), 0);
    SCOPED_STMT(u, t->world.db, "UPDATE instance SET account = '200000000002' WHERE instance_id = :id");
    stmt_bind_str(u, ":id", STR(TEST_INSTANCE));
    assert_int_equal(stmt_run(u), 0);
    savepoint_release(t->world.db);
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}"),
                        "ResourceNotFound.InstanceNotFound");
    assert_why(
        t, "instance.not-found",
        TEST_INSTANCE
        " is in ap-guangzhou and belongs to account 200000000002, and the SecretId to account " TEST_UIN);
}

static void an_unknown_instance_is_named_with_one_that_is_there(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"mssql-a\\u0001\"}"),
                        "ResourceNotFound.InstanceNotFound");
    assert_why(t, "instance.not-found",
               "no account has an instance mssql-a?; the world's first is " TEST_INSTANCE " in ap-guangzhou");
}

static void the_nearest_parameter_is_named(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"InstanceID\":\"x\"}"), "UnknownParameter");
    assert_why(t, "parameter.unknown", "InstanceID is similar to InstanceId");
    assert_string_equal(test_world_backup(t, "{\"Colour\":\"x\"}"), "UnknownParameter");
    assert_why(t, "parameter.unknown",
               "no parameter is similar to Colour; there are InstanceId, Strategy, DBNames, BackupName, "
               "StorageStrategy");
}

/* An index in a path is no name, and a value without members has no similar one. */
static void a_parameter_inside_an_object_is_looked_for_there(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("CreateAccount", "{\"Accounts\":[{\"UserNam\":\"x\"}]}");
    assert_string_equal(test_world_run(t, &r), "UnknownParameter");
    assert_why(t, "parameter.unknown", "Accounts.0.UserNam is similar to UserName");
    t->call.explanation = (struct explanation){.cause = {NULL, 0}};
    t->call.refused_path = STR("InstanceId.x");
    assert_why(t, "parameter.unknown", "there can be no parameter InstanceId.x");
    t->call.explanation = (struct explanation){.cause = {NULL, 0}};
    t->call.refused_path = STR("No.x");
    assert_why(t, "parameter.unknown", "there can be no parameter No.x");
}

static void the_nearest_action_is_named(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("createBackups", "{}");
    assert_string_equal(test_world_run(t, &r), "InvalidAction");
    assert_why(t, "action.unknown", "createBackups is similar to CreateBackup");
    r = test_world_post("Rhubarb", "{}");
    assert_string_equal(test_world_run(t, &r), "InvalidAction");
    explain_refusal(&t->call);
    assert_true(str_ends(t->call.explanation.evidence,
                         STR("actions is similar to Rhubarb; virga actions lists them")));
}

static void expire(struct test_world *t, int64_t timestamp)
{
    struct test_world_request r = test_world_post("DescribeRegions", "{}");
    r.timestamp = arena_printf(&t->arena, "%lld", (long long)timestamp).p;
    assert_string_equal(test_world_run(t, &r), "AuthFailure.SignatureExpire");
    explain_refusal(&t->call);
    assert_text(t->call.explanation.cause, "signature.expired");
}

static void assert_begins(struct test_world *t, const char *text)
{
    if (!str_starts(t->call.explanation.evidence, str_from(text)))
        fail_msg("%.*s does not begin with %s", STR_ARG(t->call.explanation.evidence), text);
}

/* Between the call and the look at the clock a second may have passed. */
static void the_clock_is_named_by_which_a_signature_expired(void **state)
{
    struct test_world *t = *state;
    const int64_t now = authenticate_now(&t->world);
    expire(t, now - 8 * 3600 - 30);
    assert_begins(t, "X-TC-Timestamp is 8 h 0 min behind the machine's clock (");
    expire(t, now + 630);
    assert_begins(t, "X-TC-Timestamp is 10 min ");
    expire(t, now - 100 * 86400 - 30);
    assert_begins(t, "X-TC-Timestamp is 100 days behind");
    expire(t, now * 1000);
    assert_begins(t, "X-TC-Timestamp is in milliseconds; it must be in seconds");
    expire(t, INT64_MAX);
    assert_begins(t, "X-TC-Timestamp is 1067");
    t->world.settings.auth_by_service_clock = true;
    expire(t, TEST_NOW / 1000 + 301);
    assert_begins(t,
                  "X-TC-Timestamp is 5 min 1 s ahead of the service's clock (1767196800); 300 s are allowed");
}

static void the_counter_of_a_limit_is_named(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("DescribeRegions", "{}");
    t->world.limits[registry_row(t->world.registry,
                                 registry_find_action(t->world.registry, STR("DescribeRegions")))] = 1;
    assert_string_equal(test_world_run(t, &r), "");
    (void)test_world_run(t, &r);
    assert_string_equal(test_world_run(t, &r), "RequestLimitExceeded");
    assert_why(
        t, "limit.exceeded",
        "call 3 of this action under this SecretId in one second of the service's clock; 1 are allowed");
}

static void a_fault_explains_itself(void **state)
{
    struct test_world *t = *state;
    (void)fault_add(&t->world.faults, &(struct fault_rule){.id = I64(0)}, NULL, ERR_REQUEST_LIMIT_EXCEEDED);
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"x\"}"), "RequestLimitExceeded");
    explain_refusal(&t->call);
    assert_null(t->call.explanation.cause.p);
}

/* What a rule or a handler has said stays. */
static void a_reason_that_is_known_stays(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\",\"Strategy\":2}"),
                        "InvalidParameter.InputIllegal");
    t->call.error = ERR_UNKNOWN_PARAMETER;
    explain_refusal(&t->call);
    assert_text(t->call.explanation.cause, "parameter.rule");
    assert_text(t->call.explanation.evidence, "Strategy must be from 0 to 1");
}

static void nothing_is_named_where_nothing_is_known(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}"), "");
    explain_refusal(&t->call);
    assert_null(t->call.explanation.cause.p);
    t->call.error = ERR_RESOURCE_NOT_FOUND_INSTANCE_NOT_FOUND; /* of nothing that was looked for */
    explain_refusal(&t->call);
    assert_null(t->call.explanation.cause.p);
}

static void a_name_is_made_fit_for_a_line(void **state)
{
    struct test_world *t = *state;
    char text[100];
    memset(text, 'x', sizeof text);
    text[0] = '\n';
    text[1] = (char)0xff;
    memcpy(text + 63, "\xc3\xa9", 2); /* the cut falls into this character */
    struct str plain = explain_plain(&t->arena, (struct str){text, sizeof text});
    assert_int_equal(plain.n, 64);
    assert_true(str_starts(plain, STR("??xx")));
    assert_int_equal(plain.p[63], '?');
}

SUITE(explain)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_instance_of_another_region_is_found, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(an_instance_of_another_account_is_found, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(an_unknown_instance_is_named_with_one_that_is_there, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_nearest_parameter_is_named, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_parameter_inside_an_object_is_looked_for_there, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_nearest_action_is_named, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(the_clock_is_named_by_which_a_signature_expired, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_counter_of_a_limit_is_named, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_fault_explains_itself, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_reason_that_is_known_stays, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_named_where_nothing_is_known, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_name_is_made_fit_for_a_line, test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
