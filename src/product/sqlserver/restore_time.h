/* The times to which databases can be rolled back, and what a restore needs of its target. */
#ifndef VIRGA_PRODUCT_SQLSERVER_RESTORE_TIME_H
#define VIRGA_PRODUCT_SQLSERVER_RESTORE_TIME_H

#include "product/sqlserver/instance.h"

/* Both ends included, in whole seconds as in the parameters. */
struct rollback_window {
    int64_t start_ms, end_ms;
};

/* 1 and the window of a database, 0 when there is no such database or no start, -1 after failing the call. */
int rollback_window_read(struct call *c, const struct instance *instance, struct str database,
                         struct rollback_window *ret_window);

/* Fails the call when the target's version is older than the source's. */
int restore_check_version(struct call *c, const struct instance *source, const struct instance *target);

#endif
