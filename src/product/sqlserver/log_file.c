/* Inserting log files, beginning and ending those of events, and their names and contents. */
#include "product/sqlserver/log_file.h"

#include <assert.h>

#include "base/buf.h"

/* --- rows --- */

void log_file_bind_kept(const struct world *w, struct stmt *s)
{
    const int64_t event_save_ms = INT64_C(7) * 24 * 3600 * 1000; /* EventSaveDays of the answer */
    stmt_bind_i64(s, ":kept_from", world_now_ms(w) - event_save_ms);
}

/* The ids count from 1001 on. */
int log_file_insert(struct world *w, int64_t instance, const struct log_file *file)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO log_file (instance, kind, start_ms, id, end_ms, entries, kb, status)"
                " SELECT :instance, :kind, :start, coalesce((SELECT max(id) FROM log_file), 1000) + 1, :end,"
                " :entries, :kb, :status");
    assert(file->id == 0 && file->kb > 0 && file->start_ms <= file->end_ms);
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_i64(s, ":kind", file->kind);
    stmt_bind_i64(s, ":start", file->start_ms);
    stmt_bind_i64(s, ":end", file->end_ms);
    stmt_bind_i64(s, ":entries", file->entries);
    stmt_bind_i64(s, ":kb", file->kb);
    stmt_bind_i64(s, ":status", file->status);
    return stmt_run(s);
}

/* 1 when a file of the kind is being written, 0 when none is, -1 when the store failed. */
static int is_writing(struct world *w, int64_t instance, enum log_file_kind kind)
{
    SCOPED_STMT(s, w->db,
                "SELECT 1 FROM log_file WHERE instance = :instance AND kind = :kind"
                " AND status = " LOG_FILE_STATUS_SQL_WRITING " LIMIT 1");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_i64(s, ":kind", kind);
    return stmt_step(s);
}

int log_file_begin(struct world *w, int64_t instance, enum log_file_kind kind)
{
    const struct log_file file = {.kind = kind,
                                  .start_ms = world_now_ms(w),
                                  .end_ms = world_now_ms(w),
                                  .kb = LOG_FILE_EMPTY_KB,
                                  .status = LOG_FILE_STATUS_WRITING};
    int writing = is_writing(w, instance, kind);
    assert(kind != LOG_FILE_KIND_SLOW_LOG);
    return writing == 0 ? log_file_insert(w, instance, &file) : writing < 0 ? -1 : 0;
}

int log_file_end(struct world *w, int64_t instance, enum log_file_kind kind)
{
    SCOPED_STMT(s, w->db,
                "UPDATE log_file SET status = " LOG_FILE_STATUS_SQL_COMPLETE ", end_ms = max(start_ms, :now)"
                " WHERE instance = :instance AND kind = :kind AND status = " LOG_FILE_STATUS_SQL_WRITING);
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_i64(s, ":kind", kind);
    stmt_bind_i64(s, ":now", world_now_ms(w));
    return stmt_run(s);
}

/* --- names and addresses --- */

enum log_file_kind log_file_event_kind(struct str type)
{
    enum log_file_kind kind = LOG_FILE_KIND_SLOW;
    while (!str_eq(log_file_kind_values[kind].text, type)) {
        kind++;
        assert((size_t)kind < LOG_FILE_KIND_COUNT);
    }
    return kind;
}

struct str log_file_name(struct arena *a, int64_t port, const struct log_file *file)
{
    struct str t = time_beijing_compact(a, file->start_ms);
    if (file->kind == LOG_FILE_KIND_SLOW_LOG)
        return arena_printf(a, "TRACE_%.*s.trc", STR_ARG(t));
    return arena_printf(a, "autoed_instance_%lld_%.*s.xel", (long long)port, STR_ARG(t));
}

struct str log_file_address(struct call *c, const struct instance *instance, const struct log_file *file)
{
    const struct download_file shown = {.id = file->id,
                                        .uin = c->credential->account->uin,
                                        .instance_id = instance->instance_id,
                                        .name = log_file_name(c->arena, instance->port, file)};
    if (file->status != LOG_FILE_STATUS_COMPLETE)
        return STR("");
    return download_address(c, file->kind == LOG_FILE_KIND_SLOW_LOG ? DOWNLOAD_SLOW_LOG : DOWNLOAD_EVENT,
                            &shown);
}

/* --- downloads --- */

static struct log_file *read_file(struct stmt *s, struct arena *a)
{
    struct log_file *file = ARENA_NEW(a, struct log_file);
    *file = (struct log_file){.id = stmt_i64(s, "id"),
                              .kind = (enum log_file_kind)stmt_i64(s, "kind"),
                              .start_ms = stmt_i64(s, "start_ms"),
                              .end_ms = stmt_i64(s, "end_ms"),
                              .entries = stmt_i64(s, "entries"),
                              .kb = stmt_i64(s, "kb"),
                              .status = LOG_FILE_STATUS_COMPLETE};
    return file;
}

/* Finds a complete file of the slow log, or one of events. */
static int find_file(struct call *c, int64_t id, bool slow_log, struct download_file *ret_file)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT log_file.id, kind, start_ms, end_ms, entries, kb, instance.account,"
                " instance.instance_id, instance.port"
                " FROM log_file CROSS JOIN instance ON instance.id = log_file.instance"
                " WHERE log_file.id = :id AND (kind = " LOG_FILE_KIND_SQL_SLOW_LOG ") = :slow_log"
                " AND log_file.status = " LOG_FILE_STATUS_SQL_COMPLETE " AND " LOG_FILE_KEPT);
    stmt_bind_i64(s, ":id", id);
    stmt_bind_i64(s, ":slow_log", slow_log);
    log_file_bind_kept(c->world, s);
    int rc = stmt_step(s);
    if (rc != 1)
        return rc;
    const struct log_file *file = read_file(s, c->arena);
    *ret_file = (struct download_file){.id = id,
                                       .uin = stmt_str(s, c->arena, "account"),
                                       .instance_id = stmt_str(s, c->arena, "instance_id"),
                                       .name = log_file_name(c->arena, stmt_i64(s, "port"), file),
                                       .source = file};
    return 1;
}

int slow_log_download_find(struct call *c, int64_t id, struct download_file *ret_file)
{
    return find_file(c, id, true, ret_file);
}

int event_download_find(struct call *c, int64_t id, struct download_file *ret_file)
{
    return find_file(c, id, false, ret_file);
}

/* Exactly as long as the lists say: text that names the instance and the file. */
struct str log_file_download_body(struct call *c, const struct download_file *file)
{
    enum { KB = 1024 };
    const struct log_file *log = file->source;
    struct buf b;
    buf_init(&b, c->arena, (size_t)log->kb * KB, (size_t)log->kb * KB);
    buf_printf(&b, "virga log file; the statements are not in it\n");
    buf_printf(&b, "instance: %.*s\nfile: %.*s\nentries: %lld\n", STR_ARG(file->instance_id),
               STR_ARG(file->name), (long long)log->entries);
    buf_printf(&b, "start: %.*s\n", STR_ARG(time_beijing(c->arena, log->start_ms)));
    buf_printf(&b, "end: %.*s\n\n", STR_ARG(time_beijing(c->arena, log->end_ms)));
    download_pad(&b, (size_t)log->kb * KB);
    return buf_str(&b);
}
