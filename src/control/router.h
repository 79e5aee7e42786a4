/*
 * The control API under /_virga/, as a function of a route sees it: virga's own, never the cloud's. Its
 * errors have their own envelope: {"error":{"code","message","hint"}}.
 *
 * It is described in schema/control/; the generator makes the table of routes, the types of queries, bodies
 * and answers, and the OpenAPI document. A function of a route gets its query and body decoded and checked,
 * fills the answer and returns 0, or -1 after control_fail. How a request finds its function is
 * server/router.h.
 */
#ifndef VIRGA_CONTROL_ROUTER_H
#define VIRGA_CONTROL_ROUTER_H

#include "base/buf.h"
#include "base/suggest.h"
#include "core/call.h"

enum {
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_FORBIDDEN = 403,
    HTTP_NOT_FOUND = 404,
    HTTP_METHOD_NOT_ALLOWED = 405,
    HTTP_CONFLICT = 409,
    HTTP_TOO_LARGE = 413,
    HTTP_FAILED = 500,
    HTTP_UNAVAILABLE = 503
};

/* The content type of a route whose answer has only its beginning here; server/events.h sends the rest. */
#define EVENT_STREAM "text/event-stream"

/* One request to the control API. */
struct control {
    struct call *call;
    struct str id;          /* what stands for {...} in the route's path, undecoded */
    int status;             /* 200 until control_fail */
    struct str error, hint; /* after control_fail */
    struct buf text;        /* the answer of a route without an answer type */
};

/* Refuses the request. `message` says what is wrong, `hint` how to do it right. Always -1. */
int control_fail(struct control *k, int status, struct str message, struct str hint);
/* The store failed. Always -1. */
int control_fail_store(struct control *k);

/* The hint for a name that is not there: the nearest, or where to look. */
struct str control_suggest_hint(struct control *k, const struct suggestion *suggestion);

/* The hint for parameters of a call: an object of two by their paths, from the default product's examples. */
struct str control_params_example(struct control *k);

/* --- router --- */

/*
 * From a request under /_virga/ to the function of its route, and from what that filled in to an answer.
 *
 * Everything about a route is data: its method and path, the shapes of what comes in and goes out. So a
 * request is checked here once for all of them: who asks (server/guard.h), how large, of which form, by which
 * rules.
 */

struct control_route {
    struct str method, path;                   /* a part "{...}" of the path stands for any */
    const struct shape *query, *body, *answer; /* NULL where there is none */
    int (*run)(struct control *k, const void *query, const void *body, void *answer);
    const char *content_type;
};

/* Generated from schema/control/. */
extern const struct control_route control_routes[];
extern const size_t n_control_routes;
extern const struct str control_openapi;

/* Does the path (without its query) belong to the control API, whatever route it names? */
bool control_owns(struct str path);

/* Runs the request in *c, writes c->answer and returns the HTTP status. */
int control_run(struct call *c, const char **ret_content_type);

/* What the request changed could not be made durable: writes that as c->answer and returns the HTTP status.
 */
int control_lost(struct call *c, const char *problem);

/* How many bytes a body for this target may have. */
size_t control_body_max(struct str target);

#endif
