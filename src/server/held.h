/*
 * Answers that are made and may not go out yet.
 *
 * A call that changed the store waits for its turn's commit and then for the disk, so that nobody is told of
 * what a power cut could take back; one that a fault delays waits for its time, behind that. In between it
 * stands in exactly one of the lists below, as a suspended connection. The loop (server/loop.h) says when a
 * turn is committed and what is safe.
 */
#ifndef VIRGA_SERVER_HELD_H
#define VIRGA_SERVER_HELD_H

#include <microhttpd.h>

#include "server/delay.h"

struct held {
    struct world *world;
    struct exchange_list turn;    /* changed the store in this turn, not committed yet */
    struct exchange_list waiting; /* committed, not on the disk yet; tickets ascend */
    struct exchange_list told;    /* in the journal, and not in its file yet; without such a file never any */
    struct delays delays;         /* what a fault holds back */
    bool stopping;                /* no fault holds anything back any more */
    bool resumed;                 /* connections were resumed since this was last cleared */
};

/* The call is over: its answer goes out, or waits for what it has to wait for. For the handler to return. */
enum MHD_Result held_answer(struct held *h, struct exchange *x);

/* Lets those go whose delay is over; at the end of the program all of them. */
void held_release_due(struct held *h);

/* True when calls of this turn wait for the commit. */
bool held_has_turn(const struct held *h);
/* The turn is committed; its calls are safe once `ticket` is (store/sync.h). */
void held_turn_committed(struct held *h, uint64_t ticket);
/* The turn was rolled back: its calls are answered with the store's error. */
void held_turn_lost(struct held *h);
/* The journal's file has the turn's calls: answers those that waited for that alone. */
void held_turn_told(struct held *h);
/* Everything up to `ticket` is on the disk: answers those calls. */
void held_durable(struct held *h, uint64_t ticket);
/* The disk refused: all calls that still wait are answered with the store's error. */
void held_all_lost(struct held *h);

#endif
