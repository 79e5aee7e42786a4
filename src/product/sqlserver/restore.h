/* The instance that a restoring writes to. */
#ifndef VIRGA_PRODUCT_SQLSERVER_RESTORE_H
#define VIRGA_PRODUCT_SQLSERVER_RESTORE_H

#include "product/sqlserver/instance.h"

/* The caller's instance of that id, or the source itself when the id is absent or empty. -1 after failing the
 * call: InstanceNotFound, or InputIllegal when its version of SQL Server is older than the source's (that it
 * must not be is documented, 238/55306; the code is assumed). */
int restore_target_get(struct call *c, const struct instance *source, struct str target_id,
                       struct instance *ret_target);

#endif
