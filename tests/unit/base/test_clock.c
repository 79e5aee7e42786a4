/* Proves that dates are the calendar's over all years, and that a set clock stops, moves and
 * never overflows. */
#include "support/arena_fixture.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"

#define FIRST_MS INT64_C(-62167219200000)
#define LAST_MS INT64_C(253402300799999)

/* Compares with strftime. Steps of almost nine days reach every weekday, month end and leap day. */
static void dates_agree_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t seconds = FIRST_MS / 1000; seconds <= LAST_MS / 1000; seconds += 777777) {
        time_t t = (time_t)seconds;
        struct tm tm;
        char expected[32], actual[11];
        assert_non_null(gmtime_r(&t, &tm));
        (void)snprintf(expected, sizeof expected, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1,
                       tm.tm_mday);
        time_utc_date(seconds, actual);
        assert_string_equal(actual, expected);
    }
}

static void beijing_is_eight_hours_ahead(void **state)
{
    (void)state;
    assert_text(time_beijing(&arena, 0), "1970-01-01 08:00:00");
    assert_text(time_beijing(&arena, -1), "1970-01-01 07:59:59");
    assert_text(time_beijing(&arena, INT64_C(1709193599999)), "2024-02-29 15:59:59");
    assert_text(time_beijing(&arena, INT64_C(1709222400000)), "2024-03-01 00:00:00");
    assert_text(time_beijing_compact(&arena, INT64_C(1709222400000)), "20240301000000");
    assert_text(time_beijing_ms(&arena, INT64_C(1709193599007)), "2024-02-29 15:59:59.007");
    assert_text(time_beijing_ms(&arena, -1), "1970-01-01 07:59:59.999");
}

static void the_signature_date_is_utc(void **state)
{
    char out[11];
    (void)state;
    time_utc_date(INT64_C(1551113065), out);
    assert_string_equal(out, "2019-02-25");
    time_utc_date(INT64_C(1551139199), out);
    assert_string_equal(out, "2019-02-25");
    time_utc_date(INT64_C(1551139200), out);
    assert_string_equal(out, "2019-02-26");
}

static void a_time_of_the_log_is_utc_with_milliseconds(void **state)
{
    char out[25];
    (void)state;
    time_utc_ms(INT64_C(1551139199007), out);
    assert_string_equal(out, "2019-02-25T23:59:59.007Z");
    time_utc_ms(-1, out);
    assert_string_equal(out, "1969-12-31T23:59:59.999Z");
}

static void times_outside_the_calendar_are_shown_as_its_ends(void **state)
{
    char out[11];
    (void)state;
    time_utc_date(INT64_MAX, out);
    assert_string_equal(out, "9999-12-31");
    time_utc_date(INT64_MIN, out);
    assert_string_equal(out, "0000-01-01");
    assert_text(time_beijing(&arena, INT64_MAX), "9999-12-31 23:59:59");
    assert_text(time_beijing(&arena, INT64_MIN), "0000-01-01 00:00:00");
    assert_text(time_beijing(&arena, LAST_MS), "9999-12-31 23:59:59");
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    for (int64_t ms = INT64_C(-62167219200000); ms < LAST_MS - 86400000; ms += INT64_C(7777777777000)) {
        int64_t back = 0;
        struct str text = time_beijing(&arena, ms);
        assert_int_equal(time_parse_beijing(text, &back), 0);
        assert_true(back == ms);
    }
}

static const char *const not_beijing[] = {
    "",
    "2024-01-01",
    "2024-01-01 00:00",
    "2024-01-01T00:00:00",
    "2024-01-01 00:00:00 ",
    " 2024-01-01 00:00:00",
    "2024-1-01 00:00:00",
    "2024-01-01 24:00:00",
    "2024-01-01 00:60:00",
    "2024-01-01 00:00:60",
    "2024-00-01 00:00:00",
    "2024-13-01 00:00:00",
    "2024-01-00 00:00:00",
    "2024-01-32 00:00:00",
    "2024-04-31 00:00:00",
    "2023-02-29 00:00:00",
    "1900-02-29 00:00:00",
    "2024-01-01 -1:00:00",
    "2024-01-01 00:00:0x",
    "2024/01/01 00:00:00",
};

