/* Instances: finding the caller's, and whether one may take on a task. */
#ifndef VIRGA_PRODUCT_SQLSERVER_INSTANCE_H
#define VIRGA_PRODUCT_SQLSERVER_INSTANCE_H

#include "core/call.h"

struct instance {
    int64_t row; /* in the store */
    struct str instance_id;
    int64_t status;
};

/* The caller's instance of that id in the call's region. -1 after failing the call: InstanceNotFound, or the
 * store's error. */
int instance_get(struct call *c, struct str instance_id, struct instance *ret_instance);

/* -1 after failing the call with InstanceStatusInvalid when the instance is not running normally, or when as
 * many tasks as are allowed are running on it. */
int instance_accept_task(struct call *c, const struct instance *instance, int64_t *ret_running);

#endif
