/* The audit log of an instance of the world file: checking it, and inserting its entries into the store. */
#ifndef VIRGA_PRODUCT_SQLSERVER_WORLD_AUDIT_LOG_H
#define VIRGA_PRODUCT_SQLSERVER_WORLD_AUDIT_LOG_H

#include "core/world.h"
#include "gen/world.h"

/* Entries need a log that is on. 0, or -1 and "path: sentence". */
int world_audit_log_check(struct arena *a, const struct world_instance *from, struct str path,
                          struct str *ret_problem);

/* Switches the log on as of now, and inserts its entries. -1 when the store failed. */
int world_audit_log_put(struct world *w, int64_t instance, const struct world_instance *from);

#endif
