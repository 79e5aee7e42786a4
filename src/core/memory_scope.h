/*
 * Memory scopes: the scopes of a reset that are only in memory. They belong to no account and to no product.
 *
 * A reset clears the store too, and the disk may refuse its commit. So these are cleared when the transaction
 * of the reset is committed, and stay when it is lost.
 */
#ifndef VIRGA_CORE_MEMORY_SCOPE_H
#define VIRGA_CORE_MEMORY_SCOPE_H

#include "core/world.h"

enum { MEMORY_SCOPES = 3 };

struct memory_scope {
    struct str name; /* also of its count in the answer to a reset */
    int64_t (*count)(const struct world *w);
    void (*clear)(struct world *w); /* cannot fail */
};

extern const struct memory_scope memory_scopes[MEMORY_SCOPES];

/* Clears the chosen scopes at the commit of this transaction. A store in memory has no disk that could refuse
 * it, and its answers do not wait for the commit: then they are cleared at once. */
void memory_scopes_clear(struct world *w, const bool chosen[MEMORY_SCOPES]);

/* For world_commit: the transaction was committed, or lost. */
void memory_scopes_committed(struct world *w);
void memory_scopes_lost(struct world *w);

#endif
