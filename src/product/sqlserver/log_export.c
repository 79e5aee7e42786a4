/* CreateExportTask, DescribeExportTasks and DeleteExportTask, and the files of exports. */
#include "product/sqlserver/log_export.h"

#include <assert.h>

#include "base/archive.h"
#include "base/limits.h"
#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/log_export_text.h"
#include "product/sqlserver/sqlserver.h"

/* --- names and files --- */

/* What the name and the file of an export are made of. */
struct log_export {
    int64_t stamp_ms, from_ms, to_ms;
    struct str log_type, text; /* the text only of an export that is served */
};

/* "20260316-124617", Beijing time. */
static struct str dashed_time(struct arena *a, int64_t ms)
{
    struct str t = time_beijing_compact(a, ms);
    return arena_printf(a, "%.8s-%.6s", t.p, t.p + 8);
}

/* Form by example: "mssql-8eei3sy5_20260316-124617_to_20260316-154617_1773647182589.tar.gz"; the number is
 * the time at which the export began, in milliseconds. */
static struct str file_name(struct arena *a, struct str instance_id, const struct log_export *e)
{
    return arena_printf(a, "%.*s_%.*s_to_%.*s_%lld.tar.gz", STR_ARG(instance_id),
                        STR_ARG(dashed_time(a, e->from_ms)), STR_ARG(dashed_time(a, e->to_ms)),
                        (long long)e->stamp_ms);
}

/* The number in a name. -1 when the name has none. */
static int stamp_of(struct str name, int64_t *ret_stamp_ms)
{
    const struct str suffix = STR(".tar.gz");
    if (!str_ends(name, suffix))
        return -1;
    struct str rest = str_head(name, name.n - suffix.n), part = rest;
    while (str_next(&rest, '_', &part))
        continue;
    return str_to_i64(part, ret_stamp_ms);
}

static struct log_export read_export(struct stmt *s, struct arena *a)
{
    return (struct log_export){.stamp_ms = stmt_i64(s, "stamp_ms"),
                               .from_ms = stmt_i64(s, "from_ms"),
                               .to_ms = stmt_i64(s, "to_ms"),
                               .log_type = stmt_str(s, a, "log_type")};
}

/* The size of the file with a text of `n` bytes, in KB, rounded up. */
static int64_t file_kb(int64_t n)
{
    enum { KB = 1024 };
    return ((int64_t)gzip_size(tar_size((size_t)n)) + KB - 1) / KB;
}

/* --- CreateExportTask --- */

/* The conditions as they are shown: a JSON array of the request's objects; p == NULL without any. */
static struct str conditions_of(struct call *c, const struct log_filter_list *filters)
{
    enum { ROOM = 256 };
    struct buf b;
    buf_init(&b, c->arena, ROOM, (size_t)6 * LIMIT_BODY_V3); /* an escape has six bytes at most */
    for (size_t i = 0; i < filters->n; i++) {
        const struct log_filter *filter = &filters->v[i];
        buf_put(&b, i > 0 ? STR(",{\"Type\":") : STR("[{\"Type\":"));
        buf_put_json_string(&b, filter->type);
        buf_put(&b, STR(",\"Compare\":"));
        buf_put_json_string(&b, filter->compare);
        buf_put(&b, STR(",\"Value\":"));
        put_json_list(&b, &filter->value);
        buf_putc(&b, '}');
    }
    buf_put(&b, STR("]"));
    assert(!b.over);
    return filters->n > 0 ? buf_str(&b) : (struct str){NULL, 0};
}

/* The next export of an instance has another number, also in the same millisecond. */
static int next_stamp(struct call *c, const struct instance *instance, int64_t *ret_stamp_ms)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT max(:now, coalesce(max(stamp_ms) + 1, 0)) AS stamp FROM export_task"
                " WHERE instance = :instance");
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    stmt_bind_i64(s, ":instance", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_stamp_ms = stmt_i64(s, "stamp");
    return 0;
}

