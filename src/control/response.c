/*
 * Errors of the control API. An error has a code for programs, which follows from the HTTP status, a sentence
 * about the problem, and a hint how to solve it: users read the hint more often than the documentation.
 */
#include "control/response.h"

#include <assert.h>

#include "base/limits.h"
#include "gen/control.h"
#include "wire/encode.h"

enum { ERROR_FIRST_ROOM = 512 };

/* The first error wins: k->status shows whether there was one. */
int control_fail(struct control *k, int status, struct str message, struct str hint)
{
    assert(status >= HTTP_BAD_REQUEST && message.n > 0);
    assert(k->status < HTTP_BAD_REQUEST);
    k->status = status;
    k->error = message;
    k->hint = hint;
    return -1;
}

int control_fail_request(struct control *k, struct str message, struct str hint)
{
    return control_fail(k, HTTP_BAD_REQUEST, message, hint);
}

int control_fail_store(struct control *k)
{
    const char *problem = db_message(k->call->world->db);
    return control_fail(k, HTTP_FAILED, arena_printf(k->call->arena, "the store failed: %s", problem),
                        STR("look at the disk"));
}

int control_fail_name(struct control *k, const char *what, const struct suggestion *suggestion)
{
    return control_fail_request(
        k, arena_printf(k->call->arena, "there is no %s %.*s", what, STR_ARG(suggestion->wanted)),
        control_suggest_hint(k, suggestion));
}

/* Without a similar name the hint says where all names are. */
struct str control_params_example(struct control *k)
{
    const struct product *p = registry_default(k->call->world->registry);
    return arena_printf(k->call->arena, "{\"%.*s\":\"%.*s\",\"%.*s\":\"%.*s\"}", STR_ARG(p->resource.param),
                        STR_ARG(p->examples.resource), STR_ARG(p->examples.path),
                        STR_ARG(p->examples.path_value));
}

int control_fail_action(struct control *k, struct str action)
{
    struct suggestion suggestion;
    suggest_init(&suggestion, action);
    action_offer(k->call->world->registry, &suggestion);
    if (suggestion.best.p)
        return control_fail_name(k, "action", &suggestion);
    return control_fail_request(k, arena_printf(k->call->arena, "there is no action %.*s", STR_ARG(action)),
                                STR("GET /_virga/coverage?actions=all lists them"));
}

struct str control_suggest_hint(struct control *k, const struct suggestion *suggestion)
{
    if (suggestion->best.p)
        return arena_printf(k->call->arena, "did you mean %.*s?", STR_ARG(suggestion->best));
    return STR("GET /_virga/openapi.json describes it");
}

/* A copy of *e, because shapes have objects as pointers that are not const. */
struct str control_error_json(struct arena *a, const struct error_detail *e)
{
    struct error_detail detail = *e;
    struct error error = {&detail};
    struct buf b;
    buf_init(&b, a, ERROR_FIRST_ROOM, LIMIT_ANSWER);
    encode_object(&b, &error_shape, &error);
    return buf_str(&b);
}

/* The code for programs that belongs to the HTTP status. */
static struct str code_of(int status)
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
    const size_t n = sizeof codes / sizeof codes[0];
    size_t i = 0;
    while (i < n && codes[i].status != status)
        i++;
    assert(i < n); /* each status above has a code */
    return codes[i].code;
}

struct str control_failure_json(const struct control *k)
{
    return control_error_json(k->call->arena, &(struct error_detail){code_of(k->status), k->error, k->hint});
}