static void only_the_exact_form_is_a_time(void **state)
{
    int64_t ms = 5;
    (void)state;
    for (size_t i = 0; i < sizeof not_beijing / sizeof *not_beijing; i++) {
        if (time_parse_beijing(str_from(not_beijing[i]), &ms) != -1)
            fail_msg("\"%s\" was taken for a time", not_beijing[i]);
    }
    assert_int_equal(ms, 5);
    assert_int_equal(time_parse_beijing(STR("2000-02-29 00:00:00"), &ms), 0);
    assert_int_equal(ms, INT64_C(951753600000));
}

static const struct {
    const char *text;
    int64_t ms;
} rfc3339[] = {
    {"2026-01-01T00:00:00+08:00", INT64_C(1767196800000)},
    {"2025-12-31T16:00:00Z", INT64_C(1767196800000)},
    {"2025-12-31t16:00:00z", INT64_C(1767196800000)},
    {"2025-12-31T11:00:00-05:00", INT64_C(1767196800000)},
    {"2025-12-31T12:30:00-03:30", INT64_C(1767196800000)},
    {"2025-12-31T16:00:00.5Z", INT64_C(1767196800500)},
    {"2025-12-31T16:00:00.0019Z", INT64_C(1767196800001)},
    {"2025-12-31T16:00:00.99999999999999999999Z", INT64_C(1767196800999)},
    {"1969-12-31T23:59:59.999-00:00", -1},
};

static const char *const not_rfc3339[] = {
    "",
    "2026-01-01",
    "2026-01-01T00:00:00",
    "2026-01-01 00:00:00Z",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00+8:00",
    "2026-01-01T00:00:00+0800",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+00:60",
    "2026-01-01T00:00:00ZZ",
    "2026-01-01T00:00:00Z ",
    "2026-02-30T00:00:00Z",
};

static void rfc3339_is_read_with_every_offset(void **state)
{
    int64_t ms;
    (void)state;
    for (size_t i = 0; i < sizeof rfc3339 / sizeof *rfc3339; i++) {
        if (time_parse_rfc3339(str_from(rfc3339[i].text), &ms) != 0)
            fail_msg("\"%s\" was rejected", rfc3339[i].text);
        if (ms != rfc3339[i].ms)
            fail_msg("\"%s\" is %lld, not %lld", rfc3339[i].text, (long long)ms, (long long)rfc3339[i].ms);
    }
    for (size_t i = 0; i < sizeof not_rfc3339 / sizeof *not_rfc3339; i++) {
        if (time_parse_rfc3339(str_from(not_rfc3339[i]), &ms) != -1)
            fail_msg("\"%s\" was taken for a time", not_rfc3339[i]);
    }
}

static void a_frozen_clock_stops_until_it_is_advanced(void **state)
{
    struct clock c;
    (void)state;
    clock_freeze(&c, 1000);
    assert_int_equal(clock_service_ms(&c), 1000);
    clock_advance(&c, 500);
    assert_int_equal(clock_service_ms(&c), 1500);
    clock_advance(&c, -2000);
    assert_int_equal(clock_service_ms(&c), -500);
    assert_int_equal(c.mode, CLOCK_FROZEN);
}

static void a_scaled_clock_runs_faster_and_keeps_its_pace(void **state)
{
    struct clock c;
    (void)state;
    clock_scale(&c, 5000, 1000);
    c.since_ms = clock_real_ms() - 3;
    int64_t at = clock_service_ms(&c);
    assert_in_range((uintmax_t)at, 8000, 8000 + 60000000);
    clock_advance(&c, 1000000000000);
    assert_int_equal(c.mode, CLOCK_SCALED);
    assert_true(clock_service_ms(&c) >= at + 1000000000000);
    c.since_ms = clock_real_ms() + 3600000; /* as if it had not begun */
    assert_true(clock_service_ms(&c) == 1000000005000);
    c.since_ms = INT64_C(-4000000000000000);
    assert_true(clock_service_ms(&c) == LAST_MS);
    clock_scale(&c, 0, 1e300);
    assert_true(c.scale <= LIMIT_CLOCK_SCALE);
    clock_scale(&c, INT64_MAX, 0.001);
    assert_true(clock_service_ms(&c) == LAST_MS);
}

