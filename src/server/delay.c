/* A sorted list: faults are for tests, and few answers wait at once. */
#include "server/delay.h"

enum { WAIT_MAX_MS = 60 * 1000 };

void delay_add(struct delays *d, struct exchange *x)
{
    struct exchange **at = &d->first;
    x->due_ns = clock_mono_ns() + x->call.effect.delay_ms * NS_PER_MS;
    while (*at && (*at)->due_ns <= x->due_ns)
        at = &(*at)->next;
    x->next = *at;
    *at = x;
}

struct exchange *delay_take(struct delays *d, int64_t now_ns)
{
    struct exchange *x = d->first;
    if (!x || x->due_ns > now_ns)
        return NULL;
    d->first = x->next;
    return x;
}

int delay_wait_ms(const struct delays *d, int64_t now_ns)
{
    if (!d->first)
        return -1;
    int64_t ms = (d->first->due_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
    return ms < 0 ? 0 : ms > WAIT_MAX_MS ? WAIT_MAX_MS : (int)ms;
}
