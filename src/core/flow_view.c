#include "core/flow_view.h"

static int read_flow(struct db *db, struct arena *a, int64_t flow_id, struct str *ret_row)
{
    DB_STMT(
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
    DB_STMT(
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
    DB_STMT(s, db, "SELECT id FROM flow WHERE id > :after ORDER BY id LIMIT 1");
    stmt_bind_i64(s, ":after", after);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_flow_id = stmt_i64(s, "id");
    return rc;
}

int flow_view_last(struct db *db, int64_t *ret_flow_id)
{
    DB_STMT(s, db, "SELECT coalesce(max(id), 0) AS last FROM flow");
    if (stmt_step(s) != 1)
        return -1;
    *ret_flow_id = stmt_i64(s, "last");
    return 0;
}
