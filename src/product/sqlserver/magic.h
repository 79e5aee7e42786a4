/*
 * Magic instance ids: a call about one of them is struck by a fault of its own, without any control call.
 *
 * The table is schema/magic.json. The instances are there in every region for every account: the first call
 * that names one makes it, hidden from lists.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_MAGIC_H
#define VIRGA_PRODUCT_SQLSERVER_MAGIC_H

#include "core/call.h"

struct magic {
    struct str instance_id;
    struct str action; /* the only one that is struck; p == NULL: each that may answer the code */
    struct fault_effect effect;
    struct str words[2]; /* what it does, by LANG_EN, LANG_ZH */
};

/* Generated from schema/magic.json. */
extern const struct magic magic_table[];
extern const size_t n_magic;

/* NULL when the id is not magic, or magic is switched off. */
const struct magic *magic_find(const struct world *w, struct str instance_id);

/* Makes sure that a magic instance is there for the caller, in the call's region; nothing for any other id.
 * -1 when the store failed. Lists call it for each id they are asked for. */
int magic_ensure(struct call *c, struct str instance_id);

#endif
