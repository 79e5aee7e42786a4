/*
 * The world keeps the time of the next event. Each call compares it with the clock; most calls do nothing
 * more. Once that time has passed, events run one at a time, each in its own savepoint, because an event may
 * change which one is next, and an event that fails must not undo the earlier ones.
 */
#include "core/flow.h"

#include <assert.h>

#include "base/log.h"
#include "core/journal.h"

/* The first id of a seeded world, as in the example of the documentation (238/19946). */
enum { FIRST_FLOW_ID = 5293 };
/* An unseeded world starts at a random id in this range, so that no test depends on a number. */
enum { FLOW_ID_LOW = 100000, FLOW_ID_SPAN = 900000 };

static struct str outcome_of(const struct flow *f)
{
    return f->fails ? STR("failure") : STR("success");
}

/* A flow without a duration is stored with its outcome, so it is never settled. */
static int insert_flow(struct world *w, const struct flow *f)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO flow (id, instance, kind, start_ms, due_ms, fails, outcome)"
                " VALUES (:id, :instance, :kind, :start, :due, :fails, :outcome)");
    stmt_bind_i64(s, ":id", f->id);
    stmt_bind_i64(s, ":instance", f->resource);
    stmt_bind_str(s, ":kind", f->type->name);
    stmt_bind_i64(s, ":start", f->start_ms);
    stmt_bind_i64(s, ":due", f->due_ms);
    stmt_bind_i64(s, ":fails", f->fails);
    stmt_bind_str(s, ":outcome", f->over ? outcome_of(f) : (struct str){NULL, 0});
    return stmt_run(s);
}

/* The duration is the setting of the kind, unless a fault of the call replaces it. */
static int64_t due_of(const struct world *w, const struct flow_plan *plan)
{
    const struct fault_effect *e = plan->effect;
    bool faulty = e && e->flow_timed;
    int64_t lasts = faulty ? e->flow_ms : w->settings.flow_ms[registry_flow_row(w->registry, plan->type)];
    return lasts == FLOW_BY_HAND ? FLOW_BY_HAND : plan->start_ms + lasts;
}

/* Records the change for subscribers to events. The journal is not part of the store: code that rolls back a
 * savepoint must undo this, too, with journal_flow_undo. */
static void note_change(struct world *w, const struct flow *f, struct str outcome, int64_t at_ms)
{
    journal_flow(w->journal, f->id, at_ms, f->type->name, outcome);
}

int flow_start(struct world *w, const struct flow_plan *plan, struct flow *ret_flow)
{
    struct flow f = {.id = w->next_flow_id,
                     .type = plan->type,
                     .resource = plan->resource,
                     .start_ms = plan->start_ms,
                     .due_ms = due_of(w, plan),
                     .fails = plan->fails || (plan->effect && plan->effect->flow_fails)};
    assert(f.due_ms >= f.start_ms);
    if (f.id <= FLOW_ID_MAX) /* the store rejects a larger id in the insert below */
        w->next_flow_id++;
    f.over = f.due_ms == f.start_ms;
    if (insert_flow(w, &f) != 0)
        return -1;
    if (!f.over && f.due_ms < w->next_due_ms)
        w->next_due_ms = f.due_ms;
    note_change(w, &f, (struct str){NULL, 0}, f.start_ms);
    if (f.over)
        note_change(w, &f, outcome_of(&f), f.start_ms);
    *ret_flow = f;
    return 0;
}

/* The last kind is used for an unknown name (in a newer or an edited file), because such a flow must end,
 * too. */
static const struct flow_type *type_named(const struct world *w, struct str name)
{
    size_t row = 0, last = registry_n_flow_types(w->registry) - 1;
    while (row < last && !str_eq(registry_flow_type_at(w->registry, row)->name, name))
        row++;
    return registry_flow_type_at(w->registry, row);
}

