/*
 * The open connections of all doors. When they become many, the one that has said nothing for the longest
 * time makes room for each new one: else a thousand that only stay would lock everybody out.
 */
#ifndef VIRGA_SERVER_CONNECTION_H
#define VIRGA_SERVER_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

/* One connection. It is in the list while its client has the word. */
struct connection {
    int fd;
    bool listed;
    struct connection *older, *newer;
};

struct connections {
    struct connection *oldest, *newest;
    size_t n;    /* all, also those that are not in the list */
    size_t most; /* the most that stay when one comes */
};

/* Asks the system for more descriptors, if that is allowed; `most` is what they suffice for, and at most
 * LIMIT_CONNECTIONS_KEPT. */
void connection_table_init(struct connections *c);

/* A connection has come. When there are too many, another one's socket is shut down, whose owner then finds
 * its end and calls connection_remove. */
struct connection *connection_add(struct connections *c, int fd);
/* The connection has ended, whoever ended it. The seat is given back. */
void connection_remove(struct connections *c, struct connection *connection);

/* The client has said something: nobody has been silent for a shorter time. */
void connection_touch(struct connections *c, struct connection *connection);
/* It waits for us now, until the next connection_touch: it is not turned out. */
void connection_pin(struct connections *c, struct connection *connection);

#endif
