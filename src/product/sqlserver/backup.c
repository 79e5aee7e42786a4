/* CreateBackup, and what a backup shares with the automatic ones: its row, its default name, its end. */
#include "product/sqlserver/backup.h"

#include "gen/sqlserver.h"
#include "product/sqlserver/backup_file.h"
#include "product/sqlserver/database.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/sqlserver.h"

/* Documented: no manual backup while the automatic one runs. */
static int check_not_automatic(struct call *c, const struct instance *instance)
{
    if (!instance->automatic)
        return 0;
    return call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID,
                               "instance.automatic-backup",
                               "the automatic backup of %.*s is being made, and beside it there is no other",
                               STR_ARG(instance->instance_id));
}

/*
 * Which databases a backup takes. All of them, and then nothing else may run (that tasks on different
 * databases may is documented; the code is assumed); or those named.
 */
static int choose_databases(struct call *c, const struct create_backup_in *in,
                            const struct instance *instance, struct database_set *ret_set)
{
    if (in->strategy.v == STRATEGY_DATABASES) {
        if (instance_accept_task(c, instance) != 0 || check_not_automatic(c, instance) != 0)
            return -1;
        return database_choose(c, instance, &in->db_names, FLOW_LOCKS, ret_set);
    }
    if (instance_accept_sole_task(c, instance) != 0)
        return -1;
    if (database_all(c->world, c->arena, instance->row, ret_set) != 0)
        return call_fail_store(c);
    return ret_set->n > 0 ? 0 : reject_no_databases(c, instance);
}

struct str backup_default_name(struct arena *a, struct str instance_id, int64_t start_ms)
{
    return CONCAT(a, instance_id, STR("_"), time_beijing_compact(a, start_ms));
}

static enum backup_status status_of(const struct flow *f)
{
    if (!f->over)
        return BACKUP_BEING_MADE;
    return f->fails ? BACKUP_FAILED : BACKUP_SUCCEEDED;
}

/* start_ms stands in both tables and is part of the key of this one: a list of an instance's backups by time
 * is then one walk of an index. */
int backup_insert(struct world *w, const struct backup_record *record)
{
    const struct flow *flow = record->flow;
    SCOPED_STMT(
        s, w->db,
        "INSERT INTO backup (flow, instance, name, strategy, storage_strategy, way, status, single, "
        "start_ms, end_ms)"
        " VALUES (:flow, :instance, :name, :strategy, :storage, :way, :status, :single, :start, :end)");
    stmt_bind_i64(s, ":flow", flow->id);
    stmt_bind_i64(s, ":instance", flow->instance);
    stmt_bind_str(s, ":name", record->name);
    stmt_bind_i64(s, ":strategy", record->strategy);
    stmt_bind_i64(s, ":storage", record->storage_strategy);
    stmt_bind_i64(s, ":way", record->way);
    stmt_bind_i64(s, ":status", status_of(flow));
    stmt_bind_i64(s, ":single", record->single_files);
    stmt_bind_i64(s, ":start", flow->start_ms);
    if (flow->over)
        stmt_bind_i64(s, ":end", flow->due_ms);
    else
        stmt_bind_null(s, ":end");
    return stmt_run(s);
}

/* Documented: a backup of a database in the simple recovery model fails. */
static int start(struct call *c, const struct instance *instance, const struct database_set *set,
                 struct flow *ret_flow)
{
    struct flow_plan plan = {.kind = FLOW_BACKUP,
                             .instance = instance->row,
                             .start_ms = world_now_ms(c->world),
                             .effect = &c->effect,
                             .fails = set->any_simple,
                             .databases = set->v,
                             .n_databases = set->n};
    return flow_start(c->world, &plan, ret_flow);
}

/* The order of the checks is assumed: what the parameters say alone, then the instance, then its databases.
 */
