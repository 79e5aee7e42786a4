#include "core/flow.h"

/* The first FlowId of a seeded world: the one in the documentation's example (sqlserver 238/19946). */
enum { FIRST_FLOW_ID = 5293 };
/* An unseeded world starts somewhere in here, so that no test comes to rely on a number. */
enum { FLOW_ID_LOW = 100000, FLOW_ID_SPAN = 900000 };

static int insert_flow(struct world *w, const struct flow *f)
{
    DB_STMT(s, w->db,
            "INSERT INTO flow (id, instance, kind, start_ms, due_ms, outcome)"
            " VALUES (:id, :instance, :kind, :start, :due, :outcome)");
    stmt_bind_i64(s, ":id", f->id);
    stmt_bind_i64(s, ":instance", f->instance);
    stmt_bind_str(s, ":kind", w->flow_types[f->kind].name);
    stmt_bind_i64(s, ":start", f->start_ms);
    stmt_bind_i64(s, ":due", f->due_ms);
    stmt_bind_str(s, ":outcome", f->over ? STR("success") : (struct str){NULL, 0});
    return stmt_run(s);
}

static int insert_databases(struct world *w, int64_t flow, const struct str_list *databases)
{
    DB_STMT(s, w->db, "INSERT INTO flow_database (flow, name) VALUES (:flow, :name)");
    for (size_t i = 0; i < databases->n; i++) {
        stmt_bind_i64(s, ":flow", flow);
        stmt_bind_str(s, ":name", databases->v[i]);
        if (stmt_run(s) != 0)
            return -1;
    }
    return 0;
}

int flow_start(struct world *w, size_t kind, int64_t instance, const struct str_list *databases,
               struct flow *ret_flow)
{
    int64_t now = world_now_ms(w);
    int64_t lasts = w->settings.flow_ms[kind];
    struct flow f = {.id = w->next_flow_id++,
                     .kind = kind,
                     .instance = instance,
                     .start_ms = now,
                     .due_ms = now + lasts,
                     .over = lasts == 0};
    if (insert_flow(w, &f) != 0 || insert_databases(w, f.id, databases) != 0)
        return -1;
    if (!f.over && f.due_ms < w->next_due_ms)
        w->next_due_ms = f.due_ms;
    *ret_flow = f;
    return 0;
}

static size_t kind_named(const struct world *w, struct str name)
{
    size_t kind = 0;
    while (kind + 1 < w->n_flow_types && !str_eq(w->flow_types[kind].name, name))
        kind++;
    return kind;
}

/* 1 and the flow that fell due first, 0 if none is due, -1 when the store failed. */
static int first_due(struct world *w, int64_t now, struct arena *scratch, struct flow *ret_flow)
{
    DB_STMT(s, w->db,
            "SELECT id, instance, kind, start_ms, due_ms FROM flow"
            " WHERE outcome IS NULL AND due_ms <= :now ORDER BY due_ms, id LIMIT 1");
    stmt_bind_i64(s, ":now", now);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_flow = (struct flow){.id = stmt_i64(s, "id"),
                                  .instance = stmt_i64(s, "instance"),
                                  .kind = kind_named(w, stmt_str(s, scratch, "kind")),
                                  .start_ms = stmt_i64(s, "start_ms"),
                                  .due_ms = stmt_i64(s, "due_ms")};
    return rc;
}

static int mark_over(struct world *w, int64_t id)
{
    DB_STMT(s, w->db, "UPDATE flow SET outcome = 'success' WHERE id = :id");
    stmt_bind_i64(s, ":id", id);
    return stmt_run(s);
}

static int settle_one(struct world *w, const struct flow *f)
{
    if (db_savepoint(w->db) != 0)
        return -1;
    if (mark_over(w, f->id) == 0 && w->flow_types[f->kind].settle(w, f) == 0 && db_keep(w->db) == 0)
        return 0;
    db_undo(w->db);
    return -1;
}

static int read_next_due(struct world *w)
{
    DB_STMT(s, w->db, "SELECT min(due_ms) AS due FROM flow WHERE outcome IS NULL");
    if (stmt_step(s) != 1)
        return -1;
    w->next_due_ms = stmt_is_null(s, "due") ? INT64_MAX : stmt_i64(s, "due");
    return 0;
}

int flow_settle(struct world *w)
{
    int64_t now = world_now_ms(w);
    struct flow f;
    int rc = 0;
    if (now < w->next_due_ms)
        return 0;
    struct arena scratch;
    arena_init(&scratch);
    while ((rc = first_due(w, now, &scratch, &f)) == 1)
        if (settle_one(w, &f) != 0) {
            rc = -1;
            break;
        }
    arena_done(&scratch);
    return rc == 0 ? read_next_due(w) : -1;
}

int flow_count_running(struct world *w, int64_t instance, int64_t *ret_count)
{
    DB_STMT(s, w->db, "SELECT count(*) AS running FROM flow WHERE instance = :instance AND outcome IS NULL");
    stmt_bind_i64(s, ":instance", instance);
    if (stmt_step(s) != 1)
        return -1;
    *ret_count = stmt_i64(s, "running");
    return 0;
}

int flow_holds(struct world *w, int64_t instance, struct str database)
{
    DB_STMT(
        s, w->db,
        "SELECT 1 FROM flow JOIN flow_database ON flow_database.flow = flow.id"
        " WHERE flow.instance = :instance AND flow.outcome IS NULL AND flow_database.name = :name LIMIT 1");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", database);
    return stmt_step(s);
}

int flow_find(struct world *w, struct str account, struct str region, int64_t id, enum flow_state *ret_state)
{
    DB_STMT(s, w->db,
            "SELECT outcome IS NULL AS running, outcome IS 'failure' AS failed FROM flow"
            " JOIN instance ON instance.id = flow.instance"
            " WHERE flow.id = :id AND instance.account = :account AND instance.region = :region");
    stmt_bind_i64(s, ":id", id);
    stmt_bind_str(s, ":account", account);
    stmt_bind_str(s, ":region", region);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_state = stmt_i64(s, "running")  ? FLOW_RUNNING
                     : stmt_i64(s, "failed") ? FLOW_FAILED
                                             : FLOW_SUCCEEDED;
    return rc;
}

int flow_resume(struct world *w)
{
    DB_STMT(s, w->db, "SELECT max(id) AS last FROM flow");
    if (stmt_step(s) != 1)
        return -1;
    if (!stmt_is_null(s, "last"))
        w->next_flow_id = stmt_i64(s, "last") + 1;
    else
        w->next_flow_id =
            w->settings.seeded ? FIRST_FLOW_ID : FLOW_ID_LOW + (int64_t)(rng_next(&w->rng) % FLOW_ID_SPAN);
    return read_next_due(w);
}
