/* Automatic backups, and the action ModifyBackupStrategy, which sets when they start. */
#include "product/sqlserver/schedule.h"

#include <assert.h>

#include "base/log.h"
#include "core/page.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/database.h"
#include "product/sqlserver/sqlserver.h"

/* --- automatic backups --- */

/* The next backup of all instances. Instances without automatic backups store INT64_MAX (magic.c). */
int schedule_next(struct world *w, int64_t *ret_ms)
{
    SCOPED_STMT(s, w->db, "SELECT min(next_backup_ms) AS next FROM instance");
    if (stmt_step(s) != 1)
        return -1;
    *ret_ms = stmt_is_null(s, "next") ? INT64_MAX : stmt_i64(s, "next");
    return 0;
}

/* An instance with automatic backups. */
struct scheduled {
    int64_t row;
    struct str instance_id;
    enum instance_status status;
    int64_t hour;      /* of the start, in Beijing */
    unsigned weekdays; /* bits, Monday first */
    int64_t reach_ms;  /* a backup that was due longer ago than this is not made */
    bool single_files;
    int64_t at_ms; /* of the backup that is due */
    struct arena *arena;
};

#define SCHEDULED_COLUMNS                                                                                    \
    "id, instance_id, status, backup_hour, backup_save_days, backup_cycle,"                                  \
    " backup_type = 'weekly' AS weekly, " INSTANCE_SINGLE_FILES " AS single_files"

/* Limits how many backups a clock that was moved over years makes: thousands would delay every call, and
 * retention would remove the older ones at once. */
static int64_t reach_of(int64_t save_days)
{
    enum { REACH_DAYS_MAX = 366 };
    return instance_keep_ms(save_days < REACH_DAYS_MAX ? save_days : REACH_DAYS_MAX);
}

/* 1 and the instance of the statement's next row, 0 after the last, -1 when the store failed. */
static int read_scheduled(struct stmt *s, struct arena *a, int64_t at_ms, struct scheduled *ret_instance)
{
    int rc = stmt_step(s);
    if (rc != 1)
        return rc;
    unsigned cycle = stmt_i64(s, "weekly") ? (unsigned)stmt_i64(s, "backup_cycle") : 0;
    *ret_instance = (struct scheduled){.row = stmt_i64(s, "id"),
                                       .instance_id = stmt_str(s, a, "instance_id"),
                                       .status = (enum instance_status)stmt_i64(s, "status"),
                                       .hour = stmt_i64(s, "backup_hour"),
                                       .weekdays = cycle ? cycle : CLOCK_EVERY_WEEKDAY,
                                       .reach_ms = reach_of(stmt_i64(s, "backup_save_days")),
                                       .single_files = stmt_i64(s, "single_files") != 0,
                                       .at_ms = at_ms,
                                       .arena = a};
    return 1;
}

/* 1 and the first instance whose backup is due at exactly `at_ms`, 0, -1 when the store failed. */
static int first_due(struct world *w, int64_t at_ms, struct arena *a, struct scheduled *ret_instance)
{
    SCOPED_STMT(s, w->db,
                "SELECT " SCHEDULED_COLUMNS " FROM instance WHERE next_backup_ms = :at ORDER BY id LIMIT 1");
    stmt_bind_i64(s, ":at", at_ms);
    return read_scheduled(s, a, at_ms, ret_instance);
}

/* Sets the next time after `at_ms`; skips times that are out of reach. */
static int set_next(struct world *w, const struct scheduled *instance)
{
    int64_t from = world_now_ms(w) - instance->reach_ms;
    int64_t after = instance->at_ms > from ? instance->at_ms : from;
    int64_t next = time_next_beijing_hour(after, instance->hour, instance->weekdays);
    SCOPED_STMT(s, w->db, "UPDATE instance SET next_backup_ms = :next WHERE id = :id");
    stmt_bind_i64(s, ":next", next);
    stmt_bind_i64(s, ":id", instance->row);
    return stmt_run(s);
}

