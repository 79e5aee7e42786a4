/* The step that applies faults: it finds the rule, or the magic id, that applies to the call, and takes over
 * its effect. */
#include <assert.h>

#include "core/magic.h"
#include "gateway/pipeline.h"
#include "wire/shape.h"

/* --- which rule --- */

/* Whether the call has each of the parameters, by its path, with this value as text. */
static bool has_params(const struct call *c, const struct node *params)
{
    struct str text;
    for (const struct node *n = params ? params->first : NULL; n; n = n->next)
        if (!shape_pick(c->arena, c->action->in, c->in, n->name, &text) || !str_eq(text, n->text))
            return false;
    return true;
}

/* A text that a rule does not have matches every call. */
static bool is_any_or(struct str wanted, struct str have)
{
    return !wanted.p || str_eq(wanted, have);
}

/* Without an action a rule matches every action that may answer its code; any may answer one that no document
 * lists. */
static bool action_matches(const struct fault *f, const struct call *c)
{
    const enum error_id code = f->effect.code;
    if (f->action)
        return f->action == c->action;
    return code == ERR_NONE || code == ERR_UNDOCUMENTED || code_fits(c->action, code);
}

/* Everything that the rule names must match; the code must be one that the action may answer. */
static bool matches(const struct fault *f, const struct call *c)
{
    const struct fault_rule *r = &f->rule;
    if (!action_matches(f, c) || !is_any_or(r->region, c->common.region) ||
        !is_any_or(r->secret_id, c->credential->secret_id))
        return false;
    if (r->trace.p && !str_starts(request_header(&c->request, STR("X-TC-TraceId")), r->trace))
        return false;
    return has_params(c, r->params);
}

/* NULL when no rule applies. */
static const struct fault *find_rule(struct call *c)
{
    struct world *w = c->world;
    for (struct fault *f = w->faults.first; f; f = f->next)
        if (matches(f, c) && fault_applies(f, &w->rng))
            return f;
    return NULL;
}

/* For an action that cannot answer the code, the id is an ordinary one. */
static bool magic_matches(const struct magic *m, const struct call *c)
{
    return is_any_or(m->action, c->action->name) && (!m->effect.code || code_fits(c->action, m->effect.code));
}

/* --- what it does --- */

/* A text with places gets the values of a natural error; where no value is natural, a plausible name. */
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

/* The text of every other code is the same in every call. */
static int fail_naturally(struct call *c, enum error_id code)
{
    for (size_t i = 0; i < sizeof naturals / sizeof naturals[0]; i++)
        if (naturals[i].code == code)
            return naturals[i].fail(c);
    return call_fail(c, code);
}

/* The effect and the message are copied: the rule may be removed while the response is still pending. */
static int apply_effect(struct call *c, const struct fault_effect *effect, struct str by)
{
    assert(!c->injected.p);
    c->injected = by;
    c->effect = *effect;
    if (effect->request_id.p)
        memcpy(c->request_id, effect->request_id.p, REQUEST_ID_CHARS);
    if (fault_suppresses_response(effect))
        return -1;
    if (effect->code == ERR_NONE)
        return 0;
    if (effect->own_code.p)
        c->own_code = arena_dup(c->arena, effect->own_code);
    (void)fail_naturally(c, effect->code);
    if (effect->message.p)
        c->message = c->english = arena_dup(c->arena, effect->message); /* one text for both languages */
    return -1;
}

/* Tries the user's rules before the magic ids, because the magic ids always exist. */
int step_fault(struct call *c)
{
    const struct magic *magic;
    if (magic_ensure(c, &magic) != 0)
        return call_fail_store(c);
    const struct fault *f = find_rule(c);
    if (f)
        return apply_effect(c, &f->effect,
                            arena_printf(c->arena, "fault %lld%s", (long long)f->rule.id.v,
                                         f->effect.own_code.p ? " (undocumented code)" : ""));
    if (magic && magic_matches(magic, c))
        return apply_effect(c, &magic->effect,
                            arena_printf(c->arena, "magic %.*s", STR_ARG(magic->resource_id)));
    return 0;
}
