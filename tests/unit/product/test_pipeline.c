/* Proves in which order the steps of a call are walked, and so which error wins when several things are
 * wrong. */
#include "gen/sqlserver.h"
#include "support/test_world.h"

#include "base/limits.h"
#include "core/account.h"
#include "gateway/pipeline.h"

static void the_order_is_this(void **state)
{
    static const char *const names[] = {
        "method",     "size",      "form",    "common",    "language", "authorization", "expiry",
        "credential", "token",     "payload", "signature", "mfa",      "address",       "product",
        "version",    "action",    "offline", "region",    "limit",    "decode",        "permission",
        "fault",      "available", "rules",   "handle",
    };
    (void)state;
    assert_int_equal(pipeline_steps, sizeof names / sizeof *names);
    for (size_t i = 0; i < pipeline_steps; i++)
        assert_string_equal(pipeline[i].name, names[i]);
}

/* --- a request that is wrong in every way, put right step by step: each neighbouring pair is pinned --- */

struct wrong {
    struct test_world *t;
    struct test_world_request r;
    struct test_world_request right;
    struct access access;       /* of the built-in credential */
    struct account_rules rules; /* of its account */
};

/* Names the peer of every call of a test world. */
static const struct address_range home = {.bytes = {[10] = 0xff, [11] = 0xff, [12] = 0x7f}, .bits = 104};

static int64_t *limit_of(struct test_world *t)
{
    const struct registry *r = t->world.registry;
    return &t->world.limits[registry_row(r, registry_find_action(r, STR("CreateBackup")))];
}

static void repair_method(struct wrong *w)
{
    w->r.method = w->right.method;
}

static void repair_size(struct wrong *w)
{
    w->r.query = w->r.body = "no-equals&";
}

static void repair_form(struct wrong *w)
{
    w->r.query = w->r.body = "Nope=1&";
}

static void repair_common(struct wrong *w)
{
    w->r.version = "2017-03-20";
}

static void repair_language(struct wrong *w)
{
    w->r.language = NULL;
}

static void repair_authorization(struct wrong *w)
{
    w->r.authorization = NULL;
}

static void repair_expiry(struct wrong *w)
{
    w->r.timestamp = w->right.timestamp;
    w->r.date = w->right.date;
}

static void repair_credential(struct wrong *w)
{
    w->r.secret_id = TEST_ID;
}

static void repair_token(struct wrong *w)
{
    w->r.token = NULL;
}

static void repair_payload(struct wrong *w)
{
    w->r.payload = NULL;
}

static void repair_signature(struct wrong *w)
{
    w->r.key = TEST_KEY;
}

static void repair_mfa(struct wrong *w)
{
    w->access.mfa_required = false;
}

static void repair_address(struct wrong *w)
{
    w->rules.deny.n = 0;
}

static void repair_product(struct wrong *w)
{
    w->r.host = w->right.host;
}

static void repair_version(struct wrong *w)
{
    w->r.version = w->right.version;
}

static void repair_action(struct wrong *w)
{
    w->r.action = w->right.action;
}

static void repair_offline(struct wrong *w)
{
    w->t->world.offline = NULL;
}

static void repair_region(struct wrong *w)
{
    w->r.region = TEST_REGION;
}

static void repair_limit(struct wrong *w)
{
    *limit_of(w->t) = 20;
}

static void repair_decode(struct wrong *w)
{
    w->r.query = w->r.body = "Strategy=0&";
}

static void repair_permission(struct wrong *w)
{
    w->access.deny_actions.n = 0;
}

static void repair_fault(struct wrong *w)
{
    (void)fault_clear(&w->t->world.faults);
}

static void repair_available(struct wrong *w)
{
    w->t->world.unavailable = false;
}

static void repair_rules(struct wrong *w)
{
    w->r.query = w->r.body = "InstanceId=mssql-unknown&";
}

static void repair_handle(struct wrong *w)
{
    w->r.query = w->r.body = "InstanceId=" TEST_INSTANCE "&";
}

static const struct {
    const char *step, *code;
    void (*repair)(struct wrong *w);
} ladder[] = {
    {"method", "UnsupportedProtocol", repair_method},
    {"size", "RequestSizeLimitExceeded", repair_size},
    {"form", "InvalidParameter", repair_form},
    {"common", "MissingParameter", repair_common},
    {"language", "InvalidParameterValue", repair_language},
    {"authorization", "AuthFailure.InvalidAuthorization", repair_authorization},
    {"expiry", "AuthFailure.SignatureExpire", repair_expiry},
    {"credential", "AuthFailure.SecretIdNotFound", repair_credential},
    {"token", "AuthFailure.TokenFailure", repair_token},
    {"payload", "InvalidParameterValue", repair_payload},
    {"signature", "AuthFailure.SignatureFailure", repair_signature},
    {"mfa", "AuthFailure.MFAFailure", repair_mfa},
    {"address", "IpInBlacklist", repair_address},
    {"product", "NoSuchProduct", repair_product},
    {"version", "NoSuchVersion", repair_version},
    {"action", "InvalidAction", repair_action},
    {"offline", "ActionOffline", repair_offline},
    {"region", "InvalidParameterValue", repair_region},
    {"limit", "RequestLimitExceeded", repair_limit},
    {"decode", "UnknownParameter", repair_decode},
    {"permission", "UnauthorizedOperation", repair_permission},
    {"fault", "InternalError.GcsError", repair_fault},
    {"available", "ServiceUnavailable", repair_available},
    {"rules", "InvalidParameter.ParamsAssertFailed", repair_rules},
    {"handle", "ResourceNotFound.InstanceNotFound", repair_handle},
};

