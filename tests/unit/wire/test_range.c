/* Proves which bytes a Range header means, and that one that makes no sense means the whole file. */
#include "support/texts.h"

#include "wire/request.h"

enum { SIZE = 100 };

static void assert_part(const char *text, uint64_t from, uint64_t n)
{
    struct byte_range r = {0};
    assert_int_equal(range_parse(str_from(text), SIZE, &r), RANGE_PART);
    assert_int_equal(r.from, from);
    assert_int_equal(r.n, n);
}

static void parts_end_with_the_file(void **state)
{
    (void)state;
    assert_part("bytes=0-0", 0, 1);
    assert_part("bytes=10-19", 10, 10);
    assert_part("Bytes= 10-19 ", 10, 10);
    assert_part("bytes=0-99", 0, 100);
    assert_part("bytes=90-100", 90, 10);
    assert_part("bytes=99-", 99, 1);
    assert_part("bytes=0-", 0, 100);
    assert_part("bytes=-1", 99, 1);
    assert_part("bytes=-100", 0, 100);
    assert_part("bytes=-101", 0, 100);
    assert_part("bytes=0-18446744073709551615", 0, 100);
}

static void assert_kind(const char *text, uint64_t size, enum range_kind kind)
{
    struct byte_range r = {7, 7};
    assert_int_equal(range_parse(str_from(text), size, &r), kind);
    assert_true(r.from == 7 && r.n == 7);
}

static void after_the_end_is_nothing(void **state)
{
    (void)state;
    assert_kind("bytes=100-", SIZE, RANGE_OUTSIDE);
    assert_kind("bytes=100-200", SIZE, RANGE_OUTSIDE);
    assert_kind("bytes=-0", SIZE, RANGE_OUTSIDE);
    assert_kind("bytes=0-", 0, RANGE_OUTSIDE);
    assert_kind("bytes=-5", 0, RANGE_OUTSIDE);
}

static void an_unsupported_range_is_the_whole_file(void **state)
{
    static const char *const texts[] = {"",           "bytes",
                                        "bytes=",     "bytes=-",
                                        "bytes=5",    "bytes=9-8",
                                        "bytes=a-b",  "bytes=0-9,20-",
                                        "lines=0-9",  "0-9",
                                        "bytes=--5",  "bytes=1-2-3",
                                        "bytes=+1-2", "bytes=18446744073709551616-"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_kind(texts[i], SIZE, RANGE_WHOLE);
}

static enum range_kind asked(const char *method, const char *other)
{
    const struct header headers[] = {{STR("range"), STR("bytes=1-2")}, {str_from(other), STR("x")}};
    struct request r = {.method = str_from(method), .headers = headers, .n_headers = 2};
    struct byte_range range;
    return range_of(&r, SIZE, &range);
}

static void only_a_plain_get_has_ranges(void **state)
{
    (void)state;
    assert_int_equal(asked("GET", "Accept"), RANGE_PART);
    assert_int_equal(asked("GET", "If-Range"), RANGE_WHOLE);
    assert_int_equal(asked("HEAD", "Accept"), RANGE_WHOLE);
    struct request none = {.method = STR("GET")};
    struct byte_range range;
    assert_int_equal(range_of(&none, SIZE, &range), RANGE_WHOLE);
}

SUITE(range)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_end_with_the_file),
        cmocka_unit_test(after_the_end_is_nothing),
        cmocka_unit_test(an_unsupported_range_is_the_whole_file),
        cmocka_unit_test(only_a_plain_get_has_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
