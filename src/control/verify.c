/* Were these calls made? A test asks at its end; where they were not, the answer says what came nearest. */

#include "core/verify.h"
#include "base/limits.h"
#include "core/journal.h"
#include "core/registry.h"
#include "gen/control.h"

/* The nearest miss among some calls. */
struct miss {
    const struct journal_entry *e; /* NULL: there were no calls at all */
    unsigned distance;
    struct str words;
};

static struct miss nearest(struct control *k, const struct expectation *x, size_t from)
{
    const struct journal *j = k->call->world->journal;
    struct miss best = {.e = NULL};
    struct str words;
    for (size_t i = j->n; i-- > from;) { /* of equals the newest */
        unsigned d = verify_distance(k->call->arena, x, journal_at(j, i), &words);
        if (d == 0 || (best.e && d >= best.distance))
            continue;
        best = (struct miss){journal_at(j, i), d, words};
    }
    return best;
}

static size_t count(struct control *k, const struct expectation *x)
{
    const struct journal *j = k->call->world->journal;
    size_t n = 0;
    for (size_t i = 0; i < j->n; i++)
        n += verify_match(k->call->arena, x, journal_at(j, i));
    return n;
}

/* The hint of every refusal: what came nearest, and whether the call may have been forgotten. */
static struct str miss_hint(struct control *k, const struct expectation *x, size_t from)
{
    const struct journal *j = k->call->world->journal;
    struct miss m = nearest(k, x, from);
    struct buf b;
    buf_init(&b, k->call->arena, 0, LIMIT_ANSWER);
    if (m.e)
        buf_printf(&b, "the nearest other call is %.*s: ", REQUEST_ID_CHARS, m.e->request_id);
    buf_put(&b, m.e ? m.words : STR("no other call was made"));
    if (j->dropped > 0)
        buf_printf(&b, "; the journal has dropped %llu older calls", (unsigned long long)j->dropped);
    return buf_str(&b);
}

/* --- how many --- */

static const char *plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

/* Without limits one call is enough; with a greatest number of 0 none may be there. */
static int check_count(struct control *k, const struct expectation *x, const struct verify_count *limits,
                       int64_t *ret_matched)
{
    struct arena *a = k->call->arena;
    int64_t n = (int64_t)count(k, x);
    bool has_max = limits && limits->max.set;
    int64_t max = has_max ? limits->max.v : INT64_MAX;
    int64_t min = limits && limits->min.set ? limits->min.v : max > 0;
    *ret_matched = n;
    if (n >= min && n <= max)
        return 0;
    bool few = n < min;
    struct str words = verify_describe(a, x);
    struct str message = arena_printf(a, "%lld call%s of %.*s, not at %s %lld", (long long)n, plural(n),
                                      STR_ARG(words), few ? "least" : "most", (long long)(few ? min : max));
    return control_fail(k, HTTP_CONFLICT, message,
                        few ? miss_hint(k, x, 0) : STR("GET /_virga/requests has them"));
}

/* --- in which order --- */

/* The schema's names and ours are the same; only the struct differs. */
static struct expectation expectation_of(const struct verify_call *c)
{
    return (struct expectation){c->action, c->code, c->trace, c->secret_id, c->params};
}

/* The first call at or behind `from` that is as expected; j->n when none is. */
static size_t find_from(struct control *k, const struct expectation *x, size_t from)
{
    const struct journal *j = k->call->world->journal;
    while (from < j->n && !verify_match(k->call->arena, x, journal_at(j, from)))
        from++;
    return from;
}

static int fail_order(struct control *k, const struct expectation *x, size_t nth, size_t from)
{
    struct arena *a = k->call->arena;
    struct str words = verify_describe(a, x);
    size_t before = find_from(k, x, 0);
    const char *how = before < from ? "was made, but too early" : "was not made after them";
    return control_fail(k, HTTP_CONFLICT,
                        arena_printf(a, "the first %zu were found in order; number %zu, %.*s, %s", nth,
                                     nth + 1, STR_ARG(words), how),
                        miss_hint(k, x, from));
}

/* Taking the first that fits at each place finds an order if there is one. */
static int check_order(struct control *k, const struct verify_call_list *list, int64_t *ret_matched)
{
    const struct journal *j = k->call->world->journal;
    size_t at = 0;
    for (size_t i = 0; i < list->n; i++) {
        struct expectation x = expectation_of(&list->v[i]);
        size_t found = find_from(k, &x, at);
        if (found == j->n)
            return fail_order(k, &x, i, at);
        at = found + 1;
    }
    *ret_matched = (int64_t)list->n;
    return 0;
}

/* --- the route --- */

static int fail_action(struct control *k, struct str action)
{
    const struct registry *r = k->call->world->registry;
    struct suggestion suggestion;
    suggest_init(&suggestion, action);
    action_offer(r, &suggestion);
    return control_fail(k, HTTP_BAD_REQUEST,
                        arena_printf(k->call->arena, "there is no action %.*s", STR_ARG(action)),
                        suggestion.best.p ? control_suggest_hint(k, &suggestion)
                                          : STR("GET /_virga/coverage?actions=all lists them"));
}

/* A misspelt action would only ever be missed; better to say so. */
static int check_expectation(struct control *k, const struct expectation *x)
{
    if (x->params && x->params->kind != NODE_OBJECT)
        return control_fail(k, HTTP_BAD_REQUEST, STR("params is not an object"), control_params_example(k));
    if (x->action.p && !registry_find_action(k->call->world->registry, x->action))
        return fail_action(k, x->action);
    return 0;
}

static bool asks_something(const struct expectation *x)
{
    return x->action.p || x->code.p || x->trace.p || x->secret_id.p || x->params;
}

int control_verify(struct control *k, const struct verify *body, struct verified *answer)
{
    struct expectation x = {body->action, body->code, body->trace, body->secret_id, body->params};
    int64_t matched = 0;
    if (check_expectation(k, &x) != 0)
        return -1;
    for (size_t i = 0; i < body->in_order.n; i++) {
        struct expectation one = expectation_of(&body->in_order.v[i]);
        if (check_expectation(k, &one) != 0)
            return -1;
    }
    if (check_order(k, &body->in_order, &matched) != 0)
        return -1;
    bool ask_count = asks_something(&x) || body->count || body->in_order.n == 0;
    if (ask_count && check_count(k, &x, body->count, &matched) != 0)
        return -1;
    answer->matched = I64(matched);
    return 0;
}
