/*
 * The open connections of all doors. When they become many, the one that has said nothing for the longest
 * time makes room for each new one: else a thousand that only stay would lock everybody out.
 */
#ifndef VIRGA_SERVER_CROWD_H
#define VIRGA_SERVER_CROWD_H

#include <stdbool.h>
#include <stddef.h>

/* One connection. It is in the list while its client has the word. */
struct seat {
    int fd;
    bool listed;
    struct seat *older, *newer;
};

struct crowd {
    struct seat *oldest, *newest;
    size_t n;    /* all, also those that are not in the list */
    size_t most; /* the most that stay when one comes */
};

/* Asks the system for more descriptors, if that is allowed; `most` is what they suffice for, and at most
 * LIMIT_CONNECTIONS_KEPT. */
void crowd_init(struct crowd *c);

/* A connection has come. When there are too many, another one's socket is shut down, whose owner then finds
 * its end and calls crowd_leave. */
struct seat *crowd_enter(struct crowd *c, int fd);
/* The connection has ended, whoever ended it. The seat is given back. */
void crowd_leave(struct crowd *c, struct seat *seat);

/* The client has said something: nobody has been silent for a shorter time. */
void crowd_stir(struct crowd *c, struct seat *seat);
/* It waits for us now, until the next crowd_stir: it is not turned out. */
void crowd_hold(struct crowd *c, struct seat *seat);

#endif
