/*
 * Routes that move the service's clock, or finish a flow without waiting for it.
 *
 * The service's clock decides when a flow ends and what times an answer has. Signatures expire and rate
 * limits count by the machine's clock unless the settings say otherwise.
 */
#include <assert.h>

#include "base/limits.h"
#include "core/flow.h"
#include "gen/control.h"

/* --- the clock --- */

/* GET /_virga/clock: the time in Beijing's zone, in which the service writes all times. */
int control_get_clock(struct control *k, struct clock_ *answer)
{
    static const char *const modes[] = {
        [CLOCK_REAL] = "real", [CLOCK_FROZEN] = "frozen", [CLOCK_MOVED] = "moved", [CLOCK_SCALED] = "scaled"};
    struct world *w = k->call->world;
    int64_t now = world_now_ms(w);
    struct str text = time_beijing(k->call->arena, now);
    assert((size_t)w->clock.mode < sizeof modes / sizeof modes[0]);
    answer->mode = str_from(modes[w->clock.mode]);
    answer->time = arena_printf(k->call->arena, "%.10sT%.8s+08:00", text.p, text.p + 11);
    answer->unix_ms = I64(now);
    answer->scale = (struct opt_f64){w->clock.scale, w->clock.mode == CLOCK_SCALED};
    return 0;
}

/* ret_scale: how many times as fast as the machine's the clock runs; 0 for a mode without a scale. -1 when
 * the body has a scale without the mode "scaled", or that mode without a scale. */
static int check_scale(struct control *k, const struct clock_set *body, double *ret_scale)
{
    bool scaled = str_eq(body->mode, STR("scaled"));
    *ret_scale = scaled ? body->scale.v : 0;
    if (scaled && !(body->scale.v > 0 && body->scale.v <= LIMIT_CLOCK_SCALE))
        return control_fail_request(k, STR("scale must be above 0 and at most a million"),
                                    STR("{\"mode\":\"scaled\",\"scale\":60}"));
    if (!scaled && body->scale.set)
        return control_fail_request(k, STR("scale is only for the mode scaled"),
                                    STR("{\"mode\":\"scaled\",\"scale\":60}"));
    return 0;
}

/* The next call settles the flows that are due at the new time. A clock that is moved back undoes nothing. */
int control_put_clock(struct control *k, const struct clock_set *body, struct clock_ *answer)
{
    struct world *w = k->call->world;
    int64_t at = world_now_ms(w);
    double scale;
    if (check_scale(k, body, &scale) != 0)
        return -1;
    if (body->time.p && time_parse_rfc3339(body->time, &at) != 0)
        return control_fail_request(k, STR("time is not an RFC 3339 time"), STR("2026-01-01T00:00:00+08:00"));
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

/* POST /_virga/clock/advance: the mode stays. The comparison is written so that it also rejects NaN. */
int control_advance_clock(struct control *k, const struct clock_advance *body, struct clock_ *answer)
{
    double seconds = body->seconds.v;
    if (!(seconds >= 0) || seconds > LIMIT_ADVANCE_SECONDS)
        return control_fail_request(k, STR("seconds must be from 0 to a hundred years"), STR("60"));
    clock_advance(&k->call->world->clock, (int64_t)(seconds * 1000));
    return control_get_clock(k, answer);
}

/* --- flows --- */

/* Settles the flows that are already due, because they end earlier, then finishes this one: 1, 0 when no such
 * flow runs, -1 when the store failed. */
static int finish(struct world *w, int64_t id, bool fails)
{
    if (flow_settle(w) != 0 || savepoint_begin(w->db) != 0)
        return -1;
    int rc = flow_finish(w, id, fails);
    if (rc == 1 && savepoint_release(w->db) == 0)
        return 1;
    savepoint_rollback(w->db);
    return rc == 1 ? -1 : rc;
}

/* POST /_virga/flows/{flow_id}/finish: ends a running flow at the present time, with the outcome of the body.
 * */
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
