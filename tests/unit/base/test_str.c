/* Proves that text views compare, split and convert exactly, also when empty or absent. */
#include "support/texts.h"

static const struct str absent = {NULL, 0};

static void equality_needs_the_same_bytes_and_length(void **state)
{
    (void)state;
    assert_true(str_eq(STR("abc"), STR("abc")));
    assert_false(str_eq(STR("abc"), STR("abC")));
    assert_false(str_eq(STR("abc"), STR("ab")));
    assert_true(str_eq(STR(""), absent));
    assert_false(str_eq(STR("a\0b"), STR("a\0c")));
}

static void case_is_ignored_for_ascii_letters_only(void **state)
{
    (void)state;
    assert_true(str_eq_nocase(STR("X-TC-Action"), STR("x-tc-aCTION")));
    assert_false(str_eq_nocase(STR("ab"), STR("abc")));
    /* '@' and '`' differ by the case bit, as do '[' and '{', and the two halves of Latin-1. */
    assert_false(str_eq_nocase(STR("@["), STR("`{")));
    assert_false(str_eq_nocase(STR("\xc4"), STR("\xe4")));
    assert_true(str_eq_nocase(absent, STR("")));
}

static void order_is_by_unsigned_bytes_then_length(void **state)
{
    (void)state;
    assert_int_equal(str_cmp(STR("same"), STR("same")), 0);
    assert_true(str_cmp(STR("ab"), STR("abc")) < 0);
    assert_true(str_cmp(STR("abc"), STR("ab")) > 0);
    assert_true(str_cmp(STR("a\x7f"), STR("a\x80")) < 0);
    assert_true(str_cmp(absent, STR("a")) < 0);
    assert_int_equal(str_cmp(absent, STR("")), 0);
}

static void prefixes_and_suffixes_may_be_empty_or_the_whole(void **state)
{
    (void)state;
    assert_true(str_starts(STR("DBNames.0"), STR("DBNames.")));
    assert_true(str_starts(STR("abc"), STR("abc")));
    assert_true(str_starts(absent, absent));
    assert_false(str_starts(STR("ab"), STR("abc")));
    assert_true(str_ends(STR("a.json"), STR(".json")));
    assert_true(str_ends(STR("abc"), STR("")));
    assert_false(str_ends(STR("son"), STR(".json")));
    assert_false(str_ends(STR("a.jsoN"), STR(".json")));
}

static void find_gives_the_first_or_the_length(void **state)
{
    (void)state;
    assert_int_equal(str_find(STR("a=b=c"), '='), 1);
    assert_int_equal(str_find(STR("abc"), '='), 3);
    assert_int_equal(str_find(STR("a\0b"), '\0'), 1);
    assert_int_equal(str_find(absent, 'x'), 0);
}

static void cutting_clips_at_the_end(void **state)
{
    (void)state;
    assert_text(str_skip(STR("abc"), 1), "bc");
    assert_text(str_skip(STR("abc"), 4), "");
    assert_text(str_head(STR("abc"), 2), "ab");
    assert_text(str_head(STR("abc"), 9), "abc");
    assert_null(str_skip(absent, 5).p);
    assert_non_null(str_skip(STR("abc"), 3).p);
}

static void split_keeps_empty_parts(void **state)
{
    static const char *const expected[] = {"a", "", "b", ""};
    struct str rest = STR("a,,b,"), part;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_true(str_next(&rest, ',', &part));
        assert_text(part, expected[i]);
    }
    assert_false(str_next(&rest, ',', &part));
    assert_null(rest.p);
}

static void split_of_an_empty_text_is_one_part_and_of_none_is_none(void **state)
{
    struct str rest = STR(""), none = absent, part;
    (void)state;
    assert_true(str_next(&rest, ',', &part));
    assert_int_equal(part.n, 0);
    assert_false(str_next(&rest, ',', &part));
    assert_false(str_next(&none, ',', &part));
}

static void trim_takes_white_space_at_both_ends_only(void **state)
{
    (void)state;
    assert_text(str_trim(STR(" \t\r\n a b \n")), "a b");
    assert_text(str_trim(STR(" \n ")), "");
    assert_text(str_trim(STR("\v.\f")), "\v.\f");
    assert_null(str_trim(absent).p);
}

static const struct {
    const char *text;
    int result;
    int64_t value;
} integers[] = {
    {"0", 0, 0},
    {"-0", 0, 0},
    {"007", 0, 7},
    {"-42", 0, -42},
    {"9223372036854775807", 0, INT64_MAX},
    {"-9223372036854775808", 0, INT64_MIN},
    {"9223372036854775808", -1, 0},
    {"-9223372036854775809", -1, 0},
    {"18446744073709551616", -1, 0},
    {"", -1, 0},
    {"-", -1, 0},
    {"--1", -1, 0},
    {"+1", -1, 0},
    {" 1", -1, 0},
    {"1 ", -1, 0},
    {"1.0", -1, 0},
    {"0x10", -1, 0},
};

static void integers_convert_whole_or_not_at_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        int64_t value = 0;
        int result = str_to_i64(str_from(integers[i].text), &value);
        if (result != integers[i].result || value != integers[i].value)
            fail_msg("\"%s\" gave %d and %lld, not %d and %lld", integers[i].text, result, (long long)value,
                     integers[i].result, (long long)integers[i].value);
    }
}

static void unsigned_integers_reach_their_maximum_and_have_no_sign(void **state)
{
    uint64_t value = 5;
    (void)state;
    assert_int_equal(str_to_u64(STR("18446744073709551616"), &value), -1);
    assert_int_equal(str_to_u64(STR("99999999999999999999"), &value), -1);
    assert_int_equal(str_to_u64(STR("-1"), &value), -1);
    assert_int_equal(str_to_u64(absent, &value), -1);
    assert_int_equal(value, 5); /* untouched by a failure */
    assert_int_equal(str_to_u64(STR("18446744073709551615"), &value), 0);
    assert_true(value == UINT64_MAX);
}

SUITE(str)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_needs_the_same_bytes_and_length),
        cmocka_unit_test(case_is_ignored_for_ascii_letters_only),
        cmocka_unit_test(order_is_by_unsigned_bytes_then_length),
        cmocka_unit_test(prefixes_and_suffixes_may_be_empty_or_the_whole),
        cmocka_unit_test(find_gives_the_first_or_the_length),
        cmocka_unit_test(cutting_clips_at_the_end),
        cmocka_unit_test(split_keeps_empty_parts),
        cmocka_unit_test(split_of_an_empty_text_is_one_part_and_of_none_is_none),
        cmocka_unit_test(trim_takes_white_space_at_both_ends_only),
        cmocka_unit_test(integers_convert_whole_or_not_at_all),
        cmocka_unit_test(unsigned_integers_reach_their_maximum_and_have_no_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
