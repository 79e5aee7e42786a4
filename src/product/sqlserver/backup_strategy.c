/* ModifyBackupStrategy: when instances are backed up automatically, and how long backups are kept. */
#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/instance.h"
#include "product/sqlserver/schedule.h"

/* --- what the strategy will be --- */

/* The strategy of an instance, as far as its parts depend on each other. */
struct strategy {
    bool weekly;
    unsigned cycle; /* bits, Monday first */
    int64_t save_days;
    bool replica; /* the instance has one that can be read */
};

/* Always On has readable replicas; instances with several nodes have it (documented). */
static int read_strategy(struct call *c, const struct instance *instance, struct strategy *ret_strategy)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT backup_type = 'weekly' AS weekly, backup_cycle, backup_save_days,"
                " instance_type IN ('MultiHA', 'cvmMultiHA') AS replica FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_strategy = (struct strategy){.weekly = stmt_i64(s, "weekly") != 0,
                                      .cycle = (unsigned)stmt_i64(s, "backup_cycle"),
                                      .save_days = stmt_i64(s, "backup_save_days"),
                                      .replica = stmt_i64(s, "replica") != 0};
    return 0;
}

/* Day 1 is bit 0; the schema's rule allows the days 1 to 7. */
static unsigned cycle_of(const struct u64_list *days)
{
    unsigned bits = 0;
    for (size_t i = 0; i < days->n; i++) {
        assert(days->v[i] >= 1 && days->v[i] <= 7);
        bits |= 1u << (days->v[i] - 1);
    }
    return bits;
}

/* Replaces what the call gives. */
static void merge(struct strategy *strategy, const struct modify_backup_strategy_in *in)
{
    if (in->backup_type.n > 0)
        strategy->weekly = str_eq(in->backup_type, STR("weekly"));
    if (in->backup_cycle.n > 0)
        strategy->cycle = cycle_of(&in->backup_cycle);
    if (in->backup_save_days.set)
        strategy->save_days = (int64_t)in->backup_save_days.v;
}

/* All seven days are required when backups are kept for less than seven days, else at least two (documented).
 * A call that changes none of these three is not judged by them. */
static int check_cycle(struct call *c, const struct modify_backup_strategy_in *in,
                       const struct strategy *strategy)
{
    enum { DAYS_ALL = 7, DAYS_LEAST = 2, SAVE_DAYS_FREE = 7 };
    int days = __builtin_popcount(strategy->cycle);
    int least = strategy->save_days < SAVE_DAYS_FREE ? DAYS_ALL : DAYS_LEAST;
    bool changes = in->backup_type.n > 0 || in->backup_cycle.n > 0 || in->backup_save_days.set;
    if (!changes || !strategy->weekly || days >= least)
        return 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "policy.too-few-days",
                               "BackupCycle must have %d days when backups are kept for less than %d, and at"
                               " least %d otherwise",
                               DAYS_ALL, SAVE_DAYS_FREE, DAYS_LEAST);
}

/* Backups from a replica need a readable one. */
static int check_replica(struct call *c, const struct modify_backup_strategy_in *in,
                         const struct strategy *strategy)
{
    if (strategy->replica || !str_starts(in->backup_model, STR("slave_")))
        return 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "policy.no-replica",
                               "%.*s has no replica for the backup model %.*s", STR_ARG(in->instance_id),
                               STR_ARG(in->backup_model));
}

/* --- ModifyBackupStrategy --- */

#define EXPIRED                                                                                              \
    "instance = :instance AND start_ms <= :until AND storage_strategy = " BACKUP_STORAGE_SQL_RETENTION       \
    " AND status <> " BACKUP_STATUS_SQL_RUNNING

