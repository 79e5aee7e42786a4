/* Proves which signatures are accepted: Authorization's parts, the time of a signature, the SecretId, the
 * signature of either version. */
#include "support/test_world.h"

#include <stdio.h>

#define INSTANCE "{\"InstanceId\":\"" TEST_INSTANCE "\"}"

static struct test_world_request right(void)
{
    return test_world_post("CreateBackup", INSTANCE);
}

static struct test_world_request right_form(void)
{
    return test_world_form("CreateBackup", "InstanceId=" TEST_INSTANCE "&");
}

/* A time in seconds, with the date that belongs to it. */
static void set_time(struct test_world_request *r, int64_t at)
{
    static char time[24], date[11];
    (void)snprintf(time, sizeof time, "%lld", (long long)at);
    time_utc_date(at, date);
    r->timestamp = time;
    r->date = date;
}

static void right_requests_are_accepted(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    assert_string_equal(test_world_run(t, &r), "");
    assert_text(t->call.credential->secret_id, TEST_ID);
    assert_text(t->call.credential->account->uin, TEST_UIN);
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    r = test_world_get("CreateBackup", "InstanceId=" TEST_INSTANCE);
    assert_string_equal(test_world_run(t, &r), "");
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    r = right_form();
    assert_string_equal(test_world_run_v1(t, &r), "");
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    r.method = "GET";
    r.query = "InstanceId=" TEST_INSTANCE "&";
    r.body = NULL;
    r.signature_method = "HmacSHA256";
    assert_string_equal(test_world_run_v1(t, &r), "");
}

#define FORM "The request `Authorization` header does not conform to tencentcloud standards: "

static void a_malformed_authorization_names_its_part(void **state)
{
    static const struct {
        const char *value, *part;
    } cases[] = {
        {"SKIP", "`Algorithm`"},
        {"AWS4-HMAC-SHA256 Credential=a/b/c/tc3_request", "`Algorithm`"},
        {"TC3-HMAC-SHA256 SignedHeaders=content-type;host, Signature=00", "`Credential`"},
        {"TC3-HMAC-SHA256 Credential=AKID/2026-01-01/sqlserver/tc3_request, Signature=00", "`SignedHeaders`"},
        {"TC3-HMAC-SHA256 Credential=AKID/2026-01-01/sqlserver/tc3_request, SignedHeaders=content-type;host",
         "`Signature`"},
    };
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct test_world_request r = right();
        r.authorization = cases[i].value;
        test_world_run(t, &r);
        test_world_assert_failed(t, "authorization", "AuthFailure.InvalidAuthorization");
        assert_text(t->call.message, arena_printf(&t->arena, FORM "%s not valid.", cases[i].part).p);
    }
}

static void a_foreign_service_is_rejected(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.service = "cvm";
    test_world_run(t, &r);
    test_world_assert_failed(t, "authorization", "AuthFailure.InvalidAuthorization");
    assert_text(t->call.message, FORM "`Service` in Credential not valid.");
}

static void what_sdks_make_of_a_local_endpoint_is_accepted(void **state)
{
    static const struct {
        const char *host, *service, *signed_host;
    } cases[] = {
        {"127.0.0.1:8328", "127", "127.0.0.1"},       /* Node */
        {"127.0.0.1:8328", "127", NULL},              /* Java, PHP, .NET */
        {"localhost:8328", "localhost:8328", NULL},   /* Java */
        {"127.0.0.1:8328", "sqlserver", TEST_HOST},   /* an endpoint set after signing */
        {"http://127.0.0.1:8328", "sqlserver", NULL}, /* tccli */
        {"sqlserver.localhost:8328", "sqlserver", "sqlserver.localhost"},
    };
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct test_world_request r = right();
        r.host = cases[i].host;
        r.service = cases[i].service;
        r.signed_host = cases[i].signed_host;
        assert_string_equal(test_world_run(t, &r), "");
        clock_advance(&t->world.clock, TEST_FLOW_MS);
    }
}

