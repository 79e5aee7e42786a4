/*
 * The lock that keeps a second virga away from a database: PATH.lock, held by flock for the program's life.
 *
 * SQLite's own locks are per transaction and would let two emulators answer from one file. The kernel gives
 * the lock up when its holder dies, however it dies; the file holds the holder's pid as text, for the
 * sentence that a user reads.
 */
#ifndef VIRGA_STORE_LOCK_H
#define VIRGA_STORE_LOCK_H

#include "base/arena.h"

struct lock {
    int fd; /* -1: not held */
    const char *path;
};

/* Takes the lock that belongs to `db_path`; the path is kept in the arena. -1 with errno: EWOULDBLOCK when
 * another process holds it, then *ret_holder is its pid, or 0 when it has not written it yet; EEXIST when
 * what is at the path is not a lock file, which is left as it is. */
int lock_take(struct lock *lock, struct arena *a, const char *db_path, long *ret_holder);

/* Locks a file itself, beside its lock file, which a user may take for a leftover and remove. *ret_fd holds
 * it until it is closed, or is -1 where a file system knows no such lock. -1 with EWOULDBLOCK: another
 * process has it. */
int lock_hold(const char *path, int *ret_fd);

/* Removes the file and gives up the lock; nothing when it is not held. */
void lock_release(struct lock *lock);

#endif
