/*
 * Durability beside the loop: one helper thread that forces the write-ahead log to the disk.
 *
 * The loop commits with synchronous=NORMAL, which writes but does not wait, and asks here for a sync;
 * meanwhile it serves the next batch. When `sync_fd` becomes readable, `sync_reap` tells up to which ticket
 * everything committed before is on the disk: only those calls are answered. The promise to a client is that
 * of synchronous=FULL; the wait overlaps with work. The thread touches nothing but its own descriptor and two
 * eventfds.
 */
#ifndef VIRGA_STORE_SYNC_H
#define VIRGA_STORE_SYNC_H

#include <stdint.h>

struct sync;

/* NULL when the thread or its descriptors cannot be made (errno says why). */
struct sync *sync_new(const char *wal_path);
/* Waits for the sync that is under way and ends the thread. NULL is fine. */
void sync_free(struct sync *s);

/* Readable when sync_reap has something to tell. */
int sync_fd(const struct sync *s);
/* Everything committed before this call is covered by the ticket that is returned (1, 2, ...). A sync that is
 * under way does not cover it; the next one starts when that ends. */
uint64_t sync_request(struct sync *s);
/* The highest ticket that is safe by now. *ret_error is 0, or the errno with which the disk refused: then
 * nothing after the last safe ticket can be promised any more. Starts the next sync if one was asked for
 * meanwhile. */
uint64_t sync_reap(struct sync *s, int *ret_error);
/* Waits until every ticket is safe (at the end of the program); 0 or the errno. */
int sync_drain(struct sync *s);

#endif
