/*
 * The database's file before SQLite sees it: made with the right mode, found under its real name, and looked
 * at without a change, since SQLite may write to a file (or beside it) as soon as it reads it.
 */
#ifndef VIRGA_STORE_DBFILE_H
#define VIRGA_STORE_DBFILE_H

#include "base/arena.h"

/* What the first bytes say (https://www.sqlite.org/fileformat2.html, 1.3). */
struct dbfile_head {
    bool empty;
    bool sqlite; /* when not, the rest is 0 */
    uint32_t version;
    uint32_t application_id;
};

/* Makes missing folders (0700) and a missing file (0600, empty). *ret_real is its absolute name without
 * symbolic links, in the arena: two names of one file must lead to one lock. -1 with errno. */
int dbfile_prepare(struct arena *a, const char *path, const char **ret_real);

/* Reads the head of a file that is not open in this process: closing any descriptor of a file drops the
 * process's POSIX locks on it, SQLite's too. -1 with errno. */
int dbfile_peek(const char *path, struct dbfile_head *ret_head);

#endif
