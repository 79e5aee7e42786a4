/*
 * Flows, and the one loop in which time passes.
 *
 * The world keeps one number, the time before which nothing can happen. A call compares it with the clock,
 * and that is all that most calls pay. When it has passed, events are taken one at a time, each in a
 * savepoint of its own: what one brings about may change which is next (a flow's end may be what a scheduled
 * backup waited for), and one that fails must not take those before it along.
 */
#include "core/flow.h"

#include "base/log.h"
#include "core/journal.h"

/* The first FlowId of a seeded world: the one in the documentation's example (sqlserver 238/19946). */
enum { FIRST_FLOW_ID = 5293 };
/* An unseeded world starts somewhere in here, so that no test comes to rely on a number. */
enum { FLOW_ID_LOW = 100000, FLOW_ID_SPAN = 900000 };

static struct str outcome_of(const struct flow *f)
{
    return f->fails ? STR("failure") : STR("success");
}

/* A flow of no duration is stored with its end: it is never open, so that nothing has to settle it. */
static int insert_flow(struct world *w, const struct flow *f)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO flow (id, instance, kind, start_ms, due_ms, fails, outcome)"
                " VALUES (:id, :instance, :kind, :start, :due, :fails, :outcome)");
    stmt_bind_i64(s, ":id", f->id);
    stmt_bind_i64(s, ":instance", f->instance);
    stmt_bind_str(s, ":kind", w->flow_types[f->kind].name);
    stmt_bind_i64(s, ":start", f->start_ms);
    stmt_bind_i64(s, ":due", f->due_ms);
    stmt_bind_i64(s, ":fails", f->fails);
    stmt_bind_str(s, ":outcome", f->over ? outcome_of(f) : (struct str){NULL, 0});
    return stmt_run(s);
}

/* By hand: the end of time. Else the start and the duration: the kind's, or what a fault makes of it. */
static int64_t due_of(const struct world *w, const struct flow_plan *plan)
{
    const struct fault_effect *e = plan->effect;
    int64_t lasts = e && e->flow_timed ? e->flow_ms : w->settings.flow_ms[plan->kind];
    return lasts == FLOW_BY_HAND ? FLOW_BY_HAND : plan->start_ms + lasts;
}

/* Most flows are backups, which hold databases and change none: they are spared the reading. */
static bool has_effects(const struct flow_plan *plan)
{
    for (size_t i = 0; i < plan->n_databases; i++)
        if (plan->databases[i].effect != FLOW_LOCKS)
            return true;
    return false;
}

/* For those who listen to events. It is not part of the store, so that whoever undoes a savepoint takes it
 * back by its mark. */
static void note_change(struct world *w, const struct flow *f, struct str outcome, int64_t at_ms)
{
    journal_flow(w->journal, f->id, at_ms, w->flow_types[f->kind].name, outcome);
}

int flow_start(struct world *w, const struct flow_plan *plan, struct flow *ret_flow)
{
    struct flow f = {.id = w->next_flow_id,
                     .kind = plan->kind,
                     .instance = plan->instance,
                     .start_ms = plan->start_ms,
                     .due_ms = due_of(w, plan),
                     .fails = plan->fails || (plan->effect && plan->effect->flow_fails)};
    if (f.id <= FLOW_ID_MAX) /* behind it no flow can be stored, and the insert below says so */
        w->next_flow_id++;
    f.over = f.due_ms == f.start_ms;
    if (insert_flow(w, &f) != 0 || flow_effect_record(w, f.id, plan->databases, plan->n_databases) != 0)
        return -1;
    if (f.over && has_effects(plan) && flow_effect_apply(w, f.id, f.instance, f.fails) != 0)
        return -1;
    if (!f.over && f.due_ms < w->next_due_ms)
        w->next_due_ms = f.due_ms;
    note_change(w, &f, (struct str){NULL, 0}, f.start_ms);
    if (f.over)
        note_change(w, &f, outcome_of(&f), f.start_ms);
    *ret_flow = f;
    return 0;
}

/* The last kind stands for a name that is none of ours (a newer file, or an edited one): such a flow still
 * has to end. */
static size_t kind_named(const struct world *w, struct str name)
{
    size_t kind = 0;
    while (kind + 1 < w->n_flow_types && !str_eq(w->flow_types[kind].name, name))
        kind++;
    return kind;
}

/* The running flow in the current row. */
static void read_flow(const struct world *w, struct stmt *s, struct flow *ret_flow)
{
    struct arena scratch;
    arena_init(&scratch);
    *ret_flow = (struct flow){.id = stmt_i64(s, "id"),
                              .instance = stmt_i64(s, "instance"),
                              .kind = kind_named(w, stmt_str(s, &scratch, "kind")),
                              .start_ms = stmt_i64(s, "start_ms"),
                              .due_ms = stmt_i64(s, "due_ms"),
                              .fails = stmt_i64(s, "fails") != 0};
    arena_done(&scratch);
}

/* 1 and the running flow that is due first, 0 if none is running, -1 when the store failed. */
static int first_due(struct world *w, struct flow *ret_flow)
{
    SCOPED_STMT(s, w->db,
                "SELECT id, instance, kind, start_ms, due_ms, fails FROM flow"
                " WHERE outcome IS NULL ORDER BY due_ms, id LIMIT 1");
    int rc = stmt_step(s);
    if (rc == 1)
        read_flow(w, s, ret_flow);
    return rc;
}

static int mark_over(struct world *w, const struct flow *f)
{
    SCOPED_STMT(s, w->db, "UPDATE flow SET outcome = :outcome WHERE id = :id");
    stmt_bind_str(s, ":outcome", outcome_of(f));
    stmt_bind_i64(s, ":id", f->id);
    return stmt_run(s);
}

