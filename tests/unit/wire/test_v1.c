/* Proves that version 1 signatures come out as the documentation's and the real SDKs', for both methods, and
 * that no parameter can be changed under one. */
#include "support/suite.h"

#include "wire/v1.h"

#define KEY "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
#define ID "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
#define HOST "sqlserver.tencentcloudapi.com"

/* The parameters as a client sends them, percent-encoded and in no order. */
#define COMMON "Version=2018-03-28&Timestamp=1551113065&Region=ap-guangzhou&Nonce=11886&SecretId=" ID
#define BACKUP COMMON "&Strategy=1&InstanceId=mssql-i1z41iwd&DBNames.1=db2&DBNames.0=db1&Action=CreateBackup"
#define SORTED_HEAD                                                                                          \
    HOST "/?Action=CreateBackup&DBNames.0=db1&DBNames.1=db2&InstanceId=mssql-i1z41iwd&Nonce=11886&Region="   \
         "ap-guan"                                                                                           \
         "gzhou&SecretId=" ID
#define SORTED_TAIL "&Strategy=1&Timestamp=1551113065&Version=2018-03-28"
#define INSTANCES                                                                                            \
    "Action=DescribeInstances&InstanceIds.0=ins-09dx96dg&Limit=20&Nonce=11886&Offset=0&Region=ap-guangzhou&" \
    "Sec"                                                                                                    \
    "retId="

static const struct vector {
    const char *name, *method, *host, *sent, *key, *text, *signature;
} vectors[] = {
    {"documentation's example", "GET", "cvm.tencentcloudapi.com",
     INSTANCES ID "&Timestamp=1465185768&Version=2017-03-12", KEY,
     "GETcvm.tencentcloudapi.com/?" INSTANCES ID "&Timestamp=1465185768&Version=2017-03-12",
     "EliP9YW3pW28FpsEdkXt/+WcGeI="},
    {"documentation's example with stars", "GET", "cvm.tencentcloudapi.com",
     INSTANCES "AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******&Timestamp=1465185768&Version=2017-03-12",
     "Gu5t9xGARNpq86cd98joQYCN3*******",
     "GETcvm.tencentcloudapi.com/?" INSTANCES
     "AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******&Timestamp=1465185768&Version=2017-03-12",
     "zmmjn35mikh6pM3V7sUEuX4wyYM="},
    {"GET, SHA-1", "GET", HOST, BACKUP, KEY, "GET" SORTED_HEAD SORTED_TAIL, "fopekla2EesPz5DgoSWkCXtbVSc="},
    {"POST, SHA-1", "POST", HOST, BACKUP, KEY, "POST" SORTED_HEAD SORTED_TAIL,
     "+gJ0vi24kx4eZBwb9WJmQ1EYvdQ="},
    {"GET, SHA-256", "GET", HOST, "SignatureMethod=HmacSHA256&" BACKUP, KEY,
     "GET" SORTED_HEAD "&SignatureMethod=HmacSHA256" SORTED_TAIL,
     "QUiP0tGHBf0Jo9hBsphHxzWS1fJhW6c1mIROFiYXOAg="},
    {"POST, SHA-256", "POST", HOST, "SignatureMethod=HmacSHA256&" BACKUP, KEY,
     "POST" SORTED_HEAD "&SignatureMethod=HmacSHA256" SORTED_TAIL,
     "ZooJ+Gg9Mf7om9YqtiqG2vg4Y7zirHAA4CtQ4284CMg="},
    {"values that look like syntax once decoded", "GET", HOST,
     COMMON "&Strategy=1&InstanceId=mssql-i1z41iwd&Action=CreateBackup&BackupName=a%20b%26c%3D%E6%95%B0", KEY,
     "GET" HOST
     "/?Action=CreateBackup&BackupName=a b&c=\xe6\x95\xb0&InstanceId=mssql-i1z41iwd&Nonce=11886&Region="
     "ap-guangzhou&SecretId=" ID SORTED_TAIL,
     "MDM3alZGufjIO/YfltH1q1MrWY4="},
};

