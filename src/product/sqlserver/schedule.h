/* The automatic backups of instances: when the next one is due, and making it. */
#ifndef VIRGA_PRODUCT_SQLSERVER_SCHEDULE_H
#define VIRGA_PRODUCT_SQLSERVER_SCHEDULE_H

#include "core/flow.h"

/* The hooks of the schedule (core/product.h). A clock that was moved past many days makes only the backups
 * of the last year that retention would have kept, and forgets those that it would not. An instance whose
 * last one still runs makes none. */
int policy_next(struct world *w, int64_t *ret_ms);
int policy_run(struct world *w, int64_t at_ms);

/* The policy of an instance has changed: its next backup is the first after now. -1 when the store failed. */
int policy_reset(struct world *w, int64_t instance);

#endif
