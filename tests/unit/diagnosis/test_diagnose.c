/* Proves what an examination gives: the mistake, two of them, none, or what is wrong with the header's form;
 * that it is bounded; and that the right signature stays inside unless it is asked for. That every row of the
 * tables is found is proved from outside, by tests/doctor. */
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
    d = (struct diagnosis){.kind = DIAGNOSIS_UNKNOWN};
    (void)test_world_run(t, r);
    return doctor_examine(&t->call, &d);
}

static void other_calls_are_not_examined(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    assert_int_equal(examine(t, &r), -1);
    r = test_world_post("NoSuchAction", "{}");
    assert_int_equal(examine(t, &r), -1);
    r = right();
    r.secret_id = "AKIDnobody";
    assert_int_equal(examine(t, &r), -1);
}

static void a_mistake_is_found(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.signed_host = "cvm.tencentcloudapi.com";
    assert_int_equal(examine(t, &r), 0);
    assert_int_equal(d.kind, DIAGNOSIS_SIGNATURE);
    assert_int_equal(d.n_found, 1);
    assert_text(d.found[0]->id, "sig.host-example");
    assert_null(d.signature.p);
}

static void two_mistakes_are_found(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.signed_host = "cvm.tencentcloudapi.com";
    r.key = TEST_KEY "\n";
    assert_int_equal(examine(t, &r), 0);
    assert_int_equal(d.n_found, 2);
    assert_text(d.found[0]->id, "sig.secret-line-end");
    assert_text(d.found[1]->id, "sig.host-example");
}

/* Which host was signed does not matter to virga itself, unless it is strict. */
static void a_host_that_is_taken_is_no_mistake_beside_another(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.signed_host = TEST_HOST;
    r.key = TEST_KEY "\n";
    assert_int_equal(examine(t, &r), 0);
    assert_int_equal(d.n_found, 1);
    assert_text(d.found[0]->id, "sig.secret-line-end");
    t->world.settings.strict = true;
    assert_int_equal(examine(t, &r), 0);
    assert_int_equal(d.n_found, 2);
    assert_text(d.found[0]->id, "sig.host-canonical");
}

static void version_1_is_examined_too(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_form("CreateBackup", "InstanceId=" TEST_INSTANCE "&");
    r.key = TEST_ID;
    (void)test_world_run_v1(t, &r);
    assert_int_equal(doctor_examine(&t->call, &d), 0);
    assert_int_equal(d.n_found, 1);
    assert_text(d.found[0]->id, "sig.secret-id");
    assert_null(d.canonical_request.p);
    assert_true(str_starts(d.string_to_sign, STR("POST" TEST_HOST "/?Action=CreateBackup&")));
}

static void nothing_is_found_for_a_key_that_nobody_has(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.key = "of nobody";
    assert_int_equal(examine(t, &r), 0);
    assert_int_equal(d.kind, DIAGNOSIS_UNKNOWN);
    assert_int_equal(d.n_found, 0);
    assert_true(str_starts(d.canonical_request,
                           STR("POST\\n/\\n\\ncontent-type:application/json\\nhost:127.0.0.1:8328")));
    assert_true(str_starts(d.canonical_plain, STR("POST\n/\n\n")));
    assert_true(str_starts(d.string_to_sign, STR("TC3-HMAC-SHA256\\n")));
    assert_null(d.signature.p);
}

/* Chance has no name: the search is walked to its end each time, pairs and all. */
static void a_signature_by_chance_has_no_name(void **state)
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
        assert_int_equal(d.n_found, 0);
    }
}

/* A text of that many bytes with as much to rewrite as there may be. */
static const char *filled(struct test_world *t, const char *piece, size_t size)
{
    const size_t step = strlen(piece);
    char *text = arena_alloc(&t->arena, size + 1);
    for (size_t i = 0; i < size; i++)
        text[i] = piece[i % step];
    text[size] = '\0';
    return text;
}

