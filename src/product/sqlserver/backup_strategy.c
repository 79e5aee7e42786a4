/* ModifyBackupStrategy: the automatic backups of an instance. */
#include "gen/sqlserver.h"
#include "product/sqlserver/instance.h"
#include "product/sqlserver/policy.h"

/* Documented: all seven days while backups are kept less than seven, else at least two. */
enum { DAYS_ALL = 7, DAYS_LEAST = 2, SAVE_DAYS_FREE = 7 };

static unsigned cycle_of(const struct modify_backup_strategy_in *in)
{
    unsigned days = 0;
    for (size_t i = 0; i < in->backup_cycle.n; i++)
        days |= 1u << (in->backup_cycle.v[i] - 1); /* 1 to 7: the schema's rule */
    return days;
}

static bool cycle_ok(const struct modify_backup_strategy_in *in)
{
    int days = __builtin_popcount(cycle_of(in));
    if (!str_eq(in->backup_type, STR("weekly")))
        return true;
    return in->backup_save_days.v < SAVE_DAYS_FREE ? days == DAYS_ALL : days >= DAYS_LEAST;
}

/* Backups from the replica need one that can be read: Always On (documented), which many-node instances have.
 * 1, 0, -1 after failing the call. */
static int replica_ok(struct call *c, const struct modify_backup_strategy_in *in,
                      const struct instance *instance)
{
    DB_STMT(s, c->world->db,
            "SELECT instance_type IN ('MultiHA', 'cvmMultiHA') AS many FROM instance WHERE id = :id");
    if (!str_starts(in->backup_model, STR("slave_")))
        return 1;
    stmt_bind_i64(s, ":id", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    return stmt_i64(s, "many") != 0;
}

/* Deletes what the old retention has ended, or a longer one would bring it back. */
static int forget_expired(struct call *c, const struct instance *instance)
{
    DB_STMT(files, c->world->db,
            "DELETE FROM flow_database WHERE flow IN (SELECT flow FROM backup WHERE instance = :instance"
            " AND start_ms <= :until AND storage_strategy = 0 AND status <> 0)");
    DB_STMT(backups, c->world->db,
            "DELETE FROM backup WHERE instance = :instance AND start_ms <= :until AND storage_strategy = 0"
            " AND status <> 0");
    int64_t until = world_now_ms(c->world) - instance->keep_ms;
    stmt_bind_i64(files, ":instance", instance->row);
    stmt_bind_i64(files, ":until", until);
    stmt_bind_i64(backups, ":instance", instance->row);
    stmt_bind_i64(backups, ":until", until);
    return stmt_run(files) == 0 && stmt_run(backups) == 0 ? 0 : call_fail_store(c);
}

/* What is absent and has no default stays as it is. */
static int store_policy(struct call *c, const struct modify_backup_strategy_in *in,
                        const struct instance *instance)
{
    DB_STMT(
        s, c->world->db,
        "UPDATE instance SET backup_type = :type, backup_hour = coalesce(:hour, backup_hour),"
        " backup_model = coalesce(:model, backup_model), backup_cycle = :cycle, backup_save_days = :days,"
        " regular_enable = :regular, regular_save_days = :regular_days, regular_strategy = :regular_strategy,"
        " regular_counts = :counts, regular_start = :regular_start WHERE id = :id");
    bool month = str_eq(in->regular_backup_strategy, STR("month")); /* so in the documentation's sample */
    stmt_bind_str(s, ":type", in->backup_type);
    if (in->backup_time.set)
        stmt_bind_i64(s, ":hour", (int64_t)in->backup_time.v);
    else
        stmt_bind_null(s, ":hour");
    stmt_bind_str(s, ":model", in->backup_model.n > 0 ? in->backup_model : (struct str){NULL, 0});
    stmt_bind_i64(s, ":cycle", cycle_of(in));
    stmt_bind_i64(s, ":days", (int64_t)in->backup_save_days.v);
    stmt_bind_i64(s, ":regular", str_eq(in->regular_backup_enable, STR("enable")));
    stmt_bind_i64(s, ":regular_days", (int64_t)in->regular_backup_save_days.v);
    stmt_bind_str(s, ":regular_strategy", month ? STR("months") : in->regular_backup_strategy);
    stmt_bind_i64(s, ":counts", (int64_t)in->regular_backup_counts.v);
    struct str today = str_head(time_beijing(c->arena, world_now_ms(c->world)), 10);
    stmt_bind_str(s, ":regular_start",
                  in->regular_backup_start_time.n > 0 ? in->regular_backup_start_time : today);
    stmt_bind_i64(s, ":id", instance->row);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* The retention that was is applied before the new one is written: what it had ended must not come back. */
int modify_backup_strategy(struct call *c, const struct modify_backup_strategy_in *in,
                           struct modify_backup_strategy_out *out)
{
    struct instance instance;
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_change(c, &instance) != 0)
        return -1;
    int replica = replica_ok(c, in, &instance);
    if (replica < 0)
        return -1;
    if (!replica)
        return call_refuse(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "policy.no-replica",
                           "%.*s has no replica that %.*s could be taken from", STR_ARG(instance.instance_id),
                           STR_ARG(in->backup_model));
    if (!cycle_ok(in))
        return call_refuse(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "policy.too-few-days",
                           "BackupCycle must have %d days while backups are kept less than %d, else %d",
                           DAYS_ALL, SAVE_DAYS_FREE, DAYS_LEAST);
    if (forget_expired(c, &instance) != 0 || store_policy(c, in, &instance) != 0)
        return -1;
    if (policy_reset(c->world, instance.row) != 0)
        return call_fail_store(c);
    out->code = I64(0);
    out->msg = STR("");
    return 0;
}
