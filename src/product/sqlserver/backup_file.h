/*
 * The files of backups.
 *
 * No file is stored: everything about one follows from its backup. A backup is one archive (format pkg) or
 * one file for each of its databases (single). A file's id is made of the flow and of the file's ordinal in
 * it, above 2^32 as real ones are (an id of 32687264876 was seen).
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_BACKUP_FILE_H
#define VIRGA_PRODUCT_SQLSERVER_BACKUP_FILE_H

#include "core/call.h"
#include "product/sqlserver/instance.h"

enum { FILE_ORDINALS = 1024 };
#define FILE_ID_BASE (INT64_C(1) << 35)

struct backup_file_ref {
    int64_t flow;
    int64_t ordinal; /* of the database in the flow; 0 for an archive */
};

/* The id that answers show: FILE_ID_BASE + flow * FILE_ORDINALS + ordinal. Numbers out of range, of a file
 * that somebody edited, become the nearest that is in it. */
int64_t backup_file_id(struct backup_file_ref ref);
/* false when no file can have this id. */
bool backup_file_ref(int64_t file_id, struct backup_file_ref *ret_ref);

/* One backup, or one file of it when `database` is set. */
struct backup_row {
    int64_t flow;
    struct str name;
    int64_t strategy, storage_strategy, way, status;
    bool single;
    int64_t start_ms, end_ms;  /* end_ms 0: not yet */
    int64_t ordinal;           /* of the file */
    struct str database;       /* of a single file; p == NULL for the backup as a whole or an archive */
    struct str_list databases; /* all of the backup, or the one of the file */
};

/* Reads the current row of a statement that selects the columns of BACKUP_COLUMNS, and then its databases. -1
 * when the store failed. */
#define BACKUP_COLUMNS                                                                                       \
    "backup.flow, backup.name, backup.strategy, backup.storage_strategy, backup.way, backup.status, "        \
    "backup.single,"                                                                                         \
    " backup.start_ms, backup.end_ms"
int backup_row_read(struct call *c, struct stmt *s, struct backup_row *ret_row);

/* Is the backup still kept? One that is not is as if it were not there. */
bool backup_kept(const struct call *c, const struct instance *instance, const struct backup_row *row);

/* Makes a row of a whole backup one of its single files. */
void backup_row_narrow(struct arena *a, struct backup_row *row, int64_t ordinal, struct str database);

/* The backup of a flow, kept, of that instance, whatever its status. 1, 0 if there is none, -1 after failing
 * the call. */
int backup_find(struct call *c, const struct instance *instance, int64_t flow, struct backup_row *ret_row);

/* The backup that holds a file, kept and succeeded; with `database` set when it is a single file. 1, 0, -1
 * likewise. */
int backup_find_file(struct call *c, const struct instance *instance, int64_t file_id,
                     struct backup_row *ret_row);

/* --- what follows from a row --- */

/* A file's name: of the archive, or of `row->database`'s file. Forms by example:
 * "manual_instance_58001_20180702010430.bak.tar" and "manual_specific_58002_db1_2021_09_14144312.bak". */
struct str backup_file_name(struct arena *a, const struct instance *instance, const struct backup_row *row);
/* The start that a file name tells, in ms (whole seconds); -1 when it is not of one of those forms. */
int backup_file_name_start(struct str file_name, int64_t *ret_ms);

/* In KB, and the exact size of what the download address serves. */
int64_t backup_file_kb(const struct backup_row *row);

/* What holds single files together: as many digits as a real one has ("16556099469691"), made of the flow.
 * Empty for an archive. */
struct str backup_group_id(struct arena *a, const struct backup_row *row);
/* The flow of a group; false when no group can have this id. */
bool backup_group_flow(struct str group_id, int64_t *ret_flow);

/* --- filebody --- */

/* What is in a backup file: small, the same every time, and naming the instance, the databases and the
 * backup. */

/* The bytes of a row's file, exactly backup_file_kb of them: a single file's text, or a tar archive (POSIX
 * ustar) with one file for each database. */
struct str filebody_make(struct arena *a, const struct instance *instance, const struct backup_row *row);

#endif