/* Deletes the backups whose old retention has ended, so that a longer retention does not show them again. */
static int delete_expired(struct call *c, const struct instance *instance)
{
    SCOPED_STMT(files, c->world->db,
                "DELETE FROM flow_database WHERE flow IN (SELECT flow FROM backup WHERE " EXPIRED ")");
    SCOPED_STMT(backups, c->world->db, "DELETE FROM backup WHERE " EXPIRED);
    int64_t until = world_now_ms(c->world) - instance->keep_ms;
    stmt_bind_i64(files, ":instance", instance->row);
    stmt_bind_i64(files, ":until", until);
    stmt_bind_i64(backups, ":instance", instance->row);
    stmt_bind_i64(backups, ":until", until);
    return stmt_run(files) == 0 && stmt_run(backups) == 0 ? 0 : call_fail_store(c);
}

/* The archive backups. They begin today by default (documented), when they are switched on and have no first
 * day yet. */
static int update_archives(struct call *c, const struct modify_backup_strategy_in *in,
                           const struct instance *instance)
{
    SCOPED_STMT(s, c->world->db,
                "UPDATE instance SET regular_enable = coalesce(:enable, regular_enable),"
                " regular_save_days = coalesce(:days, regular_save_days),"
                " regular_strategy = coalesce(:strategy, regular_strategy),"
                " regular_counts = coalesce(:counts, regular_counts), regular_start = coalesce(:start,"
                " CASE WHEN regular_start = '' AND :enable THEN :today ELSE regular_start END)"
                " WHERE id = :id");
    struct opt_i64 enable = {str_eq(in->regular_backup_enable, STR("enable")),
                             in->regular_backup_enable.n > 0};
    bool month = str_eq(in->regular_backup_strategy, STR("month")); /* in the sample of the documentation */
    struct str today = str_head(time_beijing(c->arena, world_now_ms(c->world)), sizeof "YYYY-MM-DD" - 1);
    filter_i64(s, ":enable", enable);
    filter_u64(s, ":days", in->regular_backup_save_days);
    filter_text(s, ":strategy", month ? STR("months") : in->regular_backup_strategy);
    filter_u64(s, ":counts", in->regular_backup_counts);
    filter_text(s, ":start", in->regular_backup_start_time);
    stmt_bind_str(s, ":today", today);
    stmt_bind_i64(s, ":id", instance->row);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* What is not given stays as it is (assumed; the documentation has defaults, which a call that changes one
 * part would set unseen). */
static int update_instance(struct call *c, const struct modify_backup_strategy_in *in,
                           const struct instance *instance, const struct strategy *strategy)
{
    SCOPED_STMT(s, c->world->db,
                "UPDATE instance SET backup_type = :type, backup_hour = coalesce(:hour, backup_hour),"
                " backup_model = coalesce(:model, backup_model), backup_cycle = :cycle,"
                " backup_save_days = :days, updated_ms = :now WHERE id = :id");
    stmt_bind_str(s, ":type", strategy->weekly ? STR("weekly") : STR("daily"));
    filter_u64(s, ":hour", in->backup_time);
    filter_text(s, ":model", in->backup_model);
    stmt_bind_i64(s, ":cycle", strategy->cycle);
    stmt_bind_i64(s, ":days", strategy->save_days);
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    stmt_bind_i64(s, ":id", instance->row);
    return stmt_run(s) == 0 ? update_archives(c, in, instance) : call_fail_store(c);
}

/* Expired backups are deleted before the new retention is written. */
int modify_backup_strategy(struct call *c, const struct modify_backup_strategy_in *in,
                           struct modify_backup_strategy_out *out)
{
    struct instance instance;
    struct strategy strategy = {0};
    call_unread(c, in->backup_day.set, "BackupDay");
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_change(c, &instance) != 0 ||
        read_strategy(c, &instance, &strategy) != 0)
        return -1;
    merge(&strategy, in);
    if (check_replica(c, in, &strategy) != 0 || check_cycle(c, in, &strategy) != 0 ||
        delete_expired(c, &instance) != 0 || update_instance(c, in, &instance, &strategy) != 0)
        return -1;
    if (schedule_reset(c->world, instance.row) != 0)
        return call_fail_store(c);
    out->code = I64(0);
    out->msg = STR("");
    return 0;
}
