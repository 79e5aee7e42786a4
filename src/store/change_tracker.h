/*
 * Records which rows of a database change, for a reader that keeps a copy of them (the journal's file).
 *
 * Temporary triggers of this connection call a function with the row's number, so every writer is noticed,
 * and a database without a tracker pays nothing. A change that is rolled back stays recorded: reading the row
 * again is harmless.
 */
#ifndef VIRGA_STORE_CHANGE_TRACKER_H
#define VIRGA_STORE_CHANGE_TRACKER_H

#include "base/limits.h"
#include "store/db.h"

struct change_tracker {
    int64_t rows[LIMIT_TRACKED_ROWS]; /* in the order of the changes; a row may occur again */
    size_t n;
    bool over; /* there were more: the reader must copy all rows */
};

/* A table, and the column with the number that is recorded. */
struct tracked_table {
    const char *table, *column;
};

/* Starts recording changes of the tables in `t`, which must outlive the database. One tracker for each
 * database. 0 or -1. */
int change_tracker_start(struct change_tracker *t, struct db *db, const struct tracked_table *tables,
                         size_t n);

/* Forgets what was recorded. */
void change_tracker_clear(struct change_tracker *t);

#endif
