/*
 * Backups in the store, and their files.
 *
 * No file is stored: its id, name, size and content follow from the row of its backup, in both directions. A
 * backup is one archive (format pkg), or one file for each of its databases (format single); the single files
 * of a backup are a group. Ids are arithmetic on the flow and on the database's ordinal in it, above 2^32
 * like real ones (the documentation shows 32687264876).
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_BACKUP_FILE_H
#define VIRGA_PRODUCT_SQLSERVER_BACKUP_FILE_H

#include "gen/sqlserver_rows.h"
#include "product/sqlserver/download.h"
#include "product/sqlserver/instance.h"

/* --- ids --- */

/* The last ordinal is the log's; an instance can have fewer databases. */
enum { FILE_ORDINALS = 1024, FILE_ORDINAL_LOG = FILE_ORDINALS - 1 };
#define FILE_ID_BASE (INT64_C(1) << 35)

struct backup_file_ref {
    int64_t flow;
    int64_t ordinal; /* of the database within the flow; 0 for an archive */
};

/* FILE_ID_BASE + flow * FILE_ORDINALS + ordinal. Numbers out of range, from a state file that was edited by
 * hand, become the nearest in it. */
int64_t backup_file_id(struct backup_file_ref ref);
/* Splits an id; false when no file can have it. */
bool backup_file_ref(int64_t file_id, struct backup_file_ref *ret_ref);

/* --- rows --- */

/* A backup, or one of its single files. */
struct backup_row {
    int64_t flow;
    struct str name;
    enum backup_strategy strategy;
    enum backup_storage storage_strategy;
    enum backup_way way;
    enum backup_status status;
    bool single;              /* its files are single ones */
    bool log;                 /* the row is of the log backup beside it, one archive */
    int64_t start_ms, end_ms; /* end_ms 0: it is running */

    /* Of a single file; p == NULL for a backup as a whole and for an archive. */
    struct str database;
    int64_t ordinal; /* of `database` within the flow; else 0 */

    struct str_list databases; /* those of the backup, or the one of the file */
    struct i64_list ordinals;  /* of `databases` in the flow, ascending; empty for the row of a file */
};

/* What backup_row_read needs, for a SELECT from `backup`: the row of a whole backup, or the one of the single
 * file in `flow_database AS file`, where that is not NULL. */
#define BACKUP_ROW_COLUMNS BACKUP_COLUMNS ", backup.flow AS flow, backup.single AS single"
#define BACKUP_WHOLE_COLUMNS BACKUP_ROW_COLUMNS ", NULL AS file_database, 0 AS file_ordinal"
#define BACKUP_FILE_COLUMNS                                                                                  \
    BACKUP_ROW_COLUMNS ", file.name AS file_database, coalesce(file.ordinal, 0) AS file_ordinal"

/* Reads the current row of such a statement, and the databases of a whole backup. -1 when the store failed.
 */
int backup_row_read(struct call *c, struct stmt *s, struct backup_row *ret_row);

/* False when the retention of the backup has ended: then it does not exist for the client. */
bool backup_kept(const struct call *c, const struct instance *instance, const struct backup_row *row);

/* Makes the row of a whole backup the row of its i-th single file. */
void backup_row_narrow(struct arena *a, struct backup_row *row, size_t i);

/* Makes the row of a whole backup the row of its log backup. */
void backup_row_to_log(struct backup_row *row);

/* Finds the kept backup of a flow on that instance, in any status. 1, 0 when there is none, -1 after failing
 * the call. */
int backup_find(struct call *c, const struct instance *instance, int64_t flow, struct backup_row *ret_row);

/* Finds the kept and succeeded backup with that file; narrows it to the file when that is a single one. 1, 0
 * and -1 as backup_find. */
int backup_find_file(struct call *c, const struct instance *instance, int64_t file_id,
                     struct backup_row *ret_row);

/* The same for the file of a log backup: each automatic backup that succeeded has one. */
int backup_find_log(struct call *c, const struct instance *instance, int64_t file_id,
                    struct backup_row *ret_row);

/* --- what follows from a row --- */

/* Whether the row has a file: an archive or one single file, of a backup that succeeded. */
bool backup_has_file(const struct backup_row *row);

/* The id of the row's file. */
int64_t backup_row_file_id(const struct backup_row *row);

/* The name of the row's file. Forms by example: "manual_instance_58001_20180702010430.bak.tar" and
 * "manual_specific_58002_db1_2021_09_14144312.bak". */
struct str backup_file_name(struct arena *a, const struct instance *instance, const struct backup_row *row);
/* The start of the backup in a file name, in ms (whole seconds). -1 when the name has neither form. */
int backup_file_name_start(struct str file_name, int64_t *ret_ms);

/* What a database adds to the size of a file, in KB. */
int64_t backup_database_kb(struct str database);
/* The size of its log in a log backup (ours). */
int64_t backup_log_kb(struct str database);
/* The size in KB, exactly that of the content. */
int64_t backup_file_kb(const struct backup_row *row);

/* The id of the group of single files: made of the flow, with as many digits as a real one
 * ("16556099469691"). Empty for an archive. */
struct str backup_group_id(struct arena *a, const struct backup_row *row);
/* The flow of a group; false when no group can have this id. */
bool backup_group_flow(struct str group_id, int64_t *ret_flow);

/* The content of the row's file, backup_file_kb long and the same every time: text that names the instance,
 * the database and the backup; for an archive a tar file (POSIX ustar) with one such text for each database.
 */
struct str backup_file_body(struct arena *a, const struct instance *instance, const struct backup_row *row);

/* --- downloads --- */

/* The address of the row's file, valid from now on, in the call's arena. */
struct str backup_file_address(struct call *c, const struct instance *instance, const struct backup_row *row);

/* The row of backup files in the table of download.c. */
int backup_download_find(struct call *c, int64_t file_id, struct download_file *ret_file);
struct str backup_download_body(struct call *c, const struct download_file *file);

#endif