static void a_signature_lives_five_minutes(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    static const struct {
        int64_t from_now;
        const char *code;
    } cases[] = {{-300, ""},
                 {300, ""},
                 {-301, "AuthFailure.SignatureExpire"},
                 {301, "AuthFailure.SignatureExpire"},
                 {-86400, "AuthFailure.SignatureExpire"}};
    s.auth_by_service_clock = true; /* it stands still while the test runs */
    test_world_reopen(t, &s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct test_world_request r = right();
        set_time(&r, world_now_ms(&t->world) / 1000 + cases[i].from_now);
        assert_string_equal(test_world_run(t, &r), cases[i].code);
        clock_advance(&t->world.clock, TEST_FLOW_MS);
        r = right_form();
        set_time(&r, world_now_ms(&t->world) / 1000 + cases[i].from_now);
        assert_string_equal(test_world_run_v1(t, &r), cases[i].code);
        clock_advance(&t->world.clock, TEST_FLOW_MS);
    }
}

static void extreme_timestamps_are_old(void **state)
{
    static const char *const times[] = {"0", "1", "9223372036854775807"};
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct test_world_request r = right();
        r.timestamp = times[i];
        test_world_run(t, &r);
        test_world_assert_failed(t, "expiry", "AuthFailure.SignatureExpire");
    }
}

/* A clock that a test moves is the service's; signatures live by the machine's. */
static void a_moved_service_clock_expires_nothing(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    clock_freeze(&t->world.clock, 0);
    assert_string_equal(test_world_run(t, &r), "");
}

static void an_unknown_id_has_its_own_code(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.secret_id = "AKIDunknown";
    test_world_run(t, &r);
    test_world_assert_failed(t, "credential", "AuthFailure.SecretIdNotFound");
    r = right_form();
    r.secret_id = "AKIDunknown";
    test_world_run_v1(t, &r);
    test_world_assert_failed(t, "credential", "AuthFailure.SecretIdNotFound");
}

static void a_wrong_key_is_rejected(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.key = "another";
    test_world_run(t, &r);
    test_world_assert_failed(t, "signature", "AuthFailure.SignatureFailure");
    r = right_form();
    r.key = "another";
    test_world_run_v1(t, &r);
    test_world_assert_failed(t, "signature", "AuthFailure.SignatureFailure");
}

static void a_foreign_host_is_rejected(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.signed_host = "sqlserver.example.com";
    test_world_run(t, &r);
    test_world_assert_failed(t, "signature", "AuthFailure.SignatureFailure");
    r = right_form();
    r.signed_host = "sqlserver.example.com";
    test_world_run_v1(t, &r);
    test_world_assert_failed(t, "signature", "AuthFailure.SignatureFailure");
}

static void a_body_changed_on_the_way_is_rejected(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    test_world_prepare(t, &r);
    t->call.request.body = STR("{\"InstanceId\":\"mssql-i1z41iwd\"}");
    assert_string_equal(test_world_pipeline(t), "AuthFailure.SignatureFailure");
}

/* The code of a correctly signed form whose body has exactly this size: empty fields, which are not signed,
 * fill it. */
static const char *run_form_of(struct test_world *t, size_t size)
{
    struct test_world_request r = right_form();
    test_world_prepare_v1(t, &r);
    struct str *body = &t->call.request.body;
    char *all = arena_alloc(&t->arena, size);
    memset(all, '&', size);
    memcpy(all, body->p, body->n);
    *body = (struct str){all, size};
    return test_world_pipeline(t);
}

static void a_form_of_the_limit_is_checked_and_no_larger_one(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(run_form_of(t, LIMIT_BODY_V1), "");
    assert_string_equal(run_form_of(t, LIMIT_BODY_V1 + 1), "AuthFailure.SignatureFailure");
    assert_string_equal(t->call.failed_step, "signature");
}

/* The signature is right for what the scope says; the scope's date is not the timestamp's. */
static void a_scope_of_another_day_is_rejected(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.date = "2019-02-25";
    test_world_run(t, &r);
    test_world_assert_failed(t, "signature", "AuthFailure.SignatureFailure");
}

/* Observed: the Go SDK sends the same signature again when it retries. */
static void a_replay_is_accepted(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    assert_string_equal(test_world_run(t, &r), "");
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_string_equal(test_world_run(t, &r), "");
}

SUITE(authenticate)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(right_requests_are_accepted, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_malformed_authorization_names_its_part, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_foreign_service_is_rejected, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_sdks_make_of_a_local_endpoint_is_accepted, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_signature_lives_five_minutes, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(extreme_timestamps_are_old, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_moved_service_clock_expires_nothing, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(an_unknown_id_has_its_own_code, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_key_is_rejected, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_foreign_host_is_rejected, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_body_changed_on_the_way_is_rejected, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_form_of_the_limit_is_checked_and_no_larger_one, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_scope_of_another_day_is_rejected, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_replay_is_accepted, test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
