/* Proves the encodings against published examples and against their malformed neighbours. */
#include "support/arena_fixture.h"

#include <stdio.h>

#include "base/codec.h"

static void hexadecimal_is_lower_case_without_nul(void **state)
{
    const uint8_t data[] = {0x00, 0x0f, 0xa9, 0xff};
    char out[9] = "########";
    (void)state;
    hex_encode(data, 4, out);
    assert_string_equal(out, "000fa9ff");
    hex_encode(data, 0, out);
    assert_string_equal(out, "000fa9ff");
}

static void hexadecimal_of_either_case_is_decoded(void **state)
{
    uint8_t out[4] = {0};
    (void)state;
    assert_true(hex_valid(STR("0123456789abcdefABCDEF")));
    assert_true(hex_valid(STR("")));
    assert_false(hex_valid(STR("0g")));
    assert_int_equal(hex_decode(STR("000fA9fF"), out), 0);
    assert_memory_equal(out, "\x00\x0f\xa9\xff", 4);
    assert_int_equal(hex_decode(STR(""), out), 0);
    assert_int_equal(hex_decode(STR("0"), out), -1);
    assert_int_equal(hex_decode(STR("0 "), out), -1);
    assert_int_equal(hex_decode(STR(" 00 "), out), -1);
}

/* RFC 4648 section 10. */
static void base64_matches_the_published_examples(void **state)
{
    static const char *const expected[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    (void)state;
    for (size_t n = 0; n <= 6; n++)
        assert_text(base64_encode(&arena, (const uint8_t *)"foobar", n), expected[n]);
    const uint8_t last[] = {0xfb, 0xff, 0xbf};
    assert_text(base64_encode(&arena, last, 3), "+/+/");
}

static void percent_decoding_gives_bytes_and_spaces(void **state)
{
    (void)state;
    assert_text(url_decode(&arena, STR("a%20b+c%2Bd%2fe")), "a b c+d/e");
    assert_text(url_decode(&arena, STR("%E6%95%B0")), "\xe6\x95\xb0");
    struct str nul = url_decode(&arena, STR("%00%ff"));
    assert_int_equal(nul.n, 2);
    assert_memory_equal(nul.p, "\0\xff", 2);
}

static void a_broken_escape_stays(void **state)
{
    (void)state;
    assert_text(url_decode(&arena, STR("%")), "%");
    assert_text(url_decode(&arena, STR("%4")), "%4");
    assert_text(url_decode(&arena, STR("%4g%g4%%41")), "%4g%g4%A");
    assert_text(url_decode(&arena, STR("100%+%41")), "100% A");
}

static void a_plain_text_is_its_own_decoding(void **state)
{
    struct str plain = STR("mssql-i1z41iwd");
    (void)state;
    assert_ptr_equal(url_decode(&arena, plain).p, plain.p);
    assert_int_equal(url_decode(&arena, plain).n, plain.n);
    assert_null(url_decode(&arena, (struct str){NULL, 0}).p);
}

/* The bytes on both sides of every boundary in table 3-7 of the Unicode standard. */
static const struct {
    struct str text;
    size_t prefix;
} utf8_cases[] = {
    {STR_INIT(""), 0},
    {STR_INIT("plain\0text"), 10},
    {STR_INIT("\x7f"), 1},
    {STR_INIT("\x80"), 0},
    {STR_INIT("\xc1\xbf"), 0},
    {STR_INIT("\xc2\x80\xdf\xbf"), 4},
    {STR_INIT("\xc2\x7f"), 0},
    {STR_INIT("\xc2\xc0"), 0},
    {STR_INIT("a\xc2"), 1},
    {STR_INIT("\xe0\x9f\xbf"), 0},
    {STR_INIT("\xe0\xa0\x80"), 3},
    {STR_INIT("\xed\x9f\xbf"), 3},
    {STR_INIT("\xed\xa0\x80"), 0},
    {STR_INIT("\xee\x80\x80\xef\xbf\xbf"), 6},
    {STR_INIT("ok\xe6\x95"), 2},
    {STR_INIT("\xe6\x95\x41"), 0},
    {STR_INIT("\xf0\x8f\xbf\xbf"), 0},
    {STR_INIT("\xf0\x90\x80\x80"), 4},
    {STR_INIT("\xf4\x8f\xbf\xbf"), 4},
    {STR_INIT("\xf4\x90\x80\x80"), 0},
    {STR_INIT("\xf5\x80\x80\x80"), 0},
    {STR_INIT("\xf0\x90\x80"), 0},
    {STR_INIT("\xff"), 0},
    /* Across the words of eight bytes that are looked at together. */
    {STR_INIT("12345678\xc2\xa9"
              "123456\xe6\x95\xb0"
              "12345678"),
     27},
    {STR_INIT("1234567\xe6\x95\xb0"
              "12345678\xf4"),
     18},
};

static void utf8_is_checked_at_every_border(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof utf8_cases / sizeof *utf8_cases; i++) {
        size_t prefix = utf8_prefix(utf8_cases[i].text);
        if (prefix != utf8_cases[i].prefix)
            fail_msg("case %zu: %zu good bytes, not %zu", i, prefix, utf8_cases[i].prefix);
        assert_int_equal(utf8_valid(utf8_cases[i].text), prefix == utf8_cases[i].text.n);
    }
    assert_true(utf8_valid((struct str){NULL, 0}));
}