static int end_flow(struct world *w, const struct flow *f)
{
    const struct flow_type *type = &w->flow_types[f->kind];
    if (mark_over(w, f) != 0 || flow_effect_apply(w, f->id, f->instance, f->fails) != 0)
        return -1;
    note_change(w, f, outcome_of(f), f->due_ms);
    return type->settle ? type->settle(w, f) : 0;
}

/* What happens next: a flow's end or scheduled work; at the same time the flow's end. */
struct event {
    int64_t at_ms; /* INT64_MAX: nothing */
    bool is_flow;
    struct flow flow;
};

static int next_event(struct world *w, struct event *ret_event)
{
    struct event e = {.at_ms = INT64_MAX};
    int64_t scheduled;
    int rc = first_due(w, &e.flow);
    if (rc < 0 || w->schedule->next(w, &scheduled) != 0)
        return -1;
    e.is_flow = rc == 1 && e.flow.due_ms <= scheduled;
    e.at_ms = e.is_flow ? e.flow.due_ms : scheduled;
    *ret_event = e;
    return 0;
}

static int run_as_planned(struct world *w, void *arg)
{
    const struct event *e = arg;
    return e->is_flow ? end_flow(w, &e->flow) : w->schedule->run(w, e->at_ms);
}

static int run_as_failed(struct world *w, void *arg)
{
    struct event *e = arg;
    e->flow.fails = true;
    return end_flow(w, &e->flow);
}

/* Ends the flow without its effects. */
static int run_without_effects(struct world *w, void *arg)
{
    struct event *e = arg;
    e->flow.fails = true;
    note_change(w, &e->flow, outcome_of(&e->flow), e->flow.due_ms);
    return mark_over(w, &e->flow);
}

/* What the store's rules forbid is forbidden at every try, and would keep every later call from being
 * answered. It takes a file that somebody edited: a database has the name that another one is being given. */
static int run_event(struct world *w, struct event *e)
{
    if (world_attempt(w, run_as_planned, e) == 0)
        return 0;
    if (!e->is_flow || db_fault(w->db) != DB_CONSTRAINT)
        return -1;
    log_say(LOG_ERROR, "flow %lld cannot have its effects and ends as failed: %s", (long long)e->flow.id,
            db_message(w->db));
    return world_attempt(w, run_as_failed, e) == 0 ? 0 : world_attempt(w, run_without_effects, e);
}

int flow_settle(struct world *w)
{
    int64_t now = world_now_ms(w);
    struct event e;
    while (w->next_due_ms <= now) {
        if (next_event(w, &e) != 0)
            return -1;
        w->next_due_ms = e.at_ms;
        if (e.at_ms <= now && run_event(w, &e) != 0)
            return -1;
    }
    return 0;
}

int flow_reschedule(struct world *w)
{
    struct event e;
    if (next_event(w, &e) != 0)
        return -1;
    w->next_due_ms = e.at_ms;
    return 0;
}

/* Gives a running flow this end and this moment; of a clock that was moved back, its start. */
static int set_end(struct world *w, int64_t id, bool fails, struct flow *ret_flow)
{
    SCOPED_STMT(
        s, w->db,
        "UPDATE flow SET due_ms = max(:now, start_ms), fails = :fails WHERE id = :id AND outcome IS NULL"
        " RETURNING id, instance, kind, start_ms, due_ms, fails");
    stmt_bind_i64(s, ":now", world_now_ms(w));
    stmt_bind_i64(s, ":fails", fails);
    stmt_bind_i64(s, ":id", id);
    int rc = stmt_step(s);
    if (rc == 1)
        read_flow(w, s, ret_flow);
    return rc;
}

/* Not left to the clock: one that was moved back would keep the flow running. */
int flow_finish(struct world *w, int64_t id, bool fails)
{
    struct flow f;
    int rc = set_end(w, id, fails, &f);
    if (rc != 1)
        return rc;
    return end_flow(w, &f) == 0 ? 1 : -1;
}

int flow_count_running(struct world *w, int64_t instance, int64_t *ret_count)
{
    SCOPED_STMT(s, w->db,
                "SELECT count(*) AS running FROM flow WHERE instance = :instance AND outcome IS NULL");
    stmt_bind_i64(s, ":instance", instance);
    if (stmt_step(s) != 1)
        return -1;
    *ret_count = stmt_i64(s, "running");
    return 0;
}

int flow_holds(struct world *w, int64_t instance, struct str database)
{
    SCOPED_STMT(s, w->db,
                "SELECT 1 FROM flow JOIN flow_database ON flow_database.flow = flow.id"
                " WHERE flow.instance = :instance AND flow.outcome IS NULL"
                " AND (flow_database.name = :name OR flow_database.new_name = :name) LIMIT 1");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", database);
    return stmt_step(s);
}

/* Through the instance, which alone has an owner: another account's flow is not found. */
int flow_find(struct world *w, struct str account, struct str region, int64_t id, enum flow_state *ret_state)
{
    SCOPED_STMT(s, w->db,
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
    SCOPED_STMT(s, w->db, "SELECT max(id) AS last FROM flow");
    if (stmt_step(s) != 1)
        return -1;
    if (!stmt_is_null(s, "last"))
        w->next_flow_id = stmt_i64(s, "last") < FLOW_ID_MAX ? stmt_i64(s, "last") + 1 : FLOW_ID_MAX + 1;
    else
        w->next_flow_id =
            w->settings.seeded ? FIRST_FLOW_ID : FLOW_ID_LOW + (int64_t)(rng_next(&w->rng) % FLOW_ID_SPAN);
    return flow_reschedule(w);
}
