/*
 * Each instance keeps the time of its next automatic backup, so that the next for all of them is one look
 * into an index, and a clock that jumps over many is walked from one to the next.
 */
#include "product/sqlserver/schedule.h"

#include "base/log.h"
#include "core/journal.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/database.h"
#include "product/sqlserver/instance.h"
#include "product/sqlserver/sqlserver.h"

/* A clock that was moved past years would make a backup for each day of the ten years that an instance may
 * keep them, and all calls would wait. */
enum { REACH_DAYS_MAX = 366 };

/* Instances that make no backups have the end of time there (core/magic.c). */
int policy_next(struct world *w, int64_t *ret_ms)
{
    SCOPED_STMT(s, w->db, "SELECT min(next_backup_ms) AS next FROM instance");
    if (stmt_step(s) != 1)
        return -1;
    *ret_ms = stmt_is_null(s, "next") ? INT64_MAX : stmt_i64(s, "next");
    return 0;
}

/* An instance whose time has come. */
struct due {
    int64_t row;
    struct str instance_id;
    int64_t status, hour;
    int64_t reach_ms; /* how far back a backup is still made */
    unsigned weekdays;
    bool single_files;
};

#define DUE_COLUMNS                                                                                          \
    "id, instance_id, status, backup_hour, backup_save_days, backup_cycle, backup_type = 'weekly' AS "       \
    "weekly,"                                                                                                \
    " backup_model IN ('master_no_pkg', 'slave_no_pkg') AS single_files"

/* Nor is one made that retention would have removed by now. */
static int64_t reach_of(int64_t save_days)
{
    return instance_keep_ms(save_days < REACH_DAYS_MAX ? save_days : REACH_DAYS_MAX);
}

static int read_due(struct stmt *s, struct arena *a, struct due *ret_due)
{
    int rc = stmt_step(s);
    if (rc != 1)
        return rc;
    unsigned cycle = stmt_i64(s, "weekly") ? (unsigned)stmt_i64(s, "backup_cycle") : 0;
    *ret_due = (struct due){.row = stmt_i64(s, "id"),
                            .instance_id = stmt_str(s, a, "instance_id"),
                            .status = stmt_i64(s, "status"),
                            .hour = stmt_i64(s, "backup_hour"),
                            .reach_ms = reach_of(stmt_i64(s, "backup_save_days")),
                            .weekdays = cycle ? cycle : CLOCK_EVERY_WEEKDAY,
                            .single_files = stmt_i64(s, "single_files") != 0};
    return 1;
}

static int first_due(struct world *w, int64_t at_ms, struct arena *a, struct due *ret_due)
{
    SCOPED_STMT(s, w->db,
                "SELECT " DUE_COLUMNS " FROM instance WHERE next_backup_ms = :at ORDER BY id LIMIT 1");
    stmt_bind_i64(s, ":at", at_ms);
    return read_due(s, a, ret_due);
}

/* The next time, leaving out what is out of reach by now. */
static int set_next(struct world *w, const struct due *due, int64_t at_ms)
{
    int64_t from = world_now_ms(w) - due->reach_ms;
    int64_t next = time_next_beijing_hour(at_ms > from ? at_ms : from, due->hour, due->weekdays);
    SCOPED_STMT(s, w->db, "UPDATE instance SET next_backup_ms = :next WHERE id = :id");
    stmt_bind_i64(s, ":next", next);
    stmt_bind_i64(s, ":id", due->row);
    return stmt_run(s);
}

static int start(struct world *w, const struct due *due, int64_t at_ms, const struct database_set *set,
                 struct flow *ret_flow)
{
    struct flow_plan plan = {.kind = FLOW_AUTOBACKUP,
                             .instance = due->row,
                             .start_ms = at_ms,
                             .fails = set->any_simple,
                             .databases = set->v,
                             .n_databases = set->n};
    return flow_start(w, &plan, ret_flow);
}

/* An instance without databases has nothing to back up, and that is no failure: its next time comes all the
 * same. */
static int back_up(struct world *w, const struct due *due, int64_t at_ms, struct arena *a)
{
    struct database_set set;
    struct flow flow;
    if (database_all(w, a, due->row, &set) != 0)
        return -1;
    if (set.n == 0)
        return 0;
    if (start(w, due, at_ms, &set, &flow) != 0)
        return -1;
    struct backup_record record = {.flow = &flow,
                                   .name = backup_default_name(a, due->instance_id, at_ms),
                                   .strategy = STRATEGY_INSTANCE,
                                   .way = BACKUP_SCHEDULED,
                                   .single_files = due->single_files};
    return backup_insert(w, &record);
}

