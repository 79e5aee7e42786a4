/* Rules are few and each call is compared with all of them, so they are a plain list in the order in which
 * they were added. */
#include "core/fault.h"

#include <assert.h>

#include "base/limits.h"
#include "wire/json.h"

/* --- from a rule to its effect --- */

bool fault_param_text(struct arena *a, const struct node *value, struct str *ret_text)
{
    switch (value->kind) {
    case NODE_STRING:
    case NODE_TEXT:
        *ret_text = value->text;
        return true;
    case NODE_NUMBER:
        *ret_text = arena_printf(a, "%.17g", value->number);
        return true;
    case NODE_BOOL:
        *ret_text = value->boolean ? STR("true") : STR("false");
        return true;
    case NODE_NULL:
    case NODE_ARRAY:
    case NODE_OBJECT:
        break;
    }
    return false;
}

/* The ranges were checked by the rules of the schema. An absent number is 0, which changes nothing. */
static struct fault_effect effect_of(const struct fault_rule *r, enum error_id code)
{
    struct fault_effect e = {.code = code,
                             .own_code = r->undocumented_code,
                             .message = r->message,
                             .delay_ms = r->delay_ms.v,
                             .truncates = r->truncate.set,
                             .truncate_bytes = (uint64_t)r->truncate.v,
                             .http_status = (int)r->http_status.v,
                             .request_id = r->request_id,
                             .flow_fails = r->flow_outcome.p != NULL,
                             .flow_timed = r->flow_seconds.set,
                             .flow_ms = r->flow_seconds.v * 1000};
    if (r->close.p)
        e.close = str_eq(r->close, STR("before")) ? FAULT_CLOSE_BEFORE : FAULT_CLOSE_AFTER;
    return e;
}

/* --- the list --- */

static int copy_text(struct shape_walk *w, const struct shape_field *f, const void *slot)
{
    struct str *text = (struct str *)(uintptr_t)slot; /* a member of our own copy */
    if (f->type == SHAPE_STRING && text->p)
        *text = arena_dup(w->state, *text);
    return 0;
}

/* Copies the parameters as texts, because they are compared and shown as texts. */
static const struct node *copy_params(struct arena *a, const struct node *params)
{
    struct node *object = node_new(a, NODE_OBJECT);
    for (const struct node *n = params ? params->first : NULL; n; n = n->next) {
        struct node *value = node_new(a, NODE_STRING);
        bool scalar = fault_param_text(a, n, &value->text);
        assert(scalar);
        (void)scalar;
        value->text = arena_dup(a, value->text);
        node_add(object, arena_dup(a, n->name), value);
    }
    return object->first ? object : NULL;
}

/* Removes numbers that mean the same as no number: 0, except for `truncate` and `flow_seconds`, and a
 * probability of 1. */
static void drop_defaults(struct fault_rule *r)
{
    struct opt_i64 *const numbers[] = {&r->delay_ms, &r->http_status, &r->after,
                                       &r->first,    &r->every,       &r->count};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        numbers[i]->set = numbers[i]->v != 0;
    r->probability.set = r->probability.set && r->probability.v < 1;
}

static struct fault *copy_rule(const struct fault_rule *rule)
{
    struct arena own;
    arena_init(&own);
    struct fault *f = ARENA_NEW(&own, struct fault);
    f->arena = own;
    f->rule = *rule;
    struct shape_walk walk = {.visit = copy_text, .state = &f->arena};
    (void)shape_walk(&walk, &fault_rule_shape, &f->rule);
    f->rule.params = copy_params(&f->arena, rule->params);
    drop_defaults(&f->rule);
    f->rule.seen = f->rule.hits = I64(0);
    return f;
}

const struct fault *fault_add(struct faults *l, const struct fault_rule *rule, const struct action *action,
                              enum error_id code)
{
    assert(!rule->code.p || code != ERR_NONE);
    assert(!rule->undocumented_code.p || code == ERR_UNDOCUMENTED);
    if (l->n == LIMIT_FAULTS)
        return NULL;
    struct fault *f = copy_rule(rule);
    f->action = action;
    f->effect = effect_of(&f->rule, code);
    f->rule.id = I64(++l->last_id);
    struct fault **end = &l->first;
    while (*end)
        end = &(*end)->next;
    *end = f;
    l->n++;
    return f;
}

static struct fault **place_of(struct faults *l, int64_t id)
{
    struct fault **at = &l->first;
    while (*at && (*at)->rule.id.v != id)
        at = &(*at)->next;
    return at;
}

const struct fault *fault_find(const struct faults *l, int64_t id)
{
    for (const struct fault *f = l->first; f; f = f->next)
        if (f->rule.id.v == id)
            return f;
    return NULL;
}

bool fault_remove(struct faults *l, int64_t id)
{
    struct fault **at = place_of(l, id), *f = *at;
    if (!f)
        return false;
    *at = f->next;
    struct arena own = f->arena;
    arena_done(&own);
    l->n--;
    return true;
}

size_t fault_clear(struct faults *l)
{
    size_t n = l->n;
    while (l->first)
        (void)fault_remove(l, l->first->rule.id.v);
    return n;
}

/* --- which calls --- */

/* True with this probability. The top 53 bits of a random number become a number from 0 to below 1, which a
 * double holds exactly. */
static bool chance(struct rng *rng, double probability)
{
    return (double)(rng_next(rng) >> 11) * 0x1p-53 < probability;
}

bool fault_applies(struct fault *f, struct rng *rng)
{
    struct fault_rule *r = &f->rule;
    int64_t nth =
        ++r->seen.v - r->after.v; /* the number of this call among those that are not skipped, from 1 */
    if (nth < 1 || (r->first.v && nth > r->first.v) || (r->count.v && r->hits.v >= r->count.v))
        return false;
    if ((r->every.v && nth % r->every.v != 0) || (r->probability.set && !chance(rng, r->probability.v)))
        return false;
    r->hits.v++;
    return true;
}

/* --- the edge --- */

/* The page of nginx, because the service's responses name nginx as their server. The real page of the edge is
 * not known (assumed). */
#define PAGE(title)                                                                                          \
    STR_INIT("<html>\r\n<head><title>" title "</title></head>\r\n<body>\r\n<center><h1>" title               \
             "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")

struct str fault_page(int http_status)
{
    static const struct str pages[] = {PAGE("500 Internal Server Error"), PAGE("501 Not Implemented"),
                                       PAGE("502 Bad Gateway"), PAGE("503 Service Temporarily Unavailable"),
                                       PAGE("504 Gateway Time-out")};
    return http_status >= 500 && http_status <= 504 ? pages[http_status - 500] : STR("");
}
