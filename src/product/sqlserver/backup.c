/* Backups: their rows in the store, and the actions CreateBackup, ModifyBackupName and RemoveBackups. */
#include "product/sqlserver/backup.h"

#include <assert.h>

#include "product/sqlserver/backup_file.h"
#include "product/sqlserver/database.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/sqlserver.h"

/*
 * --- rows ---
 *
 * A row belongs to a flow, which is the task that makes the backup, and refers to the databases of the flow:
 * they are what the backup contains, and they stay after the flow ends. The row has the status "running"
 * until the flow ends. Single files are removed one by one, and the row is removed with the last.
 */

/* The status of a backup whose flow has ended. */
static enum backup_status status_at_end(const struct flow *f)
{
    return f->fails ? BACKUP_STATUS_FAILED : BACKUP_STATUS_SUCCEEDED;
}

/* Writes the start into both tables and the key of this one, so that one walk of an index lists the backups
 * of an instance by time. */
int backup_insert(struct world *w, struct arena *a, const struct backup_record *record)
{
    const struct flow *flow = record->flow;
    struct str name = record->name;
    assert(name.p || record->instance_id.n > 0);
    SCOPED_STMT(
        s, w->db,
        "INSERT INTO backup (flow, instance, name, strategy, storage_strategy, way, status, single,"
        " start_ms, end_ms)"
        " VALUES (:flow, :instance, :name, :strategy, :storage, :way, :status, :single, :start, :end)");
    if (!name.p)
        name = CONCAT(a, record->instance_id, STR("_"), time_beijing_compact(a, flow->start_ms));
    stmt_bind_i64(s, ":flow", flow->id);
    stmt_bind_i64(s, ":instance", flow->resource);
    stmt_bind_str(s, ":name", name);
    stmt_bind_i64(s, ":strategy", record->strategy);
    stmt_bind_i64(s, ":storage", record->storage_strategy);
    stmt_bind_i64(s, ":way", record->way);
    stmt_bind_i64(s, ":status", flow->over ? status_at_end(flow) : BACKUP_STATUS_RUNNING);
    stmt_bind_i64(s, ":single", record->single_files);
    stmt_bind_i64(s, ":start", flow->start_ms);
    if (flow->over)
        stmt_bind_i64(s, ":end", flow->due_ms);
    else
        stmt_bind_null(s, ":end");
    return stmt_run(s);
}

/* Ends the backup of a flow, if it has one. */
static int end_backup(struct world *w, const struct flow *f)
{
    SCOPED_STMT(s, w->db,
                "UPDATE backup SET status = :status, end_ms = :end"
                " WHERE instance = :instance AND start_ms = :start AND flow = :flow");
    stmt_bind_i64(s, ":status", status_at_end(f));
    stmt_bind_i64(s, ":end", f->due_ms);
    stmt_bind_i64(s, ":instance", f->resource);
    stmt_bind_i64(s, ":start", f->start_ms);
    stmt_bind_i64(s, ":flow", f->id);
    return stmt_run(s);
}

int backup_settle(struct world *w, const struct flow *f)
{
    return databases_settle(w, f) == 0 ? end_backup(w, f) : -1;
}

/* Binds the parameters that identify the backup of a row: `:instance`, `:start` and `:flow`. */
static void bind_key(struct stmt *s, const struct instance *instance, const struct backup_row *row)
{
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":start", row->start_ms);
    stmt_bind_i64(s, ":flow", row->flow);
}

int backup_window(struct call *c, struct str start_time, struct str end_time, int64_t ret_window_ms[2])
{
    int64_t window_ms[2];
    int bad = time_parse_beijing(start_time, &window_ms[0]) | time_parse_beijing(end_time, &window_ms[1]);
    assert(!bad);
    (void)bad;
    window_ms[1] += 999;
    if (window_ms[0] > window_ms[1])
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "time.order", "%.*s is after %.*s",
                                   STR_ARG(start_time), STR_ARG(end_time));
    memcpy(ret_window_ms, window_ms, sizeof window_ms);
    return 0;
}

/* --- CreateBackup --- */

/* Chooses the databases to back up: the named ones, or all. A backup of all databases needs an instance
 * without other tasks. Documented: tasks on different databases may run together, and no manual backup starts
 * while the automatic one runs. The code is assumed. */
