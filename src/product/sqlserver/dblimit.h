/* How many databases an instance may have. */
#ifndef VIRGA_PRODUCT_SQLSERVER_DBLIMIT_H
#define VIRGA_PRODUCT_SQLSERVER_DBLIMIT_H

#include "product/sqlserver/instance.h"

/* What the limit depends on. */
struct dbhost {
    struct str instance_type; /* SI and BI have a single node */
    struct str version;       /* as in 2008R2, 2012SP3, 2017 */
    int64_t cores;            /* below 1 counts as 1 */
};

/* Documented (238/2021). What is assumed: that versions after 2019 are as 2019, and that an instance for
 * analysis (BI) is as any single node. */
int64_t dblimit_of(const struct dbhost *host);

/* How many more databases the instance may have; below 0 when it has too many. -1 after failing the call. */
int dblimit_room(struct call *c, const struct instance *instance, int64_t *ret_room);

#endif
