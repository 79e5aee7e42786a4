/* The first call that names a magic resource creates it. It is not created at the start, because each account
 * would need one in each region, and most are never used. */
#include "core/magic.h"

#include <assert.h>

#include "wire/shape.h"

const struct magic *magic_find(const struct world *w, const struct product *p, struct str resource_id)
{
    for (size_t i = 0; !w->settings.no_magic && i < p->n_magic; i++)
        if (str_eq(p->magic[i].resource_id, resource_id))
            return &p->magic[i];
    return NULL;
}

/* Creates the resource unless the call has no region; the step `region` has rejected such a call where a
 * region is required. */
static int ensure(struct call *c, const struct magic *magic)
{
    if (!magic || c->common.region.n == 0)
        return 0;
    assert(c->product->hooks->fixtures.ensure_magic);
    return c->product->hooks->fixtures.ensure_magic(c, magic->resource_id);
}

static bool pick_param(struct call *c, struct str path, struct str *ret_id)
{
    return shape_pick(c->arena, c->action->in, c->in, path, ret_id);
}

static int ensure_listed(struct call *c, struct str list_param)
{
    struct str id;
    if (!list_param.p || !shape_find(c->action->in, list_param))
        return 0;
    for (size_t i = 0;; i++) {
        struct str path = arena_printf(c->arena, "%.*s.%zu", STR_ARG(list_param), i);
        if (!pick_param(c, path, &id))
            return 0;
        if (ensure(c, magic_find(c->world, c->product, id)) != 0)
            return -1;
    }
}

int magic_ensure(struct call *c, const struct magic **ret_magic)
{
    const struct resource_names *names = &c->product->resource;
    struct str id;
    *ret_magic = NULL;
    if (c->product->n_magic == 0)
        return 0;
    if (pick_param(c, names->param, &id))
        *ret_magic = magic_find(c->world, c->product, id);
    return ensure(c, *ret_magic) == 0 ? ensure_listed(c, names->list_param) : -1;
}
