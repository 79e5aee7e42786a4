/* DescribeRollbackTime, DescribeRestoreTimeRange and DescribeDBRestoreTime. */
#include "product/sqlserver/restore_time.h"

#include "core/page.h"
#include "product/sqlserver/backup_file.h"
#include "product/sqlserver/database.h"
#include "product/sqlserver/explain.h"

/* --- the target --- */

/* The target's version must not be older (documented, 238/55306); the code is assumed. Versions begin with
 * their year, as in 2008R2 and 2012SP3. */
int restore_check_version(struct call *c, const struct instance *source, const struct instance *target)
{
    static const enum error_id codes[] = {ERR_INVALID_PARAMETER_INPUT_ILLEGAL, ERR_INVALID_PARAMETER_VALUE};
    SCOPED_STMT(s, c->world->db,
                "SELECT source.version AS source_version, target.version AS target_version"
                " FROM instance source JOIN instance target ON target.id = :target"
                " WHERE source.id = :source"
                " AND substr(target.version, 1, 4) < substr(source.version, 1, 4)");
    stmt_bind_i64(s, ":source", source->row);
    stmt_bind_i64(s, ":target", target->row);
    int older = stmt_step(s);
    if (older <= 0)
        return older < 0 ? call_fail_store(c) : 0;
    struct str source_version = stmt_str(s, c->arena, "source_version");
    struct str target_version = stmt_str(s, c->arena, "target_version");
    return call_fail_explained(c, call_first_declared(c, codes, sizeof codes / sizeof codes[0]),
                               "target.older", "%.*s has version %.*s, older than the source's %.*s",
                               STR_ARG(target->instance_id), STR_ARG(target_version),
                               STR_ARG(source_version));
}

/* Finds the source, and checks the target that the call may name. */
static int find_instances(struct call *c, struct str source_id, struct str target_id,
                          struct instance *ret_source)
{
    struct instance target;
    if (instance_get(c, source_id, ret_source) != 0)
        return -1;
    if (target_id.n == 0)
        return 0;
    return instance_get(c, target_id, &target) == 0 ? restore_check_version(c, ret_source, &target) : -1;
}

/* --- windows --- */

/* The start of the second. */
static int64_t whole_second(int64_t ms)
{
    return ms - ms % 1000;
}

/* A database that is being created or deleted has no data to roll back. */
#define STANDING "database.status IN (" DATABASE_STATUS_SQL_NORMAL ", " DATABASE_STATUS_SQL_MODIFYING ")"

/*
 * The start of a database's window: its creation if that is within the retention, else the end of the first
 * backup within the retention that contains it. The limit by the retention is documented (238/32095), this
 * start is assumed. The start is not stored, because it moves with the time; the index of backups by start
 * finds the first one quickly.
 */
#define WINDOW_START                                                                                         \
    "CASE WHEN database.created_ms >= :from THEN database.created_ms ELSE"                                   \
    " (SELECT end_ms FROM backup JOIN flow_database AS part"                                                 \
    " ON part.flow = backup.flow AND part.name = database.name"                                              \
    " WHERE backup.instance = database.instance"                                                             \
    " AND backup.status = " BACKUP_STATUS_SQL_SUCCEEDED " AND start_ms > :from"                              \
    " ORDER BY start_ms LIMIT 1) END"

/* Steps a statement that selects the start of a window, which ends now. As rollback_window_read. */
static int step_window(struct call *c, const struct instance *instance, struct stmt *s,
                       struct rollback_window *ret_window)
{
    int64_t now = world_now_ms(c->world);
    stmt_bind_i64(s, ":from", now - instance->keep_ms);
    stmt_bind_i64(s, ":instance", instance->row);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 0 || stmt_is_null(s, "start"))
        return 0;
    *ret_window = (struct rollback_window){whole_second(stmt_i64(s, "start")), whole_second(now)};
    return 1;
}

int rollback_window_read(struct call *c, const struct instance *instance, struct str database,
                         struct rollback_window *ret_window)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " WINDOW_START " AS start FROM database"
                " WHERE instance = :instance AND name = :name AND " STANDING);
    stmt_bind_str(s, ":name", database);
    return step_window(c, instance, s, ret_window);
}

/* --- DescribeRollbackTime --- */

