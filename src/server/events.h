/*
 * Server-sent events: the subscribers, and which event each of them received last.
 *
 * There is no queue. The journal is one already, with a limit, and each subscriber has its place in it. A
 * subscriber that is too slow finds that the journal has dropped events that it did not receive, and gets the
 * event "dropped". A subscriber for which there is no event is a suspended connection.
 */
#ifndef VIRGA_SERVER_EVENTS_H
#define VIRGA_SERVER_EVENTS_H

#include "core/call.h"

struct MHD_Connection;
struct subscriber;

/* Zeroed but for `world`, it has no subscribers. */
struct events {
    struct world *world;
    struct subscriber *first;
    size_t n;
    int64_t next_heartbeat_ns; /* by clock_mono_ns: when all get a comment that keeps proxies from closing */
    bool ending;               /* the streams end as soon as libmicrohttpd asks for more of them */
};

/* Begins the response to the request in *c: `c->answer`, then each event from now on, or after the one that
 * its header Last-Event-ID names. -1 when there are LIMIT_SUBSCRIBERS already. */
int events_subscribe(struct events *e, struct MHD_Connection *connection, const struct call *c);

/* How long the loop may wait until events_wake has something to do: milliseconds; -1 without subscribers. */
int events_wait_ms(const struct events *e);
/* Resumes the subscribers for which there are events. True when there were any. */
bool events_wake(struct events *e);
/* The client of the connection has closed its side: ends its stream. True when that connection subscribed and
 * was resumed. */
bool events_unsubscribe(struct events *e, const struct MHD_Connection *connection);
/* Ends all streams. */
void events_end(struct events *e);

#endif
