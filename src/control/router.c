/*
 * The checks come in this order: access of the client, the route, the size of the body, the shapes and rules
 * of the query and the body. The first check that fails decides the answer.
 *
 * There are few routes, and a request is rare compared with calls: routes are tried one after the other.
 */
#include "control/router.h"

#include <assert.h>

#include "base/limits.h"
#include "control/guard.h"
#include "control/list_stream.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/form.h"
#include "wire/json.h"
#include "wire/rules.h"

enum { ANSWER_FIRST_ROOM = 512 };

bool control_owns(struct str path)
{
    return str_eq(path, STR("/_virga")) || str_starts(path, STR("/_virga/"));
}

size_t control_body_max(struct str path)
{
    return str_starts(path, STR("/_virga/state")) ? LIMIT_STATE : LIMIT_BODY_V3;
}

/* --- finding the route --- */

static bool is_variable(struct str part)
{
    return str_starts(part, STR("{"));
}

/* Compares part by part. *ret_id is the part of the path at the place of the variable, undecoded. */
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

/* NULL when there is none; *ret_path_known says whether another method would find one. */
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

static int fail_route(struct control *k, bool path_known)
{
    const struct request *r = &k->call->request;
    struct str message =
        arena_printf(k->call->arena, "there is no %.*s %.*s", STR_ARG(r->method), STR_ARG(r->path));
    return control_fail(k, path_known ? HTTP_METHOD_NOT_ALLOWED : HTTP_NOT_FOUND, message,
                        STR("GET /_virga/openapi.json lists what there is"));
}

/* --- the query and the body --- */

/* The hint for an unknown field: the most similar one of the shape itself, which has nearly all fields;
 * fields of nested objects are not compared. A read-only field is not offered: the decoder rejects it too. */
static struct str decode_hint(struct control *k, const struct shape *shape, const struct decode_error *e)
{
    struct suggestion suggestion;
    if (e->fault == DECODE_TYPE)
        return arena_printf(k->call->arena, "its type is %s", e->expected);
    suggest_init(&suggestion, e->path);
    for (size_t i = 0; e->fault == DECODE_UNKNOWN && i < shape->n_fields; i++)
        if (!shape->fields[i].read_only)
            suggest_offer(&suggestion, shape->fields[i].name);
    return control_suggest_hint(k, &suggestion);
}

static int fail_decode(struct control *k, const struct shape *shape, const struct decode_error *e)
{
    static const struct str words[] = {
        [DECODE_UNKNOWN] = STR_INIT(" is not a known field"),
        [DECODE_REPEATED] = STR_INIT(" is given twice"),
        [DECODE_TYPE] = STR_INIT(" has the wrong type"),
        [DECODE_MISSING] = STR_INIT(" is missing"),
    };
    assert(e->fault < sizeof words / sizeof words[0]);
    struct str where = e->path.n > 0 ? e->path : STR("the body");
    return control_fail_request(k, CONCAT(k->call->arena, where, words[e->fault]), decode_hint(k, shape, e));
}

static int fail_rule(struct control *k, const struct rule_failure *failure)
{
    struct arena *a = k->call->arena;
    return control_fail_request(k,
                                CONCAT(a, failure->path, STR(" "), rule_sentence(a, failure->rule, LANG_EN)),
                                STR("GET /_virga/openapi.json describes it"));
}

/* Decodes the query or the body by its shape; all rules of the schema hold afterwards. */
static int decode_part(struct control *k, const struct shape *shape, const struct node *tree,
                       void **ret_value)
{
    struct decode_error error;
    struct rule_failure failure;
    void *value = arena_zalloc(k->call->arena, shape->size);
    if (decode(k->call->arena, shape, tree, value, &error) != 0)
        return fail_decode(k, shape, &error);
    if (rules_check(k->call->arena, shape, value, &failure) != 0)
        return fail_rule(k, &failure);
    *ret_value = value;
    return 0;
}

static int decode_query(struct control *k, const struct shape *shape, void **ret_query)
{
    struct form form;
    struct node *tree;
    struct str key;
    if (form_parse(k->call->arena, k->call->request.query, &form) != FORM_OK ||
        form_tree(k->call->arena, &form, NULL, &tree, &key) != FORM_OK)
        return control_fail_request(k, STR("the query is not of the form a=1&b=2"), STR(""));
    return decode_part(k, shape, tree, ret_query);
}

