/* The control API of fault rules: adds, shows and removes them. */
#include "core/fault.h"

#include "base/limits.h"
#include "core/registry.h"
#include "gen/control.h"
#include "wire/json.h"
#include "wire/shape.h"

/* --- checks --- */

/* The action and the code that the texts of a rule name. */
struct resolved {
    const struct action *action;
    enum error_id code;
};

/* A rule without an action applies to every action that may answer its code. */
static int resolve_action(struct control *k, const struct fault_rule *body, struct resolved *ret)
{
    const struct registry *r = k->call->world->registry;
    struct suggestion suggestion;
    if (!body->action.p || (ret->action = registry_find_action(r, body->action)))
        return 0;
    suggest_init(&suggestion, body->action);
    action_offer(r, &suggestion);
    return control_fail_name(k, "action", &suggestion);
}

static int resolve_code(struct control *k, const struct fault_rule *body, struct resolved *ret)
{
    const struct registry *r = k->call->world->registry;
    struct suggestion suggestion;
    if (!body->code.p)
        return 0;
    ret->code = code_find(r, ret->action, body->code);
    if (ret->code != ERR_NONE)
        return 0;
    if (ret->action && code_find(r, NULL, body->code) != ERR_NONE)
        return control_fail_request(
            k, CONCAT(k->call->arena, ret->action->name, STR(" does not answer "), body->code),
            STR("without an action the rule is for the actions that do; undocumented_code takes any code"));
    suggest_init(&suggestion, body->code);
    code_offer(r, ret->action, &suggestion);
    return control_fail_request(
        k, arena_printf(k->call->arena, "there is no code %.*s", STR_ARG(body->code)),
        CONCAT(k->call->arena, suggestion.best.p ? control_suggest_hint(k, &suggestion) : STR(""),
               suggestion.best.p ? STR(" ") : STR(""), STR("undocumented_code takes any code")));
}

/* A rule for such a code says so, because a mistyped code is otherwise not noticed; and one that the
 * documentation lists is a mistake here, because it would be counted as another one. */
static int resolve_undocumented(struct control *k, const struct fault_rule *body, struct resolved *ret)
{
    if (!body->undocumented_code.p)
        return 0;
    if (code_find(k->call->world->registry, ret->action, body->undocumented_code) != ERR_NONE)
        return control_fail_request(
            k, arena_printf(k->call->arena, "the documentation lists %.*s", STR_ARG(body->undocumented_code)),
            STR("give it as code"));
    ret->code = ERR_UNDOCUMENTED;
    return 0;
}

/* Offers the fields of a shape as candidates for a mistyped parameter. */
static void offer_fields(struct suggestion *suggestion, const struct shape *at)
{
    for (size_t i = 0; at && i < at->n_fields; i++)
        suggest_offer(suggestion, at->fields[i].name);
}

/* A rule without an action needs only one action that has such a parameter. */
static int check_path(struct control *k, const struct action *action, struct str path)
{
    const struct registry *r = k->call->world->registry;
    const struct shape *at = NULL;
    struct str part;
    struct suggestion suggestion;
    for (size_t i = 0; !action && i < registry_n_actions(r); i++)
        if (shape_has_path(registry_action_at(r, i)->in, path, &part, &at))
            return 0;
    if (action && shape_has_path(action->in, path, &part, &at))
        return 0;
    suggest_init(&suggestion, action ? part : path);
    if (action)
        offer_fields(&suggestion, at);
    for (size_t i = 0; !action && i < registry_n_actions(r); i++)
        offer_fields(&suggestion, registry_action_at(r, i)->in);
    suggestion.wanted = path;
    return control_fail_name(k, "parameter", &suggestion);
}

/* Rejects a path that does not exist, because a rule with a mistyped path would never match a call. */
static int check_params(struct control *k, const struct fault_rule *body, const struct action *action)
{
    struct str text;
    if (!body->params)
        return 0;
    if (body->params->kind != NODE_OBJECT || body->params->count > LIMIT_FAULT_PARAMS)
        return control_fail_request(k, STR("params must be an object of up to 32 values by their paths"),
                                    control_params_example(k));
    for (const struct node *n = body->params->first; n; n = n->next) {
        if (check_path(k, action, n->name) != 0)
            return -1;
        if (!fault_param_text(k->call->arena, n, &text))
            return control_fail_request(k, STR("a parameter is compared with a text, a number or a boolean"),
                                        CONCAT(k->call->arena,
                                               STR("an element of a list has a path of its own: "),
                                               registry_default(k->call->world->registry)->examples.path));
    }
    return 0;
}

