/*
 * Imports of backups from servers outside, which the API calls cold migrations: a full import, and the
 * incremental ones that follow it.
 *
 * A full import creates its databases on the instance. One whose recovery type announces more backups leaves
 * them in the status "creating", as SQL Server leaves a database that it restores WITH NORECOVERY, until its
 * last incremental import has succeeded.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_IMPORT_TASK_H
#define VIRGA_PRODUCT_SQLSERVER_IMPORT_TASK_H

#include "product/sqlserver/database_create.h"

/* A row of backup_migration. */
struct import_task {
    struct str full_id, incremental_id; /* incremental_id "": a full import */
    struct str name, recovery_type, upload_type, file, is_recovery;
    enum backup_migration_status status;
};

/* What a call is about. */
struct import {
    struct instance instance;
    struct import_task full, incremental; /* incremental: only where the call names one */
    struct import_task *task;             /* the one of them that the call is about */
};

/* A database that a full import restores. */
struct import_database {
    struct str old_name, new_name;
};
struct import_database_list {
    struct import_database *v;
    size_t n;
};

/* --- finding one: 0, or -1 after failing the call --- */

/* The full import of the caller's instance; FullBackupMigrationNotExist when there is none, or
 * IncreBackupMigrationNotExist of an action that does not declare it. */
int import_get(struct call *c, struct str instance_id, struct str full_id, struct import *ret_import);
/* The incremental one of a full import; IncreBackupMigrationNotExist when there is none, or
 * FullBackupMigrationNotExist of an action that does not declare it. */
int import_get_incremental(struct call *c, struct str instance_id, struct str full_id,
                           struct str incremental_id, struct import *ret_import);

/* The statuses of a task that has not begun, or failed and may begin again. */
#define IMPORT_READY (1u << BACKUP_MIGRATION_STATUS_CREATED | 1u << BACKUP_MIGRATION_STATUS_FAILURE)
/* Those in which it may be deleted: it does not run. */
#define IMPORT_DELETABLE                                                                                     \
    (IMPORT_READY | 1u << BACKUP_MIGRATION_STATUS_WAITING | 1u << BACKUP_MIGRATION_STATUS_SUCCESS)

/* Whether the task has one of the statuses, bit N for the status N: CosStatusErr. MigrationLockError while
 * another task of the same full import runs. */
int import_accept(struct call *c, const struct import *import, uint32_t statuses);

/* --- files --- */

/* The name of a file: what follows the last slash of its URL, without the query. */
struct str import_file_name(struct str file);
/* The database of a file, by the file's name: without the ending, and without what the documented form
 * "<database>_<time>_2full2_2noreconvery2.bak" adds. Characters that a name of a database may not have become
 * underscores (assumed). */
struct str import_file_database(struct arena *a, struct str file);
/* Fails with BackupNameIsIllegal unless the file's name has the form that the task needs, and with
 * InputIllegal unless the file of a task with COS_URL is a URL. A task without a file passes. */
int import_check_file(struct call *c, const struct import_task *task);

/* --- databases --- */

/* The databases that a full import restores: those of its list of new names, or the one of its file. -1 after
 * failing the call. */
int import_databases(struct call *c, const struct import *import, struct import_database_list *ret_list);

/* The databases of a full import's list of new names. -1 when the store failed. */
int import_read_renames(struct world *w, struct arena *a, int64_t instance, struct str full_id,
                        struct import_database_list *ret_list);

/* The settle functions of both flows are declared in gen/sqlserver_flows.h: import_full_settle and
 * import_incremental_settle. */

#endif
