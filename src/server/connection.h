/*
 * The table of open connections of all listeners. When there are too many, each new one evicts the one that
 * has been idle for the longest time: otherwise a thousand idle connections would lock out every other
 * client.
 */
#ifndef VIRGA_SERVER_CONNECTION_H
#define VIRGA_SERVER_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

struct exchange;
struct os_peers;

/* One connection. It is in the list while the server waits for its client, and may be evicted then. */
struct connection {
    int fd;
    bool listed;
    bool peer_closed;          /* the client sends nothing more; most clients have gone then */
    struct exchange *exchange; /* of the request that has begun; NULL between two requests */
    struct connection *older, *newer;
};

enum { CONNECTION_CLOSED_ROOM = 64 };

struct connections {
    struct connection *oldest, *newest;
    struct connection *closed[CONNECTION_CLOSED_ROOM]; /* see connection_take_closed; NULL: it has ended */
    size_t n_closed;
    size_t n;    /* all open ones, also those that are not in the list */
    size_t most; /* more than these evict one for each new one */
    struct os_peers *peers;
};

/* Raises the limit of descriptors as far as the system allows, and sets `most` to what they suffice for: at
 * most LIMIT_CONNECTIONS_KEPT. */
void connection_table_init(struct connections *c);
/* All connections must have been removed. */
void connection_table_done(struct connections *c);

/* Adds a new connection. When there are too many, the socket of another one is shut down; libmicrohttpd then
 * reports its end, and connection_remove follows. The result is valid until then. */
struct connection *connection_add(struct connections *c, int fd);
/* Removes a connection that has ended, whichever side ended it. */
void connection_remove(struct connections *c, struct connection *connection);

/* Shuts the socket down: libmicrohttpd, whose descriptor it is, finds the end of the connection, closes it
 * and reports it. */
void connection_end(struct connection *connection);

/* Fills `closed` with connections whose client has closed its side, and sets their `peer_closed`; those for
 * which there is no room stay for the next call. libmicrohttpd does not find that while a connection is
 * suspended, nor when the end arrived together with data. To be called before it runs, so that it reads that
 * data before connection_find_end; connections that it accepts meanwhile come with the next call. */
void connection_take_closed(struct connections *c);
/* When `peer_closed`: lets libmicrohttpd look at the socket again, where it finds the end. To be called
 * whenever it has read from the socket, since it does not look for more after that. What it had not read
 * before, it reads then, instead of the end. */
void connection_find_end(struct connection *connection);

/* The client has sent something, or was answered: now it is the last to be evicted. */
void connection_touch(struct connections *c, struct connection *connection);
/* The client waits for the server now: it is not evicted until the next connection_touch. */
void connection_pin(struct connections *c, struct connection *connection);

#endif
