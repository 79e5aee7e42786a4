/* DescribeBackupMonitor: what the backups that there are took at points of time. */
#include "core/page.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/backup_usage.h"

/* Points are five minutes apart (documented by example). A longer window than a day has as many points,
 * further apart (assumed). */
enum { POINTS_MAX = 289 };
#define STEP_MS (INT64_C(5) * 60 * 1000)

struct series {
    int64_t from_ms, step_ms;
    size_t n;
    /* In KB, from the point before. */
    double change[POINTS_MAX + 1], log_change[POINTS_MAX + 1];
};

/* The first point that is not before a time; n when none is. */
static size_t point_from(const struct series *series, int64_t ms)
{
    if (ms <= series->from_ms)
        return 0;
    int64_t point = (ms - series->from_ms + series->step_ms - 1) / series->step_ms;
    return point < (int64_t)series->n ? (size_t)point : series->n;
}

/* The points end now: the future has no backups. */
static struct series series_of(const struct call *c, const int64_t window_ms[2])
{
    int64_t now = world_now_ms(c->world), until = window_ms[1] < now ? window_ms[1] : now;
    int64_t span = until - window_ms[0], steps = (span + STEP_MS * (POINTS_MAX - 1) - 1) / STEP_MS;
    struct series series = {.from_ms = window_ms[0], .step_ms = STEP_MS};
    if (span < 0)
        return series;
    if (span > STEP_MS * (POINTS_MAX - 1))
        series.step_ms = STEP_MS * (steps / (POINTS_MAX - 1));
    series.n = (size_t)(span / series.step_ms) + 1;
    return series;
}

/* Adds the files of the statement's rows, each from its beginning to the end of its retention. */
static int add_files(struct call *c, struct stmt *s, struct series *series)
{
    int rc;
    while ((rc = stmt_step(s)) == 1) {
        struct str name = stmt_str(s, c->arena, "name");
        double kb = (double)backup_database_kb(name);
        double log_kb = stmt_i64(s, "logged") ? (double)backup_log_kb(name) : 0;
        size_t begin = point_from(series, stmt_i64(s, "begin_ms")),
               until = point_from(series, stmt_i64(s, "until_ms"));
        series->change[begin] += kb;
        series->change[until] -= kb;
        series->log_change[begin] += log_kb;
        series->log_change[until] -= log_kb;
    }
    return rc == 0 ? 0 : call_fail_store(c);
}

#define OWNED                                                                                                \
    " FROM instance CROSS JOIN backup ON backup.instance = instance.id"                                      \
    " AND backup.status = " BACKUP_STATUS_SQL_SUCCEEDED                                                      \
    " CROSS JOIN flow_database AS part ON part.flow = backup.flow"
#define OF_CALLER " WHERE instance.account = :account AND instance.region = :region AND instance.hidden = 0"

static int add_backups(struct call *c, bool copies, struct series *series)
{
    SCOPED_STMT(
        local, c->world->db,
        "SELECT part.name AS name, backup.way = " BACKUP_WAY_SQL_SCHEDULED
        " AS logged, backup.end_ms AS begin_ms,"
        " CASE backup.storage_strategy WHEN " BACKUP_STORAGE_SQL_LIFETIME " THEN 9007199254740991"
        " ELSE backup.start_ms + instance.backup_save_days * 86400000 END AS until_ms" OWNED OF_CALLER);
    SCOPED_STMT(cross, c->world->db,
                "SELECT part.name AS name, 0 AS logged, backup.end_ms + :copy AS begin_ms,"
                " backup.start_ms + cross_copy.save_days * 86400000 AS until_ms" OWNED
                " JOIN cross_copy ON " CROSS_COPY_OF_BACKUP OF_CALLER);
    struct stmt *s = copies ? cross : local;
    call_bind_owner(c, s);
    if (copies) {
        stmt_bind_i64(s, ":now", series->from_ms); /* a copy that has ended since is a part of the past */
        stmt_bind_i64(s, ":copy", CROSS_COPY_MS);
    }
    return add_files(c, s, series);
}

/* The storage of the primary instances, as in DescribeBackupSummary. */
static int read_free(struct call *c, double *ret_kb)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT coalesce(sum(storage_gb), 0) AS gb FROM instance"
                " WHERE account = :account AND region = :region AND hidden = 0"
                " AND instance_type NOT IN ('RO', 'cvmRO')");
    call_bind_owner(c, s);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_kb = (double)stmt_i64(s, "gb") * 1048576;
    return 0;
}

/* Copies have no free space (assumed), and there are none of log backups. */
int describe_backup_monitor(struct call *c, const struct describe_backup_monitor_in *in,
                            struct describe_backup_monitor_out *out)
{
    int64_t window_ms[2];
    double free_kb = 0, kb = 0, log_kb = 0;
    bool copies = str_eq(in->type, STR("cross"));
    if (backup_window(c, in->start_time, in->end_time, window_ms) != 0)
        return -1;
    struct series series = series_of(c, window_ms);
    if (add_backups(c, copies, &series) != 0 || (!copies && read_free(c, &free_kb) != 0))
        return -1;
    out->time_stamp.set = out->free_space.set = out->actual_used_space.set = true;
    out->log_backup_space.set = out->data_backup_space.set = true;
    for (size_t i = 0; i < series.n; i++) {
        kb += series.change[i];
        log_kb += series.log_change[i];
        str_list_add(c->arena, &out->time_stamp,
                     time_beijing(c->arena, series.from_ms + (int64_t)i * series.step_ms));
        *LIST_ADD(c->arena, &out->free_space) = free_kb;
        *LIST_ADD(c->arena, &out->actual_used_space) = kb + log_kb;
        *LIST_ADD(c->arena, &out->log_backup_space) = log_kb;
        *LIST_ADD(c->arena, &out->data_backup_space) = kb;
    }
    return 0;
}
