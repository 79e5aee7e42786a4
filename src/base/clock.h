/*
 * The clock: the only place that asks the system for the time.
 *
 * Two times matter. `service` is the emulated cloud's (flows, limiter, default names); a user may freeze or
 * move it. `real` is the machine's; signatures expire by it. Both are milliseconds since 1970 UTC.
 * `clock_mono_ns` is for durations only.
 *
 * Times lie in the years 0000 to 9999, since every text form has four digits for the year; one beyond is
 * taken as the nearest of them, whether it comes from a user's setting or a client's timestamp.
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

/* A year in half a minute; far from where the product of times overflows. */
#define CLOCK_SCALE_MAX 1e6

struct clock {
    enum clock_mode mode;
    int64_t frozen_ms; /* the time, when frozen; that at the moment since_ms, when scaled */
    int64_t offset_ms; /* added to the real time, when moved */
    int64_t since_ms;  /* the real time from which a scaled one runs */
    double scale;      /* how fast, when scaled */
};

/* The machine's time, which may jump when somebody sets it. */
int64_t clock_real_ms(void);
/* Never jumps and never goes back; its zero means nothing. Nanoseconds. */
int64_t clock_mono_ns(void);

/* The service's time, by the clock's mode; always within the years 0000 to 9999. */
int64_t clock_service_ms(const struct clock *c);
/* The service's time is the machine's again. */
void clock_set_real(struct clock *c);
/* The service's time is `at_ms` until somebody moves it. */
void clock_freeze(struct clock *c, int64_t at_ms);
/* From now on the service's time runs on from `at_ms`. */
void clock_move(struct clock *c, int64_t at_ms);
/* From now on it runs on from `at_ms`, `scale` times as fast as the real time: above 0, at most
 * CLOCK_SCALE_MAX. */
void clock_scale(struct clock *c, int64_t at_ms, double scale);
/* Adds to a frozen, moved or scaled time; a real clock becomes a moved one. */
void clock_advance(struct clock *c, int64_t by_ms);

/* "YYYY-MM-DD HH:MM:SS" in Beijing time (UTC+8), as the product shows every time (sqlserver 238/45855). */
struct str time_beijing(struct arena *a, int64_t ms);
/* "YYYY-MM-DD HH:MM:SS.mmm" in Beijing time, the milliseconds rounded down likewise. */
struct str time_beijing_ms(struct arena *a, int64_t ms);
/* "YYYYMMDDHHMMSS" in Beijing time, as in default backup names. */
struct str time_beijing_compact(struct arena *a, int64_t ms);
/* "YYYY-MM-DD" in UTC, as in a TC3 credential scope. out[11] with NUL. */
void time_utc_date(int64_t seconds, char out[11]);
/* The product's text form (Beijing) to milliseconds; -1 if it is not exactly that form or not a date. */
int time_parse_beijing(struct str s, int64_t *ret_ms);
/* RFC 3339 with an offset or Z ("2026-01-01T00:00:00+08:00") to milliseconds; -1 if malformed. */
int time_parse_rfc3339(struct str s, int64_t *ret_ms);

/* The first time after `after_ms` that is a full `hour` (0 to 23) in Beijing on one of `weekdays`: bit 0
 * Monday ... bit 6 Sunday, at least one of them. */
int64_t time_next_beijing_hour(int64_t after_ms, int64_t hour, unsigned weekdays);

#endif