enum { VECTORS = sizeof(vectors) / sizeof(vectors[0]) };

static struct arena arena;

static int start(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void assert_text(struct str actual, const char *expected)
{
    assert_string_equal(arena_cstr(&arena, actual), expected);
}

static struct form parse(const char *text)
{
    struct form form;

    assert_int_equal(form_parse(&arena, str_from(text), &form), FORM_OK);
    return form;
}

/* The vector's form with a parameter Signature of that (decoded) value somewhere in the middle. */
static struct form sign(const struct vector *v, struct str signature)
{
    const struct form form = parse(v->sent);
    struct form signed_form = {ARENA_ARRAY(&arena, struct form_field, form.n + 1), form.n + 1};

    signed_form.fields[0] = form.fields[0];
    signed_form.fields[1] = (struct form_field){STR("Signature"), signature};
    memcpy(&signed_form.fields[2], &form.fields[1], (form.n - 1) * sizeof(form.fields[0]));
    return signed_form;
}

static int verify(const struct vector *v, const struct form *f)
{
    const struct request r = {.method = str_from(v->method)};
    const struct str host = str_from(v->host);
    size_t which = 99;
    const struct v1_claim claim = {&r, f, str_from(v->key)};
    const int result = v1_verify(&arena, &claim, &(struct host_names){&host, 1}, &which);

    assert_int_equal(which, result == 0 ? 0 : 99);
    return result;
}

static void every_vector_gives_its_text_and_signature(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        const struct vector *v = &vectors[i];
        const struct form form = parse(v->sent);
        const struct str text = v1_string_to_sign(&arena, str_from(v->method), str_from(v->host), &form);

        assert_text(text, v->text);
        assert_text(v1_sign(&arena, v1_method_of(&form), str_from(v->key), text), v->signature);
    }
}

static void every_vector_verifies_and_signature_itself_is_not_signed(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        const struct form form = sign(&vectors[i], str_from(vectors[i].signature));
        const struct str text =
            v1_string_to_sign(&arena, str_from(vectors[i].method), str_from(vectors[i].host), &form);

        assert_text(text, vectors[i].text);
        assert_int_equal(verify(&vectors[i], &form), 0);
    }
}

static void only_the_exact_name_chooses_sha256(void **state)
{
    static const struct {
        const char *sent;
        enum v1_method method;
    } cases[] = {
        {"", V1_HMAC_SHA1},
        {"SignatureMethod=", V1_HMAC_SHA1},
        {"SignatureMethod=HmacSHA1", V1_HMAC_SHA1},
        {"SignatureMethod=hmacsha256", V1_HMAC_SHA1},
        {"SignatureMethod=HmacSHA2566", V1_HMAC_SHA1},
        {"signaturemethod=HmacSHA256", V1_HMAC_SHA1},
        {"SignatureMethod=HmacSHA256", V1_HMAC_SHA256},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct form form = parse(cases[i].sent);

        assert_int_equal(v1_method_of(&form), cases[i].method);
    }
}

static void keys_sort_by_bytes_and_a_prefix_comes_first(void **state)
{
    const struct form form = parse("b=1&B=2&a.10=3&a.2=4&a=5&_=6&Signature=x&SignatureMethod=7");
    const struct form twice = parse("k=2&a=0&k=1");
    const struct form empty = parse("");

    (void)state;
    assert_text(v1_string_to_sign(&arena, STR("GET"), STR("h"), &form),
                "GETh/?B=2&SignatureMethod=7&_=6&a=5&a.10=3&a.2=4&b=1");
    assert_text(v1_string_to_sign(&arena, STR("GET"), STR("h"), &twice), "GETh/?a=0&k=2&k=1");
    assert_text(v1_string_to_sign(&arena, STR("GET"), STR("h"), &empty), "GETh/?");
}

