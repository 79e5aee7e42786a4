/*
 * A counter belongs to one second and is overwritten by the first call of another one, so that nothing has to
 * be cleaned up. A clock that is moved back begins a second anew as well.
 */
#include "core/rate_counter.h"

/* Addresses are the client's choice, and counters are kept. What comes after so many shares one. */
enum { COUNTERS_MAX = 64 * 1024 };

void rate_counter_init(struct rate_counter *l, struct arena *a)
{
    *l = (struct rate_counter){.arena = a};
    map_init(&l->counters, a);
}

/* A key that has a counter keeps it when the map is full; only new ones share. */
static struct rate_counter_row *counter_of(struct rate_counter *l, struct str key)
{
    if (l->counters.n >= COUNTERS_MAX && !map_get(&l->counters, key))
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

/* The counters stay, with nothing in them: a key is never taken out of the map. */
size_t rate_counter_clear(struct rate_counter *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->counters.room; i++) {
        struct rate_counter_row *c = l->counters.slots[i].value;
        n += c && c->calls > 0;
        if (c)
            *c = (struct rate_counter_row){.calls = 0};
    }
    l->refused = 0;
    return n;
}