/* Leaves an unknown database out (assumed, because the action has no DBNotFound). */
int describe_rollback_time(struct call *c, const struct describe_rollback_time_in *in,
                           struct describe_rollback_time_out *out)
{
    struct instance instance;
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    out->details.set = true;
    for (size_t i = 0; i < in->dbs.n; i++) {
        struct rollback_window window;
        struct str name;
        int rc = database_spell(c, &instance, in->dbs.v[i], &name);
        if (rc > 0)
            rc = rollback_window_read(c, &instance, name, &window);
        if (rc < 0)
            return -1;
        if (rc > 0)
            *LIST_ADD(c->arena, &out->details) =
                (struct db_rollback_time_info){.db_name = name,
                                               .start_time = time_beijing(c->arena, window.start_ms),
                                               .end_time = time_beijing(c->arena, window.end_ms)};
    }
    return 0;
}

/* --- DescribeRestoreTimeRange --- */

/* From the earliest time of any database. An instance that cannot be rolled back has no times (assumed). */
int describe_restore_time_range(struct call *c, const struct describe_restore_time_range_in *in,
                                struct describe_restore_time_range_out *out)
{
    struct instance instance;
    struct rollback_window window;
    SCOPED_STMT(s, c->world->db,
                "SELECT min(" WINDOW_START
                ") AS start FROM database WHERE instance = :instance AND " STANDING);
    if (find_instances(c, in->instance_id, in->target_instance_id, &instance) != 0)
        return -1;
    int rc = step_window(c, &instance, s, &window);
    if (rc < 0)
        return -1;
    out->min_time = rc > 0 ? time_beijing(c->arena, window.start_ms) : NO_TIME;
    out->max_time = rc > 0 ? time_beijing(c->arena, window.end_ms) : NO_TIME;
    return 0;
}

/* --- DescribeDBRestoreTime --- */

/* The databases that have data of a time, with the names that copies of them would get. */
struct offer {
    struct call *c;
    const struct instance *instance;
    struct str wanted; /* the database that the call asks for; empty: all */
    struct describe_db_restore_time_out *out;
};

static void add(struct offer *offer, struct str name, int64_t at_ms)
{
    struct arena *a = offer->c->arena;
    bool wanted =
        offer->instance->ignore_case ? str_eq_nocase(name, offer->wanted) : str_eq(name, offer->wanted);
    if (offer->wanted.n > 0 && !wanted)
        return;
    *LIST_ADD(a, &offer->out->details) =
        (struct db_rename_res){.new_name = database_copy_name(a, name, at_ms), .old_name = name};
}

static int offer_backup(struct offer *offer, int64_t file_id)
{
    struct backup_row row;
    int rc = backup_find_file(offer->c, offer->instance, file_id, &row);
    if (rc <= 0)
        return rc < 0 ? -1 : reject_no_file(offer->c, offer->instance, file_id);
    for (size_t i = 0; i < row.databases.n; i++)
        add(offer, row.databases.v[i], row.start_ms);
    return 0;
}

/* A database whose window does not contain the time is left out. */
static int offer_time(struct offer *offer, int64_t at_ms)
{
    struct call *c = offer->c;
    int rc;
    SCOPED_STMT(s, c->world->db,
                "SELECT name FROM database WHERE instance = :instance AND " STANDING " AND " WINDOW_START
                " / 1000 * 1000 <= :at ORDER BY name");
    stmt_bind_i64(s, ":instance", offer->instance->row);
    stmt_bind_i64(s, ":from", world_now_ms(c->world) - offer->instance->keep_ms);
    stmt_bind_i64(s, ":at", at_ms);
    while (at_ms <= world_now_ms(c->world) && (rc = stmt_step(s)) != 0) {
        if (rc < 0)
            return call_fail_store(c);
        add(offer, stmt_str(s, c->arena, "name"), at_ms);
    }
    return 0;
}

/* BackupId 0, as in the documented sample, is none; with both, the backup decides (assumed). */
int describe_db_restore_time(struct call *c, const struct describe_db_restore_time_in *in,
                             struct describe_db_restore_time_out *out)
{
    struct instance instance;
    struct offer offer = {c, &instance, in->db_name, out};
    int64_t at_ms = 0;
    if (in->backup_id.v == 0 && time_parse_beijing(in->time, &at_ms) != 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                                   "one of Time and BackupId must say which data");
    if (find_instances(c, in->instance_id, in->target_instance_id, &instance) != 0)
        return -1;
    out->details.set = true;
    if ((in->backup_id.v != 0 ? offer_backup(&offer, in->backup_id.v) : offer_time(&offer, at_ms)) != 0)
        return -1;
    out->total_count = I64((int64_t)out->details.n);
    return 0;
}
