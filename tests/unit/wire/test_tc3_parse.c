/* Proves that the Authorization header is taken apart as sent, and that each fault of its form is named. */
#include "support/suite.h"

#include "base/limits.h"
#include "wire/tc3.h"

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

#define CRED "Credential=AKID/2019-02-25/sqlserver/tc3_request"
#define NAMES "SignedHeaders=content-type;host"
#define HEX64 "0123456789abcdefABCDEF0123456789abcdef0123456789abcdef0123456789"
#define SIG "Signature=" HEX64
#define TC3 "TC3-HMAC-SHA256 "

static const struct {
    const char *text;
    enum tc3_part part;
} forms[] = {
    {TC3 CRED ", " NAMES ", " SIG, TC3_NOTHING},
    {TC3 CRED "," NAMES "," SIG, TC3_NOTHING},
    {"  " TC3 "  " CRED " ,\t" NAMES "  ,  " SIG " \t", TC3_NOTHING},
    {TC3 SIG ", " NAMES ", " CRED, TC3_NOTHING},
    {TC3 CRED ", " NAMES ", " SIG ",", TC3_NOTHING},
    {TC3 "Extra=1, " CRED ", " NAMES ", " SIG, TC3_NOTHING},
    {TC3 CRED ", SignedHeaders=Content-Type;Host, " SIG, TC3_NOTHING},
    {TC3 CRED ", SignedHeaders=a;host;content-type;z, " SIG, TC3_NOTHING},
    {TC3 "Credential=AKID/2019-02-25/localhost:18080/tc3_request, " NAMES ", " SIG, TC3_NOTHING},

    {"", TC3_ALGORITHM},
    {"SKIP", TC3_ALGORITHM},
    {"AWS4-HMAC-SHA256 " CRED ", " NAMES ", " SIG, TC3_ALGORITHM},
    {"tc3-hmac-sha256 " CRED ", " NAMES ", " SIG, TC3_ALGORITHM},
    {"TC3-HMAC-SHA256" CRED ", " NAMES ", " SIG, TC3_ALGORITHM},
    {"TC3-HMAC-SHA2567 " CRED ", " NAMES ", " SIG, TC3_ALGORITHM},

    {"TC3-HMAC-SHA256", TC3_CREDENTIAL},
    {TC3 NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 "credential=AKID/2019-02-25/sqlserver/tc3_request, " NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 CRED " " NAMES " " SIG, TC3_CREDENTIAL},
    {TC3 CRED ", " CRED ", " NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 "Credential=, " NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 "Credential=AKID, " NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 "Credential=AKID/2019-02-25/sqlserver, " NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 "Credential=/2019-02-25/sqlserver/tc3_request, " NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 "Credential=AKID/2019-02-25//tc3_request, " NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 "Credential=AKID//sqlserver/tc3_request, " NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 "Credential=AKID/2019-2-25/sqlserver/tc3_request, " NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 "Credential=AKID/2019-02-2x/sqlserver/tc3_request, " NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 "Credential=AKID/2019/02-25/sqlserver/tc3_request, " NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 "Credential=AKID/2019-02-25/sqlserver/tc3_reques, " NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 CRED "/, " NAMES ", " SIG, TC3_CREDENTIAL},
    {TC3 "Credential=AKID/2019-02-25/a/b/tc3_request, " NAMES ", " SIG, TC3_CREDENTIAL},

    {TC3 CRED ", " SIG, TC3_SIGNED_HEADERS},
    {TC3 CRED ", SignedHeaders=, " SIG, TC3_SIGNED_HEADERS},
    {TC3 CRED ", SignedHeaders=host, " SIG, TC3_SIGNED_HEADERS},
    {TC3 CRED ", SignedHeaders=content-type, " SIG, TC3_SIGNED_HEADERS},
    {TC3 CRED ", SignedHeaders=content-type;hosts, " SIG, TC3_SIGNED_HEADERS},
    {TC3 CRED ", SignedHeaders=content-type host, " SIG, TC3_SIGNED_HEADERS},
    {TC3 CRED ", SignedHeaders=content-type;;host, " SIG, TC3_SIGNED_HEADERS},
    {TC3 CRED ", SignedHeaders=content-type;host;, " SIG, TC3_SIGNED_HEADERS},
    {TC3 CRED ", SignedHeaders=content-type;host;Host, " SIG, TC3_SIGNED_HEADERS},
    {TC3 CRED ", " NAMES ", " NAMES ", " SIG, TC3_SIGNED_HEADERS},

    {TC3 CRED ", " NAMES, TC3_SIGNATURE},
    {TC3 CRED ", " NAMES ", Signature=", TC3_SIGNATURE},
    {TC3 CRED ", " NAMES ", " SIG "0", TC3_SIGNATURE},
    {TC3 CRED ", " NAMES ", Signature=0123456789abcdef", TC3_SIGNATURE},
    {TC3 CRED ", " NAMES ", Signature=g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
     TC3_SIGNATURE},
    {TC3 CRED ", " NAMES ", " SIG ", " SIG, TC3_SIGNATURE},

    /* With several faults the first in the order of the enum. */
    {TC3 "Signature=1, SignedHeaders=1, Credential=1", TC3_CREDENTIAL},
    {TC3 "Signature=1, SignedHeaders=1, " CRED, TC3_SIGNED_HEADERS},
};

static void a_header_is_accepted_or_its_first_fault_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const struct tc3_authorization untouched = {.date = STR("untouched")};
        struct tc3_authorization auth = untouched;
        const enum tc3_part part = tc3_parse(str_from(forms[i].text), &auth);

        if (part != forms[i].part)
            print_error("for: %s\n", forms[i].text);
        assert_int_equal(part, forms[i].part);
        if (part != TC3_NOTHING)
            assert_memory_equal(&auth, &untouched, sizeof(auth));
    }
}

static void the_parts_are_given_as_sent(void **state)
{
    struct tc3_authorization auth;

    (void)state;
    assert_int_equal(tc3_parse(STR(TC3 SIG " ,SignedHeaders=Host;content-type," CRED), &auth), TC3_NOTHING);
    assert_text(auth.secret_id, "AKID");
    assert_text(auth.date, "2019-02-25");
    assert_text(auth.service, "sqlserver");
    assert_text(auth.signed_headers, "Host;content-type");
    assert_text(auth.signature, HEX64);
}

/* As many names as headers are allowed, and one more. */
static void there_is_a_greatest_number_of_signed_headers(void **state)
{
    struct str names = STR("content-type;host");
    struct tc3_authorization auth;

    (void)state;
    for (int i = 2; i < LIMIT_HEADER_COUNT; i++)
        names = arena_printf(&arena, "%.*s;x-%d", STR_ARG(names), i);
    for (int extra = 0; extra <= 1; extra++) {
        const struct str text = arena_printf(&arena, TC3 CRED ", SignedHeaders=%.*s%s, " SIG, STR_ARG(names),
                                             extra ? ";x-more" : "");

        assert_int_equal(tc3_parse(text, &auth), extra ? TC3_SIGNED_HEADERS : TC3_NOTHING);
    }
}

SUITE(tc3_parse)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_accepted_or_its_first_fault_named),
        cmocka_unit_test(the_parts_are_given_as_sent),
        cmocka_unit_test(there_is_a_greatest_number_of_signed_headers),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
