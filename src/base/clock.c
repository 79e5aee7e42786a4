/* Clocks and times as text, with the C library's calendar in UTC: no locale, no time zone of the machine, no
 * static result. */
#include "base/clock.h"

#include <assert.h>
#include <time.h>

#include "base/limits.h"

/* China had summer time until 1991; Beijing is always UTC+8 here, because no backup is as old as that. */
enum { BEIJING_SECONDS = 8 * 3600, DATE_BYTES = 10, COMPACT_BYTES = 14 };

static const int64_t hour_ms = INT64_C(3600000), day_ms = INT64_C(86400000);

/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z. */
static const int64_t least_ms = INT64_C(-62167219200000), most_ms = INT64_C(253402300799999);

static int64_t clamp(int64_t v, int64_t least, int64_t most)
{
    assert(least <= most);
    return v < least ? least : v > most ? most : v;
}

static int64_t within_calendar(int64_t ms)
{
    return clamp(ms, least_ms, most_ms);
}

/* Rounds down, so that the second before 1970 is -1 and not 0. */
static int64_t floor_div(int64_t v, int64_t by)
{
    assert(by > 0);
    return v / by - (v % by < 0);
}

/* --- clocks --- */

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

/* Of the process, as the machine's clock is. */
static struct {
    int64_t ahead_ms; /* at most the machine's time minus the monotonic clock; INT64_MIN before a reading */
    int64_t last_ms;  /* the last result */
} steady = {INT64_MIN, INT64_MIN};

/* The order of the readings, and the one for what both divisions drop, make `ahead_ms` too small rather than
 * too large, so that without a jump the machine's time is never behind. */
static void measure_ahead(void)
{
    int64_t real = clock_real_ms();
    int64_t ahead = real - clock_mono_ns() / NS_PER_MS - 1;
    if (ahead > steady.ahead_ms)
        steady.ahead_ms = ahead;
}

/* The machine's time, but it never goes back: when the machine's clock is set back, it runs on from where it
 * was. */
static int64_t steady_ms(void)
{
    enum { SLACK_MS = 3 }; /* a better measurement is not worth its time */
    int64_t mono = clock_mono_ns() / NS_PER_MS, real = clock_real_ms();
    if (steady.ahead_ms == INT64_MIN || real - mono - SLACK_MS > steady.ahead_ms)
        measure_ahead();
    int64_t now = mono + steady.ahead_ms > real ? mono + steady.ahead_ms : real;
    steady.last_ms = now > steady.last_ms ? now : steady.last_ms;
    return steady.last_ms;
}

/* As a double: the product of any machine time and the scale could overflow 64 bits, and every millisecond of
 * the calendar is exact in 53 bits. */
static int64_t scaled_ms(const struct clock *c)
{
    double since = (double)(steady_ms() - c->since_ms) * c->scale;
    double span = (double)(most_ms - least_ms);
    return c->frozen_ms + (int64_t)(since < 0 ? 0 : since > span ? span : since);
}

/* A running time can leave the calendar by itself; a frozen one was bounded when it was set. */
int64_t clock_service_ms(const struct clock *c)
{
    if (c->mode == CLOCK_FROZEN)
        return c->frozen_ms;
    return within_calendar(c->mode == CLOCK_SCALED ? scaled_ms(c) : steady_ms() + c->offset_ms);
}

void clock_set_real(struct clock *c)
{
    steady.ahead_ms = steady.last_ms = INT64_MIN;
    *c = (struct clock){.mode = CLOCK_REAL};
}

void clock_freeze(struct clock *c, int64_t at_ms)
{
    *c = (struct clock){.mode = CLOCK_FROZEN, .frozen_ms = within_calendar(at_ms)};
}

/* Stored as an offset, so that the machine's clock advances it. */
void clock_move(struct clock *c, int64_t at_ms)
{
    *c = (struct clock){.mode = CLOCK_MOVED, .offset_ms = within_calendar(at_ms) - steady_ms()};
}

void clock_scale(struct clock *c, int64_t at_ms, double scale)
{
    assert(scale > 0);
    *c = (struct clock){.mode = CLOCK_SCALED,
                        .frozen_ms = within_calendar(at_ms),
                        .since_ms = steady_ms(),
                        .scale = scale < LIMIT_CLOCK_SCALE ? scale : LIMIT_CLOCK_SCALE};
}

void clock_advance(struct clock *c, int64_t by_ms)
{
    /* No step needs to be longer than the calendar, and the bound keeps the sums below from overflowing. */
    int64_t span = most_ms - least_ms;
    int64_t by = clamp(by_ms, -span, span);
    if (c->mode == CLOCK_FROZEN || c->mode == CLOCK_SCALED) {
        c->frozen_ms = within_calendar(c->frozen_ms + by);
        return;
    }
    c->mode = CLOCK_MOVED;
    c->offset_ms = clamp(c->offset_ms + by, -span, span);
}

/* --- times to text --- */

static struct tm utc(int64_t seconds)
{
    struct tm tm;
    time_t t = clamp(seconds, floor_div(least_ms, 1000), floor_div(most_ms, 1000));
    (void)gmtime_r(&t, &tm); /* fails only for a year that does not fit into an int */
    tm.tm_year += 1900;
    tm.tm_mon += 1;
    assert(tm.tm_year >= 0 && tm.tm_year <= 9999);
    return tm;
}

static struct tm beijing(int64_t ms)
{
    return utc(floor_div(ms, 1000) + BEIJING_SECONDS);
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
    struct tm t = beijing(ms);
    return arena_printf(a, "%04d-%02d-%02d %02d:%02d:%02d", t.tm_year, t.tm_mon, t.tm_mday, t.tm_hour,
                        t.tm_min, t.tm_sec);
}

