/* The way back from a rule to the words that made it: what was not said is not shown. */
#include "control/faults.h"

#include "base/limits.h"
#include "core/registry.h"
#include "wire/json.h"
#include "wire/shape.h"

/* Zero is what an absent number became, and none of these may be asked for as zero. */
static struct opt_i64 if_given(int64_t v)
{
    return (struct opt_i64){.v = v, .set = v != 0};
}

/* As texts, which is how they are compared. */
static const struct node *params_of(struct arena *a, const struct fault_match *m)
{
    struct node *object = node_new(a, NODE_OBJECT);
    for (size_t i = 0; i < m->n_params; i++) {
        struct node *value = node_new(a, NODE_STRING);
        value->text = m->params[i].value;
        node_add(object, m->params[i].path, value);
    }
    return m->n_params ? object : NULL;
}

static void put_match(struct arena *a, const struct fault_match *m, struct armed_fault *view)
{
    if (m->action)
        view->action = m->action->name;
    view->region = m->region;
    view->secret_id = m->secret_id;
    view->trace = m->trace;
    view->params = params_of(a, m);
}

/* A code that the rule was given as its bare text is shown so, whichever row of the table it became. */
static void put_act(const struct fault_action *act, struct armed_fault *view)
{
    static const struct str closes[] = {
        [FAULT_ANSWERS] = {NULL, 0},
        [FAULT_CLOSE_BEFORE] = STR_INIT("before"),
        [FAULT_CLOSE_AFTER] = STR_INIT("after_commit"),
    };
    const struct fault_effect *e = &act->effect;
    if (act->code)
        view->code = error_table[act->code].code;
    view->message = act->message;
    view->delay_ms = if_given(e->delay_ms);
    view->close = closes[e->close];
    view->truncate = (struct opt_i64){(int64_t)e->truncate_bytes, e->truncates};
    view->http_status = if_given(e->http_status);
    if (e->flow_fails)
        view->flow_outcome = STR("failure");
    view->flow_seconds = (struct opt_i64){e->flow_ms / 1000, e->flow_timed};
}

static void put_when(const struct fault_when *w, struct armed_fault *view)
{
    view->after = if_given(w->after);
    view->first = if_given(w->first);
    view->every = if_given(w->every);
    view->count = if_given(w->count);
    view->probability = (struct opt_f64){w->probability, w->probability < 1};
}

struct armed_fault fault_view(struct arena *a, const struct fault *f)
{
    struct armed_fault view = {.id = I64(f->id), .seen = I64(f->seen), .hits = I64(f->hits)};
    put_match(a, &f->match, &view);
    put_act(&f->act, &view);
    put_when(&f->when, &view);
    return view;
}

/* --- control fault --- */

/* The rules of faults: making, showing and removing them. */

/* --- from a body to a rule --- */

/* Refuses a name that is not there, with the one that may have been meant. */
static int fail_name(struct control *k, const char *what, const struct suggestion *suggestion)
{
    struct arena *a = k->call->arena;
    return control_fail(k, HTTP_BAD_REQUEST,
                        arena_printf(a, "there is no %s %.*s", what, STR_ARG(suggestion->wanted)),
                        control_suggest_hint(k, suggestion));
}

/* Without an action the rule is for any that may answer its code. */
static int take_action(struct control *k, const struct fault_rule *body, struct fault *f)
{
    const struct registry *r = k->call->world->registry;
    struct suggestion suggestion;
    if (!body->action.p || (f->match.action = registry_find_action(r, body->action)))
        return 0;
    suggest_init(&suggestion, body->action);
    action_offer(r, &suggestion);
    return fail_name(k, "action", &suggestion);
}

static int take_code(struct control *k, const struct fault_rule *body, struct fault *f)
{
    const struct registry *r = k->call->world->registry;
    struct suggestion suggestion;
    if (!body->code.p)
        return 0;
    f->act.code = code_find(r, f->match.action, body->code);
    if (f->act.code != ERR_NONE)
        return 0;
    suggest_init(&suggestion, body->code);
    code_offer(r, f->match.action, &suggestion);
    return fail_name(k, "code", &suggestion);
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

static void offer_fields(struct suggestion *suggestion, const struct shape *at)
{
    for (size_t i = 0; at && i < at->n_fields; i++)
        suggest_offer(suggestion, at->fields[i].name);
}

/* Without an action it is enough that some action has such a parameter. */
static int check_path(struct control *k, const struct action *action, struct str path)
{
    const struct registry *r = k->call->world->registry;
    const struct shape *at = NULL;
    struct str part;
    struct suggestion suggestion;
    for (size_t i = 0; !action && i < registry_n_actions(r); i++)
        if (pick_leads(registry_action_at(r, i)->in, path, &part, &at))
            return 0;
    if (action && pick_leads(action->in, path, &part, &at))
        return 0;
    suggest_init(&suggestion, action ? part : path);
    if (action)
        offer_fields(&suggestion, at);
    for (size_t i = 0; !action && i < registry_n_actions(r); i++)
        offer_fields(&suggestion, registry_action_at(r, i)->in);
    suggestion.wanted = path;
    return fail_name(k, "parameter", &suggestion);
}

/* Paths are known before any value is looked at, so that a mistyped one never waits for a call in vain. */
static int take_params(struct control *k, const struct fault_rule *body, struct fault *f)
{
    if (!body->params)
        return 0;
    if (body->params->kind != NODE_OBJECT || body->params->count > LIMIT_FAULT_PARAMS)
        return control_fail(k, HTTP_BAD_REQUEST,
                            STR("params must be an object of up to 32 values by their paths"),
                            control_params_example(k));
    struct fault_param *params = ARENA_ARRAY(k->call->arena, struct fault_param, body->params->count);
    for (const struct node *n = body->params->first; n; n = n->next) {
        struct fault_param *p = &params[f->match.n_params++];
        p->path = n->name;
        if (check_path(k, f->match.action, n->name) != 0)
            return -1;
        if (!text_of(k->call->arena, n, &p->value))
            return control_fail(k, HTTP_BAD_REQUEST,
                                STR("a parameter is compared with a text, a number or a boolean"),
                                CONCAT(k->call->arena, STR("an element of a list has a path of its own: "),
                                       registry_default(k->call->world->registry)->examples.path));
    }
    f->match.params = params;
    return 0;
}

static int take_region(struct control *k, const struct fault_rule *body, struct fault *f)
{
    const struct registry *r = k->call->world->registry;
    struct suggestion suggestion;
    f->match.region = body->region;
    if (!body->region.p)
        return 0;
    suggest_init(&suggestion, body->region);
    for (size_t i = 0; i < r->n_products; i++) {
        const struct product *p = r->products[i];
        if (product_has_region(p, body->region))
            return 0;
        for (size_t n = 0; n < p->n_regions; n++)
            suggest_offer(&suggestion, p->regions[n].name);
    }
    return fail_name(k, "region", &suggestion);
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
