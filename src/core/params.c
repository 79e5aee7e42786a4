/* The action's own parameters: from JSON, query or form into the struct of its shape. */
#include "base/limits.h"
#include "core/steps.h"
#include "wire/decode.h"
#include "wire/json.h"

/* RequestClient is sent by SDKs and signed (observed). */
bool params_is_common(struct str key)
{
    static const struct str names[] = {
        STR_INIT("Action"),          STR_INIT("Version"),  STR_INIT("Region"),        STR_INIT("Timestamp"),
        STR_INIT("Nonce"),           STR_INIT("Token"),    STR_INIT("Signature"),     STR_INIT("SecretId"),
        STR_INIT("SignatureMethod"), STR_INIT("Language"), STR_INIT("RequestClient"),
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq(key, names[i]))
            return true;
    return false;
}

/* A version 3 GET has its common parameters in headers, so that all of its query is the action's. */
static int tree_of_form(struct call *c, struct node **ret_tree)
{
    static const enum error_id errors[] = {
        [FORM_REPEATED] = ERR_INVALID_PARAMETER_FORM_REPEATED,
        [FORM_ARRAY] = ERR_INVALID_PARAMETER_FORM_ARRAY,
        [FORM_DEPTH] = ERR_INVALID_PARAMETER_FORM_FORMAT,
    };
    struct str key;
    enum form_fault fault = form_tree(c->arena, &c->form, c->v1 ? params_is_common : NULL, ret_tree, &key);
    return fault == FORM_OK ? 0 : call_fail_with(c, errors[fault], ARGS(key));
}

/* The media type alone: SDKs add "; charset=utf-8". */
static struct str media_type(const struct call *c)
{
    struct str value = request_header(&c->request, STR("Content-Type"));
    return str_trim(str_head(value, str_find(value, ';')));
}

static int tree_of_json(struct call *c, struct node **ret_tree)
{
    struct str type = media_type(c);
    size_t bad;
    if (!str_eq_nocase(type, STR("application/json")))
        return call_fail_with(c, ERR_UNSUPPORTED_PROTOCOL_CONTENT_TYPE, ARGS(type));
    if (json_parse(c->arena, c->request.body, ret_tree, &bad) != 0)
        return call_refuse(c, ERR_INVALID_PARAMETER_JSON, "body.syntax",
                           "the body is not JSON from byte %zu on (the first is 0); it has %zu", bad,
                           c->request.body.n);
    if ((*ret_tree)->kind != NODE_OBJECT)
        return call_refuse(c, ERR_INVALID_PARAMETER_JSON, "body.no-object",
                           "the body is JSON, but no object of parameters");
    return 0;
}

/* The path is that of the parameter, never its value, which may be a secret. */
static int fail_decode(struct call *c, const struct decode_error *e)
{
    c->refused_path = e->path;
    switch (e->fault) {
    case DECODE_UNKNOWN:
        return call_fail_with(c, ERR_UNKNOWN_PARAMETER, ARGS(e->path));
    case DECODE_REPEATED:
        return call_fail_with(c, ERR_INVALID_PARAMETER_FORM_REPEATED, ARGS(e->path));
    case DECODE_TYPE:
        return call_fail_with(c, ERR_INVALID_PARAMETER_TYPE, ARGS(e->path, str_from(e->expected)));
    case DECODE_MISSING:
        return call_fail_with(c, ERR_MISSING_PARAMETER, ARGS(e->path));
    case DECODE_OK:
        break;
    }
    return 0;
}

int step_decode(struct call *c)
{
    struct node *tree;
    struct decode_error error;
    bool json = !c->v1 && str_eq(c->request.method, STR("POST"));
    if ((json ? tree_of_json(c, &tree) : tree_of_form(c, &tree)) != 0)
        return -1;
    c->in = arena_zalloc(c->arena, c->action->in->size);
    if (decode(c->arena, c->action->in, tree, c->in, &error) != 0)
        return fail_decode(c, &error);
    return 0;
}

int step_rules(struct call *c)
{
    struct rule_failure failure;
    if (rules_check(c->arena, c->action->in, c->in, &failure) == 0)
        return 0;
    c->refused_rule = failure.rule;
    c->refused_path = failure.path;
    return call_refuse(c, failure.rule->code, "parameter.rule", "%.*s %.*s", STR_ARG(failure.path),
                       STR_ARG(rule_sentence(c->arena, failure.rule)));
}
