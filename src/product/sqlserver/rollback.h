/* Between which times a database can be rolled back. */
#ifndef VIRGA_PRODUCT_SQLSERVER_ROLLBACK_H
#define VIRGA_PRODUCT_SQLSERVER_ROLLBACK_H

#include "product/sqlserver/instance.h"

struct rollback_window {
    int64_t start_ms,
        end_ms; /* both ends belong to it; full seconds, since that is how clients name a time */
};

/*
 * From the database's creation, if that is within the retention, else from the end of the first backup within
 * it that holds the database; until now. That there is a window within the retention is documented
 * (238/32095), this start of it is assumed. 1, 0 when there is no such database or nothing to start from, -1
 * after failing the call.
 */
int rollback_window_of(struct call *c, const struct instance *instance, struct str database,
                       struct rollback_window *ret_window);

#endif
