/* Proves that rules can be made, shown and removed, and that one which means nothing is refused with a hint.
 */
#include "support/test_world.h"

#include "control/router.h"

static int ask(struct test_world *t, const char *method, const char *path, const char *body)
{
    const char *type;
    call_init(&t->call, &t->world, &t->arena);
    t->call.request = (struct request){.method = str_from(method), .path = str_from(path)};
    if (body)
        t->call.request.body = str_from(test_world_json(t, body));
    return control_run(&t->call, &type);
}

static void a_rule_is_shown_as_it_was_made(void **state)
{
    struct test_world *t = *state;
    static const char *const bodies[] = {
        "'action':'CreateBackup','code':'InternalError.DBError','message':'m','count':1",
        "'region':'ap-guangzhou','secret_id':'A','trace':'t-','delay_ms':500",
        "'params':{'InstanceId':'x','DBNames.0':'db1'},'close':'before','after':1,'first':2,'every':3",
        "'close':'after_commit','probability':0.5",
        "'truncate':0",
        "'http_status':503",
        "'delay_ms':1,'flow_outcome':'failure','flow_seconds':0",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const char *shown = test_world_json(
            t, arena_printf(&t->arena, "{'id':%zu,%s,'seen':0,'hits':0}", i + 1, bodies[i]).p);
        assert_int_equal(ask(t, "POST", "/_virga/faults", arena_printf(&t->arena, "{%s}", bodies[i]).p), 200);
        assert_text(t->call.answer, shown);
        assert_int_equal(ask(t, "GET", arena_printf(&t->arena, "/_virga/faults/%zu", i + 1).p, NULL), 200);
        assert_text(t->call.answer, shown);
    }
}

static void rules_are_listed_and_removed(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(ask(t, "GET", "/_virga/faults", NULL), 200);
    assert_text(t->call.answer, "{\"faults\":[]}");
    for (int i = 0; i < 3; i++)
        assert_int_equal(ask(t, "POST", "/_virga/faults", "{'truncate':1}"), 200);
    assert_int_equal(ask(t, "DELETE", "/_virga/faults/2", NULL), 200);
    assert_text(t->call.answer, "{\"removed\":1}");
    assert_int_equal(ask(t, "DELETE", "/_virga/faults/2", NULL), 404);
    assert_int_equal(ask(t, "GET", "/_virga/faults/x", NULL), 404);
    assert_int_equal(ask(t, "DELETE", "/_virga/faults", NULL), 200);
    assert_text(t->call.answer, "{\"removed\":2}");
}

/* "message / hint" of a refusal. */
static const char *refusal(struct test_world *t, const char *body)
{
    assert_int_equal(ask(t, "POST", "/_virga/faults", body), 400);
    assert_int_equal(t->world.faults.n, 0);
    return arena_cstr(&t->arena, t->call.answer);
}

static void what_is_mistyped_is_named(void **state)
{
    struct test_world *t = *state;
    static const struct {
        const char *body, *message, *hint;
    } cases[] = {
        {"{'action':'CreateBackups','code':'InternalError'}", "there is no action CreateBackups",
         "did you mean CreateBackup?"},
        {"{'action':'CreateBackup','code':'InternalError.DbErr'}", "there is no code InternalError.DbErr",
         "did you mean InternalError.DBError? undocumented_code takes any code"},
        {"{'action':'DescribeFlowStatus','code':'LimitExceeded.TooManyDB'}",
         "DescribeFlowStatus does not answer LimitExceeded.TooManyDB",
         "without an action the rule is for the actions that do; undocumented_code takes any code"},
        {"{'dealy_ms':1}", "dealy_ms is not a known field", "did you mean delay_ms?"},
        {"{'hits':1,'truncate':1}", "hits is not a known field", "GET /_virga/openapi.json describes it"},
        {"{'action':'CreateBackup','params':{'InstanceID2':1},'truncate':1}",
         "there is no parameter InstanceID2", "did you mean InstanceId?"},
        {"{'params':{'Nothing.At.All':1},'truncate':1}", "there is no parameter Nothing.At.All",
         "GET /_virga/openapi.json describes it"},
        {"{'params':{'InstanceID':1},'truncate':1}", "there is no parameter InstanceID",
         "did you mean InstanceId?"},
        {"{'region':'mars','truncate':1}", "there is no region mars",
         "GET /_virga/openapi.json describes it"},
        {"{'region':'ap-guangzou','truncate':1}", "there is no region ap-guangzou",
         "did you mean ap-guangzhou?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(
            refusal(t, cases[i].body),
            arena_printf(&t->arena,
                         "{\"error\":{\"code\":\"bad_request\",\"message\":\"%s\",\"hint\":\"%s\"}}",
                         cases[i].message, cases[i].hint)
                .p);
}

static void what_contradicts_itself_is_rejected(void **state)
{
    struct test_world *t = *state;
    static const char *const bodies[] = {
        "{}",
        "{'action':'CreateBackup'}",
        "{'code':'InternalError','http_status':502}",
        "{'code':'InternalError','close':'before'}",
        "{'code':'InternalError','flow_outcome':'failure'}",
        "{'close':'before','flow_seconds':1}",
        "{'close':'after_commit','truncate':1}",
        "{'message':'x','truncate':1}",
        "{'truncate':1,'probability':0}",
        "{'truncate':1,'probability':1.5}",
        "{'truncate':-1}",
        "{'http_status':499}",
        "{'close':'after'}",
        "{'delay_ms':3600001}",
        "{'truncate':1,'count':0}",
        "{'truncate':1,'params':[]}",
        "{'truncate':1,'params':{'InstanceId':null}}",
        "{'truncate':1,'params':{'DBNames.0':['db1']}}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        (void)refusal(t, bodies[i]);
}

static void numbers_and_truths_are_compared_as_text(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(ask(t, "POST", "/_virga/faults",
                         "{'action':'CreateBackup','code':'InternalError','params':{'Strategy':1}}"),
                     200);
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}"), "");
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"x\",\"Strategy\":1}"), "InternalError");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, test_world_setup, test_world_teardown)

SUITE(control_faults)
{
    const struct CMUnitTest tests[] = {
        TEST(a_rule_is_shown_as_it_was_made),
        TEST(rules_are_listed_and_removed),
        TEST(what_is_mistyped_is_named),
        TEST(what_contradicts_itself_is_rejected),
        TEST(numbers_and_truths_are_compared_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
