/* The service's clock and the flows that depend on it, by hand. */
#include <stdlib.h>

#include "base/limits.h"
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
    if (flow_settle(w) != 0 || savepoint_begin(w->db) != 0)
        return -1;
    int rc = flow_finish(w, id, fails);
    if (rc == 1 && savepoint_release(w->db) == 0)
        return 1;
    savepoint_rollback(w->db);
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

/* --- control limiter --- */

/* The rate limits, to look at and to change. */

static void tell_limits(struct control *k, struct limiter_view *answer)
{
    const struct world *w = k->call->world;
    size_t n = registry_n_actions(w->registry);
    struct limiter_limit *list = ARENA_ARRAY(k->call->arena, struct limiter_limit, n);
    for (size_t i = 0; i < n; i++) {
        const struct action *action = registry_action_at(w->registry, i);
        list[i] = (struct limiter_limit){.action = action->name,
                                         .per_second = {w->limits[i], w->limits[i] != LIMIT_OFF},
                                         .documented = I64(action->rate_per_second)};
    }
    answer->limits = (struct limiter_limit_list){list, n, true};
}

/* A counter of an action's own limit is named secret_id/action/region (core/throttle.c); the others begin
 * with '/'. */
static struct limiter_count counter_of(const struct map_slot *slot)
{
    const struct rate_counter_row *c = slot->value;
    struct limiter_count out = {.key = slot->key, .second = I64(c->second), .calls = I64(c->calls)};
    struct str rest = slot->key;
    if (str_starts(rest, STR("/")))
        return out;
    (void)str_next(&rest, '/', &out.secret_id);
    (void)str_next(&rest, '/', &out.action);
    out.region = rest;
    return out;
}

/* A map has no order, and a list without one cannot be compared with the last. */
static int by_key(const void *a, const void *b)
{
    const struct map_slot *const *left = a, *const *right = b;
    return str_cmp((*left)->key, (*right)->key);
}

static size_t live_counters(const struct map *counters, const struct map_slot **ret_slots)
{
    size_t n = 0;
    for (size_t i = 0; i < counters->room; i++) {
        const struct rate_counter_row *c = counters->slots[i].value;
        if (c && c->calls > 0)
            ret_slots[n++] = &counters->slots[i];
    }
    qsort(ret_slots, n, sizeof(const struct map_slot *), by_key);
    return n;
}

static void tell_counters(struct control *k, struct limiter_view *answer)
{
    const struct map *counters = &k->call->world->rate_counter.counters;
    const struct map_slot **slots = ARENA_ARRAY(k->call->arena, const struct map_slot *, counters->n);
    size_t n = live_counters(counters, slots);
    size_t shown = n < LIMIT_LISTED ? n : LIMIT_LISTED;
    struct limiter_count *list = ARENA_ARRAY(k->call->arena, struct limiter_count, shown);
    for (size_t i = 0; i < shown; i++)
        list[i] = counter_of(slots[i]);
    answer->counters = (struct limiter_count_list){list, shown, true};
    answer->more = I64((int64_t)(n - shown));
}

int control_get_limiter(struct control *k, struct limiter_view *answer)
{
    const struct world *w = k->call->world;
    answer->account_limits = BOOL(!w->account_limits_off);
    answer->refused = U64(w->rate_counter.refused);
    tell_limits(k, answer);
    tell_counters(k, answer);
    return 0;
}

/* All of them are looked at before the first is changed. */
static int check_actions(struct control *k, const struct limiter_set *body)
{
    for (size_t i = 0; i < body->limits.n; i++)
        if (!registry_find_action(k->call->world->registry, body->limits.v[i].action))
            return control_fail(
                k, HTTP_BAD_REQUEST,
                arena_printf(k->call->arena, "there is no action %.*s", STR_ARG(body->limits.v[i].action)),
                STR("GET /_virga/limiter lists them"));
    return 0;
}

static void set_all(struct world *w, struct str how)
{
    bool off = str_eq(how, STR("off"));
    if (str_eq(how, STR("start"))) {
        world_set_limits(w);
        return;
    }
    w->account_limits_off = off;
    for (size_t i = 0; i < registry_n_actions(w->registry); i++)
        w->limits[i] = off ? LIMIT_OFF : registry_action_at(w->registry, i)->rate_per_second;
}

int control_put_limiter(struct control *k, const struct limiter_set *body, struct limiter_view *answer)
{
    struct world *w = k->call->world;
    if (check_actions(k, body) != 0)
        return -1;
    if (body->all.p)
        set_all(w, body->all);
    for (size_t i = 0; i < body->limits.n; i++) {
        const struct limiter_set_action *from = &body->limits.v[i];
        const struct action *action = registry_find_action(w->registry, from->action);
        w->limits[registry_row(w->registry, action)] = from->per_second.set ? from->per_second.v : LIMIT_OFF;
    }
    return control_get_limiter(k, answer);
}
