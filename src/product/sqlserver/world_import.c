/* No import or migration of a world file runs: a flow that runs is no part of such a file. */
#include "product/sqlserver/world_import.h"

#include <assert.h>

#include "product/sqlserver/dts_task.h"
#include "product/sqlserver/import_task.h"

/* --- checking --- */

/* Statuses as bits: bit N for the status N. */
#define FULL_STATUSES                                                                                        \
    (1u << BACKUP_MIGRATION_STATUS_CREATED | 1u << BACKUP_MIGRATION_STATUS_SUCCESS |                         \
     1u << BACKUP_MIGRATION_STATUS_FAILURE)
#define MIGRATION_STATUSES                                                                                   \
    (1u << MIGRATION_STATUS_CREATED | 1u << MIGRATION_STATUS_FAILED | 1u << MIGRATION_STATUS_SUCCEEDED |     \
     1u << MIGRATION_STATUS_STOPPED)

/* The rules of the form keep a status below 32. */
/* Whether an import or migration of a new world may have this status. */
static int check_status(struct arena *a, int64_t status, uint32_t statuses, struct str path,
                        struct str *ret_problem)
{
    assert(status >= 0 && status < 32);
    if (statuses >> status & 1)
        return 0;
    *ret_problem = arena_printf(a, "%.*s.status: such a one cannot start with the status %lld", STR_ARG(path),
                                (long long)status);
    return -1;
}

/* Only one with incremental imports can wait for them. */
static int check_import(struct arena *a, const struct world_import *from, struct str path,
                        struct str *ret_problem)
{
    uint32_t statuses = FULL_STATUSES;
    if (!str_eq(from->recovery_type, STR("FULL")))
        statuses |= 1u << BACKUP_MIGRATION_STATUS_WAITING;
    if (check_status(a, from->status.v, statuses, path, ret_problem) != 0)
        return -1;
    for (size_t i = 0; i < from->incremental.n; i++)
        if (check_status(a, from->incremental.v[i].status.v, FULL_STATUSES,
                         arena_printf(a, "%.*s.incremental.%zu", STR_ARG(path), i), ret_problem) != 0)
            return -1;
    return 0;
}

int world_import_check(struct arena *a, const struct world_instance *from, struct str path,
                       struct str *ret_problem)
{
    for (size_t i = 0; i < from->imports.n; i++)
        if (check_import(a, &from->imports.v[i], arena_printf(a, "%.*s.imports.%zu", STR_ARG(path), i),
                         ret_problem) != 0)
            return -1;
    for (size_t i = 0; i < from->migrations.n; i++) {
        const struct world_migration *migration = &from->migrations.v[i];
        uint32_t statuses = MIGRATION_STATUSES;
        if (migration->type.v == DTS_TYPE_SYNC)
            statuses |= 1u << MIGRATION_STATUS_RUNNING;
        if (check_status(a, migration->status.v, statuses,
                         arena_printf(a, "%.*s.migrations.%zu", STR_ARG(path), i), ret_problem) != 0)
            return -1;
    }
    return 0;
}

/* --- inserting imports --- */

/* The ids, and what an incremental import has of its full one. */
static int put_task(struct world *w, int64_t instance, const struct world_import *full,
                    const struct world_incremental_import *incremental)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO backup_migration (instance, full_id, incremental_id, name, recovery_type,"
                " upload_type, file, is_recovery, status, created_ms)"
                " VALUES (:instance, :full, :incremental, :name, :recovery_type, :upload_type, :file,"
                " :is_recovery, :status, :now) ON CONFLICT DO NOTHING");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":full", full->migration_id);
    stmt_bind_str(s, ":incremental", incremental ? incremental->migration_id : STR(""));
    stmt_bind_str(s, ":name", incremental ? STR("") : full->name);
    stmt_bind_str(s, ":recovery_type", full->recovery_type);
    stmt_bind_str(s, ":upload_type", full->upload_type);
    stmt_bind_str(s, ":file", incremental ? incremental->file : full->file);
    stmt_bind_str(s, ":is_recovery", incremental ? incremental->is_recovery : STR(""));
    stmt_bind_i64(s, ":status", incremental ? incremental->status.v : full->status.v);
    stmt_bind_i64(s, ":now", world_now_ms(w));
    return stmt_run(s);
}

/* The database of an import that waits. */
static int put_waiting(struct world *w, int64_t instance, struct str file)
{
    struct arena scratch;
    SCOPED_STMT(s, w->db,
                "INSERT INTO database (instance, name, status, charset, remark, simple_recovery, created_ms)"
                " VALUES (:instance, :name, " DATABASE_STATUS_SQL_CREATING
                ", 'Chinese_PRC_CI_AS', '', 0, :now) ON CONFLICT DO NOTHING");
    if (file.n == 0)
        return 0;
    arena_init(&scratch);
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", import_file_database(&scratch, file));
    stmt_bind_i64(s, ":now", world_now_ms(w));
    int rc = stmt_run(s);
    arena_done(&scratch);
    return rc;
}

static int put_import(struct world *w, int64_t instance, const struct world_import *from)
{
    if (put_task(w, instance, from, NULL) != 0)
        return -1;
    for (size_t i = 0; i < from->incremental.n; i++)
        if (put_task(w, instance, from, &from->incremental.v[i]) != 0)
            return -1;
    return from->status.v == BACKUP_MIGRATION_STATUS_WAITING ? put_waiting(w, instance, from->file) : 0;
}

/* --- inserting migrations --- */

/* 1, 0 when the store has a migration of that number, -1 when it failed. */
static int put_row(struct world *w, const struct resource_owner *owner, int64_t instance,
                   const struct world_migration *from)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO migration (id, account, region, instance, name, type, source_type,"
                " source_instance, status, created_ms)"
                " VALUES (:id, :account, :region, :instance, :name, :type, :source_type,"
                " :source_instance, :status, :now) ON CONFLICT DO NOTHING RETURNING 1");
    stmt_bind_i64(s, ":id", from->migrate_id.v);
    stmt_bind_str(s, ":account", owner->account);
    stmt_bind_str(s, ":region", owner->region);
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", from->name);
    stmt_bind_i64(s, ":type", from->type.v);
    stmt_bind_i64(s, ":source_type", from->source_instance.n > 0 ? DTS_SOURCE_INSTANCE : DTS_SOURCE_COS);
    stmt_bind_str(s, ":source_instance", from->source_instance);
    stmt_bind_i64(s, ":status", from->status.v);
    stmt_bind_i64(s, ":now", world_now_ms(w));
    return stmt_step(s);
}

/* From an instance, or from files: the world file has no other sources. */
static int put_migration(struct world *w, const struct resource_owner *owner, int64_t instance,
                         const struct world_migration *from)
{
    int rc = put_row(w, owner, instance, from);
    if (rc != 1)
        return rc;
    if (dts_put_items(w, from->migrate_id.v, "url", &from->urls) != 0)
        return -1;
    return dts_put_items(w, from->migrate_id.v, "database", &from->databases);
}

int world_import_put(struct world *w, const struct resource_owner *owner, int64_t instance,
                     const struct world_instance *from)
{
    for (size_t i = 0; i < from->imports.n; i++)
        if (put_import(w, instance, &from->imports.v[i]) != 0)
            return -1;
    for (size_t i = 0; i < from->migrations.n; i++)
        if (put_migration(w, owner, instance, &from->migrations.v[i]) != 0)
            return -1;
    return 0;
}
