/* A log is a statement with a table of the columns that a line has, in their order. */
#include "product/sqlserver/log_export_text.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/audit_log.h"
#include "product/sqlserver/log_file.h"

/* A column of a line: its name, as fields of DescribeLogs and DescribeSlowlogs have it, and the column of the
 * statement. */
struct column {
    struct str name;
    const char *from;
};

static const struct column audit_columns[] = {
    {STR_INIT("Timestamp"), "at_ms"},
    {STR_INIT("EventName"), "event"},
    {STR_INIT("ClientAppName"), "app"},
    {STR_INIT("ClientHostName"), "host"},
    {STR_INIT("ServerPrincipalName"), "login"},
    {STR_INIT("UserName"), "user"},
    {STR_INIT("DatabaseName"), "database"},
    {STR_INIT("ObjectName"), "object"},
    {STR_INIT("SqlText"), "sql"},
    {STR_INIT("Result"), "result"},
    {STR_INIT("ErrorNumber"), "error"},
    {STR_INIT("Severity"), "severity"},
    {STR_INIT("State"), "state"},
    {STR_INIT("Message"), "message"},
    {STR_INIT("Duration"), "duration"},
    {STR_INIT("CpuTime"), "cpu"},
    {STR_INIT("RowCount"), "rows"},
    {STR_INIT("LogicalReads"), "logical_reads"},
    {STR_INIT("PhysicalReads"), "physical_reads"},
    {STR_INIT("Writes"), "writes"},
    {STR_INIT("SystemThreadId"), "thread"},
    {STR_INIT("TransactionId"), "transaction_id"},
};

static const struct column slow_columns[] = {
    {STR_INIT("Id"), "id"},   {STR_INIT("StartTime"), "began"}, {STR_INIT("EndTime"), "ended"},
    {STR_INIT("Size"), "kb"}, {STR_INIT("Count"), "entries"},
};

/* --- a line --- */

/* The text that is made. */
struct export_lines {
    struct call *c;
    const struct instance *instance;
    const struct create_export_task_in *in;
    const int64_t *window_ms;
    const struct column *columns; /* of the log */
    size_t n_columns;
    struct buf b;
};

/* All columns when the request names none. */
static bool is_wanted(const struct export_lines *e, struct str name)
{
    const struct str_list *wanted = &e->in->column_filter;
    for (size_t i = 0; i < wanted->n; i++)
        if (str_eq(wanted->v[i], name))
            return true;
    return wanted->n == 0;
}

static bool needs_quotes(struct str value)
{
    for (size_t i = 0; i < value.n; i++)
        if (strchr(",\"\r\n", value.p[i]))
            return true;
    return false;
}

static void put_value(struct buf *b, struct str value)
{
    const bool quoted = needs_quotes(value);
    if (quoted)
        buf_putc(b, '"');
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '"')
            buf_putc(b, '"');
        buf_putc(b, value.p[i]);
    }
    if (quoted)
        buf_putc(b, '"');
}

/* The names without a statement, else the values of its row. */
static void put_line(struct export_lines *e, struct stmt *s)
{
    bool first = true;
    for (size_t i = 0; i < e->n_columns; i++) {
        const struct column *column = &e->columns[i];
        if (!is_wanted(e, column->name))
            continue;
        if (!first)
            buf_putc(&e->b, ',');
        put_value(&e->b, s ? stmt_str(s, e->c->arena, column->from) : column->name);
        first = false;
    }
    buf_putc(&e->b, '\n');
}

/* The cap leaves out whole lines. */
static int put_lines(struct export_lines *e, struct stmt *s)
{
    int rc;
    while ((rc = stmt_step(s)) == 1) {
        size_t before = e->b.n;
        put_line(e, s);
        if (e->b.over) {
            e->b.n = before;
            return 0;
        }
    }
    return rc == 0 ? 0 : call_fail_store(e->c);
}

/* --- the logs --- */

static int put_audit_log(struct export_lines *e)
{
    SCOPED_STMT(s, e->c->world->db,
                "SELECT " LOG_RESULT_COLUMNS AUDIT_LOG_FROM " ORDER BY audit_log.at_ms, audit_log.ordinal");
    audit_log_bind(e->c, s, e->instance, e->window_ms, &e->in->log_filter);
    return put_lines(e, s);
}

/* A line for each file that DescribeSlowlogs lists, since the statements are not known here. */
static int put_slow_log(struct export_lines *e)
{
    SCOPED_STMT(s, e->c->world->db,
                "SELECT id, strftime('%Y-%m-%d %H:%M:%S', start_ms / 1000 + 28800, 'unixepoch') AS began,"
                " strftime('%Y-%m-%d %H:%M:%S', end_ms / 1000 + 28800, 'unixepoch') AS ended, kb, entries"
                " FROM log_file WHERE instance = :instance AND kind = " LOG_FILE_KIND_SQL_SLOW_LOG
                " AND start_ms BETWEEN :from AND :to ORDER BY start_ms, id"); /* Beijing time */
    stmt_bind_i64(s, ":instance", e->instance->row);
    stmt_bind_i64(s, ":from", e->window_ms[0]);
    stmt_bind_i64(s, ":to", e->window_ms[1]);
    return put_lines(e, s);
}

static int check_columns(const struct export_lines *e)
{
    const struct str_list *wanted = &e->in->column_filter;
    for (size_t i = 0; i < wanted->n; i++) {
        size_t at = 0;
        while (at < e->n_columns && !str_eq(e->columns[at].name, wanted->v[i]))
            at++;
        if (at == e->n_columns)
            return call_fail_explained(e->c, ERR_INVALID_PARAMETER_PARAMS_ASSERT_FAILED, "export.column",
                                       "the log has no column %.*s", STR_ARG(wanted->v[i]));
    }
    return 0;
}

/* The error log has no entries here, so that its text is the line with the names. */
int log_export_text(struct call *c, const struct instance *instance, const struct create_export_task_in *in,
                    const int64_t window_ms[2], struct str *ret_text)
{
    enum { ROOM = 1024 };
    const bool slow = str_eq(in->log_type, STR("slowLog")), audit = str_eq(in->log_type, STR("auditLog"));
    struct export_lines e = {.c = c, .instance = instance, .in = in, .window_ms = window_ms};
    e.columns = slow ? slow_columns : audit_columns;
    e.n_columns =
        slow ? sizeof slow_columns / sizeof *slow_columns : sizeof audit_columns / sizeof *audit_columns;
    buf_init(&e.b, c->arena, ROOM, LIMIT_EXPORT_TEXT);
    if (check_columns(&e) != 0)
        return -1;
    put_line(&e, NULL);
    if ((slow && put_slow_log(&e) != 0) || (audit && put_audit_log(&e) != 0))
        return -1;
    *ret_text = buf_str(&e.b);
    assert(ret_text->n > 0 && ret_text->n <= LIMIT_EXPORT_TEXT);
    return 0;
}
