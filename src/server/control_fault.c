/* The rules of faults: making, showing and removing them. */
#include "base/limits.h"
#include "core/code.h"
#include "server/fault_view.h"
#include "wire/pick.h"

/* --- from a body to a rule --- */

/* Refuses a name that is not there, with the one that may have been meant. */
static int fail_name(struct control *k, const char *what, const struct near *near)
{
    struct arena *a = k->call->arena;
    return control_fail(k, HTTP_BAD_REQUEST,
                        arena_printf(a, "there is no %s %.*s", what, STR_ARG(near->wanted)),
                        control_near_hint(k, near));
}

/* Without an action the rule is for any that may answer its code. */
static int take_action(struct control *k, const struct fault_rule *body, struct fault *f)
{
    const struct product *p = k->call->world->product;
    struct near near;
    if (!body->action.p || (f->match.action = action_find(p, body->action)))
        return 0;
    near_init(&near, body->action);
    action_offer(p, &near);
    return fail_name(k, "action", &near);
}

static int take_code(struct control *k, const struct fault_rule *body, struct fault *f)
{
    const struct product *p = k->call->world->product;
    struct near near;
    if (!body->code.p)
        return 0;
    f->act.code = code_find(p, f->match.action, body->code);
    if (f->act.code != ERR_NONE)
        return 0;
    near_init(&near, body->code);
    code_offer(p, f->match.action, &near);
    return fail_name(k, "code", &near);
}

/* A value as a form would carry it; false for what no scalar is. */
static bool text_of(struct arena *a, const struct node *n, struct str *ret_text)
{
    switch (n->kind) {
    case NODE_STRING:
    case NODE_TEXT:
        *ret_text = n->text;
        return true;
    case NODE_NUMBER:
        *ret_text = arena_printf(a, "%.17g", n->number);
        return true;
    case NODE_BOOL:
        *ret_text = n->boolean ? STR("true") : STR("false");
        return true;
    case NODE_NULL:
    case NODE_ARRAY:
    case NODE_OBJECT:
        break;
    }
    return false;
}

static void offer_fields(struct near *near, const struct shape *at)
{
    for (size_t i = 0; at && i < at->n_fields; i++)
        near_offer(near, at->fields[i].name);
}

/* Without an action it is enough that some action has such a parameter. */
static int check_path(struct control *k, const struct action *action, struct str path)
{
    const struct product *p = k->call->world->product;
    const struct shape *at = NULL;
    struct str part;
    struct near near;
    for (size_t i = 0; !action && i < p->n_actions; i++)
        if (pick_leads(p->actions[i].in, path, &part, &at))
            return 0;
    if (action && pick_leads(action->in, path, &part, &at))
        return 0;
    near_init(&near, action ? part : path);
    if (action)
        offer_fields(&near, at);
    for (size_t i = 0; !action && i < p->n_actions; i++)
        offer_fields(&near, p->actions[i].in);
    near.wanted = path;
    return fail_name(k, "parameter", &near);
}

/* Paths are known before any value is looked at, so that a mistyped one never waits for a call in vain. */
static int take_params(struct control *k, const struct fault_rule *body, struct fault *f)
{
    if (!body->params)
        return 0;
    if (body->params->kind != NODE_OBJECT || body->params->count > LIMIT_FAULT_PARAMS)
        return control_fail(k, HTTP_BAD_REQUEST,
                            STR("params must be an object of up to 32 values by their paths"),
                            STR("{\"InstanceId\":\"mssql-njj2mtpl\",\"DBNames.0\":\"db1\"}"));
    struct fault_param *params = ARENA_ARRAY(k->call->arena, struct fault_param, body->params->count);
    for (const struct node *n = body->params->first; n; n = n->next) {
        struct fault_param *p = &params[f->match.n_params++];
        p->path = n->name;
        if (check_path(k, f->match.action, n->name) != 0)
            return -1;
        if (!text_of(k->call->arena, n, &p->value))
            return control_fail(k, HTTP_BAD_REQUEST,
                                STR("a parameter is compared with a text, a number or a boolean"),
                                STR("an element of a list has a path of its own: DBNames.0"));
    }
    f->match.params = params;
    return 0;
}

static int take_region(struct control *k, const struct fault_rule *body, struct fault *f)
{
    const struct product *p = k->call->world->product;
    struct near near;
    f->match.region = body->region;
    if (!body->region.p || product_has_region(p, body->region))
        return 0;
    near_init(&near, body->region);
    for (size_t i = 0; i < p->n_regions; i++)
        near_offer(&near, p->regions[i].name);
    return fail_name(k, "region", &near);
}

