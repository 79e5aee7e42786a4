/* All counters are made at the start: counting allocates nothing and cannot fail. */
#include "core/metrics.h"

/* A call in memory takes some 30 microseconds, one that waits for a disk a few milliseconds. */
const double metrics_bounds[METRICS_BUCKETS] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025,
                                                0.005,  0.01,    0.05,   0.5,   5};

void metrics_init(struct metrics *m, struct arena *a, const struct product *product)
{
    *m = (struct metrics){.product = product,
                          .calls = ARENA_ARRAY(a, uint64_t, (product->n_actions + 1) * ERR_COUNT)};
}

/* One table in one piece: the row of an action is its place in the product's list, which never changes. */
static size_t place(const struct metrics *m, const struct action *action, enum error_id error)
{
    size_t row = action ? (size_t)(action - m->product->actions) : m->product->n_actions;
    return row * ERR_COUNT + error;
}

void metrics_count(struct metrics *m, const struct action *action, enum error_id error, double seconds)
{
    size_t bucket = 0;
    while (bucket < METRICS_BUCKETS && seconds > metrics_bounds[bucket])
        bucket++;
    m->durations[bucket]++;
    m->seconds += seconds;
    m->calls[place(m, action, error)]++;
}

uint64_t metrics_calls(const struct metrics *m, const struct action *action, enum error_id error)
{
    return m->calls[place(m, action, error)];
}
