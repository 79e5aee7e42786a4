/*
 * Senders: responses whose body is a stream (base/stream.h).
 *
 * A sender holds one piece at a time, so a client that reads slowly, or not at all, costs the memory of one.
 * When the piece has been sent, its connection is suspended and waits in a queue. Each iteration of the loop
 * makes LIMIT_ITERATION_PIECES pieces for the first senders of the queue, so that downloads delay no call by
 * more than that, however many there are.
 */
#ifndef VIRGA_SERVER_SENDER_H
#define VIRGA_SERVER_SENDER_H

#include <microhttpd.h>

#include "server/exchange.h"

struct connections;
struct sender;

/* Zeroed but for `connections`, no sender waits. */
struct senders {
    struct connections *connections;
    struct sender *first, *last; /* the queue */
    bool ending;                 /* no more pieces are made */
};

/* Makes the sender of the exchange, whose call has a stream. */
void sender_open(struct senders *all, struct exchange *x);
/* Ends the stream with the exchange. Does nothing without a sender. */
void sender_close(struct exchange *x);
/* The response of the exchange's sender; NULL when libmicrohttpd has no memory for it. */
struct MHD_Response *sender_response(struct exchange *x);

/* Makes the pieces of this iteration and resumes their connections. To be called outside of the batch. */
void senders_run(struct senders *all);
/* True when senders_run has something to do. */
bool senders_wait(const struct senders *all);
/* Closes the connections of all senders before the end of their streams, as soon as they need another piece.
 */
void senders_end(struct senders *all);

#endif
