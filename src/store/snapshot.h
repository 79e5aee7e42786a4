/*
 * Whole tables as JSON, for any schema: written, read and emptied.
 *
 * SQLite writes and reads the JSON, so integers are exact (a double loses those past 2^53, such as a due time
 * that never comes), and no tree of a large state is built.
 */
#ifndef VIRGA_STORE_SNAPSHOT_H
#define VIRGA_STORE_SNAPSHOT_H

#include "base/buf.h"
#include "store/db.h"

struct sqlite3_stmt;

struct table {
    struct str name;
    struct str *columns; /* in the schema's order */
    size_t n_columns;
};

struct table_list {
    struct table *v; /* in the order of their creation: a table comes after those that it refers to */
    size_t n;
};

/* Every table with state: without those that triggers maintain (named ..._count) and secrets (..._secret). -1
 * when the store failed. */
int tables_list(struct db *db, struct arena *a, struct table_list *ret_list);
/* The table of that name, or NULL. */
const struct table *tables_find(const struct table_list *list, struct str name);

/* Writes {"columns":[...],"rows":[[...],...]} in parts, with the rows in the order of the primary key. */
struct table_writer {
    struct db *db;
    struct sqlite3_stmt *rows; /* NULL: it is not open */
    bool any;                  /* a row was written */
};

/* Appends the beginning of the table's text. -1 when the store failed. The database must not change until
 * table_writer_close, which is needed in either case. */
int table_writer_open(struct table_writer *w, struct db *db, const struct table *t, struct buf *b);
/* Appends rows until the buffer has `enough` bytes. 1: there may be more, 0: the text is complete, -1: the
 * store failed. */
int table_writer_put(struct table_writer *w, struct buf *b, size_t enough);
void table_writer_close(struct table_writer *w);

/* Inserts the rows of a text in the form that table_writer writes; *ret_rows is their number. A column that
 * the text lacks gets its default. -1: *ret_problem is a sentence in `a` when the text is wrong, else its p
 * is NULL and the store failed (a value that the table rejects is DB_CONSTRAINT). Needs a savepoint
 * (asserted). */
int table_read(struct db *db, struct arena *a, const struct table *t, struct str text, int64_t *ret_rows,
               struct str *ret_problem);

/* Rejects integers beyond 2^53 in the table, except the end of time (INT64_MAX) in a column ..._ms. 0, or -1
 * as table_read. */
int table_check_range(struct db *db, struct arena *a, const struct table *t, struct str *ret_problem);

/* Empties every table of the list, the last one first. Needs a savepoint (asserted). -1 when the store
 * failed. */
int tables_clear(struct db *db, const struct table_list *list);

/* Allows dangling references within this savepoint (defer), or ends that (enforce). Before the end the caller
 * must test foreign_keys_check: SQLite tests at the commit only, and would then reject the whole transaction.
 * -1 when the store failed. */
int foreign_keys_defer(struct db *db);
int foreign_keys_enforce(struct db *db);
/* The number of dangling references; -1 when the store failed. */
int64_t foreign_keys_check(struct db *db);

#endif