static void assert_bounded(struct test_world *t, bool passed_over)
{
    const struct mistake *found[2];
    struct diagnosis_case p;
    assert_text(error_table[t->call.error].code, "AuthFailure.SignatureFailure");
    assert_int_equal(case_init(&p, &t->call), 0);
    assert_int_equal(search(&p, found), 0);
    assert_true(p.work <= LIMIT_DOCTOR_WORK);
    assert_int_equal(p.passed_over, passed_over);
    case_done(&p);
}

/* Of each form of a request, since each spends its time elsewhere. */
static void a_large_request_does_not_stop_the_server(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.key = "of nobody";
    (void)test_world_run(t, &r);
    assert_bounded(t, false);
    r.body = arena_printf(&t->arena, "[%s1]", filled(t, "\"a\",", 60000)).p;
    (void)test_world_run(t, &r);
    assert_bounded(t, true);
    r.body = filled(t, "[", 4 * 1024 * 1024);
    (void)test_world_run(t, &r);
    assert_bounded(t, true);
    r = test_world_get("CreateBackup", filled(t, "a=b+c&", 30000 - 1));
    r.key = "of nobody";
    (void)test_world_run(t, &r);
    assert_bounded(t, true);
    r = test_world_form("CreateBackup", filled(t, "a.0=b+c&", 60000));
    r.key = "of nobody";
    (void)test_world_run_v1(t, &r);
    assert_bounded(t, true);
}

static void the_right_signature_is_shown_on_demand(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = right();
    r.key = "of nobody";
    t->world.settings.doctor_reveal = true;
    assert_int_equal(examine(t, &r), 0);
    r.authorization = arena_printf(&t->arena,
                                   "TC3-HMAC-SHA256 Credential=" TEST_ID "/%s/sqlserver/tc3_request, "
                                   "SignedHeaders=content-type;host, Signature=%.*s",
                                   r.date, STR_ARG(d.signature))
                          .p;
    assert_string_equal(test_world_run(t, &r), "");
}

static void a_malformed_header_is_told_by_its_form(void **state)
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
        assert_int_equal(d.kind, DIAGNOSIS_FORM);
        assert_text(d.found[0]->id, cases[i].id);
    }
}

static void diagnose(struct test_world *t)
{
    struct test_world_request r = right();
    r.signed_host = "cvm.tencentcloudapi.com";
    r.key = TEST_KEY "\n";
    (void)test_world_run(t, &r);
    diagnose_call(&t->call);
}

static void attending_says_why(void **state)
{
    struct test_world *t = *state;
    t->world.settings.doctor_per_second = 1000;
    diagnose(t);
    assert_text(t->call.explanation.cause, "sig.secret-line-end, sig.host-example");
    assert_true(str_starts(t->call.explanation.evidence, STR("the key ends in a line end")));
    assert_text(error_table[t->call.error].code, "AuthFailure.SignatureFailure");
    (void)test_world_backup(t, INSTANCE);
    diagnose_call(&t->call);
    assert_null(t->call.explanation.cause.p);
}

/* Within one second; the loop is far shorter, and is begun anew should one end within it. */
static void attending_has_a_bound(void **state)
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
            diagnose(t);
            said += t->call.explanation.cause.p != NULL;
        }
    } while (clock_real_ms() / 1000 != second);
    assert_int_equal(said, 2);
}

static void a_bound_of_none_is_kept(void **state)
{
    struct test_world *t = *state;
    t->world.settings.doctor_per_second = 0;
    diagnose(t);
    assert_null(t->call.explanation.cause.p);
}

SUITE(diagnose)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(other_calls_are_not_examined, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_mistake_is_found, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(two_mistakes_are_found, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_host_that_is_taken_is_no_mistake_beside_another, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(version_1_is_examined_too, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_found_for_a_key_that_nobody_has, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_signature_by_chance_has_no_name, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_large_request_does_not_stop_the_server, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_right_signature_is_shown_on_demand, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_malformed_header_is_told_by_its_form, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(attending_says_why, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(attending_has_a_bound, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_bound_of_none_is_kept, test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
