/* Proves what a diagnosis finds: a mistake, two of them, none, or a malformed header; that its work is
 * bounded; and that it shows the right signature only on demand. tests/doctor proves from outside that each
 * row of the tables is found. */
#include "support/test_world.h"

#include <stdio.h>

#include "base/limits.h"
#include "diagnosis/diagnose.h"
#include "diagnosis/search.h"

#define INSTANCE "{\"InstanceId\":\"" TEST_INSTANCE "\"}"

static struct diagnosis d;

static struct test_world_request right(void)
{
    struct test_world_request r = test_world_post("CreateBackup", INSTANCE);
    r.host = "127.0.0.1:8328";
    return r;
}

static int examine(struct test_world *t, const struct test_world_request *r)
{
    d = (struct diagnosis){0};
    (void)test_world_run(t, r);
    return diagnose(&t->call, &d);
}

static void other_calls_are_not_examined(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    assert_int_equal(examine(t, &r), -1);
    r = test_world_post("NoSuchAction", "{}");
    assert_int_equal(examine(t, &r), -1);
    r = right();
    r.secret_id = "AKIDunknown";
    assert_int_equal(examine(t, &r), -1);
}

static void a_mistake_is_found(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.signed_host = "cvm.tencentcloudapi.com";
    assert_int_equal(examine(t, &r), 0);
    assert_true(d.found);
    assert_int_equal(d.findings.n, 1);
    assert_text(d.findings.v[0]->id, "sig.host-example");
    assert_null(d.signature.p);
}

static void two_mistakes_are_found(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.signed_host = "cvm.tencentcloudapi.com";
    r.key = TEST_KEY "\n";
    assert_int_equal(examine(t, &r), 0);
    assert_int_equal(d.findings.n, 2);
    assert_text(d.findings.v[0]->id, "sig.secret-line-end");
    assert_text(d.findings.v[1]->id, "sig.host-example");
}

/* Virga itself accepts several hosts, unless it is strict. */
static void an_accepted_host_is_no_mistake_beside_another(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.signed_host = TEST_HOST;
    r.key = TEST_KEY "\n";
    assert_int_equal(examine(t, &r), 0);
    assert_int_equal(d.findings.n, 1);
    assert_text(d.findings.v[0]->id, "sig.secret-line-end");
    t->world.settings.strict = true;
    assert_int_equal(examine(t, &r), 0);
    assert_int_equal(d.findings.n, 2);
    assert_text(d.findings.v[0]->id, "sig.host-canonical");
}

static void version_1_is_examined_too(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_form("CreateBackup", "InstanceId=" TEST_INSTANCE "&");
    r.key = TEST_ID;
    (void)test_world_run_v1(t, &r);
    assert_int_equal(diagnose(&t->call, &d), 0);
    assert_int_equal(d.findings.n, 1);
    assert_text(d.findings.v[0]->id, "sig.secret-id");
    assert_null(d.canonical_request.p);
    assert_true(str_starts(d.string_to_sign, STR("POST" TEST_HOST "/?Action=CreateBackup&")));
}

static void nothing_is_found_for_an_unknown_key(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.key = "an unknown key";
    assert_int_equal(examine(t, &r), 0);
    assert_false(d.found);
    assert_text(d.findings.v[0]->id, "sig.unknown");
    assert_true(str_starts(d.canonical_request,
                           STR("POST\n/\n\ncontent-type:application/json\nhost:127.0.0.1:8328\n")));
    assert_true(str_starts(d.string_to_sign, STR("TC3-HMAC-SHA256\n")));
    assert_null(d.signature.p);
}

/* Each search tries everything, pairs too. */
static void a_random_signature_is_not_found(void **state)
{
    static const char hex[] = "0123456789abcdef";
    struct test_world *t = *state;
    for (int i = 0; i < 200; i++) {
        struct test_world_request r = right();
        char signature[SHA256_HEX + 1] = "";
        for (size_t k = 0; k < SHA256_HEX; k++)
            signature[k] = hex[rng_next(&t->world.rng) & 15];
        r.authorization = arena_printf(&t->arena,
                                       "TC3-HMAC-SHA256 Credential=" TEST_ID "/%s/sqlserver/tc3_request, "
                                       "SignedHeaders=content-type;host, Signature=%s",
                                       r.date, signature)
                              .p;
        assert_int_equal(examine(t, &r), 0);
        assert_false(d.found);
    }
}

/* A text of that many bytes, made of one piece. */
static const char *filled(struct test_world *t, const char *piece, size_t size)
{
    const size_t step = strlen(piece);
    char *text = arena_alloc(&t->arena, size + 1);
    for (size_t i = 0; i < size; i++)
        text[i] = piece[i % step];
    text[size] = '\0';
    return text;
}

static void assert_bounded(struct test_world *t, bool incomplete)
{
    const struct mistake *found[SEARCH_MISTAKES];
    struct diagnosis_case dc;
    assert_text(error_table[t->call.error].code, "AuthFailure.SignatureFailure");
    assert_int_equal(case_init(&dc, &t->call), 0);
    assert_int_equal(search(&dc, found), 0);
    assert_true(dc.work <= LIMIT_DOCTOR_WORK);
    assert_int_equal(dc.incomplete, incomplete);
    case_done(&dc);
}

