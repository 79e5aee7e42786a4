/* Counters of a run for GET /_virga/metrics. But for the gauges of the server they only grow: no reset
 * changes them. */
#ifndef VIRGA_CORE_METRICS_H
#define VIRGA_CORE_METRICS_H

#include "base/buf.h"
#include "core/registry.h"
#include "store/db.h"

enum { METRICS_BUCKETS = 10 };

struct metrics {
    const struct registry *registry;
    uint64_t *calls; /* a row of ERR_COUNT for each action, then one for calls that name none */
    uint64_t durations[METRICS_BUCKETS + 1]; /* calls by the bucket of their duration; the last: longer */
    double seconds;                          /* of all calls together */
    uint64_t commits;                        /* transactions that changed the store */
    uint64_t refused;                        /* calls over a rate limit */
    uint64_t syncs;                          /* of the write-ahead log, each for all calls that waited */
    /* How many there are now; the server sets them before a request runs. */
    uint64_t connections, requests, delayed;
};

/* The upper ends of the buckets, in seconds. */
extern const double metrics_bounds[METRICS_BUCKETS];

/* All counts are 0. The table lives in `a`. */
void metrics_init(struct metrics *m, struct arena *a, const struct registry *registry);
/* Counts a call that has ended; `action` NULL when it named no known action. */
void metrics_count(struct metrics *m, const struct action *action, enum error_id error, double seconds);
/* `action` NULL: of the calls that named no known action. */
uint64_t metrics_calls(const struct metrics *m, const struct action *action, enum error_id error);

/* Writes the rows of a statement with the columns kind, state and n as samples of a metric, in the text form
 * of Prometheus. -1 when the store failed. */
int metrics_put_counts(struct buf *b, const char *name, struct stmt *s);

#endif
