/*
 * The loop: one thread that waits for requests, for the disk and for signals, and turns the first into the
 * second.
 *
 * Each turn lets every ready request run, then commits once for all of them. With a file, the commit's write
 * is forced to the disk by the helper thread (store/sync.h) while the next turn runs.
 */
#ifndef VIRGA_SERVER_LOOP_H
#define VIRGA_SERVER_LOOP_H

#include "server/http.h"

enum loop_end { LOOP_STOPPED, LOOP_DISK_FAILED, LOOP_CANNOT_START };

/* Blocks the signals that end the program, so that they wait for the loop. Before any thread is made. */
void loop_block_signals(void);

/* Runs until SIGTERM or SIGINT: then takes no more connections, answers what is in flight and returns.
 * LOOP_DISK_FAILED when a sync was refused: what was committed since the last good one may not survive, so
 * the program must not go on promising. */
enum loop_end loop_run(struct world *w, struct http *h);

#endif
