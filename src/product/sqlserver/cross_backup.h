/*
 * Copies of automatic backups in other regions.
 *
 * A copy is no row of the store. It follows from its backup and from the periods in which the instance copied
 * to a region: it is made when the backup has ended, and appears some time later.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_CROSS_BACKUP_H
#define VIRGA_PRODUCT_SQLSERVER_CROSS_BACKUP_H

#include "product/sqlserver/backup_file.h"

/* How long a copy takes. */
#define CROSS_COPY_MS INT64_C(2000)

/* A condition for a SELECT from `backup` and `cross_copy`, which has these rows for the copies of a backup
 * that are kept at `:now`. Only automatic backups are copied (documented by the example of
 * DescribeBackupSummary, where such copies and those of logs are all there are). */
#define CROSS_COPY_OF_BACKUP                                                                                 \
    "cross_copy.instance = backup.instance AND cross_copy.from_ms <= backup.start_ms"                        \
    " AND (cross_copy.until_ms IS NULL OR cross_copy.until_ms > backup.start_ms)"                            \
    " AND backup.start_ms > :now - cross_copy.save_days * 86400000"                                          \
    " AND backup.way = " BACKUP_WAY_SQL_SCHEDULED " AND backup.status = " BACKUP_STATUS_SQL_SUCCEEDED

/* Lists the copies of a row: their status, and their addresses as soon as they are complete and the row has a
 * file. -1 after failing the call. */
int cross_copies_read(struct call *c, const struct instance *instance, const struct backup_row *row,
                      struct cross_backup_addr_list *addresses, struct cross_region_status_list *statuses);

/* The regions that an instance (its row) copies to now, by name. -1 after failing the call. */
int cross_regions_read(struct call *c, int64_t instance, struct str_list *regions);

#endif
