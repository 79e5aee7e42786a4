/* Products, regions and flow kinds are few, so they are searched one by one; the actions of a product are
 * sorted by the generator. */
#include "core/registry.h"

#include <assert.h>

#include "core/flow.h"

/* --- products --- */

const struct product *registry_find(const struct registry *r, struct str name)
{
    for (size_t i = 0; i < r->n_products; i++)
        if (str_eq(r->products[i]->name, name))
            return r->products[i];
    return NULL;
}

const struct product *registry_find_version(const struct registry *r, struct str version, struct str action)
{
    const struct product *found = NULL;
    for (size_t i = 0; i < r->n_products; i++) {
        const struct product *p = r->products[i];
        if (!str_eq(p->version, version))
            continue;
        if (action_find(p, action))
            return p;
        found = found ? found : p;
    }
    return found;
}

/* --- actions --- */

size_t registry_n_actions(const struct registry *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_products; i++)
        n += r->products[i]->n_actions;
    return n;
}

/* Whether `at` is an element of the table. The addresses are compared as numbers, because C compares pointers
 * of one table only. */
static bool is_in(const void *table, size_t bytes, const void *at)
{
    return (uintptr_t)at >= (uintptr_t)table && (uintptr_t)at < (uintptr_t)table + bytes;
}

static bool has_action(const struct product *p, const struct action *action)
{
    return is_in(p->actions, p->n_actions * sizeof *action, action);
}

size_t registry_row(const struct registry *r, const struct action *action)
{
    size_t row = 0;
    for (size_t i = 0; i < r->n_products; i++) {
        const struct product *p = r->products[i];
        if (has_action(p, action))
            return row + (size_t)(action - p->actions);
        row += p->n_actions;
    }
    assert(!action);
    return row;
}

const struct action *registry_action_at(const struct registry *r, size_t row)
{
    for (size_t i = 0; i < r->n_products; i++) {
        const struct product *p = r->products[i];
        if (row < p->n_actions)
            return &p->actions[row];
        row -= p->n_actions;
    }
    assert(false && "a row of the registry");
    return NULL;
}

const struct product *registry_product_of(const struct registry *r, const struct action *action)
{
    for (size_t i = 0; i < r->n_products; i++)
        if (has_action(r->products[i], action))
            return r->products[i];
    assert(false && "an action of the registry");
    return NULL;
}

const struct action *registry_find_action(const struct registry *r, struct str name)
{
    const struct action *found = NULL;
    for (size_t i = 0; i < r->n_products && !found; i++)
        found = action_find(r->products[i], name);
    return found;
}

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

void action_offer(const struct registry *r, struct suggestion *suggestion)
{
    for (size_t i = 0; i < registry_n_actions(r); i++)
        suggest_offer(suggestion, registry_action_at(r, i)->name);
}

/* --- kinds of flow --- */

size_t registry_n_flow_types(const struct registry *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_products; i++)
        n += r->products[i]->n_flow_types;
    return n;
}

size_t registry_flow_row(const struct registry *r, const struct flow_type *type)
{
    size_t row = 0;
    for (size_t i = 0; i < r->n_products; i++) {
        const struct product *p = r->products[i];
        if (is_in(p->flow_types, p->n_flow_types * sizeof *type, type))
            return row + (size_t)(type - p->flow_types);
        row += p->n_flow_types;
    }
    assert(false && "a kind of flow of the registry");
    return row;
}

const struct flow_type *registry_flow_type_at(const struct registry *r, size_t row)
{
    for (size_t i = 0; i < r->n_products; i++) {
        const struct product *p = r->products[i];
        if (row < p->n_flow_types)
            return &p->flow_types[row];
        row -= p->n_flow_types;
    }
    assert(false && "a row of the registry");
    return NULL;
}

/* --- regions --- */

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

/* --- error codes --- */

/* A row whose id is longer than its code has the text for one occasion. A user names a code without an
 * occasion, so the row whose id is the code is preferred. */
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

/* Every action that declares a code has the same rows for it, so the first one is enough. */
static enum error_id find_in_any(const struct registry *r, struct str code)
{
    enum error_id found = ERR_NONE;
    for (size_t i = 0; i < registry_n_actions(r) && found == ERR_NONE; i++)
        found = find_declared(registry_action_at(r, i), code);
    return found;
}

enum error_id code_find(const struct registry *r, const struct action *action, struct str code)
{
    enum error_id found = action ? find_declared(action, code) : find_in_any(r, code);
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

void code_offer(const struct registry *r, const struct action *action, struct suggestion *suggestion)
{
    if (action)
        offer_declared(action, suggestion);
    for (size_t i = 0; !action && i < registry_n_actions(r); i++)
        offer_declared(registry_action_at(r, i), suggestion);
    for (enum error_id id = ERR_NONE + 1; id < ERR_COUNT; id++)
        if (error_table[id].common)
            suggest_offer(suggestion, error_table[id].code);
}
