/* Proves that the right signing of version 1 gives the signatures that real clients make, and how keys,
 * values and the signature's form may differ. */
#include "support/texts.h"

#include "diagnosis/signing.h"

static struct arena arena;
static struct signing r;

#define FIELD(k, v)                                                                                          \
    {                                                                                                        \
        STR_INIT(k), STR_INIT(v)                                                                             \
    }
static struct form_field published[] = {
    FIELD("Action", "CreateBackup"),
    FIELD("DBNames.0", "db1"),
    FIELD("DBNames.1", "db2"),
    FIELD("InstanceId", "mssql-i1z41iwd"),
    FIELD("Nonce", "11886"),
    FIELD("Region", "ap-guangzhou"),
    FIELD("SecretId", "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"),
    FIELD("Strategy", "1"),
    FIELD("Timestamp", "1551113065"),
    FIELD("Version", "2018-03-28"),
};
static struct form_field own[] = {FIELD("A.0", "a b+/"), FIELD("A.10.B", ""), FIELD("SignatureMethod", "x"),
                                  FIELD("Z", "\xe4\xb8\xad")};

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    r = (struct signing){.method = STR("GET"), .host = STR("sqlserver.tencentcloudapi.com")};
    r.key = (struct key_part){
        .secret = STR("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"), .before = STR(""), .after = STR("")};
    r.v1.path = STR("/?");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct str text_of(struct form_field *fields, size_t n)
{
    const struct form form = {.fields = fields, .n = n};
    return signing_v1_string(&arena, &r, &form);
}

static void the_right_signing_gives_real_signatures(void **state)
{
    (void)state;
    struct str text = text_of(published, sizeof published / sizeof published[0]);
    assert_text(signing_v1_sign(&arena, &r, text), "fopekla2EesPz5DgoSWkCXtbVSc=");
    r.method = STR("POST");
    text = text_of(published, sizeof published / sizeof published[0]);
    assert_text(signing_v1_sign(&arena, &r, text), "+gJ0vi24kx4eZBwb9WJmQ1EYvdQ=");
}

static void values_are_written_in_every_way(void **state)
{
    static const struct {
        enum v1_value how;
        const char *text;
    } cases[] = {
        {V1_PLAIN, "a b+/"},      {V1_PERCENT, "a%20b%2B%2F"},
        {V1_FORM, "a+b%2B%2F"},   {V1_PERCENT_LOWER, "a%20b%2b%2f"},
        {V1_SPACE_PLUS, "a+b+/"}, {V1_SPACE_PERCENT, "a%20b+/"},
        {V1_PLUS_SPACE, "a b /"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        r.v1.value = cases[i].how;
        assert_text(text_of(own, 1),
                    arena_printf(&arena, "GETsqlserver.tencentcloudapi.com/?A.0=%s", cases[i].text).p);
    }
}

static void keys_are_written_in_every_way(void **state)
{
    static const struct {
        enum v1_keys how;
        const char *first, *second;
    } cases[] = {
        {V1_KEYS_AS_SENT, "A.0", "A.10.B"}, {V1_FROM_ONE, "A.1", "A.11.B"}, {V1_BRACKETS, "A[0]", "A[10].B"},
        {V1_UNDERSCORE, "A_0", "A_10.B"},   {V1_NO_INDEX, "A", "A.B"},
    };
    (void)state;
    r.host = STR("");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        r.v1.keys = cases[i].how;
        assert_text(text_of(own, 2),
                    arena_printf(&arena, "GET/?%s=a b+/&%s=", cases[i].first, cases[i].second).p);
    }
}

static void fields_may_be_left_out(void **state)
{
    (void)state;
    r.host = STR("");
    r.v1.path = STR("/");
    r.v1.without_method = r.v1.without_empty = true;
    assert_text(text_of(own, 4), "GET/A.0=a b+/&Z=\xe4\xb8\xad");
    assert_text(text_of(own, 0), "GET/");
}

static void a_signature_comes_in_every_form(void **state)
{
    static const char *const forms[] = {
        [V1_BASE64] = "KxmD8xYai7CHeunQGEAsprLvWls=",
        [V1_BASE64_BARE] = "KxmD8xYai7CHeunQGEAsprLvWls",
        [V1_BASE64_URL] = "KxmD8xYai7CHeunQGEAsprLvWls=",
        [V1_BASE64_URL_BARE] = "KxmD8xYai7CHeunQGEAsprLvWls",
        [V1_HEX] = "2b1983f3161a8bb0877ae9d018402ca6b2ef5a5b",
        [V1_HEX_UPPER] = "2B1983F3161A8BB0877AE9D018402CA6B2EF5A5B",
        [V1_BASE64_OF_HEX] = "MmIxOTgzZjMxNjFhOGJiMDg3N2FlOWQwMTg0MDJjYTZiMmVmNWE1Yg==",
        [V1_PLUS_LOST] = "KxmD8xYai7CHeunQGEAsprLvWls=",
        [V1_ENCODED] = "KxmD8xYai7CHeunQGEAsprLvWls%3D",
    };
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        r.v1.form = (enum v1_form)i;
        assert_text(signing_v1_sign(&arena, &r, STR("text")), forms[i]);
    }
}

/* The published POST signature begins with a '+', which a form turns into a space. */
static void a_lost_plus_is_a_space(void **state)
{
    (void)state;
    r.method = STR("POST");
    r.v1.form = V1_PLUS_LOST;
    assert_text(signing_v1_sign(&arena, &r, text_of(published, sizeof published / sizeof published[0])),
                " gJ0vi24kx4eZBwb9WJmQ1EYvdQ=");
}

SUITE(signing_v1)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_right_signing_gives_real_signatures, setup, teardown),
        cmocka_unit_test_setup_teardown(values_are_written_in_every_way, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_are_written_in_every_way, setup, teardown),
        cmocka_unit_test_setup_teardown(fields_may_be_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(a_signature_comes_in_every_form, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lost_plus_is_a_space, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