static int start(struct world *w, const struct scheduled *instance, const struct database_set *set,
                 struct flow *ret_flow)
{
    struct flow_plan plan = {.type = &sqlserver_flow_kinds[FLOW_KIND_AUTOBACKUP],
                             .resource = instance->row,
                             .start_ms = instance->at_ms,
                             .fails = set->any_simple};
    return flow_effect_start(w, &plan, set->v, set->n, ret_flow);
}

/* Starts the backup; an instance without databases needs none, which is no failure. `arg` is its struct
 * scheduled. */
static int back_up(struct world *w, void *arg)
{
    const struct scheduled *instance = arg;
    struct database_set set;
    struct flow flow;
    if (database_all(w, instance->arena, instance->row, &set) != 0)
        return -1;
    if (set.n == 0)
        return 0;
    if (start(w, instance, &set, &flow) != 0)
        return -1;
    struct backup_record record = {.flow = &flow,
                                   .instance_id = instance->instance_id,
                                   .strategy = BACKUP_STRATEGY_INSTANCE,
                                   .way = BACKUP_WAY_SCHEDULED,
                                   .single_files = instance->single_files};
    return backup_insert(w, instance->arena, &record);
}

/* Skips a backup that violates a constraint of the store, because repeated attempts would fail every later
 * call. A state file that was edited by hand may have no free id. */
static int back_up_if_allowed(struct world *w, struct scheduled *instance)
{
    if (world_attempt(w, back_up, instance) == 0)
        return 0;
    if (db_fault(w->db) != DB_CONSTRAINT)
        return -1;
    log_say(LOG_ERROR, "no automatic backup of %.*s: %s", STR_ARG(instance->instance_id), db_message(w->db));
    return 0;
}

/* 1 while the previous automatic backup runs, 0 when none runs, -1 when the store failed. */
static int is_running(struct world *w, const struct scheduled *instance)
{
    SCOPED_STMT(s, w->db,
                "SELECT 1 FROM flow WHERE instance = :id AND outcome IS NULL"
                " AND kind = " FLOW_KIND_SQL_AUTOBACKUP " LIMIT 1");
    stmt_bind_i64(s, ":id", instance->row);
    return stmt_step(s);
}

/* Makes the backup of an instance in normal status, unless it is out of reach or the previous one still runs:
 * otherwise running backups would accumulate when backups end by a client's request only. */
static int run_one(struct world *w, struct scheduled *instance)
{
    bool wanted =
        instance->status == INSTANCE_STATUS_NORMAL && instance->at_ms + instance->reach_ms > world_now_ms(w);
    int running = wanted ? is_running(w, instance) : 0;
    if (running < 0 || (wanted && !running && back_up_if_allowed(w, instance) != 0))
        return -1;
    return set_next(w, instance);
}

int schedule_run(struct world *w, int64_t at_ms)
{
    struct arena a;
    struct scheduled instance;
    int rc;
    arena_init(&a);
    while ((rc = first_due(w, at_ms, &a, &instance)) == 1)
        if ((rc = run_one(w, &instance)) != 0)
            break;
    arena_done(&a);
    return rc;
}

/* The instance of that row, which must exist; 0 or -1. */
static int find_scheduled(struct world *w, int64_t row, struct arena *a, struct scheduled *ret_instance)
{
    SCOPED_STMT(s, w->db, "SELECT " SCHEDULED_COLUMNS " FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", row);
    return read_scheduled(s, a, world_now_ms(w), ret_instance) == 1 ? 0 : -1;
}

int schedule_reset(struct world *w, int64_t instance)
{
    struct arena a;
    struct scheduled scheduled;
    arena_init(&a);
    int rc = find_scheduled(w, instance, &a, &scheduled);
    arena_done(&a);
    return rc == 0 && set_next(w, &scheduled) == 0 ? flow_reschedule(w) : -1;
}

/* --- ModifyBackupStrategy --- */

/* Day 1 is bit 0; the schema's rule allows the days 1 to 7. */
static unsigned cycle_of(const struct modify_backup_strategy_in *in)
{
    unsigned days = 0;
    for (size_t i = 0; i < in->backup_cycle.n; i++) {
        assert(in->backup_cycle.v[i] >= 1 && in->backup_cycle.v[i] <= 7);
        days |= 1u << (in->backup_cycle.v[i] - 1);
    }
    return days;
}

