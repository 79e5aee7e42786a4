/*
 * Magic resource ids: a call about one of them gets a fault of its own, without any control call.
 *
 * The ids are data of a product (schema/<product>/_magic.json). Every account has these resources in every
 * region: the first call that names one creates it, hidden from lists.
 */
#ifndef VIRGA_CORE_MAGIC_H
#define VIRGA_CORE_MAGIC_H

#include "core/call.h"

struct magic {
    struct str resource_id;
    struct str action; /* the only action that gets the fault; p == NULL: each that may answer the code */
    struct fault_effect effect;
    struct str words[2]; /* what it does, by LANG_EN, LANG_ZH */
};

/* NULL when the id is not one of the product's magic ids, or when the settings switch magic off. */
const struct magic *magic_find(const struct world *w, const struct product *p, struct str resource_id);

/* Creates the magic resources that the call names, in one id or in a list, for the caller in the call's
 * region. *ret_magic is the one that is named as the call's single resource, else NULL. -1 when the store
 * failed. */
int magic_ensure(struct call *c, const struct magic **ret_magic);

#endif
