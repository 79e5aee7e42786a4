/* The clock, and dates by arithmetic: no locale, no time zone of the machine, no static result of the C
 * library. */
#include "base/clock.h"

#include <time.h>

#include "base/str.h"

/* Eight hours ahead in every year; the summer time that China had until 1991 concerns no backup. */
enum { DAY_SECONDS = 86400, BEIJING_SECONDS = 8 * 3600, DATE_BYTES = 10 };

/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z. */
static const int64_t least_ms = INT64_C(-62167219200000), most_ms = INT64_C(253402300799999);

/* A moment taken apart, in whichever zone it was shifted to before. */
struct civil {
    int year, month, day, hour, minute, second;
};

static int64_t clamp(int64_t v, int64_t least, int64_t most)
{
    return v < least ? least : v > most ? most : v;
}

/* Rounds down, so that the second before 1970 is -1 and not 0. */
static int64_t floor_div(int64_t v, int64_t by)
{
    return v / by - (v % by < 0);
}

int64_t clock_real_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now); /* fails only for a clock that does not exist */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
}

int64_t clock_mono_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* As a double: the product of a machine's wild time and the scale could pass 64 bits, and a millisecond in
 * the calendar is exact in 53. A machine's clock that was set back does not take the service's with it. */
static int64_t scaled_ms(const struct clock *c)
{
    double since = (double)(clock_real_ms() - c->since_ms) * c->scale;
    double span = (double)(most_ms - least_ms);
    return c->frozen_ms + (int64_t)(since < 0 ? 0 : since > span ? span : since);
}

/* A time that runs can leave the calendar by itself; a frozen one was bounded when set. */
int64_t clock_service_ms(const struct clock *c)
{
    if (c->mode == CLOCK_FROZEN)
        return c->frozen_ms;
    return clamp(c->mode == CLOCK_SCALED ? scaled_ms(c) : clock_real_ms() + c->offset_ms, least_ms, most_ms);
}

void clock_set_real(struct clock *c)
{
    *c = (struct clock){.mode = CLOCK_REAL};
}

void clock_freeze(struct clock *c, int64_t at_ms)
{
    *c = (struct clock){.mode = CLOCK_FROZEN, .frozen_ms = clamp(at_ms, least_ms, most_ms)};
}

/* Kept as an offset, so that the machine's clock carries it on without anybody counting. */
void clock_move(struct clock *c, int64_t at_ms)
{
    *c = (struct clock){.mode = CLOCK_MOVED, .offset_ms = clamp(at_ms, least_ms, most_ms) - clock_real_ms()};
}

void clock_scale(struct clock *c, int64_t at_ms, double scale)
{
    *c = (struct clock){.mode = CLOCK_SCALED,
                        .frozen_ms = clamp(at_ms, least_ms, most_ms),
                        .since_ms = clock_real_ms(),
                        .scale = scale < CLOCK_SCALE_MAX ? scale : CLOCK_SCALE_MAX};
}

void clock_advance(struct clock *c, int64_t by_ms)
{
    /* No step worth taking is longer than the calendar; the bound keeps the sums below from overflowing. */
    int64_t span = most_ms - least_ms;
    int64_t by = clamp(by_ms, -span, span);
    if (c->mode == CLOCK_FROZEN || c->mode == CLOCK_SCALED) {
        c->frozen_ms = clamp(c->frozen_ms + by, least_ms, most_ms);
        return;
    }
    c->mode = CLOCK_MOVED;
    c->offset_ms = clamp(c->offset_ms + by, -span, span);
}

/* The proleptic Gregorian calendar over years that begin in March, so that the leap day comes last: the
 * months before a date then have 30.6 days on average, rounded, whatever the year. An era is 400 years,
 * 146097 days. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t era = floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468; /* 0000-03-01 to 1970-01-01 */
}

static void civil_from_days(int64_t days, struct civil *ret_civil)
{
    int64_t since = days + 719468;
    int64_t era = floor_div(since, 146097);
    int64_t doe = since - era * 146097;
    /* 1460, 36524 and 146096 are the last days of 4, 100 and 400 years, which the plain division gets wrong.
     */
    int64_t year_of_era = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t day_of_year = doe - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
    ret_civil->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    ret_civil->month = (int)(month < 10 ? month + 3 : month - 9);
    ret_civil->year = (int)(year_of_era + era * 400 + (month >= 10));
}

static struct civil civil_from_seconds(int64_t seconds)
{
    struct civil c;
    int64_t bounded = clamp(seconds, floor_div(least_ms, 1000), floor_div(most_ms, 1000));
    int64_t days = floor_div(bounded, DAY_SECONDS);
    int rest = (int)(bounded - days * DAY_SECONDS);
    civil_from_days(days, &c);
    c.hour = rest / 3600;
    c.minute = rest / 60 % 60;
    c.second = rest % 60;
    return c;
}

/* Shifting the moment and reading it as UTC is what a zone without summer time is. */
static struct civil beijing(int64_t ms)
{
    return civil_from_seconds(floor_div(ms, 1000) + BEIJING_SECONDS);
}

/* The last `n` digits of `v`, with leading zeros. */
static void put_digits(char *out, int n, int v)
{
    while (n--) {
        out[n] = (char)('0' + v % 10);
        v /= 10;
    }
}

struct str time_beijing(struct arena *a, int64_t ms)
{
    struct civil c = beijing(ms);
    return arena_printf(a, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
                        c.second);
}

struct str time_beijing_ms(struct arena *a, int64_t ms)
{
    struct str second = time_beijing(a, ms);
    return arena_printf(a, "%.*s.%03d", STR_ARG(second), (int)(ms - floor_div(ms, 1000) * 1000));
}

