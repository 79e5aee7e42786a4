/* What is in a backup file: small, the same every time, and naming the instance, the databases and the
 * backup. */
#ifndef VIRGA_PRODUCT_SQLSERVER_FILEBODY_H
#define VIRGA_PRODUCT_SQLSERVER_FILEBODY_H

#include "product/sqlserver/backupfile.h"

/* The bytes of a row's file, exactly backup_file_kb of them: a single file's text, or a tar archive (POSIX
 * ustar) with one file for each database. */
struct str filebody_make(struct arena *a, const struct instance *instance, const struct backup_row *row);

#endif
