/* Proves what the outer form of a request must be, and which message each missing part gets. */
#include "support/test_world.h"

enum { V3, V1 };

/* Breaks a right request in one way; the call must end at `step` with `code` and `message`. */
static void assert_rejected(struct test_world *t, int version, const struct test_world_request *r,
                            const char *const end[3])
{
    if (version == V3)
        test_world_run(t, r);
    else
        test_world_run_v1(t, r);
    test_world_assert_failed(t, end[0], end[1]);
    assert_text(t->call.message, end[2]);
}

#define REFUSED(version, r, step, code, message)                                                             \
    assert_rejected(*state, version, &(r), (const char *const[3]){step, code, message})

static void only_get_and_post_are_methods(void **state)
{
    static const char *const methods[] = {"PUT", "HEAD", "OPTIONS", "get", "DELETE", ""};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        struct test_world_request r = test_world_post("CreateBackup", "{}");
        r.method = methods[i];
        REFUSED(V3, r, "method", "UnsupportedProtocol",
                "HTTP(S) request protocol error; only GET and POST requests are supported.");
    }
}

static void a_form_must_be_one(void **state)
{
    struct test_world_request r = test_world_form("CreateBackup", "no-equals&");
    REFUSED(V1, r, "form", "InvalidParameter", "Url key and value should be splited by `=`.");
    r = test_world_form("CreateBackup", "=value&");
    REFUSED(V1, r, "form", "InvalidParameter", "The request has a parameter key which is empty string.");
    r = test_world_form("CreateBackup", "a=%ff&");
    REFUSED(V1, r, "form", "InvalidParameter", "Invalid parameter.");
    r = test_world_get("CreateBackup", "no-equals");
    REFUSED(V3, r, "form", "InvalidParameter", "Url key and value should be splited by `=`.");
}

/* Observed: without Authorization a JSON body is read as a form, whatever its type. */
static void json_without_authorization_is_a_bad_form(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("CreateBackup", "{\"InstanceId\":\"x\"}");
    test_world_prepare(t, &r);
    t->call.request.n_headers--; /* Authorization is the last */
    assert_null(request_header(&t->call.request, STR("Authorization")).p);
    assert_string_equal(test_world_pipeline(t), "InvalidParameter");
    test_world_assert_failed(t, "form", "InvalidParameter");
    assert_text(t->call.message, "Url key and value should be splited by `=`.");
}

static void version_3_wants_its_headers(void **state)
{
    struct test_world_request r = test_world_post("CreateBackup", "{}");
    r.version = NULL;
    REFUSED(V3, r, "common", "MissingParameter",
            "The request header is missing a required common parameter `X-TC-Version`.");
    r.timestamp = NULL; /* before the version */
    r.authorization = "AWS4-HMAC-SHA256 x";
    REFUSED(V3, r, "common", "MissingParameter",
            "The request header is missing a required common parameter `X-TC-Timestamp`.");
    r.action = NULL; /* before the timestamp; an authorization of any kind makes it version 3 */
    REFUSED(V3, r, "common", "MissingParameter",
            "The request header is missing a required common parameter `X-TC-Action`.");
    r.action = "";
    REFUSED(V3, r, "common", "MissingParameter",
            "The request header is missing a required common parameter `X-TC-Action`.");
}

static void version_1_wants_its_fields_in_this_order(void **state)
{
    struct test_world_request r = test_world_form("CreateBackup", "");
    const char **const fields[] = {&r.secret_id, &r.nonce, &r.version, &r.action, &r.timestamp};
    static const char *const names[] = {"SecretId", "Nonce", "Version", "Action", "Timestamp"};
    struct test_world *t = *state;
    r.signature = "";
    REFUSED(V1, r, "common", "MissingParameter", "The request is missing a required parameter `Signature`.");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *fields[i] = NULL;
        REFUSED(V1, r, "common", "MissingParameter",
                arena_printf(&t->arena, "The request is missing a required parameter `%s`.", names[i]).p);
    }
}

static void numbers_must_be_numbers(void **state)
{
    static const char *const wrong[] = {
        "x", "1.5", "-1", " ", "99999999999999999999", "18446744073709551615"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct test_world_request r = test_world_post("CreateBackup", "{}");
        r.timestamp = wrong[i];
        REFUSED(V3, r, "common", "InvalidParameter",
                "The value type of parameter `X-TC-Timestamp` is not valid, input type should be `integer`");
        r = test_world_form("CreateBackup", "");
        r.timestamp = wrong[i];
        REFUSED(V1, r, "common", "InvalidParameter",
                "The value type of parameter `Timestamp` is not valid, input type should be `integer`");
    }
}

/* Some clients draw it from all 64 bits; it is used for nothing. */
static void a_nonce_may_be_as_large_as_64_bits(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_form("CreateBackup", "InstanceId=" TEST_INSTANCE "&");
    r.nonce = "18446744073709551615";
    assert_string_equal(test_world_run_v1(t, &r), "");
    r.nonce = "n";
    REFUSED(V1, r, "common", "InvalidParameter",
            "The value type of parameter `Nonce` is not valid, input type should be `integer`");
}

static void languages_are_two(void **state)
{
    struct test_world_request r = test_world_post("CreateBackup", "{}");
    r.language = "fr-FR";
    REFUSED(V3, r, "language", "InvalidParameterValue",
            "A value specified in `X-TC-Language` is not valid, is unsupported, or cannot be used.");
    r = test_world_form("CreateBackup", "");
    r.language = "zh-cn";
    REFUSED(V1, r, "language", "InvalidParameterValue",
            "A value specified in `Language` is not valid, is unsupported, or cannot be used.");
}

static void header_names_are_found_in_any_case(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("CreateBackup", "{\"InstanceId\":\"" TEST_INSTANCE "\"}");
    test_world_prepare(t, &r);
    struct header *headers = (struct header *)(uintptr_t)t->call.request.headers;
    assert_text(headers[2].name, "X-TC-Action");
    headers[2].name = STR("x-Tc-aCTION");
    headers[0].name = STR("HOST");
    assert_string_equal(test_world_pipeline(t), "");
}

SUITE(request_envelope)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_get_and_post_are_methods, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_form_must_be_one, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(json_without_authorization_is_a_bad_form, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(version_3_wants_its_headers, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(version_1_wants_its_fields_in_this_order, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(numbers_must_be_numbers, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_nonce_may_be_as_large_as_64_bits, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(languages_are_two, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(header_names_are_found_in_any_case, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
