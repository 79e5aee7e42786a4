/* Proves that verification accepts what genuine clients sign, and that nothing signed can be changed. */
#include "support/suite.h"

#include "support/tc3_fixture.h"

/* --- The variants -------------------------------------------------------------------------------------- */

static void the_host_that_matched_is_returned(void **state)
{
    struct tc3_fixture *t = tc3_fixture_new(&vectors[S1]);
    const struct str hosts[] = {STR("127.0.0.1:18080"), STR("127.0.0.1"), STR("127.0.0.1"), STR(HOST)};

    (void)state;
    assert_int_equal(tc3_fixture_run_with(t, hosts, 3), -1);
    assert_null(t->matched.host.p);
    assert_int_equal(tc3_fixture_run_with(t, hosts, 0), -1);
    assert_int_equal(tc3_fixture_run_with(t, hosts, 4), 0);
    assert_ptr_equal(t->matched.host.p, hosts[3].p);
}

/* Python signs a multipart boundary as it is, though the documentation asks for lower case. */
static void values_are_tried_as_sent_and_then_in_lower_case(void **state)
{
    struct tc3_fixture *t = tc3_fixture_new(&vectors[S1]);

    (void)state;
    static const char *const values[] = {"multipart/form-data; boundary=AbC", "Application/json",
                                         "application/jsoN"};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        for (int lower = 0; lower <= 1; lower++) {
            const struct tc3_variant variant = {t->host, lower, false};

            t->headers[1].value = str_from(values[i]);
            tc3_fixture_sign(t, variant);
            assert_matched(t, variant);
        }
}

static void the_host_line_is_lowered_too(void **state)
{
    struct tc3_fixture *t = tc3_fixture_new(&vectors[S1]);

    (void)state;
    t->host = STR("SQLServer.TencentCloudAPI.com");
    assert_matched(t, (struct tc3_variant){t->host, true, false});
}

/* With no capital letter anywhere both variants are the same text, and the first is reported. */
static void without_capitals_there_is_no_lower_case_variant(void **state)
{
    struct tc3_fixture *t = tc3_fixture_new(&vectors[S1]);

    (void)state;
    tc3_fixture_sign(t, (struct tc3_variant){t->host, true, false});
    assert_matched(t, (struct tc3_variant){t->host, false, false});
}

static void a_post_may_sign_its_query_or_leave_it_out(void **state)
{
    struct tc3_fixture *t = tc3_fixture_new(&vectors[S2]);

    (void)state;
    const struct str queries[] = {STR("b=2&a=%2F1"), STR("a")};

    for (int i = 0; i < 8; i++) {
        const struct tc3_variant variant = {t->host, i & 1, i & 2};

        t->request.query = queries[i / 4];
        tc3_fixture_sign(t, variant);
        assert_matched(t, variant);
    }
}

static void a_get_always_signs_its_raw_query(void **state)
{
    struct tc3_fixture *t = tc3_fixture_new(&vectors[S3]);

    (void)state;
    tc3_fixture_sign(t, (struct tc3_variant){t->host, false, false});
    assert_int_equal(tc3_fixture_run(t), -1);
    t->request.query = STR("");
    tc3_fixture_sign(t, (struct tc3_variant){t->host, false, true});
    assert_matched(t, (struct tc3_variant){t->host, false, true});
}

static void white_space_around_values_is_not_signed(void **state)
{
    struct tc3_fixture *t = tc3_fixture_new(&vectors[S1]);

    (void)state;
    t->headers[1].value = STR(" \t" JSON " ");
    t->host = STR(" " HOST "\t");
    assert_int_equal(tc3_fixture_run(t), 0);
}

static void an_absent_header_is_signed_as_an_empty_value(void **state)
{
    struct tc3_fixture *t = tc3_fixture_new(&vectors[S1]);

    (void)state;
    t->auth.signed_headers = STR("Content-Type;Host;X-TC-Token");
    assert_text(canonical_of(t, (struct tc3_variant){t->host, false, false}),
                "POST\n/\n\ncontent-type:" JSON "\nhost:" HOST
                "\nx-tc-token:\n\ncontent-type;host;x-tc-token\n"
                "6b29f78f09b476a67744e3abe39ff1a0402cd667217a2308794a7dcf5a6aae00");
}

/* --- Tampering ----------------------------------------------------------------------------------------- */

static void corrupt(struct str *text)
{
    char *copy = ARENA_ARRAY(&arena, char, text->n);

    memcpy(copy, text->p, text->n);
    copy[text->n / 2] ^= 2;
    text->p = copy;
}

