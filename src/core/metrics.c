/* All counters are allocated at the start: counting allocates nothing and cannot fail. */
#include "core/metrics.h"

#include <assert.h>

/* A call in memory takes some 30 microseconds, one that waits for a disk a few milliseconds. */
const double metrics_bounds[METRICS_BUCKETS] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025,
                                                0.005,  0.01,    0.05,   0.5,   5};

void metrics_init(struct metrics *m, struct arena *a, const struct registry *registry)
{
    size_t rows = registry_n_actions(registry) + 1;
    *m = (struct metrics){.registry = registry, .calls = ARENA_ARRAY(a, uint64_t, rows * ERR_COUNT)};
}

static size_t place(const struct metrics *m, const struct action *action, enum error_id error)
{
    assert(error < ERR_COUNT);
    return registry_row(m->registry, action) * ERR_COUNT + error;
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

int metrics_put_counts(struct buf *b, const char *name, struct stmt *s)
{
    int rc;
    while ((rc = stmt_step(s)) == 1) {
        buf_printf(b, "%s{kind=\"%.*s\",state=\"%.*s\"} ", name, STR_ARG(stmt_str(s, b->arena, "kind")),
                   STR_ARG(stmt_str(s, b->arena, "state")));
        buf_put_i64(b, stmt_i64(s, "n"));
        buf_putc(b, '\n');
    }
    return rc;
}
