/*
 * The control API under /_virga/, for the functions of its routes: one request, and its errors. The API is
 * virga's own, never the cloud's.
 *
 * schema/control/ describes it; the generator makes the types of queries, bodies and answers. A route's
 * function gets its query and body decoded and checked, fills the answer and returns 0, or -1 after
 * control_fail. How a request finds its function is control/router.h. Errors have their own envelope:
 * {"error":{"code","message","hint"}}.
 */
#ifndef VIRGA_CONTROL_RESPONSE_H
#define VIRGA_CONTROL_RESPONSE_H

#include "base/buf.h"
#include "base/stream.h"
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

struct list_stream;

/* One request to the control API. */
struct control {
    struct call *call;
    struct str id;            /* the part of the path at the place of {...} in the route, undecoded */
    int status;               /* 200 until control_fail */
    struct str error, hint;   /* after control_fail */
    struct buf text;          /* the answer of a route without an answer type */
    struct stream *stream;    /* instead of `text`: makes the answer while it is sent */
    struct list_stream *list; /* makes one list of the answer, which the function leaves empty */
};

/* Rejects the request. `message` describes the problem, `hint` its solution. Always -1. The first error wins;
 * a second one for the same request is a bug. */
int control_fail(struct control *k, int status, struct str message, struct str hint);
/* The same for a request of the wrong form or with wrong values, the most frequent case. Always -1. */
int control_fail_request(struct control *k, struct str message, struct str hint);
/* The store failed. Always -1. */
int control_fail_store(struct control *k);
/* Rejects an unknown name of a `what` ("action", "region"); `suggestion` has compared it with the known ones.
 * Always -1. */
int control_fail_name(struct control *k, const char *what, const struct suggestion *suggestion);
/* The same for an action of the product: compares it with all of them. Always -1. */
int control_fail_action(struct control *k, struct str action);

/* The hint for parameters of a call: an object of two by their paths, from the default product's examples. */
struct str control_params_example(struct control *k);
/* The hint for an unknown name: the nearest one, or where the names are listed. */
struct str control_suggest_hint(struct control *k, const struct suggestion *suggestion);

struct error_detail;

/* The envelope of an error, in the arena. A hint with p == NULL is left out. */
struct str control_error_json(struct arena *a, const struct error_detail *e);
/* The envelope of the request that control_fail rejected. */
struct str control_failure_json(const struct control *k);

#endif
