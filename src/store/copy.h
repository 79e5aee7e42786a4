/*
 * A copy of a database in memory, for a reader that takes its time: the database changes, the copy does not.
 */
#ifndef VIRGA_STORE_COPY_H
#define VIRGA_STORE_COPY_H

#include <stdbool.h>
#include <stddef.h>

struct db;
struct sqlite3_backup;

/* How many bytes a copy needs now; 0 when the store failed. */
size_t db_copy_bytes(struct db *db);
/* Copies the database as its own connection sees it, with the changes that are not committed yet. db_close
 * ends the copy, which is for reading only. -1 when the store failed. */
int db_copy(struct db *db, struct db **ret_copy);

/* A copy that is made in steps, while the database is in use. SQLite repeats in it what changes meanwhile, so
 * that it is the state of the moment when its last step ends. */
struct copying {
    struct db *from;
    size_t page_bytes;
    struct db *copy; /* for reading only, and only when the last step has ended */
    bool more;       /* steps are left */
    struct sqlite3_backup *backup;
};

/* copying_done is needed in either case. -1 when the store failed. */
int copying_begin(struct copying *c, struct db *db);
/* Copies about so many bytes more, outside of a transaction. 1: there are more, 0: the copy is complete, -1:
 * the store failed. */
int copying_step(struct copying *c, size_t bytes);
/* Frees the copy, also an incomplete one. */
void copying_done(struct copying *c);

#endif