/* For each form of a request, because each spends its time on another stage. */
static void a_large_request_does_not_stop_the_server(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.key = "an unknown key";
    (void)test_world_run(t, &r);
    assert_bounded(t, false);
    r.body = arena_printf(&t->arena, "[%s1]", filled(t, "\"a\",", 60000)).p;
    (void)test_world_run(t, &r);
    assert_bounded(t, true);
    r.body = filled(t, "[", 4 * 1024 * 1024);
    (void)test_world_run(t, &r);
    assert_bounded(t, true);
    r = test_world_get("CreateBackup", filled(t, "a=b+c&", 30000 - 1));
    r.key = "an unknown key";
    (void)test_world_run(t, &r);
    assert_bounded(t, true);
    r = test_world_form("CreateBackup", filled(t, "a.0=b+c&", 60000));
    r.key = "an unknown key";
    (void)test_world_run_v1(t, &r);
    assert_bounded(t, true);
}

static void the_right_signature_is_shown_on_demand(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.key = "an unknown key";
    t->world.settings.doctor_reveal = true;
    assert_int_equal(examine(t, &r), 0);
    r.authorization = arena_printf(&t->arena,
                                   "TC3-HMAC-SHA256 Credential=" TEST_ID "/%s/sqlserver/tc3_request, "
                                   "SignedHeaders=content-type;host, Signature=%.*s",
                                   r.date, STR_ARG(d.signature))
                          .p;
    assert_string_equal(test_world_run(t, &r), "");
}

static void a_malformed_header_is_found(void **state)
{
    static const struct {
        const char *value, *id;
    } cases[] = {
        {"Basic x", "auth.bearer"},
        {"", "auth.empty"},
        {"TC3-HMAC-SHA256", "auth.no-credential"},
        {"TC3-HMAC-SHA256 Credential=a/20260101/sqlserver/tc3_request", "auth.date"},
        {"TC3-HMAC-SHA256 Credential=a/2026-01-01/cvm/tc3_request, SignedHeaders=content-type;host, "
         "Signature=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         "auth.service"},
        {"TC3-HMAC-SHA256 Credential=a/2026-01-01/sqlserver/tc3_request, SignedHeaders=content-type;host, "
         "Signature=xyz",
         "auth.signature-form"},
    };
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_world_request r = right();
        r.authorization = cases[i].value;
        assert_int_equal(examine(t, &r), 0);
        assert_true(d.found);
        assert_text(d.findings.v[0]->id, cases[i].id);
    }
}

static void run_with_two_mistakes(struct test_world *t)
{
    struct test_world_request r = right();
    r.signed_host = "cvm.tencentcloudapi.com";
    r.key = TEST_KEY "\n";
    (void)test_world_run(t, &r);
    diagnose_call(&t->call);
}

static void a_call_is_explained_by_its_findings(void **state)
{
    struct test_world *t = *state;
    t->world.settings.doctor_per_second = 1000;
    run_with_two_mistakes(t);
    assert_text(t->call.explanation.cause, "sig.secret-line-end, sig.host-example");
    assert_true(str_starts(t->call.explanation.evidence, STR("the key ends with a line end")));
    assert_text(error_table[t->call.error].code, "AuthFailure.SignatureFailure");
    (void)test_world_backup(t, INSTANCE);
    diagnose_call(&t->call);
    assert_null(t->call.explanation.cause.p);
}

/* The loop takes far less than a second; it is repeated when a second ends within it. */
static void diagnoses_have_a_limit_per_second(void **state)
{
    struct test_world *t = *state;
    int64_t second;
    size_t said;
    t->world.settings.doctor_per_second = 2;
    do {
        second = clock_real_ms() / 1000;
        t->world.doctor = (struct diagnosis_budget){0};
        said = 0;
        for (int i = 0; i < 4; i++) {
            run_with_two_mistakes(t);
            said += t->call.explanation.cause.p != NULL;
        }
    } while (clock_real_ms() / 1000 != second);
    assert_int_equal(said, 2);
}

static void findings_have_a_text_in_both_languages(void **state)
{
    struct test_world *t = *state;
    t->world.settings.doctor_per_second = 1000;
    run_with_two_mistakes(t);
    const struct findings *findings = &t->call.explanation.findings;
    assert_int_equal(findings->n, 2);
    assert_text(findings_text(&t->arena, findings, LANG_EN),
                "the key ends with a line end (LF, CR LF or CR); trim the SecretKey after reading it from a "
                "file or a "
                "variable; and the host of the documentation's example, cvm, was signed; sign the host that "
                "the request is sent to");
    assert_true(str_starts(findings_text(&t->arena, findings, LANG_ZH),
                           STR("\345\257\206\351\222\245"))); /* "the key" */
    assert_null(findings_text(&t->arena, &(struct findings){0}, LANG_ZH).p);
}

static void a_limit_of_zero_allows_no_diagnosis(void **state)
{
    struct test_world *t = *state;
    t->world.settings.doctor_per_second = 0;
    run_with_two_mistakes(t);
    assert_null(t->call.explanation.cause.p);
}

SUITE(diagnose)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(other_calls_are_not_examined, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_mistake_is_found, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(two_mistakes_are_found, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(an_accepted_host_is_no_mistake_beside_another, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(version_1_is_examined_too, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_found_for_an_unknown_key, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_random_signature_is_not_found, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_large_request_does_not_stop_the_server, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_right_signature_is_shown_on_demand, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_malformed_header_is_found, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_call_is_explained_by_its_findings, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(findings_have_a_text_in_both_languages, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(diagnoses_have_a_limit_per_second, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_limit_of_zero_allows_no_diagnosis, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
