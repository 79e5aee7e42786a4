/*
 * One HTTP request to a virga server, over TCP or a Unix socket, with a time limit for the whole exchange.
 *
 * libcurl sends it. The library is loaded at the first request: loading it takes some milliseconds and the
 * server, which seldom needs it, must start fast. To a server of virga no proxy is used, whatever the
 * environment says, and no TLS: its plain port is always open. An upstream (cli/upstream.h) has both.
 */
#ifndef VIRGA_CLI_CLIENT_H
#define VIRGA_CLI_CLIENT_H

#include "base/arena.h"
#include "wire/request.h"

/* Where to connect: "http://127.0.0.1:8328", "http://[::1]:8328", or "unix:/run/virga.sock". */
struct client_address {
    const char *socket;   /* the path of a Unix socket; NULL: over TCP */
    struct str authority; /* host:port as the header Host has it; "localhost" for a Unix socket */
    bool tls;             /* https; the certificate is checked */
    bool kept;            /* one connection for all requests */
    bool proxied;         /* by the environment's proxy, unless the address is of this machine */
    const char *ca;       /* a file of certificates to trust instead of the system's; NULL: none */
};

/* -1 when the text has none of the three forms. */
int client_address_parse(struct arena *a, struct str endpoint, struct client_address *ret_address);

/* The same for an upstream: "https://host", "https://host:port" or "http://host:port". -1 for anything else.
 */
int client_upstream_parse(struct arena *a, struct str url, struct client_address *ret_address);

struct client_response {
    int status;
    struct str body;
    struct str content_type; /* p == NULL: none */
};

/* Sends the request (method, path with its query, headers, body) and reads the whole response, both in the
 * arena. Host and Content-Length are added. Returns -1 and a sentence when no complete response arrived
 * within `timeout_ms`, or when it is longer than LIMIT_CLI_TEXT. */
int client_send(struct arena *a, const struct client_address *to, const struct request *r, int64_t timeout_ms,
                struct client_response *ret_response, struct str *ret_problem);

#endif
