/*
 * The registry: the products that are emulated, and how to find something in their tables.
 *
 * Actions and kinds of flow of all products are numbered together, in the order of the products: a table with
 * one row for each is indexed by registry_row and registry_flow_row.
 */
#ifndef VIRGA_CORE_REGISTRY_H
#define VIRGA_CORE_REGISTRY_H

#include "base/suggest.h"
#include "core/product.h"

struct registry {
    const struct product *const *products; /* at least one; the first is the default */
    size_t n_products;
    const struct migration *migrations; /* the tables of the emulator and of all products */
    size_t n_migrations;
    const struct migration *journal_migrations; /* the same for the journal's file */
    size_t n_journal_migrations;
};

/* --- products --- */

/* The product of calls that name none, and the one whose examples are shown. */
static inline const struct product *registry_default(const struct registry *r)
{
    return r->products[0];
}

/* By name, or NULL. */
const struct product *registry_find(const struct registry *r, struct str name);

/* By version: of several, the first that has the action, else the first. NULL when no product has it. */
const struct product *registry_find_version(const struct registry *r, struct str version, struct str action);

/* --- actions --- */

/* Of all products together. */
size_t registry_n_actions(const struct registry *r);

/* The number of an action from 0; registry_n_actions for NULL, so that a table can count the calls that name
 * no action. */
size_t registry_row(const struct registry *r, const struct action *action);

/* The action of a number below registry_n_actions. */
const struct action *registry_action_at(const struct registry *r, size_t row);

/* The product that has the action. */
const struct product *registry_product_of(const struct registry *r, const struct action *action);

/* By exact name in the first product that has it, or NULL. */
const struct action *registry_find_action(const struct registry *r, struct str name);

/* The action of one product by exact name, or NULL. */
const struct action *action_find(const struct product *p, struct str name);

/* Offers the name of every action. */
void action_offer(const struct registry *r, struct suggestion *suggestion);

/* --- kinds of flow --- */

size_t registry_n_flow_types(const struct registry *r);
size_t registry_flow_row(const struct registry *r, const struct flow_type *type);
const struct flow_type *registry_flow_type_at(const struct registry *r, size_t row);

/* --- regions --- */

/* The region of that exact name in which the product is served, or NULL. */
const struct region *product_find_region(const struct product *p, struct str region);
/* Whether the product is served in this region. */
bool product_has_region(const struct product *p, struct str region);
/* Whether it is a region of the cloud, with or without the product. */
bool product_knows_region(const struct product *p, struct str region);

/* --- error codes --- */

/* Finds the row of error_table for a code on the wire: among those that the action declares, else among the
 * common ones; without an action among those that any action declares. ERR_NONE when there is none. When
 * several rows have the code, with texts for different occasions, it is the row of the bare code. */
enum error_id code_find(const struct registry *r, const struct action *action, struct str code);

/* Whether the action declares the code, or the code is common. */
bool code_fits(const struct action *action, enum error_id id);

/* Offers every code that code_find would find. */
void code_offer(const struct registry *r, const struct action *action, struct suggestion *suggestion);

#endif
