/* The rate limits: one for each action, and those that the world file sets for an account. */
#include <assert.h>

#include "base/codec.h"
#include "gateway/pipeline.h"
#include "gateway/route.h"

/* Counts the call under the key; returns the calls in this second. By the machine's clock, a client that
 * waits and tries again succeeds also while the service's clock is frozen. */
static int64_t count(struct call *c, struct str key)
{
    const struct world *w = c->world;
    return rate_counter_add(&c->world->rate_counter, key,
                            w->settings.limit_by_service_clock ? world_now_ms(w) : clock_real_ms());
}

/* Limits calls by sub-account, action and access region (documented dimensions). */
static int limit_action(struct call *c)
{
    struct world *w = c->world;
    int64_t limit = w->limits[registry_row(w->registry, c->action)];
    if (limit == LIMIT_OFF)
        return 0;
    int64_t calls = count(c, arena_printf(c->arena, "%.*s/%.*s/%.*s", STR_ARG(c->credential->secret_id),
                                          STR_ARG(c->action->name), STR_ARG(hosts_access_region(c))));
    if (calls <= limit)
        return 0;
    c->refused = (struct call_count){"of this action under this SecretId", calls, limit};
    return call_fail_with(c, ERR_REQUEST_LIMIT_EXCEEDED,
                          ARGS(arena_printf(c->arena, "%lld", (long long)calls),
                               arena_printf(c->arena, "%lld", (long long)limit)));
}

/* These keys begin with a slash, as no SecretId does, so they differ from those of the actions' own limits.
 */
static struct str uin_key(const struct call *c)
{
    return arena_printf(c->arena, "/uin/%.*s/%.*s/%.*s", STR_ARG(c->credential->account->uin),
                        STR_ARG(c->action->name), STR_ARG(hosts_access_region(c)));
}

static struct str global_key(const struct call *c)
{
    return arena_printf(c->arena, "/global/%.*s/%.*s", STR_ARG(c->credential->account->uin),
                        STR_ARG(c->action->name));
}

static struct str ip_key(const struct call *c)
{
    char hex[2 * ADDRESS_BYTES];
    size_t n = c->request.peer.n <= ADDRESS_BYTES ? c->request.peer.n : 0;
    hex_encode((const uint8_t *)c->request.peer.p, n, hex);
    return arena_printf(c->arena, "/ip/%.*s/%.*s", STR_ARG(c->credential->account->uin), (int)(2 * n), hex);
}

/* A call must pass all of them (documented). Their order is assumed. */
static const struct {
    size_t limit; /* offset in struct account_limits */
    struct str (*key)(const struct call *c);
    enum error_id error;
    const char *whose;
} account_limits[] = {
    {offsetof(struct account_limits, uin), uin_key, ERR_REQUEST_LIMIT_EXCEEDED_UIN_LIMIT_EXCEEDED,
     "of this action by this account"},
    {offsetof(struct account_limits, global_region_uin), global_key,
     ERR_REQUEST_LIMIT_EXCEEDED_GLOBAL_REGION_UIN_LIMIT_EXCEEDED,
     "of this action by this account, to all regions"},
    {offsetof(struct account_limits, ip), ip_key, ERR_REQUEST_LIMIT_EXCEEDED_IP_LIMIT_EXCEEDED,
     "of this account from this address"},
};

/* A limit of 0 is none. The calls are counted for each limit up to the one that rejects. */
static int limit_account(struct call *c, const struct account_limits *limits)
{
    for (size_t i = 0; i < sizeof account_limits / sizeof account_limits[0]; i++) {
        int64_t limit = *(const int64_t *)(const void *)((const char *)limits + account_limits[i].limit);
        int64_t calls = limit > 0 ? count(c, account_limits[i].key(c)) : 0;
        if (calls <= limit)
            continue;
        c->refused = (struct call_count){account_limits[i].whose, calls, limit};
        return call_fail(c, account_limits[i].error);
    }
    return 0;
}

/* The limit of the action is checked before those of the account (assumed). */
int step_limit(struct call *c)
{
    assert(c->action && c->credential);
    struct world *w = c->world;
    const struct account_rules *rules = c->credential->account->rules;
    if (limit_action(c) == 0 && (!rules || w->account_limits_off || limit_account(c, &rules->limits) == 0))
        return 0;
    w->rate_counter.refused++;
    w->metrics.refused++;
    return -1;
}