static void white_space_around_the_signature_is_ignored_and_nothing_else(void **state)
{
    const struct vector *v = &vectors[3]; /* its signature starts with '+' */
    static const struct {
        struct str signature;
        int result;
    } cases[] = {
        {STR_INIT("+gJ0vi24kx4eZBwb9WJmQ1EYvdQ=\n"), 0}, {STR_INIT(" +gJ0vi24kx4eZBwb9WJmQ1EYvdQ=\r\n"), 0},
        {STR_INIT(" gJ0vi24kx4eZBwb9WJmQ1EYvdQ="), -1}, /* a '+' that was not escaped */
        {STR_INIT("+gJ0vi24kx4eZBwb9WJmQ1EYvdQ"), -1},   {STR_INIT("+gj0vi24kx4eZBwb9WJmQ1EYvdQ="), -1},
        {STR_INIT("+gJ0vi24kx4eZBwb9WJmQ1EYvdQ=="), -1}, {STR_INIT(""), -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct form form = sign(v, cases[i].signature);

        assert_int_equal(verify(v, &form), cases[i].result);
    }
}

static void a_request_without_a_signature_does_not_verify(void **state)
{
    const struct form form = parse(vectors[2].sent);

    (void)state;
    assert_int_equal(verify(&vectors[2], &form), -1);
}

static void the_host_that_matched_is_returned(void **state)
{
    const struct form form = sign(&vectors[2], str_from(vectors[2].signature));
    const struct str hosts[] = {STR("127.0.0.1:18080"), STR("127.0.0.1"), STR(HOST), STR(HOST)};
    const struct request r = {.method = STR("GET")};
    const struct v1_claim claim = {&r, &form, STR(KEY)};
    size_t which = 99;

    (void)state;
    assert_int_equal(v1_verify(&arena, &claim, &(struct host_names){hosts, 2}, &which), -1);
    assert_int_equal(v1_verify(&arena, &claim, &(struct host_names){hosts, 0}, &which), -1);
    assert_int_equal(which, 99);
    assert_int_equal(v1_verify(&arena, &claim, &(struct host_names){hosts, 4}, &which), 0);
    assert_int_equal(which, 2);
}

/* Each key and each value gets another last character, the signature among them. */
static void changing_anything_makes_it_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        const struct form form = sign(&vectors[i], str_from(vectors[i].signature));

        for (size_t k = 0; k < 2 * form.n; k++) {
            struct str *text = k % 2 ? &form.fields[k / 2].value : &form.fields[k / 2].key;
            const struct str before = *text;
            char *changed = ARENA_ARRAY(&arena, char, before.n);

            memcpy(changed, before.p, before.n);
            changed[before.n - 1] ^= 1;
            *text = (struct str){changed, before.n};
            assert_int_equal(verify(&vectors[i], &form), -1);
            *text = before;
        }
        assert_int_equal(verify(&vectors[i], &form), 0);
    }
}

static void another_method_host_or_key_makes_it_fail(void **state)
{
    const struct form form = sign(&vectors[2], str_from(vectors[2].signature));
    struct vector v = vectors[2];

    (void)state;
    v.method = "POST";
    assert_int_equal(verify(&v, &form), -1);
    v = vectors[2];
    v.host = "sqlserver.intl.tencentcloudapi.com";
    assert_int_equal(verify(&v, &form), -1);
    v = vectors[2];
    v.key = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLF";
    assert_int_equal(verify(&v, &form), -1);
}

SUITE(v1)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_gives_its_text_and_signature),
        cmocka_unit_test(every_vector_verifies_and_signature_itself_is_not_signed),
        cmocka_unit_test(only_the_exact_name_chooses_sha256),
        cmocka_unit_test(keys_sort_by_bytes_and_a_prefix_comes_first),
        cmocka_unit_test(white_space_around_the_signature_is_ignored_and_nothing_else),
        cmocka_unit_test(a_request_without_a_signature_does_not_verify),
        cmocka_unit_test(the_host_that_matched_is_returned),
        cmocka_unit_test(changing_anything_makes_it_fail),
        cmocka_unit_test(another_method_host_or_key_makes_it_fail),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
