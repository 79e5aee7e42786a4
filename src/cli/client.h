/*
 * A small HTTP/1.1 client for talking to virga: one request on a connection of its own, over TCP or a Unix
 * socket, with a time limit for the whole. Without TLS, since virga's plain port is always there.
 */
#ifndef VIRGA_CLI_CLIENT_H
#define VIRGA_CLI_CLIENT_H

#include "base/arena.h"
#include "wire/request.h"

/* Where to connect: "http://127.0.0.1:8328", "http://[::1]:8328", or "unix:/run/virga.sock". */
struct client_address {
    const char *host, *port; /* host without brackets; NULL for a Unix socket */
    const char *path;        /* of the Unix socket, else NULL */
    struct str authority;    /* what the header Host says */
};

/* -1 when the text is none of the three forms. */
int client_address_parse(struct arena *a, struct str endpoint, struct client_address *ret_address);

struct client_answer {
    int status;
    struct str body;
};

/* Sends the request (method, path with its query, headers, body; Host, Content-Length and Connection are
 * added) and reads the whole answer. -1 and a sentence when there is no whole answer. */
int client_send(struct arena *a, const struct client_address *to, const struct request *r, int64_t timeout_ms,
                struct client_answer *ret_answer, struct str *ret_problem);

/* Takes a whole HTTP answer apart, as it was read up to the connection's end. -1 when something of it is
 * missing or it is no HTTP. */
int client_parse(struct arena *a, struct str raw, struct client_answer *ret_answer);

#endif
