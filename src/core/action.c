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
const struct region *product_find_region(const struct product *p, struct str region)
{
    for (size_t i = 0; i < p->n_regions; i++)
        if (str_eq(p->regions[i].name, region))
            return &p->regions[i];
    return NULL;
}

bool product_has_region(const struct product *p, struct str region)
{
    return product_find_region(p, region) != NULL;
}

bool product_knows_region(const struct product *p, struct str region)
{
    for (size_t i = 0; i < p->n_other_regions; i++)
        if (str_eq(p->other_regions[i], region))
            return true;
    return product_has_region(p, region);
}
