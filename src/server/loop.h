/*
 * The loop: one thread that waits for requests, for the disk and for signals.
 *
 * Each iteration runs every request that is ready, then commits once for all of them. With a file, a helper
 * thread (store/sync.h) forces the commit to the disk while the next iteration runs.
 */
#ifndef VIRGA_SERVER_LOOP_H
#define VIRGA_SERVER_LOOP_H

#include "server/http.h"

enum loop_end { LOOP_STOPPED, LOOP_DISK_FAILED, LOOP_CANNOT_START };

/* Blocks the signals that end the program, so that the loop receives them. Must be called before any thread
 * is made: threads inherit it. */
void loop_block_signals(void);

/* Runs until SIGTERM or SIGINT, or until a client asks for the end: then accepts no more connections, answers
 * what is in flight and returns LOOP_STOPPED. LOOP_DISK_FAILED when a sync failed: what was committed since
 * the last good one may not survive, so the program must not make more promises. LOOP_CANNOT_START when a
 * descriptor or the helper thread cannot be made, which was logged. */
enum loop_end loop_run(struct world *w, struct http *h);

#endif
