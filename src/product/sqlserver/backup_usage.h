/* The space that backups take, added up from the backups that there are. */
#ifndef VIRGA_PRODUCT_SQLSERVER_BACKUP_USAGE_H
#define VIRGA_PRODUCT_SQLSERVER_BACKUP_USAGE_H

#include "product/sqlserver/cross_backup.h"

struct usage {
    uint64_t kb, files;
};

/* What an instance (its row) takes. */
struct backup_usage {
    struct usage automatic, manual; /* in the instance's region */
    struct usage log;               /* beside the automatic ones */
    struct usage copies;            /* in other regions */
};

/* Adds the kept and finished backups of an instance. `copy_region` empty: the copies in all regions. -1 after
 * failing the call. */
int backup_usage_add(struct call *c, int64_t instance, int64_t keep_ms, struct str copy_region,
                     struct backup_usage *usage);

#endif