static int choose_databases(struct call *c, const struct create_backup_in *in,
                            const struct instance *instance, struct database_set *ret_set)
{
    if (in->strategy.v == BACKUP_STRATEGY_DATABASES) {
        if (instance_accept_task(c, instance) != 0)
            return -1;
        int automatic = instance_runs_automatic(c, instance);
        if (automatic < 0)
            return -1;
        if (automatic)
            return call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID,
                                       "instance.automatic-backup",
                                       "the automatic backup of %.*s runs, and no other may run meanwhile",
                                       STR_ARG(instance->instance_id));
        return database_choose(c, instance, &in->db_names, DATABASE_EFFECT_HOLD, ret_set);
    }
    if (instance_accept_sole_task(c, instance) != 0)
        return -1;
    if (database_all(c->world, c->arena, instance->row, ret_set) != 0)
        return call_fail_store(c);
    return ret_set->n > 0 ? 0 : reject_no_databases(c, instance);
}

/* Documented: a backup of a database in the simple recovery model fails. */
static int start(struct call *c, const struct instance *instance, const struct database_set *set,
                 struct flow *ret_flow)
{
    struct flow_plan plan = {.type = &sqlserver_flow_kinds[FLOW_KIND_BACKUP],
                             .resource = instance->row,
                             .start_ms = world_now_ms(c->world),
                             .effect = &c->effect,
                             .fails = set->any_simple};
    return flow_effect_start(c->world, &plan, set->v, set->n, ret_flow);
}

/* Checks the parameters first, then the instance, then its databases; this order is assumed. */
int create_backup(struct call *c, const struct create_backup_in *in, struct create_backup_out *out)
{
    struct instance instance;
    struct database_set set;
    struct flow flow;
    call_unread(c, in->strategy.v == BACKUP_STRATEGY_INSTANCE && in->db_names.n > 0, "DBNames");
    if (in->strategy.v == BACKUP_STRATEGY_DATABASES && in->db_names.n == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                                   "Strategy 1 backs up the databases in DBNames, which is empty");
    if (instance_get(c, in->instance_id, &instance) != 0 || choose_databases(c, in, &instance, &set) != 0)
        return -1;
    if (start(c, &instance, &set, &flow) != 0)
        return call_fail_store(c);
    struct backup_record record = {.flow = &flow,
                                   .name = in->backup_name,
                                   .instance_id = instance.instance_id,
                                   .strategy = (enum backup_strategy)in->strategy.v,
                                   .storage_strategy = (enum backup_storage)in->storage_strategy.v,
                                   .way = BACKUP_WAY_MANUAL,
                                   .single_files = instance.single_files};
    if (backup_insert(c->world, c->arena, &record) != 0)
        return call_fail_store(c);
    out->flow_id = I64(flow.id);
    return 0;
}

/* --- ModifyBackupName --- */

/* Finds the backup by its file, else by its group (documented order). Without either, or for an unknown one,
 * the call fails with InputIllegal (assumed, because the action has no "not found" code). */
static int find_backup(struct call *c, const struct modify_backup_name_in *in,
                       const struct instance *instance, struct backup_row *ret_row)
{
    int64_t file_id = (int64_t)in->backup_id.v, flow;
    bool by_file = in->backup_id.set && file_id != 0;
    int rc = 0;
    call_unread(c, by_file && in->group_id.n > 0, "GroupId");
    if (by_file)
        rc = backup_find_file(c, instance, file_id, ret_row);
    else if (backup_group_flow(in->group_id, &flow))
        rc = backup_find(c, instance, flow, ret_row);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    return by_file ? reject_no_file(c, instance, file_id) : reject_no_group(c, instance, in->group_id);
}

