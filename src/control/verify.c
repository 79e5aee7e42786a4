/*
 * Checks whether certain calls were made, for the end of a test. When they were not, the answer describes the
 * call that is most similar.
 *
 * An expectation is an action, a code, a trace id, a SecretId and parameters, of which any may be absent; a
 * call matches when all that are given are equal (core/verify.h). Only calls that the journal still has can
 * match.
 */
#include "core/verify.h"
#include "base/limits.h"
#include "core/journal.h"
#include "core/registry.h"
#include "gen/control.h"

/* The call that differs least from an expectation. */
struct miss {
    const struct journal_entry *e; /* NULL: there were no calls */
    unsigned distance;
    struct str words; /* the difference, in words */
};

/* Finds the most similar call among those from index `from` on that do not match. */
static struct miss nearest(struct control *k, const struct expectation *x, size_t from)
{
    const struct journal *j = k->call->world->journal;
    struct miss best = {.e = NULL};
    struct str words;
    for (size_t i = j->n; i-- > from;) { /* of equal distances the newest call */
        unsigned d = verify_distance(k->call->arena, x, journal_at(j, i), &words);
        if (d == 0 || (best.e && d >= best.distance))
            continue;
        best = (struct miss){journal_at(j, i), d, words};
    }
    return best;
}

/* Counts the calls of the journal that match. */
static size_t count(struct control *k, const struct expectation *x)
{
    const struct journal *j = k->call->world->journal;
    size_t n = 0;
    for (size_t i = 0; i < j->n; i++)
        n += verify_match(k->call->arena, x, journal_at(j, i));
    return n;
}

/* The hint of every error: the most similar call, and whether the journal has dropped some. */
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

/* --- the number of calls --- */

/* "1 call", "2 calls". */
static const char *plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

/* Without limits at least one call is expected; with a maximum of 0 none. */
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

/* --- their order --- */

/* The same fields; the generator makes a struct of its own for each object of the schema. */
static struct expectation expectation_of(const struct verify_call *c)
{
    return (struct expectation){c->action, c->code, c->trace, c->secret_id, c->params};
}

/* The index of the first call from `from` on that matches; j->n when none does. */
static size_t find_from(struct control *k, const struct expectation *x, size_t from)
{
    const struct journal *j = k->call->world->journal;
    while (from < j->n && !verify_match(k->call->arena, x, journal_at(j, from)))
        from++;
    return from;
}

/* Fails with a sentence that says whether the missing call was made before the others, or not at all. */
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

/* Takes the first call that matches each time, which finds the order if there is one. */
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

/* Rejects an unknown action: it would never match, and the test would not show why it fails. */
static int check_expectation(struct control *k, const struct expectation *x)
{
    if (x->params && x->params->kind != NODE_OBJECT)
        return control_fail_request(k, STR("params is not an object"), control_params_example(k));
    if (x->action.p && !registry_find_action(k->call->world->registry, x->action))
        return control_fail_action(k, x->action);
    return 0;
}

/* False when the body has no condition of its own beside in_order. */
static bool has_condition(const struct expectation *x)
{
    return x->action.p || x->code.p || x->trace.p || x->secret_id.p || x->params;
}

/* POST /_virga/verify: the order first, then the number. 409 when the calls were not made. */
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
    bool has_count = has_condition(&x) || body->count || body->in_order.n == 0;
    if (has_count && check_count(k, &x, body->count, &matched) != 0)
        return -1;
    answer->matched = I64(matched);
    return 0;
}
