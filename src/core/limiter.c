#include "core/limiter.h"

/* Addresses are the client's choice, and counters are kept. What comes after so many shares one. */
enum { COUNTERS_MAX = 64 * 1024 };

struct counter {
    int64_t second;
    int64_t calls;
};

void limiter_init(struct limiter *l, struct arena *a)
{
    *l = (struct limiter){.arena = a};
    map_init(&l->counters, a);
}

static struct counter *counter_of(struct limiter *l, struct str key)
{
    if (l->counters.n >= COUNTERS_MAX && !map_get(&l->counters, key))
        key = STR("/others");
    struct counter *c = map_get(&l->counters, key);
    if (c)
        return c;
    c = ARENA_NEW(l->arena, struct counter);
    map_put(&l->counters, key, c);
    return c;
}

int64_t limiter_count(struct limiter *l, struct str key, int64_t now_ms)
{
    struct counter *c = counter_of(l, key);
    int64_t second = now_ms / 1000;
    if (c->second != second)
        *c = (struct counter){.second = second};
    return ++c->calls;
}