int create_backup(struct call *c, const struct create_backup_in *in, struct create_backup_out *out)
{
    struct instance instance;
    struct database_set set;
    struct flow flow;
    if (in->strategy.v == STRATEGY_DATABASES && in->db_names.n == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                                   "Strategy 1 backs up the databases in DBNames, and there are none in it");
    if (instance_get(c, in->instance_id, &instance) != 0 || choose_databases(c, in, &instance, &set) != 0)
        return -1;
    if (start(c, &instance, &set, &flow) != 0)
        return call_fail_store(c);
    struct backup_record record = {.flow = &flow,
                                   .name = in->backup_name,
                                   .strategy = in->strategy.v,
                                   .storage_strategy = in->storage_strategy.v,
                                   .way = BACKUP_MANUAL,
                                   .single_files = instance.single_files};
    if (!record.name.p)
        record.name = backup_default_name(c->arena, instance.instance_id, flow.start_ms);
    if (backup_insert(c->world, &record) != 0)
        return call_fail_store(c);
    out->flow_id = I64(flow.id);
    return 0;
}

int backup_settle(struct world *w, const struct flow *f)
{
    SCOPED_STMT(s, w->db,
                "UPDATE backup SET status = :status, end_ms = :end"
                " WHERE instance = :instance AND start_ms = :start AND flow = :flow");
    stmt_bind_i64(s, ":status", f->fails ? BACKUP_FAILED : BACKUP_SUCCEEDED);
    stmt_bind_i64(s, ":end", f->due_ms);
    stmt_bind_i64(s, ":instance", f->instance);
    stmt_bind_i64(s, ":start", f->start_ms);
    stmt_bind_i64(s, ":flow", f->id);
    return stmt_run(s);
}

/* --- backup change --- */

/* ModifyBackupName and RemoveBackups. */

/* --- ModifyBackupName --- */

/* By file or by group; if both are given the file wins (documented). Neither, or none there: InputIllegal
 * (assumed: the action has no "not found" code). */
static int find_named(struct call *c, const struct modify_backup_name_in *in, const struct instance *instance,
                      struct backup_row *ret_row)
{
    int64_t flow;
    int rc = 0;
    if (in->backup_id.set && in->backup_id.v != 0)
        rc = backup_find_file(c, instance, (int64_t)in->backup_id.v, ret_row);
    else if (backup_group_flow(in->group_id, &flow))
        rc = backup_find(c, instance, flow, ret_row);
    if (rc < 0)
        return -1;
    if (rc == 1)
        return 0;
    if (in->backup_id.set && in->backup_id.v != 0)
        return reject_no_file(c, instance, (int64_t)in->backup_id.v);
    return reject_no_group(c, instance, in->group_id);
}

int modify_backup_name(struct call *c, const struct modify_backup_name_in *in,
                       struct modify_backup_name_out *out)
{
    struct instance instance;
    struct backup_row row;
    (void)out; /* only the RequestId */
    if (instance_get(c, in->instance_id, &instance) != 0 || find_named(c, in, &instance, &row) != 0)
        return -1;
    SCOPED_STMT(
        s, c->world->db,
        "UPDATE backup SET name = :name WHERE instance = :instance AND start_ms = :start AND flow = :flow");
    stmt_bind_str(s, ":name", in->backup_name);
    stmt_bind_i64(s, ":instance", instance.row);
    stmt_bind_i64(s, ":start", row.start_ms);
    stmt_bind_i64(s, ":flow", row.flow);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* --- RemoveBackups --- */

/* Of an archive all databases, of single files the one. */
static int delete_files(struct world *w, const struct backup_row *row)
{
    SCOPED_STMT(s, w->db,
                "DELETE FROM flow_database WHERE flow = :flow AND (NOT :single OR ordinal = :ordinal)");
    stmt_bind_i64(s, ":flow", row->flow);
    stmt_bind_i64(s, ":single", row->single && row->database.p);
    stmt_bind_i64(s, ":ordinal", row->ordinal);
    return stmt_run(s);
}

static int delete_if_empty(struct world *w, const struct instance *instance, const struct backup_row *row)
{
    SCOPED_STMT(s, w->db,
                "DELETE FROM backup WHERE instance = :instance AND start_ms = :start AND flow = :flow"
                " AND NOT EXISTS (SELECT 1 FROM flow_database WHERE flow = :flow)");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":start", row->start_ms);
    stmt_bind_i64(s, ":flow", row->flow);
    return stmt_run(s);
}

