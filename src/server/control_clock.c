/* The service's clock and the flows that depend on it, by hand. */
#include "core/flow.h"
#include "gen/control.h"

/* A hundred years: far from where milliseconds overflow. */
static const double advance_most_seconds = 100.0 * 366 * 24 * 3600;

int control_get_clock(struct control *k, struct clock_ *answer)
{
    static const char *const modes[] = {
        [CLOCK_REAL] = "real", [CLOCK_FROZEN] = "frozen", [CLOCK_MOVED] = "moved", [CLOCK_SCALED] = "scaled"};
    struct world *w = k->call->world;
    int64_t now = world_now_ms(w);
    struct str text = time_beijing(k->call->arena, now);
    answer->mode = str_from(modes[w->clock.mode]);
    answer->time = arena_printf(k->call->arena, "%.10sT%.8s+08:00", text.p, text.p + 11);
    answer->unix_ms = I64(now);
    answer->scale = (struct opt_f64){w->clock.scale, w->clock.mode == CLOCK_SCALED};
    return 0;
}

/* Times as fast as a clock that is scaled; 0 for the others. -1 when the two do not go together. */
static int check_scale(struct control *k, const struct clock_set *body, double *ret_scale)
{
    bool scaled = str_eq(body->mode, STR("scaled"));
    *ret_scale = scaled ? body->scale.v : 0;
    if (scaled && !(body->scale.v > 0 && body->scale.v <= CLOCK_SCALE_MAX))
        return control_fail(k, HTTP_BAD_REQUEST, STR("scale must be above 0 and at most a million"),
                            STR("{\"mode\":\"scaled\",\"scale\":60}"));
    if (!scaled && body->scale.set)
        return control_fail(k, HTTP_BAD_REQUEST, STR("scale is only for the mode scaled"),
                            STR("{\"mode\":\"scaled\",\"scale\":60}"));
    return 0;
}

/* What falls due by the new time is settled by the next call, as always; a clock that goes back leaves what
 * has happened. */
int control_put_clock(struct control *k, const struct clock_set *body, struct clock_ *answer)
{
    struct world *w = k->call->world;
    int64_t at = world_now_ms(w);
    double scale;
    if (check_scale(k, body, &scale) != 0)
        return -1;
    if (body->time.p && time_parse_rfc3339(body->time, &at) != 0)
        return control_fail(k, HTTP_BAD_REQUEST, STR("time is not an RFC 3339 time"),
                            STR("2026-01-01T00:00:00+08:00"));
    if (str_eq(body->mode, STR("real")))
        clock_set_real(&w->clock);
    else if (str_eq(body->mode, STR("frozen")))
        clock_freeze(&w->clock, at);
    else if (scale > 0)
        clock_scale(&w->clock, at, scale);
    else
        clock_move(&w->clock, at);
    return control_get_clock(k, answer);
}

int control_advance_clock(struct control *k, const struct clock_advance *body, struct clock_ *answer)
{
    double seconds = body->seconds.v;
    if (!(seconds >= 0) || seconds > advance_most_seconds)
        return control_fail(k, HTTP_BAD_REQUEST, STR("seconds must be from 0 to a hundred years"), STR("60"));
    clock_advance(&k->call->world->clock, (int64_t)(seconds * 1000));
    return control_get_clock(k, answer);
}

/* 1 finished, 0 no such flow is running, -1 the store failed. */
/* What is due before is settled first: it happened earlier. */
static int finish(struct world *w, int64_t id, bool fails)
{
    if (flow_settle(w) != 0 || db_savepoint(w->db) != 0)
        return -1;
    int rc = flow_finish(w, id, fails);
    if (rc == 1 && db_keep(w->db) == 0)
        return 1;
    db_undo(w->db);
    return rc == 1 ? -1 : rc;
}

int control_finish_flow(struct control *k, const struct flow_finish *body, struct flow_finished *answer)
{
    int64_t id;
    bool fails = str_eq(body->outcome, STR("failure"));
    int rc = str_to_i64(k->id, &id) == 0 ? finish(k->call->world, id, fails) : 0;
    if (rc < 0)
        return control_fail_store(k);
    if (rc == 0)
        return control_fail(k, HTTP_NOT_FOUND, STR("no flow of that id is running"),
                            STR("--flow-seconds KIND=manual makes flows wait for this call"));
    k->call->changed = true;
    answer->flow_id = I64(id);
    answer->outcome = body->outcome;
    return 0;
}
