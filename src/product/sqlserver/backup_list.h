/* A backup as DescribeBackups shows it. */
#ifndef VIRGA_PRODUCT_SQLSERVER_BACKUP_LIST_H
#define VIRGA_PRODUCT_SQLSERVER_BACKUP_LIST_H

#include "gen/sqlserver.h"
#include "product/sqlserver/backup_file.h"

/* One row of the answer's list; texts in the call's arena. A backup of single files that is shown as one row
 * has the size of all of them and no file of its own. */
struct backup backup_view(struct call *c, const struct instance *instance, const struct backup_row *row);

/* Has the row a file that can be named and loaded: an archive or one single file, of a backup that succeeded?
 */
bool backup_has_file(const struct backup_row *row);

#endif
