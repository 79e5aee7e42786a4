/*
 * The rate limiter: calls under a key in each second of the service's clock.
 *
 * Windows are whole seconds (the documentation speaks of calls "per second"; that the window is fixed is
 * assumed). Refused calls count in the number that the refusal shows (observed: 21/20, 23/20, 30/20).
 */
#ifndef VIRGA_CORE_RATE_COUNTER_H
#define VIRGA_CORE_RATE_COUNTER_H

#include "base/map.h"

struct rate_counter_row {
    int64_t second; /* since 1970 */
    int64_t calls;  /* in it; 0: none since the start or the last clear */
};

struct rate_counter {
    struct arena *arena;
    struct map counters; /* struct rate_counter_row by key */
    uint64_t refused;    /* calls, since the start or the last clear */
};

/* No call was counted. Counters live in `a` and are never given back: their number is bounded. */
void rate_counter_init(struct rate_counter *l, struct arena *a);

/* Counts one call under `key` in the second of `now_ms` and returns how many there have been in it, this one
 * included. The key names whose calls are counted and for what. The number of counters is bounded: keys past
 * it are counted together. */
int64_t rate_counter_add(struct rate_counter *l, struct str key, int64_t now_ms);

/* Forgets all counts; how many counters had one. */
size_t rate_counter_clear(struct rate_counter *l);

#endif
