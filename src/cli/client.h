/*
 * One HTTP request to a virga server, over TCP or a Unix socket, with a time limit for the whole exchange.
 *
 * libcurl sends it. The library is loaded at the first request: loading it takes some milliseconds and the
 * server, which never needs it, must start fast. No proxy is used, whatever the environment says, and no TLS:
 * virga's plain port is always open.
 */
#ifndef VIRGA_CLI_CLIENT_H
#define VIRGA_CLI_CLIENT_H

#include "base/arena.h"
#include "wire/request.h"

/* Where to connect: "http://127.0.0.1:8328", "http://[::1]:8328", or "unix:/run/virga.sock". */
struct client_address {
    const char *socket;   /* the path of a Unix socket; NULL: over TCP */
    struct str authority; /* host:port as the header Host has it; "localhost" for a Unix socket */
};

/* -1 when the text has none of the three forms. */
int client_address_parse(struct arena *a, struct str endpoint, struct client_address *ret_address);

struct client_response {
    int status;
    struct str body;
};

/* Sends the request (method, path with its query, headers, body) and reads the whole response, both in the
 * arena. Host and Content-Length are added. Returns -1 and a sentence when no complete response arrived
 * within `timeout_ms`, or when it is longer than LIMIT_CLI_TEXT. */
int client_send(struct arena *a, const struct client_address *to, const struct request *r, int64_t timeout_ms,
                struct client_response *ret_response, struct str *ret_problem);

#endif
