/* Starting a task on databases of an instance. */
#ifndef VIRGA_PRODUCT_SQLSERVER_TASK_H
#define VIRGA_PRODUCT_SQLSERVER_TASK_H

#include "product/sqlserver/database.h"
#include "product/sqlserver/kinds.h"

/* As instance_accept_task, for actions that do not have InstanceStatusInvalid among their codes: they answer
 * DBInvalidStatus (assumed). */
int task_accept_by_database(struct call *c, const struct instance *instance);

/* Starts a flow of the kind now, on the databases of the set. -1 after failing the call. */
int task_start(struct call *c, size_t kind, const struct instance *instance, const struct database_set *set,
               struct flow *ret_flow);

#endif