/* The running flow in the current row. */
static void read_flow(const struct world *w, struct stmt *s, struct flow *ret_flow)
{
    struct arena scratch;
    arena_init(&scratch);
    *ret_flow = (struct flow){.id = stmt_i64(s, "id"),
                              .resource = stmt_i64(s, "instance"),
                              .type = type_named(w, stmt_str(s, &scratch, "kind")),
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
    if (mark_over(w, f) != 0)
        return -1;
    note_change(w, f, outcome_of(f), f->due_ms);
    return f->type->settle ? f->type->settle(w, f) : 0;
}

/* The next event: the end of a flow, or scheduled work of a product. The end of a flow comes first when both
 * have the same time. */
struct event {
    int64_t at_ms;                   /* INT64_MAX: there is none */
    const struct product *scheduled; /* NULL: the flow's end */
    struct flow flow;
};

static int next_scheduled(struct world *w, struct event *e)
{
    for (size_t i = 0; i < w->registry->n_products; i++) {
        const struct product *p = w->registry->products[i];
        int64_t at_ms;
        if (!p->hooks->schedule.next)
            continue;
        if (p->hooks->schedule.next(w, &at_ms) != 0)
            return -1;
        if (at_ms < e->at_ms) {
            e->at_ms = at_ms;
            e->scheduled = p;
        }
    }
    return 0;
}

static int next_event(struct world *w, struct event *ret_event)
{
    struct event e = {.at_ms = INT64_MAX};
    int rc = registry_n_flow_types(w->registry) > 0 ? first_due(w, &e.flow) : 0;
    if (rc < 0)
        return -1;
    if (rc == 1)
        e.at_ms = e.flow.due_ms;
    if (next_scheduled(w, &e) != 0)
        return -1;
    *ret_event = e;
    return 0;
}

static int run_as_planned(struct world *w, void *arg)
{
    const struct event *e = arg;
    if (!e->scheduled)
        return end_flow(w, &e->flow);
    return e->scheduled->hooks->schedule.run(w, e->at_ms);
}

static int run_as_failed(struct world *w, void *arg)
{
    struct event *e = arg;
    e->flow.fails = true;
    return end_flow(w, &e->flow);
}

/* Ends the flow without its settle function. */
static int run_without_settle(struct world *w, void *arg)
{
    struct event *e = arg;
    e->flow.fails = true;
    note_change(w, &e->flow, outcome_of(&e->flow), e->flow.due_ms);
    return mark_over(w, &e->flow);
}

/* Runs the event. A flow whose outcome violates a constraint ends as failed, because it would fail at every
 * attempt and block all later calls. Only an edited file leads to that: for example, the new name of a
 * database is taken. */
static int run_event(struct world *w, struct event *e)
{
    if (world_attempt(w, run_as_planned, e) == 0)
        return 0;
    if (e->scheduled || db_fault(w->db) != DB_CONSTRAINT)
        return -1;
    log_say(LOG_ERROR, "flow %lld cannot have its effects and ends as failed: %s", (long long)e->flow.id,
            db_message(w->db));
    return world_attempt(w, run_as_failed, e) == 0 ? 0 : world_attempt(w, run_without_settle, e);
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

/* Sets the outcome, and the current time as the due time, or the start when the clock was moved back before
 * it. */
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

/* Ends the flow here and not in flow_settle, where a clock that was moved back would let it run on. */
int flow_finish(struct world *w, int64_t id, bool fails)
{
    struct flow f;
    int rc = set_end(w, id, fails, &f);
    if (rc != 1)
        return rc;
    return end_flow(w, &f) == 0 ? 1 : -1;
}

int flow_count_running(struct world *w, int64_t resource, int64_t *ret_count)
{
    SCOPED_STMT(s, w->db,
                "SELECT count(*) AS running FROM flow WHERE instance = :instance AND outcome IS NULL");
    stmt_bind_i64(s, ":instance", resource);
    if (stmt_step(s) != 1)
        return -1;
    *ret_count = stmt_i64(s, "running");
    return 0;
}

enum flow_state flow_state_read(struct stmt *s, struct arena *a)
{
    if (stmt_is_null(s, "outcome"))
        return FLOW_RUNNING;
    return str_eq(stmt_str(s, a, "outcome"), STR("failure")) ? FLOW_FAILED : FLOW_SUCCEEDED;
}

/* 1 and the largest id, 0 when there is no flow, -1 when the store failed. */
static int last_flow_id(struct world *w, int64_t *ret_id)
{
    SCOPED_STMT(s, w->db, "SELECT max(id) AS last FROM flow");
    if (stmt_step(s) != 1)
        return -1;
    *ret_id = stmt_i64(s, "last");
    return !stmt_is_null(s, "last");
}

/* 1 and the last start after the present time of a flow that ends by itself, 0 when there is none, -1 when
 * the store failed. */
static int last_future_start(struct world *w, int64_t *ret_ms)
{
    SCOPED_STMT(s, w->db,
                "SELECT max(start_ms) AS last FROM flow"
                " WHERE outcome IS NULL AND start_ms > :now AND due_ms <> :by_hand");
    stmt_bind_i64(s, ":now", world_now_ms(w));
    stmt_bind_i64(s, ":by_hand", FLOW_BY_HAND);
    if (stmt_step(s) != 1)
        return -1;
    *ret_ms = stmt_i64(s, "last");
    return !stmt_is_null(s, "last");
}

int flow_catch_up(struct world *w)
{
    struct arena scratch;
    int64_t at_ms;
    if (w->clock.mode == CLOCK_FROZEN || registry_n_flow_types(w->registry) == 0)
        return 0;
    int rc = last_future_start(w, &at_ms);
    if (rc != 1)
        return rc;
    clock_move(&w->clock, at_ms);
    arena_init(&scratch);
    log_say(LOG_WARN,
            "a running flow began at %.*s (Beijing), after the machine's time; the service's clock continues"
            " from there, virga clock real sets it back",
            STR_ARG(time_beijing(&scratch, at_ms)));
    arena_done(&scratch);
    return 0;
}

int flow_resume(struct world *w)
{
    int64_t last = 0;
    int rc = registry_n_flow_types(w->registry) > 0 ? last_flow_id(w, &last) : 0;
    if (rc < 0)
        return -1;
    if (rc == 1)
        w->next_flow_id = last < FLOW_ID_MAX ? last + 1 : FLOW_ID_MAX + 1;
    else if (w->settings.seeded)
        w->next_flow_id = FIRST_FLOW_ID;
    else
        w->next_flow_id = FLOW_ID_LOW + (int64_t)(rng_next(&w->rng) % FLOW_ID_SPAN);
    return flow_reschedule(w);
}
