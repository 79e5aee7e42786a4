/*
 * Pending responses: complete, but not sent yet.
 *
 * A call that changed the store waits for the commit of its loop iteration and then for the disk, so that no
 * client receives a change that a power cut could undo. A fault may delay it after that. With a journal file
 * (--journal) it waits until that file has the call. While it waits its connection is suspended:
 * libmicrohttpd neither reads from it nor closes it for being idle.
 *
 * A response that waits for nothing is gathered with the others of its iteration: all calls run first, then
 * all responses are sent. A response wakes its client, and a processor that changes between calls and the
 * system's network code at every call does both more slowly.
 *
 * Each exchange has one state (enum pending_state) and is in the list of that state. One function makes all
 * transitions and asserts their order. The loop (server/loop.h) reports what was committed and synced. A
 * subscriber of events is not here: its response never ends, and new events wake it (server/events.h).
 */
#ifndef VIRGA_SERVER_PENDING_H
#define VIRGA_SERVER_PENDING_H

#include <microhttpd.h>

#include "server/exchange.h"

/* Zeroed but for `world`, it holds nothing. */
struct pending {
    struct world *world;
    struct exchange_list lists[PENDING_STATES]; /* first come, first out; DELAYED by due_ns */
    size_t n_delayed, most_delayed;             /* above the latter no response is delayed */
    bool stopping;                              /* the program ends: no fault delays a response any more */
    bool gathers; /* responses that wait for nothing are gathered; else they are sent at once */
    bool resumed; /* the library has responses to send since this was last cleared */
};

/* To be called when the call has ended: queues its response, gathers it, or suspends the connection until it
 * may be sent. Called within libmicrohttpd's access handler, which returns the result. */
enum MHD_Result pending_respond(struct pending *p, struct exchange *x);

/* The client of a delayed response has closed its side: sends the response now. Most such clients have gone,
 * and the connection is free then. */
void pending_end_delay(struct pending *p, struct exchange *x);

/* Sends the responses whose delay is over; while `stopping` is set all delayed ones. */
void pending_release_due(struct pending *p);
/* How long until pending_release_due has something to do: milliseconds, rounded up; -1 when nothing is
 * delayed. */
int pending_wait_ms(const struct pending *p, int64_t now_ns);

/* True when calls of this iteration wait for the commit. */
bool pending_awaits_commit(const struct pending *p);
/* The iteration is committed; its calls are durable once `ticket` is (store/sync.h). Tickets ascend. */
void pending_committed(struct pending *p, uint64_t ticket);
/* The iteration was rolled back: its calls are answered with the store's error. */
void pending_commit_failed(struct pending *p);
/* Everything up to `ticket` is on the disk. */
void pending_synced(struct pending *p, uint64_t ticket);
/* The disk refused a sync: all calls that wait for one are answered with the store's error. */
void pending_sync_failed(struct pending *p);
/* The journal file has every call so far. */
void pending_journal_written(struct pending *p);

#endif
