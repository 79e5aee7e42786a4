/* The product sqlserver as a whole: its functions for the emulator are sqlserver_hooks (gen/sqlserver.h). Its
 * handlers share task_start, which starts a task on databases of an instance. */
#ifndef VIRGA_PRODUCT_SQLSERVER_SQLSERVER_H
#define VIRGA_PRODUCT_SQLSERVER_SQLSERVER_H

#include "gen/sqlserver_flows.h"
#include "product/sqlserver/database.h"

/* Starts a flow of the kind now, on the databases of the set. -1 after failing the call. */
int task_start(struct call *c, enum flow_kind kind, const struct instance *instance,
               const struct database_set *set, struct flow *ret_flow);

#endif
