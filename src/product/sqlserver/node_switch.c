/* The end of an upgrade: its flow, the switch of the nodes, and the window in which they switch by
 * themselves. The row of the table `upgrade` exists from the order until the instance has what it says. */
#include <assert.h>

#include "product/sqlserver/change.h"
#include "product/sqlserver/upgrade.h"

/* --- the window --- */

/* The first start of the instance's window after `after_ms`. A start that is no time, in an edited state
 * file, is midnight. */
static int next_window(struct world *w, int64_t instance, int64_t after_ms, int64_t *ret_ms)
{
    const int64_t hour_ms = INT64_C(3600000);
    SCOPED_STMT(s, w->db, "SELECT maintenance_days, maintenance_start FROM instance WHERE id = :id");
    struct arena scratch;
    int64_t at = 0;
    stmt_bind_i64(s, ":id", instance);
    if (stmt_step(s) != 1)
        return -1;
    arena_init(&scratch);
    (void)maintenance_parse(stmt_str(s, &scratch, "maintenance_start"), &at);
    arena_done(&scratch);
    int64_t minutes = at % hour_ms;
    *ret_ms = minutes + time_next_beijing_hour(after_ms - minutes, at / hour_ms,
                                               (unsigned)stmt_i64(s, "maintenance_days"));
    return 0;
}

static int wait_for_window(struct world *w, int64_t instance, int64_t after_ms)
{
    SCOPED_STMT(s, w->db, "UPDATE upgrade SET switch_ms = :at WHERE instance = :instance");
    int64_t at;
    if (next_window(w, instance, after_ms, &at) != 0)
        return -1;
    stmt_bind_i64(s, ":at", at);
    stmt_bind_i64(s, ":instance", instance);
    return stmt_run(s) == 0 ? flow_reschedule(w) : -1;
}

/* --- the change --- */

static int run(struct stmt *s, int64_t instance)
{
    stmt_bind_i64(s, ":instance", instance);
    return stmt_run(s);
}

static int forget(struct world *w, int64_t instance)
{
    SCOPED_STMT(s, w->db, "DELETE FROM upgrade WHERE instance = :instance");
    return run(s, instance);
}

/* Gives the instance what the upgrade has for it, and the normal status. */
static int apply(struct world *w, int64_t instance)
{
    SCOPED_STMT(columns, w->db,
                "UPDATE instance SET status = " INSTANCE_STATUS_SQL_NORMAL
                ", version = upgrade.version, cpu = upgrade.cpu,"
                " memory_gb = upgrade.memory_gb, storage_gb = upgrade.storage_gb,"
                " high_availability = upgrade.high_availability, multi_zones = upgrade.multi_zones,"
                " throughput = upgrade.throughput FROM upgrade"
                " WHERE upgrade.instance = :instance AND instance.id = :instance");
    SCOPED_STMT(
        zones, w->db,
        "UPDATE replica SET zone = wanted.value ->> 'zone' FROM upgrade, json_each(upgrade.replica_zones)"
        " AS wanted WHERE upgrade.instance = :instance AND replica.instance = :instance"
        " AND replica.replica_id = wanted.value ->> 'id'");
    return run(columns, instance) == 0 && run(zones, instance) == 0 ? forget(w, instance) : -1;
}

static int wait_for_switch(struct world *w, int64_t instance, int64_t since_ms)
{
    SCOPED_STMT(s, w->db,
                "UPDATE instance SET status = " INSTANCE_STATUS_SQL_MODIFYING " WHERE id = :instance");
    return run(s, instance) == 0 ? wait_for_window(w, instance, since_ms) : -1;
}

/* 1 when the instance must wait for a switch of its nodes, 0 when not, -1 when the store failed. */
static int waits(struct world *w, int64_t instance)
{
    SCOPED_STMT(s, w->db, "SELECT 1 FROM upgrade WHERE instance = :instance AND waits");
    stmt_bind_i64(s, ":instance", instance);
    return stmt_step(s);
}

/* --- flows --- */

int upgrade_settle(struct world *w, const struct flow *f)
{
    if (changes_settle(w, f) != 0)
        return -1;
    if (f->fails)
        return forget(w, f->resource);
    int64_t now = world_now_ms(w), end = f->due_ms < now ? f->due_ms : now; /* before it when ended by hand */
    int wait = waits(w, f->resource);
    if (wait < 0)
        return -1;
    return wait ? wait_for_switch(w, f->resource, end) : apply(w, f->resource);
}

/* After a failure the instance still waits. */
int expansion_settle(struct world *w, const struct flow *f)
{
    if (changes_settle(w, f) != 0)
        return -1;
    return f->fails ? 0 : apply(w, f->resource);
}

/* --- by the clock --- */

int upgrade_next(struct world *w, int64_t *ret_ms)
{
    SCOPED_STMT(s, w->db, "SELECT min(switch_ms) AS next FROM upgrade WHERE switch_ms IS NOT NULL");
    if (stmt_step(s) != 1)
        return -1;
    *ret_ms = stmt_is_null(s, "next") ? INT64_MAX : stmt_i64(s, "next");
    return 0;
}

/* 1 and an instance whose nodes switch at exactly `at_ms`, 0, -1 when the store failed. */
static int first_due(struct world *w, int64_t at_ms, int64_t *ret_instance, bool *ret_waiting)
{
    SCOPED_STMT(s, w->db,
                "SELECT instance.id AS id, instance.status AS status FROM upgrade JOIN instance"
                " ON instance.id = upgrade.instance WHERE upgrade.switch_ms = :at ORDER BY upgrade.instance"
                " LIMIT 1");
    stmt_bind_i64(s, ":at", at_ms);
    int rc = stmt_step(s);
    if (rc == 1) {
        *ret_instance = stmt_i64(s, "id");
        *ret_waiting = stmt_i64(s, "status") == INSTANCE_STATUS_MODIFYING;
    }
    return rc;
}

/* The switch takes no time (ours: no call should be rejected because of the hour). While a flow switches the
 * nodes, the next window counts. */
int upgrade_run(struct world *w, int64_t at_ms)
{
    int64_t instance = 0;
    bool waiting = false;
    int rc;
    while ((rc = first_due(w, at_ms, &instance, &waiting)) == 1)
        if ((waiting ? apply(w, instance) : wait_for_window(w, instance, at_ms)) != 0)
            return -1;
    return rc;
}