/* The service's time minus the machine's, give or take the time between two looks. */
static void assert_offset(const struct clock *c, int64_t expected)
{
    int64_t before = clock_real_ms();
    int64_t service = clock_service_ms(c);
    int64_t after = clock_real_ms();
    assert_in_range((uintmax_t)(service - expected), (uintmax_t)before, (uintmax_t)after);
}

static void a_moved_clock_runs_on_and_a_real_one_becomes_moved(void **state)
{
    struct clock c;
    (void)state;
    clock_set_real(&c);
    assert_offset(&c, 0);
    clock_advance(&c, 3600000);
    assert_int_equal(c.mode, CLOCK_MOVED);
    assert_offset(&c, 3600000);
    clock_advance(&c, -1600000);
    assert_offset(&c, 2000000);
    clock_move(&c, INT64_C(1000000000000));
    assert_offset(&c, c.offset_ms);
    int64_t since = clock_service_ms(&c) - INT64_C(1000000000000);
    assert_in_range((uintmax_t)since, 0, 60000);
    clock_set_real(&c);
    assert_offset(&c, 0);
}

static void no_setting_takes_the_clock_out_of_the_calendar(void **state)
{
    struct clock c;
    (void)state;
    clock_freeze(&c, INT64_MAX);
    assert_true(clock_service_ms(&c) == LAST_MS);
    clock_advance(&c, INT64_MAX);
    assert_true(clock_service_ms(&c) == LAST_MS);
    clock_advance(&c, INT64_MIN);
    assert_true(clock_service_ms(&c) == FIRST_MS);
    clock_move(&c, INT64_MIN);
    clock_advance(&c, INT64_MIN);
    assert_true(clock_service_ms(&c) == FIRST_MS);
    for (int i = 0; i < 3; i++)
        clock_advance(&c, INT64_MAX);
    assert_true(clock_service_ms(&c) == LAST_MS);
}

/* Beijing's text of the first time after another; "weekdays" is a text of the days' numbers from
 * 1, Monday. */
static const char *next_hour(const char *after, int64_t plus_ms, int64_t hour, const char *weekdays)
{
    unsigned bits = 0;
    int64_t ms;
    assert_int_equal(time_parse_beijing(str_from(after), &ms), 0);
    for (; *weekdays; weekdays++)
        bits |= 1u << (*weekdays - '1');
    int64_t next = time_next_beijing_hour(ms + plus_ms, hour, bits);
    assert_int_equal(next % 3600000, 0);
    return arena_cstr(&arena, time_beijing(&arena, next));
}

#define DAILY "1234567"

static void the_next_hour_is_a_later_one(void **state)
{
    (void)state;
    assert_string_equal(next_hour("2026-01-01 00:00:00", -1, 0, DAILY), "2026-01-01 00:00:00");
    assert_string_equal(next_hour("2026-01-01 00:00:00", 0, 0, DAILY), "2026-01-02 00:00:00");
    assert_string_equal(next_hour("2026-01-01 22:59:59", 999, 23, DAILY), "2026-01-01 23:00:00");
    assert_string_equal(next_hour("2026-01-01 23:00:00", 1, 23, DAILY), "2026-01-02 23:00:00");
    assert_string_equal(next_hour("2026-01-01 07:59:59", 0, 8, DAILY),
                        "2026-01-01 08:00:00"); /* midnight UTC */
}

static void the_next_hour_goes_over_the_ends_of_years(void **state)
{
    (void)state;
    assert_string_equal(next_hour("2025-12-31 23:30:00", 0, 23, DAILY), "2026-01-01 23:00:00");
    assert_string_equal(next_hour("2028-02-28 12:00:00", 0, 0, DAILY), "2028-02-29 00:00:00");
    assert_string_equal(next_hour("2100-02-28 12:00:00", 0, 0, DAILY), "2100-03-01 00:00:00");
    assert_string_equal(next_hour("1969-12-31 12:00:00", 0, 3, DAILY), "1970-01-01 03:00:00");
    assert_string_equal(next_hour("1970-01-01 03:00:00", 0, 3, DAILY), "1970-01-02 03:00:00");
    assert_string_equal(next_hour("1949-12-31 23:59:59", 0, 0, DAILY), "1950-01-01 00:00:00");
}

