/*
 * A copy of a database in memory, for a reader that takes its time: the database changes, the copy does not.
 */
#ifndef VIRGA_STORE_COPY_H
#define VIRGA_STORE_COPY_H

#include <stddef.h>

struct db;

/* How many bytes a copy needs now; 0 when the store failed. */
size_t db_copy_bytes(struct db *db);
/* Copies the database as its own connection sees it, with the changes that are not committed yet. db_close
 * ends the copy, which is for reading only. -1 when the store failed. */
int db_copy(struct db *db, struct db **ret_copy);

#endif
