/*
 * Clocks, and times as text. The only module that asks the system for the time.
 *
 * There are two times. The service's time is the emulated cloud's (flows, default names); a user may freeze,
 * move or scale it. The real time is the machine's; signatures expire by it. Both count milliseconds since
 * 1970 UTC.
 *
 * Times lie in the years 0000 to 9999, because every text form has four digits for the year. A time outside,
 * from a setting or from a client's timestamp, becomes the nearest one inside.
 */
#ifndef VIRGA_BASE_CLOCK_H
#define VIRGA_BASE_CLOCK_H

#include "base/arena.h"

enum clock_mode { CLOCK_REAL, CLOCK_FROZEN, CLOCK_MOVED, CLOCK_SCALED };

/* For durations: clock_mono_ns counts nanoseconds, everything else milliseconds. */
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_SECOND INT64_C(1000000000)

/* All bits of time_next_beijing_hour's weekdays. */
enum { CLOCK_EVERY_WEEKDAY = 0x7f };

struct clock {
    enum clock_mode mode;
    int64_t frozen_ms; /* the time, when frozen; the time at since_ms, when scaled */
    int64_t offset_ms; /* added to the real time, when moved */
    int64_t since_ms;  /* the real time at which scaling began */
    double scale;      /* factor of the real time, when scaled */
};

/* The machine's time. It may jump when the machine's clock is set. */
int64_t clock_real_ms(void);
/* Nanoseconds for durations: never jumps, never goes back. Its zero has no meaning. */
int64_t clock_mono_ns(void);

/* The service's time, by the clock's mode; always within the years 0000 to 9999. It does not follow a
 * machine's clock that is set back: it runs on from where it was, so that what is due is due in the same
 * time. */
int64_t clock_service_ms(const struct clock *c);
/* Sets the service's time to the machine's, also when that goes back. */
void clock_set_real(struct clock *c);
/* Stops the service's time at `at_ms`. */
void clock_freeze(struct clock *c, int64_t at_ms);
/* Sets the service's time to `at_ms`; it runs on from there. */
void clock_move(struct clock *c, int64_t at_ms);
/* As clock_move, but the time runs `scale` times as fast as the real one: above 0, at most
 * LIMIT_CLOCK_SCALE. */
void clock_scale(struct clock *c, int64_t at_ms, double scale);
/* Adds to a frozen, moved or scaled time. A real clock becomes a moved one. */
void clock_advance(struct clock *c, int64_t by_ms);

/* "YYYY-MM-DD HH:MM:SS" in Beijing time (UTC+8), as the product shows every time (sqlserver 238/45855). */
struct str time_beijing(struct arena *a, int64_t ms);
/* "YYYY-MM-DD HH:MM:SS.mmm" in Beijing time, rounded down. */
struct str time_beijing_ms(struct arena *a, int64_t ms);
/* "YYYYMMDDHHMMSS" in Beijing time, as in default backup names. */
struct str time_beijing_compact(struct arena *a, int64_t ms);
/* "YYYY-MM-DD" in UTC, as in a TC3 credential scope. out[11] with NUL. */
void time_utc_date(int64_t seconds, char out[11]);
/* "YYYY-MM-DDTHH:MM:SS.mmmZ" in UTC, as in the journal and the log. out[25] with NUL. */
void time_utc_ms(int64_t ms, char out[25]);
/* The product's text form (Beijing) to milliseconds; -1 for any other form and for a date that does not
 * exist. */
int time_parse_beijing(struct str s, int64_t *ret_ms);
/* RFC 3339 with an offset or Z ("2026-01-01T00:00:00+08:00") to milliseconds; -1 when malformed. Digits after
 * the third of a fraction are dropped. */
int time_parse_rfc3339(struct str s, int64_t *ret_ms);

/* The first time after `after_ms` that is a full `hour` (0 to 23) in Beijing on one of `weekdays`: bit 0 is
 * Monday, bit 6 Sunday. No bit counts as every day. */
int64_t time_next_beijing_hour(int64_t after_ms, int64_t hour, unsigned weekdays);

/* The most months that time_add_months adds: a hundred years. */
#define CLOCK_MONTHS_MAX 1200
/* The same time of the same day so many months later in Beijing; the last day of a month that is shorter. */
int64_t time_add_months(int64_t ms, int64_t months);

#endif
