/* Where a call goes: product, version, action, region, and whether anybody is there. */
#include "core/hosts.h"
#include "core/steps.h"

/* Only of the cloud's own domain is it known that its first label is a product. */
int step_product(struct call *c)
{
    return hosts_name_other_product(c) ? call_fail(c, ERR_NO_SUCH_PRODUCT) : 0;
}

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

int step_offline(struct call *c)
{
    const struct world *w = c->world;
    bool offline = w->offline && w->offline[c->action - w->product->actions];
    return offline ? call_fail(c, ERR_ACTION_OFFLINE) : 0;
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

/* The gateway has let the call pass and finds nobody behind itself. */
int step_available(struct call *c)
{
    return c->world->unavailable ? call_fail(c, ERR_SERVICE_UNAVAILABLE) : 0;
}
