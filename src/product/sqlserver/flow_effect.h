/*
 * What flows do to the databases they hold: recorded at the start, visible meanwhile by the database's
 * status, applied at the end. Below core/flow.h, which says when that is.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_FLOW_EFFECT_H
#define VIRGA_PRODUCT_SQLSERVER_FLOW_EFFECT_H

#include "core/world.h"

/* What a flow does to a database at its end, if it succeeds. */
enum flow_effect {
    FLOW_LOCKS,   /* nothing: it only keeps others away */
    FLOW_CREATES, /* the database is being created (status 1) and becomes normal; undone by a failure */
    FLOW_CHANGES, /* it is being modified (status 3) and becomes normal again */
    FLOW_DROPS,   /* it is being deleted (status -1) and goes */
    FLOW_RENAMES  /* it is being modified and gets its new name */
};

struct flow_database {
    struct str name, new_name; /* new_name of FLOW_RENAMES */
    enum flow_effect effect;
};

/* Writes down the databases of the flow with that FlowId. A database that is made must be there already, with
 * status 1; those that are changed, dropped or renamed get the status that shows it. -1 when the store
 * failed. */
int flow_effect_record(struct world *w, int64_t flow, const struct flow_database *databases, size_t n);

/* The end of a flow on an instance (its row): success carries its effects out, failure takes back what its
 * start had marked. -1 when the store failed; what was done by then is for the savepoint around it to undo.
 */
int flow_effect_apply(struct world *w, int64_t flow, int64_t instance, bool fails);

#endif
