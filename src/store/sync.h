/*
 * Durability without waiting in the loop: one helper thread that syncs the write-ahead log to the disk.
 *
 * The loop commits with synchronous=NORMAL, which writes but does not wait, requests a sync here and gets a
 * ticket. Then it serves the next batch. When `sync_fd` becomes readable, `sync_reap` returns the last ticket
 * that is safe: whatever was committed before its request is on the disk, and only those calls are answered.
 * A client gets the guarantee of synchronous=FULL, and the wait overlaps with work. The thread uses its own
 * descriptor of the log and two wake-ups only.
 */
#ifndef VIRGA_STORE_SYNC_H
#define VIRGA_STORE_SYNC_H

#include <stdint.h>

struct sync;

/* Starts the thread. NULL with errno when it or its descriptors cannot be made. */
struct sync *sync_new(const char *wal_path);
/* Waits for the running sync and ends the thread. NULL is allowed. */
void sync_free(struct sync *s);

/* A descriptor that is readable when sync_reap has news. */
int sync_fd(const struct sync *s);
/* Returns a ticket (1, 2, ...) for everything that was committed before this call. A running sync does not
 * cover it; the next one starts when that ends. */
uint64_t sync_request(struct sync *s);
/* The highest safe ticket. *ret_error is 0, or the errno of a failed sync: then no later ticket ever becomes
 * safe. Starts the next sync if there was a request meanwhile. */
uint64_t sync_reap(struct sync *s, int *ret_error);
/* Waits until every ticket is safe, at the end of the program. 0, or the errno of a failed sync. */
int sync_drain(struct sync *s);

#endif