/* By hand: it is in every name of a file, of which a list has a hundred. */
struct str time_beijing_compact(struct arena *a, int64_t ms)
{
    struct civil c = beijing(ms);
    char *p = arena_alloc(a, 15);
    const int parts[] = {c.month, c.day, c.hour, c.minute, c.second};
    put_digits(p, 4, c.year);
    for (size_t i = 0; i < 5; i++)
        put_digits(p + 4 + 2 * i, 2, parts[i]);
    p[14] = '\0';
    return (struct str){p, 14};
}

void time_utc_date(int64_t seconds, char out[11])
{
    struct civil c = civil_from_seconds(seconds);
    put_digits(out, 4, c.year);
    out[4] = out[7] = '-';
    put_digits(out + 5, 2, c.month);
    put_digits(out + 8, 2, c.day);
    out[DATE_BYTES] = '\0';
}

/* Year 0 is a leap year in the proleptic calendar, as in ISO 8601. */
static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Takes exactly `n` digits and, when `end` is not NUL, that character behind them, off the front of *s. */
static int take_number(struct str *s, size_t n, char end, int *ret_value)
{
    int value = 0;
    size_t length = n + (end != '\0');
    if (s->n < length || (end && s->p[n] != end))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!ascii_is_digit(s->p[i]))
            return -1;
        value = value * 10 + (s->p[i] - '0');
    }
    *s = str_skip(*s, length);
    *ret_value = value;
    return 0;
}

/* A day that its month does not have is refused, not carried over into the next. */
static int take_date(struct str *s, int64_t *ret_days)
{
    int year, month, day;
    if (take_number(s, 4, '-', &year) || take_number(s, 2, '-', &month) || take_number(s, 2, '\0', &day))
        return -1;
    if (month < 1 || month > 12 || day < 1 || day > month_days(year, month))
        return -1;
    *ret_days = days_from_civil(year, month, day);
    return 0;
}

static int take_time(struct str *s, int64_t *ret_seconds)
{
    int hour, minute, second;
    if (take_number(s, 2, ':', &hour) || take_number(s, 2, ':', &minute) || take_number(s, 2, '\0', &second))
        return -1;
    /* No second 60: the service's clock has none. */
    if (hour > 23 || minute > 59 || second > 59)
        return -1;
    *ret_seconds = hour * 3600 + minute * 60 + second;
    return 0;
}

/* One byte of a set; the test for NUL keeps strchr from finding its own end. */
static bool take_either(struct str *s, const char *characters)
{
    if (s->n == 0 || !s->p[0] || !strchr(characters, s->p[0]))
        return false;
    *s = str_skip(*s, 1);
    return true;
}

/* A date, one of `separators`, and a time of day, as if in UTC. */
static int take_moment(struct str *s, const char *separators, int64_t *ret_seconds)
{
    int64_t days, seconds;
    if (take_date(s, &days) || !take_either(s, separators) || take_time(s, &seconds))
        return -1;
    *ret_seconds = days * DAY_SECONDS + seconds;
    return 0;
}

/* Any number of digits may follow; those behind the third are dropped, not rounded. */
static int take_fraction(struct str *s, int64_t *ret_ms)
{
    *ret_ms = 0;
    if (!take_either(s, "."))
        return 0;
    size_t n = 0;
    for (int scale = 100; n < s->n && ascii_is_digit(s->p[n]); n++, scale /= 10)
        *ret_ms += (s->p[n] - '0') * scale;
    *s = str_skip(*s, n);
    return n ? 0 : -1;
}

static int take_offset(struct str *s, int64_t *ret_seconds)
{
    int hour, minute;
    *ret_seconds = 0;
    if (take_either(s, "Zz"))
        return 0;
    bool west = s->n && s->p[0] == '-';
    if (!take_either(s, "+-") || take_number(s, 2, ':', &hour) || take_number(s, 2, '\0', &minute))
        return -1;
    if (hour > 23 || minute > 59)
        return -1;
    *ret_seconds = (west ? -60 : 60) * (hour * 60 + minute);
    return 0;
}

/* The parts take themselves off the front of the text, so what is left over must be nothing. */
int time_parse_beijing(struct str s, int64_t *ret_ms)
{
    int64_t seconds;
    if (take_moment(&s, " ", &seconds) || s.n != 0)
        return -1;
    *ret_ms = (seconds - BEIJING_SECONDS) * 1000;
    return 0;
}

int time_parse_rfc3339(struct str s, int64_t *ret_ms)
{
    int64_t seconds, ms, offset;
    if (take_moment(&s, "Tt", &seconds) || take_fraction(&s, &ms) || take_offset(&s, &offset) || s.n != 0)
        return -1;
    *ret_ms = (seconds - offset) * 1000 + ms;
    return 0;
}

/* The arguments come from a file that somebody may have edited: without a weekday it would look for ever. */
int64_t time_next_beijing_hour(int64_t after_ms, int64_t hour, unsigned weekdays)
{
    const int64_t hour_ms = INT64_C(3600000), day_ms = 24 * hour_ms;
    int64_t local = clamp(after_ms, least_ms, most_ms) + 8 * hour_ms;
    unsigned days = weekdays & CLOCK_EVERY_WEEKDAY ? weekdays : CLOCK_EVERY_WEEKDAY;
    int64_t day = local / day_ms - (local % day_ms < 0);
    for (;; day++) {
        int64_t weekday = ((day + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
        int64_t at = day * day_ms + clamp(hour, 0, 23) * hour_ms;
        if (at > local && (days >> weekday & 1))
            return at - 8 * hour_ms;
    }
}