/* All seven days are required when backups are kept for less than seven days, else at least two
 * (documented). */
static int check_cycle(struct call *c, const struct modify_backup_strategy_in *in)
{
    enum { DAYS_ALL = 7, DAYS_LEAST = 2, SAVE_DAYS_FREE = 7 };
    int days = __builtin_popcount(cycle_of(in));
    int least = in->backup_save_days.v < SAVE_DAYS_FREE ? DAYS_ALL : DAYS_LEAST;
    if (days >= least || !str_eq(in->backup_type, STR("weekly")))
        return 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "policy.too-few-days",
                               "BackupCycle must have %d days when backups are kept for less than %d, and at"
                               " least %d otherwise",
                               DAYS_ALL, SAVE_DAYS_FREE, DAYS_LEAST);
}

/* Backups from a replica need a readable one (Always On), which instances with several nodes have
 * (documented). */
static int check_replica(struct call *c, const struct modify_backup_strategy_in *in,
                         const struct instance *instance)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT 1 FROM instance WHERE id = :id AND instance_type IN ('MultiHA', 'cvmMultiHA')");
    if (!str_starts(in->backup_model, STR("slave_")))
        return 0;
    stmt_bind_i64(s, ":id", instance->row);
    int rc = stmt_step(s);
    if (rc != 0)
        return rc < 0 ? call_fail_store(c) : 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "policy.no-replica",
                               "%.*s has no replica for the backup model %.*s",
                               STR_ARG(instance->instance_id), STR_ARG(in->backup_model));
}

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

/* Parameters that are absent and have no default change nothing; archive backups start today by default. */
static int update_instance(struct call *c, const struct modify_backup_strategy_in *in,
                           const struct instance *instance)
{
    SCOPED_STMT(
        s, c->world->db,
        "UPDATE instance SET backup_type = :type, backup_hour = coalesce(:hour, backup_hour),"
        " backup_model = coalesce(:model, backup_model), backup_cycle = :cycle, backup_save_days = :days,"
        " regular_enable = :regular, regular_save_days = :regular_days, regular_strategy = :regular_strategy,"
        " regular_counts = :counts, regular_start = :regular_start WHERE id = :id");
    struct opt_i64 hour = {(int64_t)in->backup_time.v, in->backup_time.set};
    struct str regular_start = in->regular_backup_start_time;
    bool month = str_eq(in->regular_backup_strategy, STR("month")); /* as in the sample of the
                                                                     * documentation */
    if (regular_start.n == 0)
        regular_start = str_head(time_beijing(c->arena, world_now_ms(c->world)), sizeof "YYYY-MM-DD" - 1);
    stmt_bind_str(s, ":type", in->backup_type);
    filter_i64(s, ":hour", hour);
    filter_text(s, ":model", in->backup_model);
    stmt_bind_i64(s, ":cycle", cycle_of(in));
    stmt_bind_i64(s, ":days", (int64_t)in->backup_save_days.v);
    stmt_bind_i64(s, ":regular", str_eq(in->regular_backup_enable, STR("enable")));
    stmt_bind_i64(s, ":regular_days", (int64_t)in->regular_backup_save_days.v);
    stmt_bind_str(s, ":regular_strategy", month ? STR("months") : in->regular_backup_strategy);
    stmt_bind_i64(s, ":counts", (int64_t)in->regular_backup_counts.v);
    stmt_bind_str(s, ":regular_start", regular_start);
    stmt_bind_i64(s, ":id", instance->row);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* Expired backups are deleted before the new retention is written. */
int modify_backup_strategy(struct call *c, const struct modify_backup_strategy_in *in,
                           struct modify_backup_strategy_out *out)
{
    struct instance instance;
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_change(c, &instance) != 0 ||
        check_replica(c, in, &instance) != 0 || check_cycle(c, in) != 0)
        return -1;
    if (delete_expired(c, &instance) != 0 || update_instance(c, in, &instance) != 0)
        return -1;
    if (schedule_reset(c->world, instance.row) != 0)
        return call_fail_store(c);
    out->code = I64(0);
    out->msg = STR("");
    return 0;
}