struct str time_beijing_ms(struct arena *a, int64_t ms)
{
    struct str second = time_beijing(a, ms);
    return arena_printf(a, "%.*s.%03d", STR_ARG(second), (int)(ms - floor_div(ms, 1000) * 1000));
}

/* Not by printf: every file name has one, and a list has a hundred names. */
struct str time_beijing_compact(struct arena *a, int64_t ms)
{
    struct tm t = beijing(ms);
    char *p = arena_alloc(a, COMPACT_BYTES + 1);
    const int parts[] = {t.tm_mon, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec};
    put_digits(p, 4, t.tm_year);
    for (size_t i = 0; i < 5; i++)
        put_digits(p + 4 + 2 * i, 2, parts[i]);
    p[COMPACT_BYTES] = '\0';
    return (struct str){p, COMPACT_BYTES};
}

void time_utc_date(int64_t seconds, char out[11])
{
    struct tm t = utc(seconds);
    put_digits(out, 4, t.tm_year);
    out[4] = out[7] = '-';
    put_digits(out + 5, 2, t.tm_mon);
    put_digits(out + 8, 2, t.tm_mday);
    out[DATE_BYTES] = '\0';
}

void time_utc_ms(int64_t ms, char out[25])
{
    int64_t seconds = floor_div(ms, 1000);
    struct tm t = utc(seconds);
    const int parts[] = {t.tm_hour, t.tm_min, t.tm_sec};
    time_utc_date(seconds, out);
    for (size_t i = 0; i < 3; i++) {
        out[DATE_BYTES + 3 * i] = i == 0 ? 'T' : ':';
        put_digits(out + DATE_BYTES + 1 + 3 * i, 2, parts[i]);
    }
    out[19] = '.';
    put_digits(out + 20, 3, (int)(ms - seconds * 1000));
    memcpy(out + 23, "Z", 2);
}

/* --- text to times: each take_ function removes its part from the front of *s, or returns -1 --- */

/* Exactly `n` digits and then, when `end` is not NUL, that character. */
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

/* True when it removed one of `characters`. The test for NUL keeps strchr from finding its own end. */
static bool take_either(struct str *s, const char *characters)
{
    if (s->n == 0 || !s->p[0] || !strchr(characters, s->p[0]))
        return false;
    *s = str_skip(*s, 1);
    return true;
}

/* A date, one of `separators` and a time of day. */
static int take_fields(struct str *s, const char *separators, struct tm *ret_tm)
{
    struct tm t = {0};
    if (take_number(s, 4, '-', &t.tm_year) || take_number(s, 2, '-', &t.tm_mon) ||
        take_number(s, 2, '\0', &t.tm_mday) || !take_either(s, separators) ||
        take_number(s, 2, ':', &t.tm_hour) || take_number(s, 2, ':', &t.tm_min) ||
        take_number(s, 2, '\0', &t.tm_sec))
        return -1;
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    *ret_tm = t;
    return 0;
}

/* timegm carries what is out of range into the next field (30 February becomes 1 or 2 March), so fields that
 * it changed did not name a time. Nor does it know second 60: the service's clock has none. */
static int take_moment(struct str *s, const char *separators, int64_t *ret_seconds)
{
    struct tm t;
    if (take_fields(s, separators, &t))
        return -1;
    struct tm sent = t;
    *ret_seconds = timegm(&t);
    bool same = t.tm_mon == sent.tm_mon && t.tm_mday == sent.tm_mday && t.tm_hour == sent.tm_hour &&
                t.tm_min == sent.tm_min && t.tm_sec == sent.tm_sec;
    return same ? 0 : -1;
}

/* An optional fraction of a second: any number of digits, of which three count. */
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

/* --- schedules --- */

/* The arguments may come from an edited file, so a missing weekday and any hour must end the loop too. */
int64_t time_next_beijing_hour(int64_t after_ms, int64_t hour, unsigned weekdays)
{
    int64_t local = within_calendar(after_ms) + 8 * hour_ms;
    unsigned days = weekdays & CLOCK_EVERY_WEEKDAY ? weekdays : CLOCK_EVERY_WEEKDAY;
    for (int64_t day = floor_div(local, day_ms);; day++) {
        int64_t weekday = ((day + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
        int64_t at = day * day_ms + clamp(hour, 0, 23) * hour_ms;
        if (at > local && (days >> weekday & 1))
            return at - 8 * hour_ms;
    }
}

/* The first day of a month, counted from January of the year 0, at the time of day of `tm`; in seconds. */
static int64_t first_of_month(const struct tm *tm, int64_t month)
{
    struct tm first = *tm;
    first.tm_year = (int)(month / 12) - 1900;
    first.tm_mon = (int)(month % 12);
    first.tm_mday = 1;
    return timegm(&first);
}

int64_t time_add_months(int64_t ms, int64_t months)
{
    const int64_t day = day_ms / 1000, from = within_calendar(ms);
    struct tm tm = beijing(from);
    int64_t month = tm.tm_year * INT64_C(12) + tm.tm_mon - 1 + clamp(months, 0, CLOCK_MONTHS_MAX);
    int64_t first = first_of_month(&tm, month), days = (first_of_month(&tm, month + 1) - first) / day;
    int64_t seconds = first + (clamp(tm.tm_mday, 1, days) - 1) * day - BEIJING_SECONDS;
    return seconds * 1000 + (from - floor_div(from, 1000) * 1000);
}
