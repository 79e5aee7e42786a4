/*
 * The doors: each is a daemon of libmicrohttpd with a listening socket and an epoll descriptor of its own,
 * all run by the one loop. Only server/http.c knows them.
 */
#ifndef VIRGA_SERVER_LISTENER_H
#define VIRGA_SERVER_LISTENER_H

#include <microhttpd.h>

#include "server/connection.h"
#include "server/http_options.h"

struct http;

/* What libmicrohttpd calls; each gets the struct door as its first argument. */
struct listener_handlers {
    void *(*on_target)(void *cls, const char *target, struct MHD_Connection *connection);
    MHD_AccessHandlerCallback on_request;
    MHD_RequestCompletedCallback on_completed;
};

struct listener {
    struct listeners *listeners;
    struct MHD_Daemon *daemon;
    bool tls;
    bool plain_port;   /* neither TLS nor a Unix socket */
    bool made_room;    /* a connection has closed since the last run began */
    int64_t warned_ns; /* when it last warned of a client that speaks the other protocol; 0: never */
};

struct listeners {
    struct http *http;
    const struct listener_handlers *handlers;
    struct arena *arena;
    struct connections connections;
    /* Filled by listeners_open: */
    struct listener at[HTTP_LISTENERS_MAX];
    size_t n;
    uint16_t port, tls_port;
    bool loopback;
    struct unix_socket unix_socket;
};

/* Opens all that the options name. -1 and a sentence; what is open by then is left to listeners_close. */
int listeners_open(struct listeners *ds, const struct http_options *o, struct str *ret_problem);
void listeners_close(struct listeners *ds);

/* The connection's own place in the crowd. */
struct connection *listener_connection(struct MHD_Connection *connection);
/* The address of its client without the port: a view of what the library keeps for it. p == NULL for a Unix
 * socket. */
struct str listener_peer(struct MHD_Connection *connection);

/* As http_fds, http_wait_ms, http_run and http_quiesce (server/http.h). */
size_t listeners_fds(const struct listeners *ds, int ret_fds[HTTP_LISTENERS_MAX]);
int listeners_wait_ms(const struct listeners *ds);
void listeners_run(struct listeners *ds);
void listeners_quiesce(struct listeners *ds);

#endif
