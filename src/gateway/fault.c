/* The step at which a call is struck by a fault: which rule it is, and what that does to the call. */

#include "core/magic.h"
#include "gateway/pipeline.h"
#include "wire/shape.h"

/* --- which rule --- */

static bool is_param(const struct call *c, const struct fault_param *p)
{
    struct str text;
    return pick(c->arena, c->action->in, c->in, p->path, &text) && str_eq(text, p->value);
}

static bool is_any_or(struct str wanted, struct str have)
{
    return !wanted.p || str_eq(wanted, have);
}

static bool is_for(const struct fault *f, const struct call *c)
{
    const struct fault_match *m = &f->match;
    if (m->action ? m->action != c->action : f->act.code && !code_fits(c->action, f->act.code))
        return false;
    if (!is_any_or(m->region, c->common.region) || !is_any_or(m->secret_id, c->credential->secret_id))
        return false;
    if (m->trace.p && !str_starts(request_header(&c->request, STR("X-TC-TraceId")), m->trace))
        return false;
    for (size_t i = 0; i < m->n_params; i++)
        if (!is_param(c, &m->params[i]))
            return false;
    return true;
}

/* NULL when no rule strikes. */
static const struct fault *find_rule(struct call *c)
{
    struct world *w = c->world;
    for (struct fault *f = w->faults.first; f; f = f->next)
        if (is_for(f, c) && fault_applies(f, &w->rng))
            return f;
    return NULL;
}

/* Where the code does not fit the id is one of an ordinary instance. */
static bool magic_is_for(const struct magic *m, const struct call *c)
{
    return is_any_or(m->action, c->action->name) && (!m->act.code || code_fits(c->action, m->act.code));
}

/* --- what it does --- */

/* A text with places gets what a natural answer has in them; where none is natural, a name that might be. */
static int fail_limit(struct call *c)
{
    int64_t limit = c->action->rate_per_second;
    return call_fail_with(c, ERR_REQUEST_LIMIT_EXCEEDED,
                          ARGS(arena_printf(c->arena, "%lld", (long long)limit + 1),
                               arena_printf(c->arena, "%lld", (long long)limit)));
}

static int fail_action(struct call *c)
{
    const struct product *p = c->product;
    return call_fail_with(c, ERR_INVALID_ACTION, ARGS(c->action->name, p->name, p->version));
}

static int fail_version(struct call *c)
{
    const struct product *p = c->product;
    return call_fail_with(c, ERR_NO_SUCH_VERSION, ARGS(p->version, p->name));
}

static int fail_authorization(struct call *c)
{
    return call_fail_with(c, ERR_AUTH_FAILURE_INVALID_AUTHORIZATION, ARGS(STR("Service")));
}

static int fail_missing(struct call *c)
{
    return call_fail_with(c, ERR_MISSING_PARAMETER, ARGS(STR("Region")));
}

static int fail_value(struct call *c)
{
    return call_fail_with(c, ERR_INVALID_PARAMETER_VALUE_NAMED,
                          ARGS(c->v1 ? STR("Region") : STR("X-TC-Region")));
}

static int fail_unknown(struct call *c)
{
    return call_fail_with(c, ERR_UNKNOWN_PARAMETER, ARGS(STR("Unknown")));
}

static const struct {
    enum error_id code;
    int (*fail)(struct call *c);
} naturals[] = {
    {ERR_AUTH_FAILURE_INVALID_AUTHORIZATION, fail_authorization},
    {ERR_INVALID_ACTION, fail_action},
    {ERR_INVALID_PARAMETER_VALUE, fail_value},
    {ERR_MISSING_PARAMETER, fail_missing},
    {ERR_NO_SUCH_VERSION, fail_version},
    {ERR_REQUEST_LIMIT_EXCEEDED, fail_limit},
    {ERR_UNAUTHORIZED_OPERATION, permission_fail},
    {ERR_UNKNOWN_PARAMETER, fail_unknown},
};

/* Everything else reads the same in every call. */
static int fail_naturally(struct call *c, enum error_id code)
{
    for (size_t i = 0; i < sizeof naturals / sizeof naturals[0]; i++)
        if (naturals[i].code == code)
            return naturals[i].fail(c);
    return call_fail(c, code);
}

/* The effect and the message are copied: a rule may be removed while the answer still waits. */
static int apply_fault(struct call *c, const struct fault_action *act, struct str by)
{
    c->injected = by;
    c->effect = act->effect;
    if (fault_suppresses_response(&act->effect))
        return -1;
    if (act->code == ERR_NONE)
        return 0;
    (void)fail_naturally(c, act->code);
    if (act->message.p)
        c->message = c->english = arena_dup(c->arena, act->message); /* one text for both */
    return -1;
}

/* The user's rules come before the magic ids, which always exist. */
int step_fault(struct call *c)
{
    const struct magic *magic;
    if (magic_ensure(c, &magic) != 0)
        return call_fail_store(c);
    const struct fault *f = find_rule(c);
    if (f)
        return apply_fault(c, &f->act, arena_printf(c->arena, "fault %lld", (long long)f->id));
    if (magic && magic_is_for(magic, c))
        return apply_fault(c, &magic->act, arena_printf(c->arena, "magic %.*s", STR_ARG(magic->resource_id)));
    return 0;
}