static void invalid_bytes_are_replaced(void **state)
{
    (void)state;
    struct str good = STR("ab\xc3\xa9");
    assert_ptr_equal(utf8_replace_invalid(&arena, good).p, good.p);
    assert_text(utf8_replace_invalid(&arena, STR("a\xff\xfe"
                                                 "b\xc3\xa9\xc3")),
                "a??b\xc3\xa9?");
    assert_text(utf8_replace_invalid(&arena, STR("\xed\xa0\x80")), "???");
    assert_text(utf8_replace_invalid(&arena, STR("")), "");
}

static void constant_time_comparison_still_compares(void **state)
{
    (void)state;
    assert_true(equal_constant_time(STR("abc"), STR("abc")));
    assert_false(equal_constant_time(STR("abc"), STR("abd")));
    assert_false(equal_constant_time(STR("xbc"), STR("abc")));
    assert_false(equal_constant_time(STR("ab"), STR("abc")));
    /* Two differences must not cancel each other. */
    assert_false(equal_constant_time(STR("ba"), STR("ab")));
    assert_true(equal_constant_time((struct str){NULL, 0}, STR("")));
}

static void unprintable_text_is_masked(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"plain \xe6\x95\xb0 \xc3\xa9", "plain \xe6\x95\xb0 \xc3\xa9"},
        {"a\x1b[2J\n\x7f", "a?[2J??"},
        {"\xc2\x9b"
         "2J\xc2\xa0",
         "??2J\xc2\xa0"}, /* C1's own escape; a space that does not break */
        {"\xe2\x80\xae\xe2\x80\xa8\xe2\x80\x8f", "?????????"},
        {"\xe2\x81\xa6\xd8\x9c\xe2\x80\x94", "?????\xe2\x80\x94"}, /* a dash stays */
        {"\xff\xe2\x80", "???"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "%s", cases[i][0]);
        utf8_mask_unprintable(text, strlen(text));
        assert_string_equal(text, cases[i][1]);
    }
}

/* What JSON allows in a string and a terminal executes; the escapes that are there and all else stay. */
static void unprintable_json_is_escaped(void **state)
{
    static const char *const cases[][2] = {
        {"[\"a\\u001b\",1]", "[\"a\\u001b\",1]"},
        {"\"\x7f\"", "\"\\u007f\""},
        {"\"\xc2\x80\xc2\x9f\xc2\xa0\"", "\"\\u0080\\u009f\xc2\xa0\""},
        {"\"\xe2\x80\xae\xe6\x95\xb0\xd8\x9c\"", "\"\\u202e\xe6\x95\xb0\\u061c\""},
        {"\xe2\x81\xa9", "\\u2069"},
        {"\xff\xe2\x80", "\xff\xe2\x80"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_text(json_escape_unprintable(&arena, str_from(cases[i][0])), cases[i][1]);
}

SUITE(codec)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hexadecimal_is_lower_case_without_nul),
        cmocka_unit_test(hexadecimal_of_either_case_is_decoded),
        cmocka_unit_test(base64_matches_the_published_examples),
        cmocka_unit_test(percent_decoding_gives_bytes_and_spaces),
        cmocka_unit_test(a_broken_escape_stays),
        cmocka_unit_test(a_plain_text_is_its_own_decoding),
        cmocka_unit_test(utf8_is_checked_at_every_border),
        cmocka_unit_test(invalid_bytes_are_replaced),
        cmocka_unit_test(constant_time_comparison_still_compares),
        cmocka_unit_test(unprintable_text_is_masked),
        cmocka_unit_test(unprintable_json_is_escaped),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
