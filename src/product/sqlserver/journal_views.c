/* A row is copied from one database to the other as a JSON array in the order of the view's columns. */
#include "product/sqlserver/journal_views.h"

const struct tracked_table journal_views_tables[JOURNAL_VIEWS_TABLES] = {
    {"flow", "id"}, {"backup", "flow"}, {"flow_database", "flow"}};

/* --- the file --- */

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

int journal_views_remove_up_to(struct db *file, int64_t flow_id)
{
    SCOPED_STMT(flows, file, "DELETE FROM flow WHERE flow_id <= :last");
    SCOPED_STMT(backups, file, "DELETE FROM backup WHERE flow_id <= :last");
    stmt_bind_i64(flows, ":last", flow_id);
    stmt_bind_i64(backups, ":last", flow_id);
    return stmt_run(flows) == 0 ? stmt_run(backups) : -1;
}

/* --- the state --- */

/* Reads the row; p == NULL when there is none. */
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

/* The join uses the first columns of the key of a backup. */
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

int journal_views_copy(struct db *state, struct db *file, struct arena *a, int64_t flow_id)
{
    struct str flow, backup;
    if (read_flow(state, a, flow_id, &flow) != 0 || read_backup(state, a, flow_id, &backup) != 0)
        return -1;
    if ((flow.p ? put_flow(file, flow) : remove_flow(file, flow_id)) != 0)
        return -1;
    return backup.p ? put_backup(file, backup) : remove_backup(file, flow_id);
}
