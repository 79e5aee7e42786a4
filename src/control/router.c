/* How a function of a route refuses. */
#include "control/router.h"

#include "base/limits.h"
#include "control/guard.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/form.h"
#include "wire/json.h"

int control_fail(struct control *k, int status, struct str message, struct str hint)
{
    k->status = status;
    k->error = message;
    k->hint = hint;
    return -1;
}

int control_fail_store(struct control *k)
{
    const char *problem = db_message(k->call->world->db);
    return control_fail(k, HTTP_FAILED, arena_printf(k->call->arena, "the store failed: %s", problem),
                        STR("look at the disk"));
}

struct str control_suggest_hint(struct control *k, const struct suggestion *suggestion)
{
    if (suggestion->best.p)
        return arena_printf(k->call->arena, "did you mean %.*s?", STR_ARG(suggestion->best));
    return STR("GET /_virga/openapi.json describes it");
}

struct str control_params_example(struct control *k)
{
    const struct product *p = registry_default(k->call->world->registry);
    return arena_printf(k->call->arena, "{\"%.*s\":\"%.*s\",\"%.*s\":\"%.*s\"}", STR_ARG(p->resource.param),
                        STR_ARG(p->examples.resource), STR_ARG(p->examples.path),
                        STR_ARG(p->examples.path_value));
}

/* --- router --- */

/* Routes are few and a request is rare beside a call: they are tried one after the other. */

enum { ANSWER_FIRST_ROOM = 512 };

/* --- finding the route --- */

static bool is_variable(struct str part)
{
    return str_starts(part, STR("{"));
}

/* Part by part; what stands for a variable is taken undecoded, and an empty one is none. */
static bool path_matches(struct str pattern, struct str path, struct str *ret_id)
{
    struct str want, have;
    while (str_next(&pattern, '/', &want)) {
        if (!str_next(&path, '/', &have))
            return false;
        if (is_variable(want) && have.n > 0)
            *ret_id = have;
        else if (!str_eq(want, have))
            return false;
    }
    return path.p == NULL;
}

static const struct control_route *find_route(struct control *k, bool *ret_path_known)
{
    const struct request *r = &k->call->request;
    *ret_path_known = false;
    for (size_t i = 0; i < n_control_routes; i++) {
        if (!path_matches(control_routes[i].path, r->path, &k->id))
            continue;
        *ret_path_known = true;
        if (str_eq(control_routes[i].method, r->method))
            return &control_routes[i];
    }
    return NULL;
}

/* --- what comes in --- */

/* The field that an unknown one may have been meant to be: at the top, where nearly all are. */
static struct str hint_of(struct control *k, const struct shape *shape, const struct decode_error *e)
{
    struct suggestion suggestion;
    if (e->fault == DECODE_TYPE)
        return arena_printf(k->call->arena, "its type is %s", e->expected);
    suggest_init(&suggestion, e->path);
    for (size_t i = 0; e->fault == DECODE_UNKNOWN && i < shape->n_fields; i++)
        suggest_offer(&suggestion, shape->fields[i].name);
    return control_suggest_hint(k, &suggestion);
}

static int fail_decode(struct control *k, const struct shape *shape, const struct decode_error *e)
{
    static const struct str words[] = {
        [DECODE_UNKNOWN] = STR_INIT(" is not known here"),
        [DECODE_REPEATED] = STR_INIT(" is there twice"),
        [DECODE_TYPE] = STR_INIT(" has the wrong type"),
        [DECODE_MISSING] = STR_INIT(" is missing"),
    };
    struct str where = e->path.n > 0 ? e->path : STR("the body");
    struct str message = CONCAT(k->call->arena, where, words[e->fault]);
    return control_fail(k, HTTP_BAD_REQUEST, message, hint_of(k, shape, e));
}

/* Decodes one part of the request by its shape; all of the part's rules hold afterwards. */
static int take(struct control *k, const struct shape *shape, const struct node *tree, void **ret_value)
{
    struct decode_error error;
    struct rule_failure failure;
    void *value = arena_zalloc(k->call->arena, shape->size);
    if (decode(k->call->arena, shape, tree, value, &error) != 0)
        return fail_decode(k, shape, &error);
    if (rules_check(k->call->arena, shape, value, &failure) != 0)
        return control_fail(
            k, HTTP_BAD_REQUEST,
            CONCAT(k->call->arena, failure.path, STR(" "), rule_sentence(k->call->arena, failure.rule)),
            STR("GET /_virga/openapi.json describes it"));
    *ret_value = value;
    return 0;
}

static int take_query(struct control *k, const struct shape *shape, void **ret_query)
{
    struct form form;
    struct node *tree;
    struct str key;
    if (form_parse(k->call->arena, k->call->request.query, &form) != FORM_OK ||
        form_tree(k->call->arena, &form, NULL, &tree, &key) != FORM_OK)
        return control_fail(k, HTTP_BAD_REQUEST, STR("the query is not of the form a=1&b=2"), STR(""));
    return take(k, shape, tree, ret_query);
}