static void make_request_wrong(struct test_world_request *r)
{
    static char big[LIMIT_BODY_V3 + 2];
    memset(big, 'x', sizeof big - 1);
    r->method = "PUT";
    r->host = "cvm.tencentcloudapi.com";
    r->query = r->body = big;
    r->version = NULL;
    r->language = "xx";
    r->authorization = "SKIP";
    r->timestamp = "1551113065";
    r->date = "2019-02-25";
    r->secret_id = "AKIDunknown";
    r->token = "token";
    r->payload = "wrong";
    r->key = "wrong";
    r->action = "NoSuchAction";
    r->region = "mars";
}

static void make_world_wrong(struct wrong *w)
{
    static struct str everything = STR_INIT("*");
    struct world *world = &w->t->world;
    struct account *account =
        (struct account *)(uintptr_t)world->accounts.first->account; /* the test's own */
    w->access = (struct access){
        .enabled = true, .api_key = true, .mfa_required = true, .deny_actions = {&everything, 1, true}};
    w->rules = (struct account_rules){.deny = {&home, 1}};
    accounts_set_access(&world->accounts, STR(TEST_ID), &w->access);
    account->rules = &w->rules;
    world->unavailable = true;
    (void)fault_add(&world->faults, &(struct fault_rule){.id = I64(0)}, NULL, ERR_INTERNAL_ERROR_GCS_ERROR);
    size_t actions = registry_n_actions(world->registry);
    world->offline = ARENA_ARRAY(&w->t->arena, bool, actions);
    memset(world->offline, true, actions * sizeof *world->offline);
    *limit_of(w->t) = 0;
}

/* Authorization and the payload's hash are headers of version 3. */
static bool walks(const char *step, bool v1)
{
    return !v1 || (strcmp(step, "authorization") != 0 && strcmp(step, "payload") != 0);
}

static void climb(struct test_world *t, struct test_world_request right, bool v1)
{
    struct wrong w = {.t = t, .r = right, .right = right};
    make_request_wrong(&w.r);
    make_world_wrong(&w);
    assert_int_equal(sizeof ladder / sizeof *ladder, pipeline_steps);
    for (size_t i = 0; i < sizeof ladder / sizeof *ladder; i++) {
        if (walks(ladder[i].step, v1)) {
            (void)(v1 ? test_world_run_v1 : test_world_run)(t, &w.r);
            test_world_assert_failed(t, ladder[i].step, ladder[i].code);
        }
        ladder[i].repair(&w);
    }
    assert_string_equal((v1 ? test_world_run_v1 : test_world_run)(t, &w.r), "");
    assert_null(t->call.failed_step);
}

static void each_step_of_version_3_goes_before_the_next(void **state)
{
    climb(*state, test_world_get("CreateBackup", NULL), false);
}

static void each_step_of_version_1_goes_before_the_next(void **state)
{
    climb(*state, test_world_form("CreateBackup", NULL), true);
}

/* --- what ends a walk --- */

static void a_rejected_call_changes_nothing(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"mssql-unknown\"}"),
                        "ResourceNotFound.InstanceNotFound");
    assert_false(t->call.changed);
    assert_false(transaction_dirty(t->world.db));
}

static void a_call_that_writes_says_so(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}"), "");
    assert_true(t->call.changed);
    assert_true(transaction_dirty(t->world.db));
}

static void a_lost_call_is_answered_anew(void **state)
{
    struct test_world *t = *state;
    char id[REQUEST_ID_CHARS];
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}"), "");
    memcpy(id, t->call.request_id, sizeof id);
    pipeline_lost(&t->call, DB_IO, "the disk is gone");
    test_world_assert_failed(t, "durable", "InternalError.SystemError");
    assert_text(t->call.answer,
                arena_printf(&t->arena,
                             "{\"Response\":{\"Error\":{\"Code\":\"InternalError.SystemError\","
                             "\"Message\":\"System error.\"},\"RequestId\":\"%.36s\"}}",
                             id)
                    .p);
}

/* An action of a newer definition, which has no handler yet. */
static void a_known_action_without_a_handler_says_so(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("DescribeRegions", "{}");
    struct action known;
    test_world_prepare(t, &r);
    known = *action_find(&product_sqlserver, STR("DescribeRegions"));
    known.handle = NULL;
    t->call.action = &known;
    assert_int_equal(step_handle(&t->call), -1);
    assert_text(call_code(&t->call), "UnsupportedOperation");
    assert_text(t->call.message,
                "virga does not emulate `DescribeRegions` yet. `virga actions` lists what it emulates.");
}

SUITE(pipeline)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_order_is_this, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(each_step_of_version_3_goes_before_the_next, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(each_step_of_version_1_goes_before_the_next, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_rejected_call_changes_nothing, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_call_that_writes_says_so, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_known_action_without_a_handler_says_so, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_lost_call_is_answered_anew, test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
