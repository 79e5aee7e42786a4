#include "core/metrics.h"

#include "core/call.h"

/* A call in memory takes some 30 microseconds, one that waits for a disk a few milliseconds. */
const double metrics_bounds[METRICS_BUCKETS] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025,
                                                0.005,  0.01,    0.05,   0.5,   5};

void metrics_init(struct metrics *m, struct arena *a, const struct product *product)
{
    *m = (struct metrics){.product = product,
                          .calls = ARENA_ARRAY(a, uint64_t, (product->n_actions + 1) * ERR_COUNT)};
}

static size_t place(const struct metrics *m, const struct action *action, enum error_id error)
{
    size_t row = action ? (size_t)(action - m->product->actions) : m->product->n_actions;
    return row * ERR_COUNT + error;
}

void metrics_count(struct metrics *m, const struct call *c)
{
    double seconds = (double)(clock_mono_ns() - c->start_ns) / 1e9;
    size_t bucket = 0;
    while (bucket < METRICS_BUCKETS && seconds > metrics_bounds[bucket])
        bucket++;
    m->durations[bucket]++;
    m->seconds += seconds;
    m->calls[place(m, c->action, c->error)]++;
}

uint64_t metrics_calls(const struct metrics *m, const struct action *action, enum error_id error)
{
    return m->calls[place(m, action, error)];
}
