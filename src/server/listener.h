/*
 * Listeners: each is a daemon of libmicrohttpd with its own listening socket. One loop
 * runs all of them. Only server/http.c uses this.
 */
#ifndef VIRGA_SERVER_LISTENER_H
#define VIRGA_SERVER_LISTENER_H

#include <microhttpd.h>
#include <poll.h>

#include "server/connection.h"
#include "server/socket.h"

struct http;

struct listener;

/* The callbacks of libmicrohttpd; each gets the struct listener as its first argument. */
struct listener_handlers {
    void *(*on_target)(void *cls, const char *target, struct MHD_Connection *connection);
    size_t (*on_unescape)(void *cls, struct MHD_Connection *connection, char *text);
    MHD_AccessHandlerCallback on_request;
    MHD_RequestCompletedCallback on_completed;
    /* The connection of a request has ended and on_completed was not called for it. */
    void (*on_lost)(struct listener *l, struct exchange *x);
};

struct listener {
    struct listeners *listeners;
    struct MHD_Daemon *daemon;
    bool tls;
    bool plain_port;   /* neither TLS nor a Unix socket */
    bool made_room;    /* a connection was closed since the last run began */
    int64_t warned_ns; /* of the last warning about a client with the wrong protocol; 0: none */
};

struct listeners {
    struct http *http;
    struct world *world;
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

/* Opens all listeners that the options name. -1 with a sentence; listeners_close then closes those that were
 * opened. */
int listeners_open(struct listeners *all, const struct http_options *o, struct str *ret_problem);
/* Closes every connection and removes the Unix socket's path. */
void listeners_close(struct listeners *all);

/* The connection's row in the connection table. */
struct connection *listener_connection(struct MHD_Connection *connection);
/* The address of its client without the port, 4 or 16 bytes in network order, valid while the connection is
 * open; p == NULL for a Unix socket. */
struct str listener_peer(struct MHD_Connection *connection);

/* As http_poll, http_wait_ms, http_run and http_quiesce (server/http.h). */
size_t listeners_poll(const struct listeners *all, struct pollfd *ret_fds, size_t room);
int listeners_wait_ms(const struct listeners *all);
void listeners_run(struct listeners *all);
void listeners_quiesce(struct listeners *all);

#endif
