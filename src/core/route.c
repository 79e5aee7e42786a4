/* Where a call goes: version, action, region, and whether it may go there now. */
#include "core/hosts.h"
#include "core/steps.h"

int step_version(struct call *c)
{
    const struct product *p = c->world->product;
    if (str_eq(c->common.version, p->version))
        return 0;
    return call_fail_with(c, ERR_NO_SUCH_VERSION, ARGS(c->common.version, p->name));
}

int step_action(struct call *c)
{
    const struct product *p = c->world->product;
    c->action = action_find(p, c->common.action);
    if (c->action)
        return 0;
    return call_fail_with(c, ERR_INVALID_ACTION, ARGS(c->common.action, p->name, p->version));
}

int step_region(struct call *c)
{
    const struct product *p = c->world->product;
    struct str region = c->common.region;
    if (!c->action->region_required && region.n == 0)
        return 0;
    if (region.n == 0)
        return call_fail_with(c, ERR_MISSING_PARAMETER, ARGS(STR("Region")));
    if (product_has_region(p, region))
        return 0;
    if (product_knows_region(p, region))
        return call_fail(c, ERR_UNSUPPORTED_REGION);
    return call_fail_with(c, ERR_INVALID_PARAMETER_VALUE_NAMED,
                          ARGS(c->v1 ? STR("Region") : STR("X-TC-Region")));
}

int step_limit(struct call *c)
{
    struct world *w = c->world;
    int64_t limit = w->limits[c->action - w->product->actions];
    if (limit == LIMIT_OFF)
        return 0;
    struct str key = arena_printf(c->arena, "%.*s/%.*s/%.*s", STR_ARG(c->credential->secret_id),
                                  STR_ARG(c->action->name), STR_ARG(hosts_access_region(c)));
    int64_t calls = limiter_count(&w->limiter, key, world_now_ms(w));
    if (calls <= limit)
        return 0;
    return call_fail_with(c, ERR_REQUEST_LIMIT_EXCEEDED,
                          ARGS(arena_printf(c->arena, "%lld", (long long)calls),
                               arena_printf(c->arena, "%lld", (long long)limit)));
}