static int check_region(struct control *k, const struct fault_rule *body)
{
    const struct registry *r = k->call->world->registry;
    struct suggestion suggestion;
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
    return control_fail_name(k, "region", &suggestion);
}

/* Returns a sentence about a contradiction in the rule, else NULL. A test with such a rule would wait for an
 * event that cannot happen. */
static const char *contradiction(const struct fault_rule *body)
{
    int codes = (body->code.p != NULL) + (body->undocumented_code.p != NULL);
    int ends = codes + (body->close.p != NULL) + body->http_status.set;
    bool flow = body->flow_outcome.p || body->flow_seconds.set;
    bool not_run = codes > 0 || body->http_status.set || str_eq(body->close, STR("before"));
    if (ends > 1)
        return "only one of code, undocumented_code, close and http_status can happen to a call";
    if (flow && not_run)
        return "a call that is not carried out starts no flow";
    if (body->close.p && body->truncate.set)
        return "without an answer there is nothing to truncate";
    if (body->message.p && codes == 0)
        return "a message belongs to a code";
    if (body->probability.set && !(body->probability.v > 0 && body->probability.v <= 1))
        return "probability is above 0 and at most 1";
    if (ends == 0 && !flow && !body->delay_ms.set && !body->truncate.set && !body->request_id.p)
        return "the rule does nothing to a call";
    return NULL;
}

/* Checks the names first, because a message about a mistyped name is the most helpful one. */
int control_add_fault(struct control *k, const struct fault_rule *body, struct fault_rule *answer)
{
    struct resolved r = {.code = ERR_NONE};
    const char *wrong = contradiction(body);
    if (resolve_action(k, body, &r) != 0 || resolve_code(k, body, &r) != 0 ||
        resolve_undocumented(k, body, &r) != 0 || check_region(k, body) != 0 ||
        check_params(k, body, r.action) != 0)
        return -1;
    if (wrong)
        return control_fail_request(k, str_from(wrong), STR("GET /_virga/openapi.json describes it"));
    const struct fault *added = fault_add(&k->call->world->faults, body, r.action, r.code);
    if (!added)
        return control_fail(k, HTTP_CONFLICT, STR("the number of faults has reached its limit"),
                            STR("DELETE /_virga/faults removes all"));
    *answer = added->rule;
    return 0;
}

/* --- the others --- */

/* Finds the fault that the path names; NULL after control_fail. */
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

/* GET /_virga/faults/{id}: the rule, the number of calls that it matched and the number to which it
 * applied. */
int control_get_fault(struct control *k, struct fault_rule *answer)
{
    const struct fault *f = find(k);
    if (!f)
        return -1;
    *answer = f->rule;
    return 0;
}

/* A query without a SecretId is for all rules. */
static bool is_of(const struct fault *f, struct str secret_id)
{
    return !secret_id.p || str_eq(f->rule.secret_id, secret_id);
}

/* GET /_virga/faults: in the order in which they are tried. */
int control_list_faults(struct control *k, const struct list_faults_query *query, struct fault_list *answer)
{
    const struct faults *l = &k->call->world->faults;
    struct fault_rule *v = ARENA_ARRAY(k->call->arena, struct fault_rule, l->n);
    size_t n = 0;
    for (const struct fault *f = l->first; f; f = f->next)
        if (is_of(f, query->secret_id))
            v[n++] = f->rule;
    answer->faults = (struct fault_rule_list){v, n, true};
    return 0;
}

/* DELETE /_virga/faults/{id}: the other rules keep their counts. */
int control_remove_fault(struct control *k, struct faults_removed *answer)
{
    const struct fault *f = find(k);
    if (!f)
        return -1;
    (void)fault_remove(&k->call->world->faults, f->rule.id.v);
    answer->removed = I64(1);
    return 0;
}

/* DELETE /_virga/faults: on a server that several users share, each removes those for its own SecretId. Ids
 * are never used again. */
int control_clear_faults(struct control *k, const struct clear_faults_query *query,
                         struct faults_removed *answer)
{
    struct faults *l = &k->call->world->faults;
    const size_t before = l->n;
    for (const struct fault *f = l->first, *next; f; f = next) {
        next = f->next;
        if (is_of(f, query->secret_id))
            (void)fault_remove(l, f->rule.id.v);
    }
    answer->removed = I64((int64_t)(before - l->n));
    return 0;
}