static int insert(struct call *c, const struct instance *instance, const struct log_export *e, int64_t flow,
                  struct str conditions)
{
    SCOPED_STMT(
        s, c->world->db,
        "INSERT INTO export_task (instance, stamp_ms, flow, log_type, from_ms, to_ms, conditions, text)"
        " VALUES (:instance, :stamp, :flow, :type, :from, :to, :conditions, :text)");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":stamp", e->stamp_ms);
    stmt_bind_i64(s, ":flow", flow);
    stmt_bind_str(s, ":type", e->log_type);
    stmt_bind_i64(s, ":from", e->from_ms);
    stmt_bind_i64(s, ":to", e->to_ms);
    stmt_bind_str(s, ":conditions", conditions);
    stmt_bind_str(s, ":text", e->text);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* Works in every status of the instance, since the action has no code for one (assumed). */
int create_export_task(struct call *c, const struct create_export_task_in *in,
                       struct create_export_task_out *out)
{
    const struct database_set none = {.n = 0};
    struct instance instance;
    struct log_export e = {.log_type = in->log_type};
    struct flow flow;
    int64_t window_ms[2];
    if (instance_get(c, in->instance_id, &instance) != 0 ||
        backup_window(c, in->start_time, in->end_time, window_ms) != 0 ||
        log_export_text(c, &instance, in, window_ms, &e.text) != 0 ||
        next_stamp(c, &instance, &e.stamp_ms) != 0 ||
        task_start(c, FLOW_KIND_EXPORTLOG, &instance, &none, &flow) != 0)
        return -1;
    e.from_ms = window_ms[0];
    e.to_ms = window_ms[1];
    out->file_name = file_name(c->arena, instance.instance_id, &e);
    return insert(c, &instance, &e, flow.id, conditions_of(c, &in->log_filter));
}

/* --- DescribeExportTasks --- */

#define TASKS                                                                                                \
    " FROM export_task CROSS JOIN flow ON flow.id = export_task.flow"                                        \
    " WHERE export_task.instance = :instance AND export_task.log_type = :type"
#define EXPORT_COLUMNS                                                                                       \
    "export_task.stamp_ms, export_task.from_ms, export_task.to_ms, export_task.log_type, flow.outcome,"      \
    " flow.due_ms, length(CAST(export_task.text AS BLOB)) AS bytes"

/* What only an export has that has ended. */
static void put_end(struct call *c, const struct instance *instance, struct stmt *s, struct export_file *view)
{
    view->finish_time = time_beijing(c->arena, stmt_i64(s, "due_ms"));
    if (flow_state_read(s, c->arena) == FLOW_FAILED) {
        view->err_msg = STR("The export failed.");
        return;
    }
    const struct download_file file = {.id = view->async_request_id.v,
                                       .uin = c->credential->account->uin,
                                       .instance_id = instance->instance_id,
                                       .name = view->file_name};
    view->file_size = I64(file_kb(stmt_i64(s, "bytes")));
    view->download_url = download_address(c, DOWNLOAD_EXPORT, &file);
}

static void read_task(struct call *c, const struct instance *instance, struct stmt *s,
                      struct export_file *view)
{
    const struct log_export e = read_export(s, c->arena);
    export_file_from_row(s, c->arena, view);
    view->file_name = file_name(c->arena, instance->instance_id, &e);
    if (!stmt_is_null(s, "outcome"))
        put_end(c, instance, s, view);
}

int describe_export_tasks(struct call *c, const struct describe_export_tasks_in *in,
                          struct describe_export_tasks_out *out)
{
    struct instance instance;
    int rc;
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" TASKS);
    SCOPED_STMT(rows, c->world->db,
                "SELECT " EXPORT_FILE_COLUMNS ", " EXPORT_COLUMNS TASKS
                " ORDER BY export_task.stamp_ms DESC" PAGE_LIMIT);
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    stmt_bind_i64(count, ":instance", instance.row);
    stmt_bind_str(count, ":type", in->log_type);
    stmt_bind_i64(rows, ":instance", instance.row);
    stmt_bind_str(rows, ":type", in->log_type);
    stmt_bind_i64(rows, ":now", world_now_ms(c->world));
    page_bind(rows, in->limit.v, in->offset.v); /* Offset: rows (documented) */
    if (page_count(c, count, &out->total_count) != 0)
        return -1;
    out->items.set = true;
    while ((rc = stmt_step(rows)) == 1)
        read_task(c, &instance, rows, LIST_ADD(c->arena, &out->items));
    return rc == 0 ? 0 : call_fail_store(c);
}

