/* Proves that a signed call is one that the server's own check accepts, and that a change of it is not. */
#include "support/texts.h"

#include "cli/signed_call.h"
#include "wire/tc3.h"

enum { SECONDS = 1551113065 };

static struct arena arena;

static const struct header headers[] = {
    {STR_INIT("Content-Type"), STR_INIT("application/json")},
    {STR_INIT("X-TC-Timestamp"), STR_INIT("1551113065")},
    {STR_INIT("Host"), STR_INIT("127.0.0.1:8328")},
};

static struct request request(struct str body)
{
    return (struct request){.method = STR("POST"),
                            .path = STR("/"),
                            .query = STR(""),
                            .body = body,
                            .headers = headers,
                            .n_headers = sizeof headers / sizeof *headers};
}

static int verify(const struct request *r, struct str authorization, struct str secret_key)
{
    struct tc3_authorization auth;
    struct tc3_variant variant;
    struct hmac_key key;
    struct str host = headers[2].value;
    assert_int_equal(tc3_parse(authorization, &auth), TC3_NOTHING);
    assert_text(auth.date, "2019-02-25");
    assert_text(auth.secret_id, "AKIDa");
    tc3_signing_key(secret_key, auth.date, auth.service, &key);
    const struct tc3_claim claim = {r, &auth, headers[1].value, &key};
    return tc3_verify(&arena, &claim, &(struct host_names){&host, 1}, &variant);
}

static void a_signature_holds_for_its_request_alone(void **state)
{
    struct sign_key key = {STR("AKIDa"), STR("secret"), STR("sqlserver")};
    struct request r = request(STR("{\"FlowId\":1}")), other = request(STR("{\"FlowId\":2}"));
    (void)state;
    arena_init(&arena);
    struct str authorization = sign_post(&arena, &r, &key, SECONDS);
    assert_int_equal(verify(&r, authorization, STR("secret")), 0);
    assert_int_equal(verify(&other, authorization, STR("secret")), -1);
    assert_int_equal(verify(&r, authorization, STR("Secret")), -1);
    arena_done(&arena);
}

SUITE(sign)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_signature_holds_for_its_request_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