/* A backup goes with its last file; its flow stays, for DescribeFlowStatus. */
static int remove_row(struct call *c, const struct instance *instance, const struct backup_row *row)
{
    if (delete_files(c->world, row) != 0 || delete_if_empty(c->world, instance, row) != 0)
        return call_fail_store(c);
    return 0;
}

/* The manual backup with a file of that name, the oldest if there are several. The name tells its second, so
 * only that is searched. 1, 0, -1. */
static int find_file(struct call *c, const struct instance *instance, struct str file_name,
                     struct backup_row *ret_row)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " BACKUP_COLUMNS ", file.name AS file_database, file.ordinal AS file_ordinal"
                " FROM backup LEFT JOIN flow_database AS file ON file.flow = backup.flow AND backup.single"
                " WHERE backup.instance = :instance AND backup.start_ms BETWEEN :from AND :from + 999"
                " AND backup.status = 1 AND backup.way = 1 ORDER BY backup.flow, file.ordinal");
    int64_t from;
    int rc = 0;
    if (backup_file_name_start(file_name, &from) != 0)
        return 0;
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":from", from);
    while ((rc = stmt_step(s)) == 1) {
        if (backup_row_read(c, s, ret_row) != 0)
            return -1;
        if (!stmt_is_null(s, "file_database"))
            backup_row_narrow(c->arena, ret_row, stmt_i64(s, "file_ordinal"),
                              stmt_str(s, c->arena, "file_database"));
        if (backup_kept(c, instance, ret_row) &&
            str_eq(backup_file_name(c->arena, instance, ret_row), file_name))
            return 1;
    }
    return rc;
}

static int remove_named(struct call *c, const struct instance *instance, const struct str_list *names)
{
    for (size_t i = 0; i < names->n; i++) {
        struct backup_row row;
        int rc = find_file(c, instance, names->v[i], &row);
        if (rc < 0)
            return call_fail_store(c);
        if (rc == 0) /* unknown, or an automatic backup's: assumed */
            return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "backup.not-found",
                                       "%.*s keeps no manual backup with a file %.*s",
                                       STR_ARG(instance->instance_id), STR_ARG(names->v[i]));
        if (remove_row(c, instance, &row) != 0)
            return -1;
    }
    return 0;
}

/* The first manual backup, not being made, that began in the window. 1, 0, -1. */
static int first_in_window(struct call *c, const struct instance *instance, const int64_t window[2],
                           struct backup_row *ret_row)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " BACKUP_COLUMNS
                " FROM backup WHERE instance = :instance AND start_ms BETWEEN :from AND :to"
                " AND way = 1 AND status <> 0 ORDER BY start_ms LIMIT 1");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":from", window[0]);
    stmt_bind_i64(s, ":to", window[1]);
    int rc = stmt_step(s);
    return rc == 1 && backup_row_read(c, s, ret_row) != 0 ? -1 : rc;
}

static int remove_window(struct call *c, const struct instance *instance, const struct remove_backups_in *in)
{
    int64_t window[2];
    struct backup_row row;
    int rc;
    if (in->start_time.n == 0 || in->end_time.n == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                                   "BackupNames, or StartTime and EndTime, must say which backups");
    (void)time_parse_beijing(in->start_time, &window[0]); /* the schema's rule has seen their form */
    (void)time_parse_beijing(in->end_time, &window[1]);
    window[1] += 999;
    if (window[0] > window[1])
        return reject_span(c, in->start_time, in->end_time);
    while ((rc = first_in_window(c, instance, window, &row)) == 1) {
        if (remove_row(c, instance, &row) != 0)
            return -1;
        window[0] = row.start_ms; /* what stays before it is not looked at again */
    }
    return rc == 0 ? 0 : call_fail_store(c);
}

int remove_backups(struct call *c, const struct remove_backups_in *in, struct remove_backups_out *out)
{
    struct instance instance;
    (void)out; /* only the RequestId */
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    return in->backup_names.n > 0 ? remove_named(c, &instance, &in->backup_names)
                                  : remove_window(c, &instance, in);
}
