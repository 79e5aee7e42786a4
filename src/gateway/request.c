/* The form of a request: its size, its version, the common parameters and those of the action. */
#include <assert.h>

#include "base/limits.h"
#include "gateway/pipeline.h"
#include "gateway/route.h"
#include "wire/decode.h"
#include "wire/json.h"
#include "wire/rules.h"

static bool is_get(const struct call *c)
{
    return str_eq(c->request.method, STR("GET"));
}

static struct common read_headers(const struct request *r)
{
    return (struct common){
        .action = request_header(r, STR("X-TC-Action")),
        .version = request_header(r, STR("X-TC-Version")),
        .region = request_header(r, STR("X-TC-Region")),
        .timestamp = request_header(r, STR("X-TC-Timestamp")),
        .token = request_header(r, STR("X-TC-Token")),
        .language = request_header(r, STR("X-TC-Language")),
    };
}

/* Reads the headers first, so that even the first errors are in the language that a header names. */
int step_method(struct call *c)
{
    struct str method = c->request.method;
    c->common = read_headers(&c->request);
    if (str_eq(method, STR("GET")) || str_eq(method, STR("POST")))
        return 0;
    return call_fail(c, ERR_UNSUPPORTED_PROTOCOL);
}

static int fail_form(struct call *c, enum form_fault fault)
{
    static const enum error_id errors[] = {
        [FORM_NO_EQUALS] = ERR_INVALID_PARAMETER_FORM_EQUALS,
        [FORM_EMPTY_KEY] = ERR_INVALID_PARAMETER_FORM_EMPTY_KEY,
        [FORM_TOO_MANY] = ERR_INVALID_PARAMETER, /* a limit of virga: the gateway's is not known */
        [FORM_NOT_UTF8] = ERR_INVALID_PARAMETER,
    };
    return call_fail(c, errors[fault]);
}

/* Runs before the body is parsed, because a body above the larger limit was cut. The smaller limit of version
 * 1 is checked with its signature. */
int step_size(struct call *c)
{
    if (!c->request.body_cut && c->request.body.n <= LIMIT_BODY_V3 &&
        (!is_get(c) || c->request.query.n <= LIMIT_TARGET_GET))
        return 0;
    return call_fail(c, ERR_REQUEST_SIZE_LIMIT_EXCEEDED);
}

/* Any Authorization header makes it version 3 (observed with one of another scheme). Without one, everything
 * is in the query or the form, whatever the content type is (observed: a JSON body is rejected as a malformed
 * form). */
int step_form(struct call *c)
{
    c->v1 = !request_header(&c->request, STR("Authorization")).p;
    if (!c->v1 && !is_get(c))
        return 0;
    struct str text = is_get(c) ? c->request.query : c->request.body;
    enum form_fault fault = form_parse(c->arena, text, &c->form);
    return fault == FORM_OK ? 0 : fail_form(c, fault);
}

static struct str form_value(const struct form *f, struct str key)
{
    const struct form_field *field = form_find(f, key);
    return field ? field->value : (struct str){NULL, 0};
}

static struct common read_form(const struct form *f)
{
    return (struct common){
        .action = form_value(f, STR("Action")),
        .version = form_value(f, STR("Version")),
        .region = form_value(f, STR("Region")),
        .timestamp = form_value(f, STR("Timestamp")),
        .token = form_value(f, STR("Token")),
        .language = form_value(f, STR("Language")),
        .secret_id = form_value(f, STR("SecretId")),
        .nonce = form_value(f, STR("Nonce")),
        .signature = form_value(f, STR("Signature")),
    };
}

/* Version 1 has the parameter, version 3 its header. The order of the rows is that of the checks
 * (docs/fidelity.md: that Timestamp, and X-TC-Action, come first was observed, the rest is assumed). */
struct required {
    size_t offset; /* of the value in struct common */
    struct str name;
    bool number;
};

#define AT(member) offsetof(struct common, member)

static const struct required required_v1[] = {
    {AT(timestamp), STR_INIT("Timestamp"), true}, {AT(action), STR_INIT("Action"), false},
    {AT(version), STR_INIT("Version"), false},    {AT(nonce), STR_INIT("Nonce"), true},
    {AT(secret_id), STR_INIT("SecretId"), false}, {AT(signature), STR_INIT("Signature"), false},
};

static const struct required required_v3[] = {
    {AT(action), STR_INIT("X-TC-Action"), false},
    {AT(timestamp), STR_INIT("X-TC-Timestamp"), true},
    {AT(version), STR_INIT("X-TC-Version"), false},
};