/* No body is the same as an empty object. */
static int decode_body(struct control *k, const struct shape *shape, void **ret_body)
{
    struct str text = str_trim(k->call->request.body);
    struct node *tree = node_new(k->call->arena, NODE_OBJECT);
    if (text.n > 0 && (json_parse(k->call->arena, text, &tree, NULL) != 0 || tree->kind != NODE_OBJECT))
        return control_fail_request(k, STR("the body is not a JSON object"), STR(""));
    return decode_part(k, shape, tree, ret_body);
}

/* The server has cut a longer body already; without it the size is known. */
static int check_body_size(struct control *k)
{
    const struct request *r = &k->call->request;
    size_t most = control_body_max(r->path);
    if (!r->body_cut && r->body.n <= most)
        return 0;
    return control_fail(k, HTTP_TOO_LARGE, STR("the body is too large"),
                        arena_printf(k->call->arena, "the limit is %zu bytes", most));
}

/* --- running --- */

/* Checks the request in the order in which a client can correct it, then calls the function. */
static int run_route(struct control *k, const struct control_route *route, void *answer)
{
    void *query = NULL, *body = NULL;
    if (check_body_size(k) != 0)
        return -1;
    if (route->query && decode_query(k, route->query, &query) != 0)
        return -1;
    if (route->body && decode_body(k, route->body, &body) != 0)
        return -1;
    int rc = route->run(k, query, body, answer);
    assert((rc == 0) == (k->status == HTTP_OK)); /* a function fails by control_fail and in no other way */
    return rc;
}

/* A client that may not use the API does not learn which routes there are. */
static int run(struct control *k, const struct control_route *route, bool path_known, void *answer)
{
    if (guard_check(k) != 0)
        return -1;
    return route ? run_route(k, route, answer) : fail_route(k, path_known);
}

/* Makes the first piece at once: an answer that fits in one piece is sent as any other, with its length. */
static void begin_stream(struct control *k, struct stream *stream)
{
    buf_init(&k->text, k->call->arena, LIMIT_PIECE, LIMIT_STATE); /* the largest item is a row of the state */
    enum stream_result result = stream->next(stream, &k->text);
    if (result == STREAM_MORE && !k->text.over)
        k->call->stream = stream;
    else if (stream->done)
        stream->done(stream);
    if (result == STREAM_BROKEN)
        (void)control_fail(k, HTTP_FAILED, STR("the answer could not be made"),
                           STR("the log has the reason"));
}

/* Writes what the function of the route has answered. */
static void encode_answer(struct control *k, const struct shape *shape, const void *answer)
{
    if (answer)
        encode_object(&k->text, shape, answer);
    if (k->list) {
        k->stream = list_stream_begin(k->list, k->call->arena, buf_str(&k->text));
    }
    if (k->stream)
        begin_stream(k, k->stream);
}

int control_run(struct call *c, const char **ret_content_type)
{
    struct control k = {.call = c, .status = HTTP_OK};
    bool path_known;
    const struct control_route *route = find_route(&k, &path_known);
    void *answer = route && route->answer ? arena_zalloc(c->arena, route->answer->size) : NULL;
    buf_init(&k.text, c->arena, ANSWER_FIRST_ROOM, LIMIT_ANSWER);
    *ret_content_type = route ? route->content_type : "application/json";
    if (run(&k, route, path_known, answer) == 0)
        encode_answer(&k, route->answer, answer);
    assert(!c->stream || !c->changed); /* a stream has begun when its change would be reported as lost */
    if (k.status == HTTP_OK && k.text.over)
        (void)control_fail(&k, HTTP_FAILED, STR("the answer is too large"),
                           STR("ask for a smaller part of it: limit=100"));
    if (k.status == HTTP_OK) {
        c->answer = buf_str(&k.text);
    } else { /* replaces an answer that was begun */
        *ret_content_type = "application/json";
        c->answer = control_failure_json(&k);
    }
    return k.status;
}

int control_lost(struct call *c, const char *problem)
{
    struct control k = {.call = c, .status = HTTP_OK};
    struct str message = arena_printf(c->arena, "the change could not be saved: %s", problem);
    (void)control_fail(&k, HTTP_FAILED, message, STR("nothing has changed; look at the disk"));
    c->answer = control_failure_json(&k);
    return k.status;
}
