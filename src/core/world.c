/* What the settings ask of a world that is there already. */
#include "core/world.h"

void world_reseed(struct world *w)
{
    if (w->settings.seeded)
        rng_seed(&w->rng, w->settings.seed);
}

void world_set_limits(struct world *w)
{
    const struct product *p = w->product;
    w->account_limits_off = w->settings.limit_off;
    for (size_t i = 0; i < p->n_actions; i++)
        w->limits[i] = w->settings.limit_off ? LIMIT_OFF : p->actions[i].rate_per_second;
    for (size_t i = 0; i < w->settings.n_limits; i++) {
        const struct action *action = action_find(p, w->settings.limits[i].action);
        if (action)
            w->limits[action - p->actions] = w->settings.limits[i].per_second;
    }
}
