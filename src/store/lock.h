/*
 * The lock that keeps a second virga from using a database: PATH.lock, locked with flock for the program's
 * life.
 *
 * SQLite's own locks last for one transaction and would let two emulators answer from one file. The kernel
 * releases the lock when its holder ends, however it ends. The file has the holder's pid as text, for the
 * message to a user.
 */
#ifndef VIRGA_STORE_LOCK_H
#define VIRGA_STORE_LOCK_H

#include "base/arena.h"

struct lock {
    int fd; /* -1: not locked */
    const char *path;
};

/* Takes the lock of `db_path`; the lock's path is kept in the arena. -1 with errno: EWOULDBLOCK when another
 * process holds it (*ret_holder is its pid, or 0 when it has not written it yet); EEXIST when something other
 * than a lock file is at the path, which is left unchanged. */
int lock_take(struct lock *lock, struct arena *a, const char *db_path, long *ret_holder);

/* Locks the database's file itself too, because a user may remove its lock file as a leftover. *ret_fd holds
 * the lock until it is closed; -1 where the file system has no such locks. -1 with EWOULDBLOCK: another
 * process has it. */
int lock_hold(const char *path, int *ret_fd);

/* Removes the lock file and releases the lock; does nothing when it is not locked. */
void lock_release(struct lock *lock);

#endif
