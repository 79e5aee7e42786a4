/*
 * Migrations from another server or from files, the older ones of the API (DTS).
 *
 * A migration goes from a source to an instance, its target, and has the account and region of the target.
 * Running it creates its databases. One that follows later changes leaves them in the status "creating" until
 * it is completed. Passwords of the source and of the target are read by no function and kept nowhere.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_DTS_TASK_H
#define VIRGA_PRODUCT_SQLSERVER_DTS_TASK_H

#include "product/sqlserver/database_create.h"

/* The values of MigrateType and SourceType (documented). */
enum dts_type { DTS_TYPE_STRUCTURES = 1, DTS_TYPE_DATA, DTS_TYPE_SYNC };
enum dts_source { DTS_SOURCE_INSTANCE = 1, DTS_SOURCE_CVM = 2, DTS_SOURCE_FILES = 4, DTS_SOURCE_COS = 5 };

/* What a client decides about a migration. */
struct dts_spec {
    struct str name;
    int64_t type, source_type;
    struct migrate_source source; /* without passwords */
    struct str target_id, target_user;
    struct str_list databases;                   /* MigrateDBSet */
    struct rename_restore_database_list renames; /* RenameRestore */
};

/* A row of migration. */
struct dts_task {
    int64_t id;
    int64_t target; /* row of the target instance */
    enum migration_status status;
    enum migration_check checked;
    int64_t flow; /* the last one that copied; 0: none */
    bool copies;  /* it runs */
    struct dts_spec spec;
};

/* The caller's migration, with its lists. InputIllegal when there is none of that id in the call's region, or
 * only a deleted one. -1 after failing the call. */
int dts_get(struct call *c, int64_t id, struct dts_task *ret_task);

/* Whether it may be changed, checked, run or deleted: it does not run, and no check of it does. */
bool dts_is_idle(const struct dts_task *task);
/* The same, and it has not succeeded. */
bool dts_is_ready(const struct dts_task *task);

/* Fails with `code` because of the status of the migration. */
int dts_reject_status(struct call *c, enum error_id code, const struct dts_task *task);
/* Fails with InputIllegal because the source is no instance: only such a migration has a check. */
int dts_reject_no_check(struct call *c, const struct dts_task *task);

/* --- items --- */

/* A list of texts of a migration: 'url', 'database', or 'made', the databases that it made on the target. -1
 * when the store failed. */
int dts_read_items(struct world *w, struct arena *a, int64_t migration, const char *kind,
                   struct str_list *ret_items);
/* Replaces such a list. -1 when the store failed. */
int dts_put_items(struct world *w, int64_t migration, const char *kind, const struct str_list *items);
int dts_put_renames(struct world *w, int64_t migration, const struct rename_restore_database_list *renames);

/* --- the databases on the target --- */

/* Those that the migration made and that wait for its completion get the status "normal", or are removed. -1
 * when the store failed. */
int dts_release_databases(struct world *w, int64_t migration);
int dts_drop_databases(struct world *w, int64_t migration);

#endif