/* The rules of the schema have checked the new name. */
int modify_backup_name(struct call *c, const struct modify_backup_name_in *in,
                       struct modify_backup_name_out *out)
{
    struct instance instance;
    struct backup_row row;
    (void)out; /* only the RequestId */
    if (instance_get(c, in->instance_id, &instance) != 0 || find_backup(c, in, &instance, &row) != 0)
        return -1;
    SCOPED_STMT(s, c->world->db,
                "UPDATE backup SET name = :name"
                " WHERE instance = :instance AND start_ms = :start AND flow = :flow");
    stmt_bind_str(s, ":name", in->backup_name);
    bind_key(s, &instance, &row);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* --- RemoveBackups --- */

/* Removes the file of a row, or all files of a whole backup. With its last file the backup is deleted too;
 * its flow stays, for DescribeFlowStatus. */
static int remove_row(struct call *c, const struct instance *instance, const struct backup_row *row)
{
    SCOPED_STMT(files, c->world->db,
                "DELETE FROM flow_database WHERE flow = :flow AND (NOT :single OR ordinal = :ordinal)");
    SCOPED_STMT(empty, c->world->db,
                "DELETE FROM backup WHERE instance = :instance AND start_ms = :start AND flow = :flow"
                " AND NOT EXISTS (SELECT 1 FROM flow_database WHERE flow = :flow)");
    stmt_bind_i64(files, ":flow", row->flow);
    stmt_bind_i64(files, ":single", row->single && row->database.p);
    stmt_bind_i64(files, ":ordinal", row->ordinal);
    bind_key(empty, instance, row);
    return stmt_run(files) == 0 && stmt_run(empty) == 0 ? 0 : call_fail_store(c);
}

/* Finds the manual backup with a file of that name, the oldest if there are several. The name contains the
 * second of its start, so only that second is searched. 1, 0, -1 when the store failed. */
static int find_by_file_name(struct call *c, const struct instance *instance, struct str file_name,
                             struct backup_row *ret_row)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " BACKUP_FILE_COLUMNS
                " FROM backup LEFT JOIN flow_database AS file ON file.flow = backup.flow AND backup.single"
                " WHERE backup.instance = :instance AND backup.start_ms BETWEEN :from AND :from + 999"
                " AND backup.status = " BACKUP_STATUS_SQL_SUCCEEDED " AND backup.way = " BACKUP_WAY_SQL_MANUAL
                " ORDER BY backup.flow, file.ordinal");
    int64_t from;
    int rc;
    if (backup_file_name_start(file_name, &from) != 0)
        return 0;
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":from", from);
    while ((rc = stmt_step(s)) == 1) {
        if (backup_row_read(c, s, ret_row) != 0)
            return -1;
        if (backup_kept(c, instance, ret_row) &&
            str_eq(backup_file_name(c->arena, instance, ret_row), file_name))
            return 1;
    }
    return rc;
}

/* The file of an automatic backup counts as unknown (assumed). */
static int remove_named(struct call *c, const struct instance *instance, const struct str_list *names)
{
    for (size_t i = 0; i < names->n; i++) {
        struct backup_row row;
        int rc = find_by_file_name(c, instance, names->v[i], &row);
        if (rc < 0)
            return call_fail_store(c);
        if (rc == 0)
            return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "backup.not-found",
                                       "%.*s keeps no manual backup with a file %.*s",
                                       STR_ARG(instance->instance_id), STR_ARG(names->v[i]));
        if (remove_row(c, instance, &row) != 0)
            return -1;
    }
    return 0;
}

/* Finds the first finished manual backup that started in the window. 1, 0, -1 when the store failed. */
static int first_in_window(struct call *c, const struct instance *instance, const int64_t window_ms[2],
                           struct backup_row *ret_row)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " BACKUP_WHOLE_COLUMNS
                " FROM backup WHERE instance = :instance AND start_ms BETWEEN :from AND :to"
                " AND way = " BACKUP_WAY_SQL_MANUAL " AND status <> " BACKUP_STATUS_SQL_RUNNING
                " ORDER BY start_ms LIMIT 1");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":from", window_ms[0]);
    stmt_bind_i64(s, ":to", window_ms[1]);
    int rc = stmt_step(s);
    return rc == 1 && backup_row_read(c, s, ret_row) != 0 ? -1 : rc;
}

/* Removes the backups that are finished; one that runs is left, and no backup at all is no mistake. */
static int remove_window(struct call *c, const struct instance *instance, const struct remove_backups_in *in)
{
    int64_t window_ms[2];
    struct backup_row row;
    int rc;
    if (in->start_time.n == 0 || in->end_time.n == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                                   "BackupNames, or StartTime and EndTime, must say which backups");
    if (backup_window(c, in->start_time, in->end_time, window_ms) != 0)
        return -1;
    while ((rc = first_in_window(c, instance, window_ms, &row)) == 1) {
        if (remove_row(c, instance, &row) != 0)
            return -1;
        window_ms[0] = row.start_ms; /* the search has passed everything that starts earlier */
    }
    return rc == 0 ? 0 : call_fail_store(c);
}

/* By the names of files, or by a window of time when no name is given (documented). */
int remove_backups(struct call *c, const struct remove_backups_in *in, struct remove_backups_out *out)
{
    struct instance instance;
    (void)out; /* only the RequestId */
    call_unread(c, in->backup_names.n > 0 && in->start_time.n > 0, "StartTime");
    call_unread(c, in->backup_names.n > 0 && in->end_time.n > 0, "EndTime");
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    return in->backup_names.n > 0 ? remove_named(c, &instance, &in->backup_names)
                                  : remove_window(c, &instance, in);
}
