/* Answers that wait for their time: suspended exchanges, the nearest first. A delay is a timer here and never
 * a sleep. */
#ifndef VIRGA_SERVER_PENDING_H
#define VIRGA_SERVER_PENDING_H

#include <microhttpd.h>

#include "server/exchange.h"

struct delays {
    struct exchange *first; /* by due_ns */
};

/* Takes in an exchange that is suspended already. It is due when its call's delay is over. */
void delayed_add(struct delays *d, struct exchange *x);

/* The next one whose time has come, taken out; NULL when there is none. INT64_MAX takes out any. */
struct exchange *delayed_take(struct delays *d, int64_t now_ns);

/* How long until the first is due, rounded up; -1 when none waits. */
int delayed_wait_ms(const struct delays *d, int64_t now_ns);

/* --- held --- */

/*
 * Answers that are made and may not go out yet.
 *
 * A call that changed the store waits for its turn's commit and then for the disk, so that nobody is told of
 * what a power cut could take back; one that a fault delays waits for its time, behind that. In between it
 * stands in exactly one of the lists below, as a suspended connection. The loop (server/loop.h) says when a
 * turn is committed and what is safe.
 */

struct pending {
    struct world *world;
    struct exchange_list turn;    /* changed the store in this turn, not committed yet */
    struct exchange_list waiting; /* committed, not on the disk yet; tickets ascend */
    struct exchange_list
        reported;         /* in the journal, and not in its file yet; without such a file never any */
    struct delays delays; /* what a fault holds back */
    bool stopping;        /* no fault holds anything back any more */
    bool resumed;         /* connections were resumed since this was last cleared */
};

/* The call is over: its answer goes out, or waits for what it has to wait for. For the handler to return. */
enum MHD_Result pending_respond(struct pending *h, struct exchange *x);

/* Lets those go whose delay is over; at the end of the program all of them. */
void pending_release_due(struct pending *h);

/* True when calls of this turn wait for the commit. */
bool pending_awaits_commit(const struct pending *h);
/* The turn is committed; its calls are safe once `ticket` is (store/sync.h). */
void pending_committed(struct pending *h, uint64_t ticket);
/* The turn was rolled back: its calls are answered with the store's error. */
void pending_commit_failed(struct pending *h);
/* The journal's file has the turn's calls: answers those that waited for that alone. */
void pending_journal_written(struct pending *h);
/* Everything up to `ticket` is on the disk: answers those calls. */
void pending_synced(struct pending *h, uint64_t ticket);
/* The disk refused: all calls that still wait are answered with the store's error. */
void pending_sync_failed(struct pending *h);

#endif
