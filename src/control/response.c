/*
 * How a request to the control API is refused. An error has a word for programs, which follows from the HTTP
 * status, a sentence that says what is wrong, and a hint that says what to do: a user of the API reads the
 * hint more often than its documentation.
 */
#include "control/response.h"

#include <assert.h>

#include "base/limits.h"
#include "gen/control.h"
#include "wire/encode.h"

enum { ERROR_FIRST_ROOM = 512 };

/* k->status says whether the request was refused already: the first error wins. */
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
int control_fail_action(struct control *k, struct str action)
{
    struct suggestion suggestion;
    suggest_init(&suggestion, action);
    action_offer(k->call->world->product, &suggestion);
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

/* The word for a program that goes with the HTTP status. */
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
