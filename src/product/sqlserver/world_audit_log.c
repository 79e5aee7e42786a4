/* An entry of the world file may lack all but its time; what it lacks is NULL. */
#include "product/sqlserver/world_audit_log.h"

#include <assert.h>

#include "base/clock.h"
#include "core/page.h"

enum { FAST_DAYS = 7 }; /* the only number that OpenLog allows */

int world_audit_log_check(struct arena *a, const struct world_instance *from, struct str path,
                          struct str *ret_problem)
{
    if (from->audit_log.n == 0 || from->audit_days.v > 0)
        return 0;
    *ret_problem =
        arena_printf(a, "%.*s.audit_log: the log is off, audit_days of the instance is 0", STR_ARG(path));
    return -1;
}

static void bind_numbers(struct stmt *s, const struct world_audit_entry *from)
{
    filter_i64(s, ":error", from->error);
    filter_i64(s, ":severity", from->severity);
    filter_i64(s, ":state", from->state);
    filter_i64(s, ":duration", from->duration);
    filter_i64(s, ":cpu", from->cpu);
    filter_i64(s, ":rows", from->rows);
    filter_i64(s, ":logical_reads", from->logical_reads);
    filter_i64(s, ":physical_reads", from->physical_reads);
    filter_i64(s, ":writes", from->writes);
    filter_i64(s, ":thread", from->thread);
    filter_i64(s, ":transaction", from->transaction_id);
}

static void bind_texts(struct stmt *s, const struct world_audit_entry *from)
{
    stmt_bind_str(s, ":event", from->event);
    stmt_bind_str(s, ":app", from->app);
    stmt_bind_str(s, ":host", from->host);
    stmt_bind_str(s, ":login", from->login);
    stmt_bind_str(s, ":user", from->user);
    stmt_bind_str(s, ":database", from->database);
    stmt_bind_str(s, ":object", from->object);
    stmt_bind_str(s, ":sql", from->sql);
    stmt_bind_str(s, ":message", from->message);
    stmt_bind_str(s, ":result", from->result);
}

static int put_entry(struct world *w, int64_t instance, const struct world_audit_entry *from, size_t i)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO audit_log (instance, at_ms, ordinal, event, app, host, login, user, database,"
                " object, sql, message, result, error, severity, state, duration, cpu, rows, logical_reads,"
                " physical_reads, writes, thread, transaction_id)"
                " VALUES (:instance, :at, :ordinal, :event, :app, :host, :login, :user, :database, :object,"
                " :sql, :message, :result, :error, :severity, :state, :duration, :cpu, :rows,"
                " :logical_reads, :physical_reads, :writes, :thread, :transaction)");
    int64_t at_ms = 0;
    int bad = time_parse_beijing(from->time, &at_ms);
    assert(!bad); /* a rule of the form */
    (void)bad;
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_i64(s, ":at", at_ms);
    stmt_bind_i64(s, ":ordinal", (int64_t)i + 1);
    bind_texts(s, from);
    bind_numbers(s, from);
    return stmt_run(s);
}

int world_audit_log_put(struct world *w, int64_t instance, const struct world_instance *from)
{
    SCOPED_STMT(s, w->db,
                "UPDATE instance SET audit_log = 1, audit_since_ms = :now, audit_days = :days,"
                " audit_fast_days = :fast WHERE id = :id");
    if (from->audit_days.v == 0)
        return 0;
    stmt_bind_i64(s, ":now", world_now_ms(w));
    stmt_bind_i64(s, ":days", from->audit_days.v);
    stmt_bind_i64(s, ":fast", FAST_DAYS);
    stmt_bind_i64(s, ":id", instance);
    if (stmt_run(s) != 0)
        return -1;
    for (size_t i = 0; i < from->audit_log.n; i++)
        if (put_entry(w, instance, &from->audit_log.v[i], i) != 0)
            return -1;
    return 0;
}