/* The rules of the schema have seen the ranges; what is absent is zero, which says nothing. */
static void take_effect(const struct fault_rule *body, struct fault_effect *e)
{
    e->delay_ms = body->delay_ms.v;
    if (body->close.p)
        e->close = str_eq(body->close, STR("before")) ? FAULT_CLOSE_BEFORE : FAULT_CLOSE_AFTER;
    e->truncates = body->truncate.set;
    e->truncate_bytes = (uint64_t)body->truncate.v;
    e->http_status = (int)body->http_status.v;
    e->flow_fails = body->flow_outcome.p != NULL;
    e->flow_timed = body->flow_seconds.set;
    e->flow_ms = body->flow_seconds.v * 1000;
}

static void take_when(const struct fault_rule *body, struct fault_when *w)
{
    *w = (struct fault_when){.after = body->after.v,
                             .first = body->first.v,
                             .every = body->every.v,
                             .count = body->count.v,
                             .probability = body->probability.set ? body->probability.v : 1};
}

/* What contradicts itself is refused, or a test would wait for what cannot happen. */
static const char *contradiction(const struct fault_rule *body)
{
    int ends = (body->code.p != NULL) + (body->close.p != NULL) + body->http_status.set;
    bool flow = body->flow_outcome.p || body->flow_seconds.set;
    bool not_run = body->code.p || body->http_status.set || str_eq(body->close, STR("before"));
    if (ends > 1)
        return "only one of code, close and http_status can happen to a call";
    if (flow && not_run)
        return "a call that is not carried out starts no flow";
    if (body->close.p && body->truncate.set)
        return "without an answer there is nothing to truncate";
    if (body->message.p && !body->code.p)
        return "a message belongs to a code";
    if (body->probability.set && !(body->probability.v > 0 && body->probability.v <= 1))
        return "probability is above 0 and at most 1";
    if (ends == 0 && !flow && !body->delay_ms.set && !body->truncate.set)
        return "the rule does nothing to a call";
    return NULL;
}

/* Names first: who has mistyped one is helped more by that than by what does not fit together. */
int control_add_fault(struct control *k, const struct fault_rule *body, struct armed_fault *answer)
{
    struct fault f = {.match = {.secret_id = body->secret_id, .trace = body->trace}};
    const char *wrong = contradiction(body);
    if (take_action(k, body, &f) != 0 || take_code(k, body, &f) != 0 || take_region(k, body, &f) != 0 ||
        take_params(k, body, &f) != 0)
        return -1;
    if (wrong)
        return control_fail(k, HTTP_BAD_REQUEST, str_from(wrong),
                            STR("GET /_virga/openapi.json describes it"));
    f.act.message = body->message;
    take_effect(body, &f.act.effect);
    take_when(body, &f.when);
    const struct fault *made = fault_add(&k->call->world->faults, &f);
    if (!made)
        return control_fail(k, HTTP_CONFLICT, STR("there are as many faults as there may be"),
                            STR("DELETE /_virga/faults removes all"));
    *answer = fault_view(k->call->arena, made);
    return 0;
}

/* --- the others --- */

/* NULL after failing. */
static const struct fault *find(struct control *k)
{
    int64_t id;
    const struct fault *f = NULL;
    if (str_to_i64(k->id, &id) == 0)
        f = fault_find(&k->call->world->faults, id);
    if (!f)
        (void)control_fail(k, HTTP_NOT_FOUND,
                           arena_printf(k->call->arena, "there is no fault %.*s", STR_ARG(k->id)),
                           STR("GET /_virga/faults lists them"));
    return f;
}

int control_get_fault(struct control *k, struct armed_fault *answer)
{
    const struct fault *f = find(k);
    if (!f)
        return -1;
    *answer = fault_view(k->call->arena, f);
    return 0;
}

int control_list_faults(struct control *k, struct fault_list *answer)
{
    const struct faults *l = &k->call->world->faults;
    struct armed_fault *v = ARENA_ARRAY(k->call->arena, struct armed_fault, l->n);
    size_t n = 0;
    for (const struct fault *f = l->first; f; f = f->next)
        v[n++] = fault_view(k->call->arena, f);
    answer->faults = (struct armed_fault_list){v, n, true};
    return 0;
}

int control_remove_fault(struct control *k, struct faults_removed *answer)
{
    const struct fault *f = find(k);
    if (!f)
        return -1;
    (void)fault_remove(&k->call->world->faults, f->id);
    answer->removed = I64(1);
    return 0;
}

int control_clear_faults(struct control *k, struct faults_removed *answer)
{
    answer->removed = I64((int64_t)fault_clear(&k->call->world->faults));
    return 0;
}