/* Version 3 has its own message for a missing header. */
static int check_required(struct call *c, const struct required *row)
{
    const struct str *value = (const struct str *)(const void *)((const char *)&c->common + row->offset);
    uint64_t number;
    if (value->n == 0 && c->v1)
        return call_fail_with(c, ERR_MISSING_PARAMETER, ARGS(row->name));
    if (value->n == 0)
        return call_fail_with(c, ERR_MISSING_PARAMETER_HEADER, ARGS(row->name));
    if (row->number && str_to_u64(*value, &number) != 0)
        return call_fail_with(c, ERR_INVALID_PARAMETER_TYPE, ARGS(row->name, STR("integer")));
    return 0;
}

/* The product is known from here on: the version and the action are read, and the credential scope is checked
 * against its name. */
int step_common(struct call *c)
{
    const struct required *rows = c->v1 ? required_v1 : required_v3;
    size_t n = c->v1 ? sizeof required_v1 / sizeof *rows : sizeof required_v3 / sizeof *rows;
    if (c->v1) /* it has none in headers */
        c->common = read_form(&c->form);
    c->product = route_product(c);
    for (size_t i = 0; i < n; i++)
        if (check_required(c, &rows[i]) != 0)
            return -1;
    return str_to_i64(c->common.timestamp, &c->timestamp) == 0
               ? 0
               : call_fail_with(c, ERR_INVALID_PARAMETER_TYPE,
                                ARGS(c->v1 ? STR("Timestamp") : STR("X-TC-Timestamp"), STR("integer")));
}

/* Accepts zh-CN and en-US and rejects any other (observed text, docs/fidelity.md). */
int step_language(struct call *c)
{
    struct str language = c->common.language;
    if (language.n == 0 || str_eq(language, STR("zh-CN")) || str_eq(language, STR("en-US")))
        return 0;
    return call_fail_with(c, ERR_INVALID_PARAMETER_VALUE_NAMED,
                          ARGS(c->v1 ? STR("Language") : STR("X-TC-Language")));
}

/* --- the parameters of the action --- */

/* A version 3 GET has its common parameters in headers, so its whole query belongs to the action. */
static int tree_of_form(struct call *c, struct node **ret_tree)
{
    static const enum error_id form_errors[] = {
        [FORM_REPEATED] = ERR_INVALID_PARAMETER_FORM_REPEATED,
        [FORM_ARRAY] = ERR_INVALID_PARAMETER_FORM_ARRAY,
        [FORM_DEPTH] = ERR_INVALID_PARAMETER_FORM_FORMAT,
    };
    struct str key;
    enum form_fault fault =
        form_tree(c->arena, &c->form, c->v1 ? call_is_common_param : NULL, ret_tree, &key);
    return fault == FORM_OK ? 0 : call_fail_with(c, form_errors[fault], ARGS(key));
}

/* Without the "; charset=utf-8" that SDKs add. */
static struct str media_type(const struct call *c)
{
    struct str value = request_header(&c->request, STR("Content-Type"));
    return str_trim(str_head(value, str_find(value, ';')));
}

/* An empty body is no JSON object, so even an action without parameters needs "{}". */
static int tree_of_json(struct call *c, struct node **ret_tree)
{
    struct str type = media_type(c);
    size_t bad;
    if (!str_eq_nocase(type, STR("application/json")))
        return call_fail_with(c, ERR_UNSUPPORTED_PROTOCOL_CONTENT_TYPE, ARGS(type));
    if (json_parse(c->arena, c->request.body, ret_tree, &bad) != 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_JSON, "body.syntax",
                                   "the body is not JSON from byte %zu on (the first is 0); it has %zu", bad,
                                   c->request.body.n);
    if ((*ret_tree)->kind != NODE_OBJECT)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_JSON, "body.no-object",
                                   "the body is JSON, but no object of parameters");
    return 0;
}

/* Fails the call with the path of the parameter; its value is left out, because it may be a secret. */
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

/* Fills c->in; the parameters then have the types of the schema, and defaults where they were absent. */
int step_decode(struct call *c)
{
    assert(c->action && !c->in);
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

/* The answer has the code of the rule; which parameter broke which rule is in the explanation only. */
int step_rules(struct call *c)
{
    assert(c->in);
    struct rule_failure failure;
    if (rules_check(c->arena, c->action->in, c->in, &failure) == 0)
        return 0;
    c->refused_rule = failure.rule;
    c->refused_path = failure.path;
    return call_fail_explained(c, failure.rule->code, "parameter.rule", "%.*s %.*s", STR_ARG(failure.path),
                               STR_ARG(rule_sentence(c->arena, failure.rule, LANG_EN)));
}
