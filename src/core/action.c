/* Looking things up in the generated tables; both are sorted by the generator. */
#include "core/action.h"

const struct action *action_find(const struct product *p, struct str name)
{
    size_t low = 0, high = p->n_actions;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = str_cmp(name, p->actions[mid].name);
        if (order == 0)
            return &p->actions[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

/* A handful of regions: a straight look is as quick as a search. */
static bool among(const struct str *regions, size_t n, struct str region)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(regions[i], region))
            return true;
    return false;
}

bool product_has_region(const struct product *p, struct str region)
{
    return among(p->regions, p->n_regions, region);
}

bool product_knows_region(const struct product *p, struct str region)
{
    return product_has_region(p, region) || among(p->other_regions, p->n_other_regions, region);
}