struct backup_due {
    const struct due *due;
    int64_t at_ms;
    struct arena *arena;
};

static int run_back_up(struct world *w, void *arg)
{
    const struct backup_due *b = arg;
    return back_up(w, b->due, b->at_ms, b->arena);
}

/* A backup that the store's rules forbid is left out: if it was tried again and again, no later call would be
 * answered. In a file that was edited by hand no id may be left. */
static int back_up_if_allowed(struct world *w, const struct due *due, int64_t at_ms, struct arena *a)
{
    struct backup_due b = {due, at_ms, a};
    if (world_attempt(w, run_back_up, &b) == 0)
        return 0;
    if (db_fault(w->db) != DB_CONSTRAINT)
        return -1;
    log_say(LOG_ERROR, "no automatic backup of %.*s: %s", STR_ARG(due->instance_id), db_message(w->db));
    return 0;
}

/* The one before is still being made: 1, else 0, -1 when the store failed. */
static int is_busy(struct world *w, const struct due *due)
{
    SCOPED_STMT(
        s, w->db,
        "SELECT 1 FROM flow WHERE instance = :id AND outcome IS NULL AND kind = 'autobackup' LIMIT 1");
    stmt_bind_i64(s, ":id", due->row);
    return stmt_step(s);
}

/* Only a working instance is backed up, and nothing that retention would have removed by now; nor beside the
 * backup before, since those that are finished by hand would become more and more. */
static int run_one(struct world *w, const struct due *due, int64_t at_ms, struct arena *a)
{
    bool wanted = due->status == INSTANCE_RUNNING && at_ms + due->reach_ms > world_now_ms(w);
    int busy = wanted ? is_busy(w, due) : 0;
    if (busy < 0 || (wanted && !busy && back_up_if_allowed(w, due, at_ms, a) != 0))
        return -1;
    return set_next(w, due, at_ms);
}

int policy_run(struct world *w, int64_t at_ms)
{
    struct arena a;
    struct due due;
    int rc;
    arena_init(&a);
    while ((rc = first_due(w, at_ms, &a, &due)) == 1)
        if ((rc = run_one(w, &due, at_ms, &a)) != 0)
            break;
    arena_done(&a);
    return rc;
}

static int due_of(struct world *w, int64_t instance, struct arena *a, struct due *ret_due)
{
    SCOPED_STMT(s, w->db, "SELECT " DUE_COLUMNS " FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", instance);
    return read_due(s, a, ret_due) == 1 ? 0 : -1;
}

int policy_reset(struct world *w, int64_t instance)
{
    struct arena a;
    struct due due;
    arena_init(&a);
    int rc = due_of(w, instance, &a, &due);
    arena_done(&a);
    if (rc != 0 || set_next(w, &due, world_now_ms(w)) != 0)
        return -1;
    return flow_reschedule(w);
}

/* --- backup strategy --- */

/* ModifyBackupStrategy: the automatic backups of an instance. */

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
    SCOPED_STMT(s, c->world->db,
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
    SCOPED_STMT(files, c->world->db,
                "DELETE FROM flow_database WHERE flow IN (SELECT flow FROM backup WHERE instance = :instance"
                " AND start_ms <= :until AND storage_strategy = 0 AND status <> 0)");
    SCOPED_STMT(
        backups, c->world->db,
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
    SCOPED_STMT(
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
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "policy.no-replica",
                                   "%.*s has no replica that %.*s could be taken from",
                                   STR_ARG(instance.instance_id), STR_ARG(in->backup_model));
    if (!cycle_ok(in))
        return call_fail_explained(
            c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "policy.too-few-days",
            "BackupCycle must have %d days while backups are kept less than %d, else %d", DAYS_ALL,
            SAVE_DAYS_FREE, DAYS_LEAST);
    if (forget_expired(c, &instance) != 0 || store_policy(c, in, &instance) != 0)
        return -1;
    if (policy_reset(c->world, instance.row) != 0)
        return call_fail_store(c);
    out->code = I64(0);
    out->msg = STR("");
    return 0;
}