static void changing_anything_signed_makes_it_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        struct tc3_fixture *t = tc3_fixture_new(&vectors[i]);
        struct str *parts[] = {&t->request.method, &t->headers[1].value,
                               &t->host,           &t->timestamp,
                               &t->auth.date,      &t->auth.service,
                               &t->auth.signature, i == S3 ? &t->request.query : &t->request.body};

        for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
            const struct str before = *parts[k];

            if (i == S4 && parts[k] == &t->request.body)
                continue;
            corrupt(parts[k]);
            assert_int_equal(tc3_fixture_run(t), -1);
            *parts[k] = before;
        }
        assert_int_equal(tc3_fixture_run(t), 0);
    }
}

static void the_action_is_protected_where_it_is_signed(void **state)
{
    struct tc3_fixture *t = tc3_fixture_new(&vectors[S2]);

    (void)state;
    t->headers[2].value = STR("DeleteBackup");
    assert_int_equal(tc3_fixture_run(t), -1);
    t = tc3_fixture_new(&vectors[S1]);
    t->headers[2].value = STR("DeleteBackup");
    assert_int_equal(tc3_fixture_run(t), 0);
}

static void leaving_a_signed_header_out_of_the_list_makes_it_fail(void **state)
{
    struct tc3_fixture *t = tc3_fixture_new(&vectors[S2]);

    (void)state;
    t->auth.signed_headers = STR(TWO);
    assert_int_equal(tc3_fixture_run(t), -1);
    t->auth.signed_headers = STR("host;content-type;x-tc-action");
    assert_int_equal(tc3_fixture_run(t), -1);
}

static void every_digit_of_the_signature_counts(void **state)
{
    struct tc3_fixture *t = tc3_fixture_new(&vectors[A]);
    char digits[SHA256_HEX];

    (void)state;
    memcpy(digits, t->auth.signature.p, sizeof(digits));
    t->auth.signature.p = digits;
    for (size_t i = 0; i < sizeof(digits); i++) {
        const char before = digits[i];

        digits[i] = before == '0' ? '1' : '0';
        assert_int_equal(tc3_fixture_run(t), -1);
        digits[i] = before;
    }
    assert_int_equal(tc3_fixture_run(t), 0);
}

static void another_key_or_a_signature_in_capitals_fails(void **state)
{
    struct tc3_fixture *t = tc3_fixture_new(&vectors[S1]);

    (void)state;
    tc3_signing_key(STR("Gu5t9xGARNpq86cd98joQYCN3EXAMPLF"), t->auth.date, t->auth.service, &t->key);
    assert_int_equal(tc3_fixture_run(t), -1);
    t = tc3_fixture_new(&vectors[S1]);
    t->auth.signature = STR("C381D1E12284835878D03AA7B81C854BC59E861DAFFA27B31C654CEC06111DA6");
    assert_int_equal(tc3_fixture_run(t), -1);
}

/* A secret has no greatest length here; past a block HMAC takes the key's digest. */
static void a_long_secret_makes_a_key(void **state)
{
    static char secret[100 * 1000];
    struct hmac_key a, b;
    uint8_t of_a[SHA256_BYTES], of_b[SHA256_BYTES];

    (void)state;
    memset(secret, 's', sizeof(secret));
    tc3_signing_key((struct str){secret, sizeof(secret)}, STR(DATE), STR("sqlserver"), &a);
    tc3_signing_key((struct str){secret, sizeof(secret) - 1}, STR(DATE), STR("sqlserver"), &b);
    hmac_key_sign(&a, STR("text"), of_a);
    hmac_key_sign(&b, STR("text"), of_b);
    assert_memory_not_equal(of_a, of_b, sizeof(of_a));
}

SUITE(tc3_verify)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_that_matched_is_returned),
        cmocka_unit_test(values_are_tried_as_sent_and_then_in_lower_case),
        cmocka_unit_test(the_host_line_is_lowered_too),
        cmocka_unit_test(without_capitals_there_is_no_lower_case_variant),
        cmocka_unit_test(a_post_may_sign_its_query_or_leave_it_out),
        cmocka_unit_test(a_get_always_signs_its_raw_query),
        cmocka_unit_test(white_space_around_values_is_not_signed),
        cmocka_unit_test(an_absent_header_is_signed_as_an_empty_value),
        cmocka_unit_test(changing_anything_signed_makes_it_fail),
        cmocka_unit_test(the_action_is_protected_where_it_is_signed),
        cmocka_unit_test(leaving_a_signed_header_out_of_the_list_makes_it_fail),
        cmocka_unit_test(every_digit_of_the_signature_counts),
        cmocka_unit_test(another_key_or_a_signature_in_capitals_fails),
        cmocka_unit_test(a_long_secret_makes_a_key),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
