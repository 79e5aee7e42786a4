/*
 * Notes which rows of a database change, for whoever keeps a copy of some of them.
 *
 * Triggers of this connection alone call a function with the row's number, so that whatever writes is
 * noticed, and a database that nobody watches pays nothing. A change that is undone stays noted: to read the
 * row again does no harm.
 */
#ifndef VIRGA_STORE_CHANGE_TRACKER_H
#define VIRGA_STORE_CHANGE_TRACKER_H

#include "store/db.h"

/* Past so many different rows the reader does better to copy all anew: a state that was loaded, a reset. */
enum { TRACKED_ROWS_MAX = 4096 };

struct change_tracker {
    int64_t rows[TRACKED_ROWS_MAX]; /* in the order of the changes; one may be there again */
    size_t n;
    bool over; /* there were more */
};

/* A table, and the column that names the row of interest. */
struct tracked_table {
    const char *table, *column;
};

/* From now on changes of these tables are noted in `w`, which must outlive the database. One watch a
 * database. -1 when it cannot be. */
int change_tracker_start(struct change_tracker *w, struct db *db, const struct tracked_table *tables,
                         size_t n);

/* Forgets what was noted. */
void change_tracker_clear(struct change_tracker *w);

#endif
