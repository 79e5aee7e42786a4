/*
 * The doors: each is a daemon of libmicrohttpd with a listening socket and an epoll descriptor of its own,
 * all run by the one loop. Only server/http.c knows them.
 */
#ifndef VIRGA_SERVER_DOOR_H
#define VIRGA_SERVER_DOOR_H

#include <microhttpd.h>

#include "server/crowd.h"
#include "server/http_options.h"

struct http;

/* What libmicrohttpd calls; each gets the struct door as its first argument. */
struct door_handlers {
    void *(*on_target)(void *cls, const char *target, struct MHD_Connection *connection);
    MHD_AccessHandlerCallback on_request;
    MHD_RequestCompletedCallback on_completed;
};

struct door {
    struct doors *doors;
    struct MHD_Daemon *daemon;
    bool tls;
    bool plain_port;   /* neither TLS nor a Unix socket */
    bool made_room;    /* a connection has closed since the last run began */
    int64_t warned_ns; /* when it last warned of a client that speaks the other protocol; 0: never */
};

struct doors {
    struct http *http;
    const struct door_handlers *handlers;
    struct arena *arena;
    struct crowd crowd;
    /* Filled by doors_open: */
    struct door at[HTTP_DOORS_MAX];
    size_t n;
    uint16_t port, tls_port;
    bool loopback;
    struct unix_listener unix_door;
};

/* Opens all that the options name. -1 and a sentence; what is open by then is left to doors_close. */
int doors_open(struct doors *ds, const struct http_options *o, struct str *ret_why);
void doors_close(struct doors *ds);

/* The connection's own place in the crowd. */
struct seat *door_seat(struct MHD_Connection *connection);
/* The address of its client without the port: a view of what the library keeps for it. p == NULL for a Unix
 * socket. */
struct str door_peer(struct MHD_Connection *connection);

/* As http_fds, http_wait_ms, http_run and http_quiesce (server/http.h). */
size_t doors_fds(const struct doors *ds, int ret_fds[HTTP_DOORS_MAX]);
int doors_wait_ms(const struct doors *ds);
void doors_run(struct doors *ds);
void doors_quiesce(struct doors *ds);

#endif
