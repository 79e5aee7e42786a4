/*
 * Counters of the rate limits: calls under a key in each second of a clock.
 *
 * Windows are whole seconds (the documentation says "per second"; that the window is fixed is assumed).
 * Rejected calls count in the number that the rejection shows (observed: 21/20, 23/20, 30/20).
 */
#ifndef VIRGA_CORE_RATE_COUNTER_H
#define VIRGA_CORE_RATE_COUNTER_H

#include "base/map.h"

struct rate_counter_row {
    int64_t second; /* since 1970 */
    int64_t calls;  /* in that second; 0: none since the start or the last clear */
};

struct rate_counter {
    struct arena *arena;
    struct map counters; /* struct rate_counter_row by key */
    uint64_t refused;    /* rejected calls since the start or the last clear */
};

/* No call is counted yet. Counters are in `a` and are never freed: their number is limited. */
void rate_counter_init(struct rate_counter *l, struct arena *a);

/* Counts one call under `key` in the second of `now_ms` and returns how many there were in that second,
 * including this one. The key says whose calls are counted and for what. Above the limit of counters, new
 * keys share one. */
int64_t rate_counter_add(struct rate_counter *l, struct str key, int64_t now_ms);

/* How many counters are above 0. */
size_t rate_counter_used(const struct rate_counter *l);
/* Sets all counters to 0; returns how many were above 0. */
size_t rate_counter_clear(struct rate_counter *l);

#endif