/* 2025-12-29 is a Monday; before 1970 the count of days is negative: 1969-12-29 is one as well. */
static void only_the_weekdays_asked_for_count(void **state)
{
    static const char *const days[] = {"1", "2", "3", "4", "5", "6", "7"};
    static const char *const firsts[] = {"2025-12-29 05:00:00", "2025-12-30 05:00:00", "2025-12-31 05:00:00",
                                         "2026-01-01 05:00:00", "2026-01-02 05:00:00", "2026-01-03 05:00:00",
                                         "2026-01-04 05:00:00"};
    (void)state;
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(next_hour("2025-12-29 00:00:00", 0, 5, days[i]), firsts[i]);
    assert_string_equal(next_hour("2025-12-29 05:00:00", 0, 5, "1"), "2026-01-05 05:00:00");
    assert_string_equal(next_hour("2025-12-29 05:00:00", 0, 5, "17"), "2026-01-04 05:00:00");
    assert_string_equal(next_hour("1969-12-29 04:00:00", 0, 5, "1"), "1969-12-29 05:00:00");
    assert_string_equal(next_hour("1969-12-29 06:00:00", 0, 5, "7"), "1970-01-04 05:00:00");
}

static void the_monotonic_clock_does_not_go_back(void **state)
{
    (void)state;
    int64_t last = clock_mono_ns();
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_mono_ns();
        assert_true(now >= last);
        last = now;
    }
}

/* An edited file may have any numbers: the search ends, with a time after the given one. */
static void the_next_hour_exists_for_any_arguments(void **state)
{
    static const int64_t ends[] = {INT64_MIN, 0, INT64_MAX};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            assert_true(time_next_beijing_hour(ends[i], ends[j], 128) != 0);
    assert_int_equal(time_next_beijing_hour(0, 9, 0), 3600000);
    assert_int_equal(time_next_beijing_hour(0, 9, 128), 3600000);
    assert_int_equal(time_next_beijing_hour(0, 99, 0x7f), 15 * 3600000);
}

static const char *months_later(const char *from, int64_t months)
{
    int64_t ms;
    assert_int_equal(time_parse_beijing(str_from(from), &ms), 0);
    return arena_cstr(&arena, time_beijing(&arena, time_add_months(ms, months)));
}

static void months_are_of_the_calendar(void **state)
{
    (void)state;
    assert_string_equal(months_later("2026-01-15 03:04:05", 1), "2026-02-15 03:04:05");
    assert_string_equal(months_later("2026-12-01 00:00:00", 1), "2027-01-01 00:00:00");
    assert_string_equal(months_later("2026-11-30 23:59:59", 48), "2030-11-30 23:59:59");
    assert_string_equal(months_later("2026-01-31 12:00:00", 1), "2026-02-28 12:00:00");
    assert_string_equal(months_later("2027-12-31 12:00:00", 2), "2028-02-29 12:00:00");
    assert_string_equal(months_later("2026-05-05 05:05:05", 0), "2026-05-05 05:05:05");
    assert_int_equal(time_add_months(-1, 0), -1);
}

SUITE(clock)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_agree_with_the_c_library),
        cmocka_unit_test(beijing_is_eight_hours_ahead),
        cmocka_unit_test(the_signature_date_is_utc),
        cmocka_unit_test(a_time_of_the_log_is_utc_with_milliseconds),
        cmocka_unit_test(times_outside_the_calendar_are_shown_as_its_ends),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(only_the_exact_form_is_a_time),
        cmocka_unit_test(rfc3339_is_read_with_every_offset),
        cmocka_unit_test(a_frozen_clock_stops_until_it_is_advanced),
        cmocka_unit_test(a_scaled_clock_runs_faster_and_keeps_its_pace),
        cmocka_unit_test(a_moved_clock_runs_on_and_a_real_one_becomes_moved),
        cmocka_unit_test(no_setting_takes_the_clock_out_of_the_calendar),
        cmocka_unit_test(the_next_hour_is_a_later_one),
        cmocka_unit_test(the_next_hour_goes_over_the_ends_of_years),
        cmocka_unit_test(only_the_weekdays_asked_for_count),
        cmocka_unit_test(the_monotonic_clock_does_not_go_back),
        cmocka_unit_test(the_next_hour_exists_for_any_arguments),
        cmocka_unit_test(months_are_of_the_calendar),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
