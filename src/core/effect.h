/* What flows do to the databases they hold: recorded at the start, visible meanwhile by the database's
 * status, applied at the end. */
#ifndef VIRGA_CORE_EFFECT_H
#define VIRGA_CORE_EFFECT_H

#include "core/flow.h"

/* Writes down the databases of a flow. A database that is made must be there already, with status 1; those
 * that are changed, dropped or renamed get the status that shows it. -1 when the store failed. */
int effect_record(struct world *w, int64_t flow, const struct flow_database *databases, size_t n);

/* The end of a flow: success carries its effects out, failure takes back what its start had marked. -1 when
 * the store failed. */
int effect_apply(struct world *w, const struct flow *f);

#endif
