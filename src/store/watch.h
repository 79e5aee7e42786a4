/*
 * Notes which rows of a database change, for whoever keeps a copy of some of them.
 *
 * Triggers of this connection alone call a function with the row's number, so that whatever writes is
 * noticed, and a database that nobody watches pays nothing. A change that is undone stays noted: to read the
 * row again does no harm.
 */
#ifndef VIRGA_STORE_WATCH_H
#define VIRGA_STORE_WATCH_H

#include "store/db.h"

/* Past so many different rows the reader does better to copy all anew: a state that was loaded, a reset. */
enum { WATCH_MAX = 4096 };

struct watch {
    int64_t rows[WATCH_MAX]; /* in the order of the changes; one may be there again */
    size_t n;
    bool over; /* there were more */
};

/* A table, and the column that names the row of interest. */
struct watched {
    const char *table, *column;
};

/* From now on changes of these tables are noted in `w`, which must outlive the database. One watch a
 * database. -1 when it cannot be. */
int watch_start(struct watch *w, struct db *db, const struct watched *tables, size_t n);

/* Forgets what was noted. */
void watch_clear(struct watch *w);

#endif
