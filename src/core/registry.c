/* Looking things up in the generated tables; both are sorted by the generator. */
#include "core/registry.h"

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

/* --- code --- */

/*
 * Several rows of the table of errors may stand for one code on the wire, with different texts for different
 * occasions. Who names a code means none of these occasions, so the row that is named as its code goes first.
 */

/* Rows whose id says more than their code are texts for one occasion. */
static bool is_plain(enum error_id id)
{
    return str_eq(error_table[id].id, error_table[id].code);
}

/* The better of two rows for one code. */
static enum error_id better(enum error_id have, enum error_id next)
{
    return have == ERR_NONE || (!is_plain(have) && is_plain(next)) ? next : have;
}

static enum error_id find_declared(const struct action *action, struct str code)
{
    enum error_id found = ERR_NONE;
    for (size_t i = 0; i < action->n_errors; i++)
        if (str_eq(error_table[action->errors[i]].code, code))
            found = better(found, action->errors[i]);
    return found;
}

static enum error_id find_common(struct str code)
{
    enum error_id found = ERR_NONE;
    for (enum error_id id = ERR_NONE + 1; id < ERR_COUNT; id++)
        if (error_table[id].common && str_eq(error_table[id].code, code))
            found = better(found, id);
    return found;
}

/* The rows for a code are the same whoever declares it, so the first action will do. */
static enum error_id find_in_any(const struct product *p, struct str code)
{
    enum error_id found = ERR_NONE;
    for (size_t i = 0; i < p->n_actions && found == ERR_NONE; i++)
        found = find_declared(&p->actions[i], code);
    return found;
}

enum error_id code_find(const struct product *p, const struct action *action, struct str code)
{
    enum error_id found = action ? find_declared(action, code) : find_in_any(p, code);
    return found == ERR_NONE ? find_common(code) : found;
}

bool code_fits(const struct action *action, enum error_id id)
{
    struct str code = error_table[id].code;
    return find_common(code) != ERR_NONE || find_declared(action, code) != ERR_NONE;
}

static void offer_declared(const struct action *action, struct suggestion *suggestion)
{
    for (size_t i = 0; i < action->n_errors; i++)
        suggest_offer(suggestion, error_table[action->errors[i]].code);
}

void code_offer(const struct product *p, const struct action *action, struct suggestion *suggestion)
{
    if (action)
        offer_declared(action, suggestion);
    for (size_t i = 0; !action && i < p->n_actions; i++)
        offer_declared(&p->actions[i], suggestion);
    for (enum error_id id = ERR_NONE + 1; id < ERR_COUNT; id++)
        if (error_table[id].common)
            suggest_offer(suggestion, error_table[id].code);
}

void action_offer(const struct product *p, struct suggestion *suggestion)
{
    for (size_t i = 0; i < p->n_actions; i++)
        suggest_offer(suggestion, p->actions[i].name);
}
