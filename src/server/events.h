/*
 * Server-sent events: who listens, and what each has been told.
 *
 * There is no queue: the journal is one, bounded already, and each listener has its place in it. One that is
 * too slow finds that the journal has forgotten what it was to be told, and is told that. A listener with
 * nothing to read is a suspended connection.
 */
#ifndef VIRGA_SERVER_EVENTS_H
#define VIRGA_SERVER_EVENTS_H

#include "core/call.h"

struct MHD_Connection;
struct subscriber;

struct events {
    struct world *world;
    struct subscriber *first;
    size_t n;
    int64_t next_beat_ns; /* when all are told that the server is still there */
    bool ending;
};

/* Begins the answer to the request in *c: `c->answer`, then everything that happens from now on, or after the
 * event that its Last-Event-ID names. -1 when there are too many listeners already. */
int events_listen(struct events *e, struct MHD_Connection *connection, const struct call *c);

/* How long the loop may wait at most until events_wake has something to do; -1 for ever. */
int events_wait_ms(const struct events *e);
/* Lets those go on who have something to read. True when there were any. */
bool events_wake(struct events *e);
/* Ends all answers. */
void events_end(struct events *e);

#endif
