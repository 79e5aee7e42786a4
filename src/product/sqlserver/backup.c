/* CreateBackup, and what a backup shares with the automatic ones: its row, its default name, its end. */
#include "product/sqlserver/backup.h"

#include "gen/sqlserver.h"
#include "product/sqlserver/database.h"
#include "product/sqlserver/kinds.h"
#include "product/sqlserver/reason.h"

/* Documented: no manual backup while the automatic one runs. */
static int check_not_automatic(struct call *c, const struct instance *instance)
{
    if (!instance->automatic)
        return 0;
    return call_refuse(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID, "instance.automatic-backup",
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
        return database_choose(c, instance, &in->db_names, FLOW_HOLDS, ret_set);
    }
    if (instance_accept_sole_task(c, instance) != 0)
        return -1;
    if (database_all(c->world, c->arena, instance->row, ret_set) != 0)
        return call_fail_store(c);
    return ret_set->n > 0 ? 0 : refuse_no_databases(c, instance);
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
    DB_STMT(s, w->db,
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
        return call_refuse(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
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
    DB_STMT(s, w->db,
            "UPDATE backup SET status = :status, end_ms = :end"
            " WHERE instance = :instance AND start_ms = :start AND flow = :flow");
    stmt_bind_i64(s, ":status", f->fails ? BACKUP_FAILED : BACKUP_SUCCEEDED);
    stmt_bind_i64(s, ":end", f->due_ms);
    stmt_bind_i64(s, ":instance", f->instance);
    stmt_bind_i64(s, ":start", f->start_ms);
    stmt_bind_i64(s, ":flow", f->id);
    return stmt_run(s);
}
