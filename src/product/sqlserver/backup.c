#include "product/sqlserver/backup.h"

#include "gen/sqlserver.h"
#include "product/sqlserver/database.h"
#include "product/sqlserver/sqlserver.h"

enum { STRATEGY_INSTANCE = 0, STRATEGY_DATABASES = 1 };
enum { WAY_MANUAL = 1 };
enum { BACKUP_BEING_MADE = 0, BACKUP_SUCCEEDED = 1 };

/*
 * Which databases a backup takes. All of them, and then nothing else may run (that tasks on different
 * databases may is documented; the code is assumed); or those named.
 */
static int choose_databases(struct call *c, const struct create_backup_in *in,
                            const struct instance *instance, struct str_list *ret_names)
{
    int64_t running;
    if (instance_accept_task(c, instance, &running) != 0)
        return -1;
    if (in->strategy.v == STRATEGY_DATABASES)
        return database_choose(c, instance, &in->db_names, ret_names);
    if (running > 0)
        return call_fail(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID);
    return database_all(c, instance, ret_names);
}

/* Documented by example: "mssql-xxx_20220619114124", the instance and the start in Beijing time. */
static struct str default_name(struct call *c, const struct instance *instance, int64_t start_ms)
{
    struct str start = time_beijing_compact(c->arena, start_ms);
    return arena_printf(c->arena, "%.*s_%.*s", STR_ARG(instance->instance_id), STR_ARG(start));
}

static int insert_backup(struct call *c, const struct create_backup_in *in, struct str name,
                         const struct flow *flow)
{
    DB_STMT(
        s, c->world->db,
        "INSERT INTO backup (flow, instance, name, strategy, storage_strategy, way, status, start_ms, end_ms)"
        " VALUES (:flow, :instance, :name, :strategy, :storage, :way, :status, :start, :end)");
    stmt_bind_i64(s, ":flow", flow->id);
    stmt_bind_i64(s, ":instance", flow->instance);
    stmt_bind_str(s, ":name", name);
    stmt_bind_i64(s, ":strategy", in->strategy.v);
    stmt_bind_i64(s, ":storage", in->storage_strategy.v);
    stmt_bind_i64(s, ":way", WAY_MANUAL);
    stmt_bind_i64(s, ":status", flow->over ? BACKUP_SUCCEEDED : BACKUP_BEING_MADE);
    stmt_bind_i64(s, ":start", flow->start_ms);
    if (flow->over)
        stmt_bind_i64(s, ":end", flow->due_ms);
    else
        stmt_bind_null(s, ":end");
    return stmt_run(s);
}

int create_backup(struct call *c, const struct create_backup_in *in, struct create_backup_out *out)
{
    struct instance instance;
    struct str_list names;
    struct flow flow;
    if (in->strategy.v == STRATEGY_DATABASES && in->db_names.n == 0)
        return call_fail(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL);
    if (instance_get(c, in->instance_id, &instance) != 0 || choose_databases(c, in, &instance, &names) != 0)
        return -1;
    if (flow_start(c->world, FLOW_BACKUP, instance.row, &names, &flow) != 0)
        return call_fail_store(c);
    struct str name = in->backup_name.p ? in->backup_name : default_name(c, &instance, flow.start_ms);
    if (insert_backup(c, in, name, &flow) != 0)
        return call_fail_store(c);
    out->flow_id = I64(flow.id);
    return 0;
}

int backup_settle(struct world *w, const struct flow *f)
{
    DB_STMT(s, w->db, "UPDATE backup SET status = :status, end_ms = :end WHERE flow = :flow");
    stmt_bind_i64(s, ":status", BACKUP_SUCCEEDED);
    stmt_bind_i64(s, ":end", f->due_ms);
    stmt_bind_i64(s, ":flow", f->id);
    return stmt_run(s);
}
