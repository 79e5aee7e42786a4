/*
 * Routes of the rate limits: reading them with their counters, and changing them.
 *
 * A limit is a number of calls in one second of the machine's clock, or LIMIT_OFF. A change is in effect from
 * the next call on and lasts until the program ends or POST /_virga/reset?scope=limiter.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "gen/control.h"

/* --- reading --- */

/* One row for each action, with the limit now and the documented one. An absent limit is off. */
static void fill_limits(struct control *k, struct limiter_view *answer)
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

/* The key of a counter for an action's limit is secret_id/action/region (gateway/rate_limit.c); the other
 * keys begin with '/'. */
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

/* Sorts by key: a map has no order, and users compare sorted lists more easily. */
static int by_key(const void *a, const void *b)
{
    const struct map_slot *const *left = a, *const *right = b;
    return str_cmp((*left)->key, (*right)->key);
}

/* Collects the counters above 0, sorted. *ret_slots has room for all. */
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

/* At most LIMIT_LISTED counters; `more` says how many are left out. */
static void fill_counters(struct control *k, struct limiter_view *answer)
{
    const struct map *counters = &k->call->world->rate_counter.counters;
    const struct map_slot **slots = ARENA_ARRAY(k->call->arena, const struct map_slot *, counters->n);
    size_t n = live_counters(counters, slots);
    assert(n <= counters->n);
    size_t shown = n < LIMIT_LISTED ? n : LIMIT_LISTED;
    struct limiter_count *list = ARENA_ARRAY(k->call->arena, struct limiter_count, shown);
    for (size_t i = 0; i < shown; i++)
        list[i] = counter_of(slots[i]);
    answer->counters = (struct limiter_count_list){list, shown, true};
    answer->more = I64((int64_t)(n - shown));
}

/* GET /_virga/limiter */
int control_get_limiter(struct control *k, struct limiter_view *answer)
{
    const struct world *w = k->call->world;
    answer->account_limits = BOOL(!w->account_limits_off);
    answer->refused = U64(w->rate_counter.refused);
    fill_limits(k, answer);
    fill_counters(k, answer);
    return 0;
}

/* --- changing --- */

/* Checks all names before the first limit is changed. */
static int check_actions(struct control *k, const struct limiter_set *body)
{
    for (size_t i = 0; i < body->limits.n; i++)
        if (!registry_find_action(k->call->world->registry, body->limits.v[i].action))
            return control_fail_request(
                k, arena_printf(k->call->arena, "there is no action %.*s", STR_ARG(body->limits.v[i].action)),
                STR("GET /_virga/limiter lists them"));
    return 0;
}

/* `how` is "off", "start" (the options of the command line) or "documented". */
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

/* PUT /_virga/limiter: applies `all` first, then the limits of single actions. Answers the new limits. */
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
