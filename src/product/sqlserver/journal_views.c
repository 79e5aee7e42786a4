#include "product/sqlserver/journal_views.h"

#include "base/limits.h"

int journal_flows_follow(struct journal_flows *f, struct db *state)
{
    static const struct tracked_table tables[] = {
        {"flow", "id"}, {"backup", "flow"}, {"flow_database", "flow"}};
    if (change_tracker_start(&f->changed, state, tables, sizeof tables / sizeof tables[0]) != 0)
        return -1;
    f->state = state;
    f->changed.over = true; /* what there is already */
    return 0;
}

bool journal_flows_pending(const struct journal_flows *f)
{
    return f->changed.n > 0 || f->changed.over;
}

/* --- rows --- */

static int put_flow(struct db *file, struct str row)
{
    SCOPED_STMT(
        s, file,
        "INSERT OR REPLACE INTO flow (flow_id, account, region, instance_id, kind, start_ms, due_ms, status,"
        " databases) VALUES (:row ->> 0, :row ->> 1, :row ->> 2, :row ->> 3, :row ->> 4, :row ->> 5,"
        " :row ->> 6, :row ->> 7, :row ->> 8)");
    stmt_bind_str(s, ":row", row);
    return stmt_run(s);
}

static int put_backup(struct db *file, struct str row)
{
    SCOPED_STMT(
        s, file,
        "INSERT OR REPLACE INTO backup (flow_id, account, region, instance_id, name, scope, way, status,"
        " form, start_ms, end_ms) VALUES (:row ->> 0, :row ->> 1, :row ->> 2, :row ->> 3, :row ->> 4,"
        " :row ->> 5, :row ->> 6, :row ->> 7, :row ->> 8, :row ->> 9, :row ->> 10)");
    stmt_bind_str(s, ":row", row);
    return stmt_run(s);
}

static int remove_flow(struct db *file, int64_t id)
{
    SCOPED_STMT(s, file, "DELETE FROM flow WHERE flow_id = :id");
    stmt_bind_i64(s, ":id", id);
    return stmt_run(s);
}

static int remove_backup(struct db *file, int64_t id)
{
    SCOPED_STMT(s, file, "DELETE FROM backup WHERE flow_id = :id");
    stmt_bind_i64(s, ":id", id);
    return stmt_run(s);
}

static int remove_up_to(struct db *file, int64_t id)
{
    SCOPED_STMT(flows, file, "DELETE FROM flow WHERE flow_id <= :last");
    SCOPED_STMT(backups, file, "DELETE FROM backup WHERE flow_id <= :last");
    stmt_bind_i64(flows, ":last", id);
    stmt_bind_i64(backups, ":last", id);
    return stmt_run(flows) == 0 ? stmt_run(backups) : -1;
}

/* --- the copy --- */

static int copy_one(struct journal_flows *f, struct db *file, struct arena *a, int64_t id)
{
    struct flow_view view;
    arena_reset(a);
    if (flow_view_read(f->state, a, id, &view) != 0)
        return -1;
    if ((view.flow.p ? put_flow(file, view.flow) : remove_flow(file, id)) != 0)
        return -1;
    return view.backup.p ? put_backup(file, view.backup) : remove_backup(file, id);
}

static int copy_changed(struct journal_flows *f, struct db *file, struct arena *a, int64_t below)
{
    for (size_t i = 0; i < f->changed.n; i++)
        if (f->changed.rows[i] > below && copy_one(f, file, a, f->changed.rows[i]) != 0)
            return -1;
    return remove_up_to(file, below);
}

static int copy_all(struct journal_flows *f, struct db *file, struct arena *a, int64_t below)
{
    int64_t id = below;
    int rc = remove_up_to(file, INT64_MAX);
    while (rc == 0 && (rc = flow_view_next(f->state, id, &id)) == 1)
        rc = copy_one(f, file, a, id);
    return rc;
}

int journal_flows_copy(struct journal_flows *f, struct db *file, struct arena *a)
{
    int64_t last;
    if (flow_view_last(f->state, &last) != 0)
        return -1;
    return (f->changed.over ? copy_all : copy_changed)(f, file, a, last - LIMIT_JOURNAL_FLOWS);
}

void journal_flows_kept(struct journal_flows *f)
{
    change_tracker_clear(&f->changed);
}

/* --- flow view --- */

static int read_flow(struct db *db, struct arena *a, int64_t flow_id, struct str *ret_row)
{
    SCOPED_STMT(
        s, db,
        "SELECT json_array(flow_id, account, region, instance_id, kind, start_ms, due_ms, status, databases)"
        " AS row FROM v_flows WHERE flow_id = :id");
    stmt_bind_i64(s, ":id", flow_id);
    int rc = stmt_step(s);
    *ret_row = rc == 1 ? stmt_str(s, a, "row") : (struct str){NULL, 0};
    return rc < 0 ? -1 : 0;
}

/* By the flow's instance and start: a backup's own key begins with them. */
static int read_backup(struct db *db, struct arena *a, int64_t flow_id, struct str *ret_row)
{
    SCOPED_STMT(
        s, db,
        "SELECT json_array(b.flow_id, b.account, b.region, b.instance_id, b.name, b.scope, b.way, b.status,"
        " b.form, b.start_ms, b.end_ms) AS row FROM v_flows AS f CROSS JOIN v_backups AS b"
        " ON b.account = f.account AND b.region = f.region AND b.instance_id = f.instance_id"
        " AND b.start_ms = f.start_ms AND b.flow_id = f.flow_id WHERE f.flow_id = :id");
    stmt_bind_i64(s, ":id", flow_id);
    int rc = stmt_step(s);
    *ret_row = rc == 1 ? stmt_str(s, a, "row") : (struct str){NULL, 0};
    return rc < 0 ? -1 : 0;
}

int flow_view_read(struct db *db, struct arena *a, int64_t flow_id, struct flow_view *ret_view)
{
    return read_flow(db, a, flow_id, &ret_view->flow) == 0 &&
                   read_backup(db, a, flow_id, &ret_view->backup) == 0
               ? 0
               : -1;
}

int flow_view_next(struct db *db, int64_t after, int64_t *ret_flow_id)
{
    SCOPED_STMT(s, db, "SELECT id FROM flow WHERE id > :after ORDER BY id LIMIT 1");
    stmt_bind_i64(s, ":after", after);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_flow_id = stmt_i64(s, "id");
    return rc;
}

int flow_view_last(struct db *db, int64_t *ret_flow_id)
{
    SCOPED_STMT(s, db, "SELECT coalesce(max(id), 0) AS last FROM flow");
    if (stmt_step(s) != 1)
        return -1;
    *ret_flow_id = stmt_i64(s, "last");
    return 0;
}
