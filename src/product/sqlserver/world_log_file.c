/* Log files of the world file have the times that it gives, or times before the start of the server. */
#include "product/sqlserver/world_log_file.h"

#include "product/sqlserver/log_file.h"

/* --- times --- */

/* The span of a file without times ends long enough before now that lists of the last hours show it. */
enum { BEGAN_MS = 3600 * 1000, LASTS_MS = 600 * 1000 };

/* The schema's rule has checked the form of the texts. */
static struct log_file with_times(int64_t now, struct str start, struct str end)
{
    struct log_file file = {.start_ms = now - BEGAN_MS, .status = LOG_FILE_STATUS_COMPLETE};
    if (start.p)
        (void)time_parse_beijing(start, &file.start_ms);
    file.end_ms = file.start_ms + LASTS_MS;
    if (end.p)
        (void)time_parse_beijing(end, &file.end_ms);
    return file;
}

/* --- checks --- */

/* An end without a beginning depends on the start of the server, and is not checked here. */
static int check_span(struct arena *a, struct str start, struct str end, struct str path,
                      struct str *ret_problem)
{
    struct log_file file = with_times(0, start, end);
    if (!start.p || !end.p || file.start_ms <= file.end_ms)
        return 0;
    *ret_problem = CONCAT(a, path, STR(".end: must not be before the start"));
    return -1;
}

int world_log_file_check(struct arena *a, const struct world_instance *from, struct str path,
                         struct str *ret_problem)
{
    for (size_t i = 0; i < from->slow_logs.n; i++)
        if (check_span(a, from->slow_logs.v[i].start, from->slow_logs.v[i].end,
                       arena_printf(a, "%.*s.slow_logs.%zu", STR_ARG(path), i), ret_problem) != 0)
            return -1;
    for (size_t i = 0; i < from->events.n; i++)
        if (check_span(a, from->events.v[i].start, from->events.v[i].end,
                       arena_printf(a, "%.*s.events.%zu", STR_ARG(path), i), ret_problem) != 0)
            return -1;
    return 0;
}

/* --- inserting --- */

static int put_file(struct world *w, int64_t instance, struct log_file *file)
{
    if (file->end_ms < file->start_ms) /* an end without a beginning */
        file->start_ms = file->end_ms;
    return log_file_insert(w, instance, file);
}

static int put_slow_log(struct world *w, int64_t instance, const struct world_slow_log *from)
{
    struct log_file file = with_times(world_now_ms(w), from->start, from->end);
    file.kind = LOG_FILE_KIND_SLOW_LOG;
    file.entries = from->count.v;
    file.kb = from->size_kb.v;
    file.status = (enum log_file_status)from->status.v;
    return put_file(w, instance, &file);
}

static int put_event(struct world *w, int64_t instance, const struct world_event_file *from)
{
    struct log_file file = with_times(world_now_ms(w), from->start, from->end);
    file.kind = log_file_event_kind(from->type);
    file.kb = from->size_kb.v;
    return put_file(w, instance, &file);
}

static int put_thresholds(struct world *w, int64_t instance, const struct world_instance *from)
{
    SCOPED_STMT(s, w->db, "UPDATE instance SET slow_ms = :slow, blocked_ms = :blocked WHERE id = :instance");
    if (from->slow_threshold.v == 0 && from->blocked_threshold.v == 0)
        return 0;
    stmt_bind_i64(s, ":slow", from->slow_threshold.v);
    stmt_bind_i64(s, ":blocked", from->blocked_threshold.v);
    stmt_bind_i64(s, ":instance", instance);
    return stmt_run(s);
}

/* As StartInstanceXEvent does it. */
static int begin_recording(struct world *w, int64_t instance, const struct world_instance *from)
{
    if (put_thresholds(w, instance, from) != 0)
        return -1;
    if (from->slow_threshold.v > 0 && log_file_begin(w, instance, LOG_FILE_KIND_SLOW) != 0)
        return -1;
    if (from->blocked_threshold.v == 0)
        return 0;
    return log_file_begin(w, instance, LOG_FILE_KIND_BLOCKED) == 0
               ? log_file_begin(w, instance, LOG_FILE_KIND_DEADLOCK)
               : -1;
}

int world_log_file_put(struct world *w, int64_t instance, const struct world_instance *from)
{
    for (size_t i = 0; i < from->slow_logs.n; i++)
        if (put_slow_log(w, instance, &from->slow_logs.v[i]) != 0)
            return -1;
    for (size_t i = 0; i < from->events.n; i++)
        if (put_event(w, instance, &from->events.v[i]) != 0)
            return -1;
    return begin_recording(w, instance, from);
}
