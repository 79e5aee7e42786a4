/* Proves that a buffer grows without losing text, stops at its cap as a whole, and escapes JSON as RFC 8259
 * asks. */
#include "support/arena_fixture.h"

#include "base/buf.h"

static void a_buffer_starts_empty_with_a_text(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 0, 10);
    assert_non_null(buf_str(&b).p);
    assert_int_equal(buf_str(&b).n, 0);
    buf_put(&b, (struct str){NULL, 0});
    assert_text(buf_str(&b), "");
    assert_false(b.over);
}

static void text_survives_growth(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 1, 100000);
    for (int i = 0; i < 1000; i++) {
        buf_put_i64(&b, i % 10);
        buf_put(&b, STR("-"));
        buf_putc(&b, ';');
    }
    assert_int_equal(b.n, 3000);
    for (size_t i = 0; i < 1000; i++) {
        const char expected[] = {(char)('0' + i % 10), '-', ';'};
        assert_memory_equal(b.p + 3 * i, expected, 3);
    }
}

static void the_cap_can_be_reached_but_not_passed(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 2, 5);
    buf_put(&b, STR("abc"));
    buf_put(&b, STR("de"));
    assert_false(b.over);
    buf_putc(&b, 'f');
    assert_true(b.over);
    assert_text(buf_str(&b), "abcde");
}

static void a_put_that_does_not_fit_appends_nothing_and_stops_later_puts(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 0, 4);
    buf_put(&b, STR("ab"));
    buf_put(&b, STR("cde"));
    buf_putc(&b, 'f');
    buf_put_i64(&b, 1);
    buf_printf(&b, "%s", "g");
    assert_true(b.over);
    assert_text(buf_str(&b), "ab");
    buf_clear(&b);
    buf_printf(&b, "%s", "wxyz");
    assert_false(b.over);
    assert_text(buf_str(&b), "wxyz");
}

static void no_part_of_a_number_is_written_past_the_cap(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 0, 3);
    buf_put_i64(&b, -123);
    assert_true(b.over);
    assert_text(buf_str(&b), "");
}

static void integers_are_written_over_their_whole_range(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 0, 200);
    buf_put_i64(&b, INT64_MIN);
    buf_putc(&b, ' ');
    buf_put_i64(&b, INT64_MAX);
    buf_putc(&b, ' ');
    buf_put_u64(&b, UINT64_MAX);
    buf_putc(&b, ' ');
    buf_put_i64(&b, 0);
    buf_put_i64(&b, -1);
    buf_put_u64(&b, 10);
    assert_text(buf_str(&b), "-9223372036854775808 9223372036854775807 18446744073709551615 0-110");
}

/* Lengths around the room that is left: the first try of the formatter must be repeated exactly when it
 * failed. */
static void formatting_fits_at_every_length(void **state)
{
    (void)state;
    for (int length = 0; length <= 40; length++) {
        struct buf b;
        buf_init(&b, &arena, 20, 40);
        buf_printf(&b, "%.*s", length, "0123456789012345678901234567890123456789");
        assert_int_equal(b.n, length);
        assert_false(b.over);
        assert_memory_equal(buf_str(&b).p, "0123456789012345678901234567890123456789", (size_t)length);
    }
    struct buf none;
    buf_init(&none, &arena, 0, 40);
    buf_printf(&none, "%041d", 1);
    assert_true(none.over);
    assert_text(buf_str(&none), "");
}

static void json_escapes_only_what_it_must(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 0, 1000);
    buf_put_json_string(&b, STR("a\"b\\c/\b\f\n\r\t\x01\x1f\x7f<&>"));
    assert_text(buf_str(&b), "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f<&>\"");
    buf_clear(&b);
    buf_put_json_string(&b, STR("\xe6\x95\xb0\xe6\x8d\xae"));
    assert_text(buf_str(&b), "\"\xe6\x95\xb0\xe6\x8d\xae\"");
    buf_clear(&b);
    buf_put_json_string(&b, STR("\0"));
    assert_text(buf_str(&b), "\"\\u0000\"");
    buf_clear(&b);
    buf_put_json_string(&b, (struct str){NULL, 0});
    assert_text(buf_str(&b), "\"\"");
}

/* Bytes that cannot begin, a character that is cut, an overlong form, a surrogate; and what is around them
 * stays. */
static void json_is_utf8_whatever_the_text_is(void **state)
{
#define FFFD "\xef\xbf\xbd"
    static const char *const cases[][2] = {
        {"\xff\xfe", FFFD FFFD},
        {"a\xff\"b", "a" FFFD "\\\"b"},
        {"\xe6\x95", FFFD FFFD},
        {"\xe6\x95\xb0\xe6", "\xe6\x95\xb0" FFFD},
        {"\xc0\xaf/", FFFD FFFD "/"},
        {"\xed\xa0\x80", FFFD FFFD FFFD},
        {"\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD},
    };
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 0, 1000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_clear(&b);
        buf_put_json_string(&b, str_from(cases[i][0]));
        assert_text(buf_str(&b), arena_printf(&arena, "\"%s\"", cases[i][1]).p);
    }
}

static void arguments_fill_their_places(void **state)
{
    const struct str args[] = {STR("a"), STR("{0}")};
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 0, 100);
    buf_put_filled(&b, STR("{1}{0}-{0}"), args, 2);
    assert_text(buf_str(&b), "{0}a-a");
    buf_clear(&b);
    buf_put_filled(&b, STR("{2} {} { {0"), args, 2);
    assert_text(buf_str(&b), "{2} {} { {0");
}

SUITE(buf)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_starts_empty_with_a_text),
        cmocka_unit_test(text_survives_growth),
        cmocka_unit_test(the_cap_can_be_reached_but_not_passed),
        cmocka_unit_test(a_put_that_does_not_fit_appends_nothing_and_stops_later_puts),
        cmocka_unit_test(no_part_of_a_number_is_written_past_the_cap),
        cmocka_unit_test(integers_are_written_over_their_whole_range),
        cmocka_unit_test(formatting_fits_at_every_length),
        cmocka_unit_test(json_escapes_only_what_it_must),
        cmocka_unit_test(json_is_utf8_whatever_the_text_is),
        cmocka_unit_test(arguments_fill_their_places),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
