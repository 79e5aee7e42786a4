/* A counter belongs to one second; the first call in another second overwrites it, also when the clock was
 * moved back, so that no counter has to expire. */
#include "core/rate_counter.h"

#include "base/limits.h"

void rate_counter_init(struct rate_counter *l, struct arena *a)
{
    *l = (struct rate_counter){.arena = a};
    map_init(&l->counters, a);
}

/* When the map is full, only new keys share a counter. */
static struct rate_counter_row *counter_of(struct rate_counter *l, struct str key)
{
    if (l->counters.n >= LIMIT_RATE_COUNTERS && !map_get(&l->counters, key))
        key = STR("/others");
    struct rate_counter_row *c = map_get(&l->counters, key);
    if (c)
        return c;
    c = ARENA_NEW(l->arena, struct rate_counter_row);
    map_put(&l->counters, key, c);
    return c;
}

int64_t rate_counter_add(struct rate_counter *l, struct str key, int64_t now_ms)
{
    struct rate_counter_row *c = counter_of(l, key);
    int64_t second = now_ms / 1000;
    if (c->second != second)
        *c = (struct rate_counter_row){.second = second};
    return ++c->calls;
}

/* The counters stay in the map with 0: a key is never removed from it. */
size_t rate_counter_used(const struct rate_counter *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->counters.room; i++) {
        const struct rate_counter_row *c = l->counters.slots[i].value;
        n += c && c->calls > 0;
    }
    return n;
}

size_t rate_counter_clear(struct rate_counter *l)
{
    size_t n = rate_counter_used(l);
    for (size_t i = 0; i < l->counters.room; i++) {
        struct rate_counter_row *c = l->counters.slots[i].value;
        if (c)
            *c = (struct rate_counter_row){.calls = 0};
    }
    l->refused = 0;
    return n;
}
