/* Automatic backups: when they are due, and making them. */
#include "product/sqlserver/schedule.h"

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
