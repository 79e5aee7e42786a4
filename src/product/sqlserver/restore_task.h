/* The records of restores and rollbacks, which the source instance lists. */
#ifndef VIRGA_PRODUCT_SQLSERVER_RESTORE_TASK_H
#define VIRGA_PRODUCT_SQLSERVER_RESTORE_TASK_H

#include "core/flow.h"
#include "product/sqlserver/instance.h"

/* Records a flow that has started; `at_ms` is the time of the data. -1 when the store failed. */
int restore_task_insert(struct call *c, const struct instance *source, const struct flow *flow,
                        int64_t at_ms);

#endif
