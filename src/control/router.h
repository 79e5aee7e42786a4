/*
 * Runs a request under /_virga/: finds the route, calls its function, and makes the answer from its result.
 *
 * Everything about a route is data: its method and path, and the shapes of query, body and answer. So one
 * function checks all requests: the access (control/guard.h), the size of the body, its form, and the rules
 * of the schema.
 */
#ifndef VIRGA_CONTROL_ROUTER_H
#define VIRGA_CONTROL_ROUTER_H

#include "control/response.h"

struct shape;

struct control_route {
    struct str method, path; /* a part "{...}" of the path matches any part that is not empty */
    const struct shape *query, *body, *answer; /* NULL where there is none */
    int (*run)(struct control *k, const void *query, const void *body, void *answer);
    const char *content_type;
};

/* Generated from schema/control/. */
extern const struct control_route control_routes[];
extern const size_t n_control_routes;
extern const struct control_openapi {
    struct str gzip;
    size_t n; /* without compression */
} control_openapi;

/* Does the path (without its query) belong to the control API, whether such a route exists or not? */
bool control_owns(struct str path);

/* How many bytes a body for this path may have. */
size_t control_body_max(struct str path);

/* Runs the request in *c, writes c->answer and returns the HTTP status. */
int control_run(struct call *c, const char **ret_content_type);

/* To be called when a change could not be made durable: writes that error as c->answer and returns the HTTP
 * status. */
int control_lost(struct call *c, const char *problem);

#endif