/* --- DeleteExportTask --- */

/* 1 when the instance has an export of that log with that name, 0 when not, -1 after failing the call. */
static int has_export(struct call *c, const struct instance *instance, const struct delete_export_task_in *in,
                      int64_t stamp_ms)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT stamp_ms, from_ms, to_ms, log_type FROM export_task"
                " WHERE instance = :instance AND stamp_ms = :stamp AND log_type = :type");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":stamp", stamp_ms);
    stmt_bind_str(s, ":type", in->log_type);
    int rc = stmt_step(s);
    if (rc != 1)
        return rc < 0 ? call_fail_store(c) : 0;
    const struct log_export e = read_export(s, c->arena);
    return str_eq(file_name(c->arena, instance->instance_id, &e), in->file_name);
}

static int delete_row(struct call *c, const struct instance *instance, int64_t stamp_ms)
{
    SCOPED_STMT(s, c->world->db, "DELETE FROM export_task WHERE instance = :instance AND stamp_ms = :stamp");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":stamp", stamp_ms);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* Its flow stays, also one that runs (assumed). */
int delete_export_task(struct call *c, const struct delete_export_task_in *in,
                       struct delete_export_task_out *out)
{
    struct instance instance;
    int64_t stamp_ms;
    (void)out; /* only the RequestId */
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_change(c, &instance) != 0)
        return -1;
    int known = stamp_of(in->file_name, &stamp_ms) == 0 ? has_export(c, &instance, in, stamp_ms) : 0;
    if (known == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_PARAMS_ASSERT_FAILED, "export.not-found",
                                   "%.*s has no such export of the log %.*s", STR_ARG(instance.instance_id),
                                   STR_ARG(in->log_type));
    return known < 0 ? -1 : delete_row(c, &instance, stamp_ms);
}

/* --- downloads --- */

int log_export_download_find(struct call *c, int64_t flow, struct download_file *ret_file)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT export_task.stamp_ms, export_task.from_ms, export_task.to_ms, export_task.log_type,"
                " export_task.text, instance.account, instance.instance_id"
                " FROM export_task CROSS JOIN flow ON flow.id = export_task.flow"
                " CROSS JOIN instance ON instance.id = export_task.instance"
                " WHERE export_task.flow = :flow AND flow.outcome = 'success'");
    stmt_bind_i64(s, ":flow", flow);
    int rc = stmt_step(s);
    if (rc != 1)
        return rc;
    struct log_export *e = ARENA_NEW(c->arena, struct log_export);
    *e = read_export(s, c->arena);
    e->text = stmt_str(s, c->arena, "text");
    *ret_file = (struct download_file){.id = flow,
                                       .uin = stmt_str(s, c->arena, "account"),
                                       .instance_id = stmt_str(s, c->arena, "instance_id"),
                                       .source = e};
    ret_file->name = file_name(c->arena, ret_file->instance_id, e);
    return 1;
}

/* A tar file with one member, "auditLog.csv" for example. */
struct str log_export_download_body(struct call *c, const struct download_file *file)
{
    const struct log_export *e = file->source;
    const size_t size = tar_size(e->text.n);
    struct buf b;
    buf_init(&b, c->arena, size, size);
    tar_put_header(&b, arena_printf(c->arena, "%.*s.csv", STR_ARG(e->log_type)), e->text.n, e->stamp_ms);
    buf_put(&b, e->text);
    while (b.n < size)
        buf_putc(&b, '\0');
    return gzip_stored(c->arena, buf_str(&b));
}