/* No body is an empty object: whoever has nothing to say need not say that. */
static int take_body(struct control *k, const struct shape *shape, void **ret_body)
{
    struct str text = str_trim(k->call->request.body);
    struct node *tree = node_new(k->call->arena, NODE_OBJECT);
    if (text.n > 0 && (json_parse(k->call->arena, text, &tree, NULL) != 0 || tree->kind != NODE_OBJECT))
        return control_fail(k, HTTP_BAD_REQUEST, STR("the body is not a JSON object"), STR(""));
    return take(k, shape, tree, ret_body);
}

/* --- what goes out --- */

/* The word for a program and the sentence for a person; the status on the line says the same once more. */
static void put_error(struct buf *b, const struct control *k)
{
    static const struct {
        int status;
        struct str code;
    } codes[] = {
        {HTTP_BAD_REQUEST, STR_INIT("bad_request")},
        {HTTP_FORBIDDEN, STR_INIT("forbidden")},
        {HTTP_NOT_FOUND, STR_INIT("not_found")},
        {HTTP_METHOD_NOT_ALLOWED, STR_INIT("method_not_allowed")},
        {HTTP_CONFLICT, STR_INIT("conflict")},
        {HTTP_TOO_LARGE, STR_INIT("too_large")},
        {HTTP_FAILED, STR_INIT("store_failed")},
        {HTTP_UNAVAILABLE, STR_INIT("not_ready")},
    };
    struct str code = STR("failed");
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].status == k->status)
            code = codes[i].code;
    buf_put(b, STR("{\"error\":{\"code\":"));
    buf_put_json_string(b, code);
    buf_put(b, STR(",\"message\":"));
    buf_put_json_string(b, k->error);
    buf_put(b, STR(",\"hint\":"));
    buf_put_json_string(b, k->hint);
    buf_put(b, STR("}}"));
}

static int fail_route(struct control *k, bool path_known)
{
    const struct request *r = &k->call->request;
    struct str message =
        arena_printf(k->call->arena, "there is no %.*s %.*s", STR_ARG(r->method), STR_ARG(r->path));
    return control_fail(k, path_known ? HTTP_METHOD_NOT_ALLOWED : HTTP_NOT_FOUND, message,
                        STR("GET /_virga/openapi.json lists what there is"));
}

static int check_body_size(struct control *k)
{
    const struct request *r = &k->call->request;
    size_t most = control_body_max(r->path);
    if (!r->body_cut && r->body.n <= most)
        return 0;
    return control_fail(k, HTTP_TOO_LARGE, STR("the body is too large"),
                        arena_printf(k->call->arena, "at most %zu bytes are read", most));
}

static int run_route(struct control *k, const struct control_route *route, void *answer)
{
    void *query = NULL, *body = NULL;
    if (check_body_size(k) != 0)
        return -1;
    if (route->query && take_query(k, route->query, &query) != 0)
        return -1;
    if (route->body && take_body(k, route->body, &body) != 0)
        return -1;
    return route->run(k, query, body, answer);
}

bool control_owns(struct str path)
{
    return str_eq(path, STR("/_virga")) || str_starts(path, STR("/_virga/"));
}

size_t control_body_max(struct str target)
{
    return str_starts(target, STR("/_virga/state")) ? LIMIT_STATE : LIMIT_BODY_V3;
}

int control_lost(struct call *c, const char *problem)
{
    struct control k = {.call = c};
    struct str message = arena_printf(c->arena, "the change could not be kept: %s", problem);
    (void)control_fail(&k, HTTP_FAILED, message, STR("nothing has changed; look at the disk"));
    buf_init(&k.text, c->arena, ANSWER_FIRST_ROOM, LIMIT_ANSWER);
    put_error(&k.text, &k);
    c->answer = buf_str(&k.text);
    return k.status;
}

/* Whoever may not ask is not told what there is. */
static int run(struct control *k, const struct control_route *route, bool path_known, void *answer)
{
    if (guard_check(k) != 0)
        return -1;
    return route ? run_route(k, route, answer) : fail_route(k, path_known);
}

/* Half an answer is none. */
static void fail_size(struct control *k)
{
    (void)control_fail(k, HTTP_FAILED, STR("the answer is too large"), STR("ask for less of it: limit=100"));
    buf_init(&k->text, k->call->arena, ANSWER_FIRST_ROOM, LIMIT_ANSWER);
    put_error(&k->text, k);
}

/* An answer that was begun is thrown away when the function fails: half of one would be neither. */
int control_run(struct call *c, const char **ret_content_type)
{
    struct control k = {.call = c, .status = HTTP_OK};
    bool path_known;
    const struct control_route *route = find_route(&k, &path_known);
    void *answer = route && route->answer ? arena_zalloc(c->arena, route->answer->size) : NULL;
    buf_init(&k.text, c->arena, ANSWER_FIRST_ROOM, LIMIT_ANSWER);
    *ret_content_type = route ? route->content_type : "application/json";
    if (run(&k, route, path_known, answer) != 0) {
        *ret_content_type = "application/json";
        buf_clear(&k.text);
        put_error(&k.text, &k);
    } else if (answer) {
        encode_object(&k.text, route->answer, answer);
    }
    if (k.text.over)
        fail_size(&k);
    c->answer = buf_str(&k.text);
    return k.status;
}
