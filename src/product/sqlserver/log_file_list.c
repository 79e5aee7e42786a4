/* Lists of log files: DescribeSlowlogs and DescribeXEvents. */
#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/log_file.h"

/* The window compares the beginning of a file; the newest one is the first (assumed). */
#define FROM_AND_WHERE                                                                                       \
    " FROM log_file WHERE log_file.instance = :instance AND log_file.kind = :kind"                           \
    " AND log_file.start_ms BETWEEN :from AND :to AND " LOG_FILE_KEPT
#define ORDER " ORDER BY log_file.start_ms DESC, log_file.id DESC"

/* What a list asks for. */
struct query {
    struct instance instance;
    enum log_file_kind kind;
    int64_t window_ms[2];
    int64_t limit, offset; /* in rows */
};

static void bind_query(struct call *c, const struct query *q, struct stmt *s)
{
    stmt_bind_i64(s, ":instance", q->instance.row);
    stmt_bind_i64(s, ":kind", q->kind);
    stmt_bind_i64(s, ":from", q->window_ms[0]);
    stmt_bind_i64(s, ":to", q->window_ms[1]);
    log_file_bind_kept(c->world, s);
}

/* Reads the number of files and binds the statement of the page. -1 after failing the call. */
static int begin_page(struct call *c, const struct query *q, struct stmt *rows, struct opt_i64 *ret_count)
{
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" FROM_AND_WHERE);
    bind_query(c, q, count);
    bind_query(c, q, rows);
    page_bind(rows, q->limit, q->offset);
    return page_count(c, count, ret_count);
}

static struct log_file read_file(struct stmt *s, enum log_file_kind kind)
{
    return (struct log_file){.id = stmt_i64(s, "id"),
                             .kind = kind,
                             .start_ms = stmt_i64(s, "start_ms"),
                             .status = (enum log_file_status)stmt_i64(s, "status")};
}

/* --- DescribeSlowlogs --- */

/* The list has two names: clients of the former definition, among them Terraform's provider, read the
 * deprecated one. */
static void add_slow_log(struct call *c, const struct query *q, struct stmt *s,
                         struct describe_slowlogs_out *out)
{
    struct log_file file = read_file(s, q->kind);
    struct slow_log *view = LIST_ADD(c->arena, &out->slow_logs);
    slow_log_from_row(s, c->arena, view);
    view->internal_addr = view->external_addr = log_file_address(c, &q->instance, &file);
    *LIST_ADD(c->arena, &out->slowlogs) = (struct slowlog_info){
        .id = view->id,
        .start_time = view->start_time,
        .end_time = view->end_time,
        .size = view->size,
        .count = view->count,
        .internal_addr = view->internal_addr,
        .external_addr = view->external_addr,
        .status = view->status,
    };
}

int describe_slowlogs(struct call *c, const struct describe_slowlogs_in *in,
                      struct describe_slowlogs_out *out)
{
    SCOPED_STMT(rows, c->world->db, "SELECT " SLOW_LOG_COLUMNS FROM_AND_WHERE ORDER PAGE_LIMIT);
    struct query q = {.kind = LOG_FILE_KIND_SLOW_LOG,
                      .limit = in->limit.v,
                      .offset = (int64_t)in->offset.v * in->limit.v}; /* Offset: pages (documented) */
    int rc;
    if (instance_get(c, in->instance_id, &q.instance) != 0 ||
        backup_window(c, in->start_time, in->end_time, q.window_ms) != 0 ||
        begin_page(c, &q, rows, &out->total_count) != 0)
        return -1;
    out->slowlogs.set = out->slow_logs.set = true;
    while ((rc = stmt_step(rows)) == 1)
        add_slow_log(c, &q, rows, out);
    return rc == 0 ? 0 : call_fail_store(c);
}

/* --- DescribeXEvents --- */

static void add_event(struct call *c, const struct query *q, struct stmt *s, struct events *view)
{
    struct log_file file = read_file(s, q->kind);
    events_from_row(s, c->arena, view);
    view->event_type = log_file_kind_values[q->kind].text;
    view->file_name = log_file_name(c->arena, q->instance.port, &file);
    view->internal_addr = view->external_addr = log_file_address(c, &q->instance, &file);
}

int describe_x_events(struct call *c, const struct describe_x_events_in *in,
                      struct describe_x_events_out *out)
{
    SCOPED_STMT(rows, c->world->db, "SELECT " EVENTS_COLUMNS FROM_AND_WHERE ORDER PAGE_LIMIT);
    struct query q = {.kind = log_file_event_kind(in->event_type),
                      .limit = in->limit.v,
                      .offset = in->offset.v * in->limit.v}; /* Offset: pages (documented) */
    int rc;
    if (instance_get(c, in->instance_id, &q.instance) != 0 ||
        backup_window(c, in->start_time, in->end_time, q.window_ms) != 0 ||
        begin_page(c, &q, rows, &out->total_count) != 0)
        return -1;
    out->events.set = true;
    while ((rc = stmt_step(rows)) == 1)
        add_event(c, &q, rows, LIST_ADD(c->arena, &out->events));
    return rc == 0 ? 0 : call_fail_store(c);
}
