/*
 * Each instance keeps the time of its next automatic backup, so that the next for all of them is one look
 * into an index, and a clock that jumps over many is walked from one to the next.
 */
#include "product/sqlserver/policy.h"

#include "base/log.h"
#include "core/journal.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/database.h"
#include "product/sqlserver/kinds.h"

/* A clock that was moved past years would make a backup for each day of the ten years that an instance may
 * keep them, and all calls would wait. */
enum { REACH_DAYS_MAX = 366 };

/* Instances that make no backups have the end of time there (core/magic.c). */
int policy_next(struct world *w, int64_t *ret_ms)
{
    DB_STMT(s, w->db, "SELECT min(next_backup_ms) AS next FROM instance");
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
    DB_STMT(s, w->db, "SELECT " DUE_COLUMNS " FROM instance WHERE next_backup_ms = :at ORDER BY id LIMIT 1");
    stmt_bind_i64(s, ":at", at_ms);
    return read_due(s, a, ret_due);
}

/* The next time, leaving out what is out of reach by now. */
static int set_next(struct world *w, const struct due *due, int64_t at_ms)
{
    int64_t from = world_now_ms(w) - due->reach_ms;
    int64_t next = time_next_beijing_hour(at_ms > from ? at_ms : from, due->hour, due->weekdays);
    DB_STMT(s, w->db, "UPDATE instance SET next_backup_ms = :next WHERE id = :id");
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

/* A backup that the store's rules forbid is left out: tried again and again, it would keep every call from
 * being answered. No id may be left, in a file that somebody edited. */
static int back_up_if_allowed(struct world *w, const struct due *due, int64_t at_ms, struct arena *a)
{
    uint64_t mark = journal_flow_mark(w->journal);
    if (db_savepoint(w->db) != 0)
        return -1;
    if (back_up(w, due, at_ms, a) == 0 && db_keep(w->db) == 0)
        return 0;
    bool forbidden = db_fault(w->db) == DB_CONSTRAINT;
    db_undo(w->db);
    journal_flow_undo(w->journal, mark);
    if (!forbidden)
        return -1;
    log_say(LOG_ERROR, "no automatic backup of %.*s: %s", STR_ARG(due->instance_id), db_message(w->db));
    return 0;
}

/* The one before is still being made: 1, else 0, -1 when the store failed. */
static int is_busy(struct world *w, const struct due *due)
{
    DB_STMT(s, w->db,
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
    DB_STMT(s, w->db, "SELECT " DUE_COLUMNS " FROM instance WHERE id = :id");
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
