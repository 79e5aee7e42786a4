#include "core/journal_file_flows.h"

#include "base/limits.h"
#include "core/flow_view.h"

int journal_flows_follow(struct journal_flows *f, struct db *state)
{
    static const struct watched tables[] = {{"flow", "id"}, {"backup", "flow"}, {"flow_database", "flow"}};
    if (watch_start(&f->changed, state, tables, sizeof tables / sizeof tables[0]) != 0)
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
    DB_STMT(
        s, file,
        "INSERT OR REPLACE INTO flow (flow_id, account, region, instance_id, kind, start_ms, due_ms, status,"
        " databases) VALUES (:row ->> 0, :row ->> 1, :row ->> 2, :row ->> 3, :row ->> 4, :row ->> 5,"
        " :row ->> 6, :row ->> 7, :row ->> 8)");
    stmt_bind_str(s, ":row", row);
    return stmt_run(s);
}

static int put_backup(struct db *file, struct str row)
{
    DB_STMT(s, file,
            "INSERT OR REPLACE INTO backup (flow_id, account, region, instance_id, name, scope, way, status,"
            " form, start_ms, end_ms) VALUES (:row ->> 0, :row ->> 1, :row ->> 2, :row ->> 3, :row ->> 4,"
            " :row ->> 5, :row ->> 6, :row ->> 7, :row ->> 8, :row ->> 9, :row ->> 10)");
    stmt_bind_str(s, ":row", row);
    return stmt_run(s);
}

static int remove_flow(struct db *file, int64_t id)
{
    DB_STMT(s, file, "DELETE FROM flow WHERE flow_id = :id");
    stmt_bind_i64(s, ":id", id);
    return stmt_run(s);
}

static int remove_backup(struct db *file, int64_t id)
{
    DB_STMT(s, file, "DELETE FROM backup WHERE flow_id = :id");
    stmt_bind_i64(s, ":id", id);
    return stmt_run(s);
}

static int remove_up_to(struct db *file, int64_t id)
{
    DB_STMT(flows, file, "DELETE FROM flow WHERE flow_id <= :last");
    DB_STMT(backups, file, "DELETE FROM backup WHERE flow_id <= :last");
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
    watch_clear(&f->changed);
}
