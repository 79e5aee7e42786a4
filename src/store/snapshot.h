/*
 * Whole tables as data, whatever the schema is: out as JSON, in from it, or emptied.
 *
 * SQLite itself writes and reads the JSON, so that integers are exact (a double would lose those past 2^53,
 * and a due time that never comes is one) and no tree of a large state is built.
 */
#ifndef VIRGA_STORE_SNAPSHOT_H
#define VIRGA_STORE_SNAPSHOT_H

#include "base/buf.h"
#include "store/db.h"

struct table {
    struct str name;
    struct str *columns; /* in the schema's order */
    size_t n_columns;
};

struct table_list {
    struct table *v; /* in the order in which they were made: a table comes after those that it refers to */
    size_t n;
};

/* Every table of the database but those that triggers keep, which are named ..._count. -1 when the store
 * failed.
 */
int tables_list(struct db *db, struct arena *a, struct table_list *ret_list);
/* NULL when there is none of that name. */
const struct table *tables_find(const struct table_list *list, struct str name);

/* Appends {"columns":[...],"rows":[[...],...]} with the rows in the order of the primary key. -1 when the
 * store failed; b->over when the text has no room. */
int table_write(struct db *db, const struct table *t, struct buf *b);

/* Inserts the rows of a text as table_write writes it, and their number. A column that the text lacks takes
 * its default. -1: *ret_problem is a sentence in `a` when the text is wrong, and p == NULL when the store
 * failed (a value that a table does not take is a failure of kind DB_CONSTRAINT). Inside a savepoint. */
int table_read(struct db *db, struct arena *a, const struct table *t, struct str text, int64_t *ret_rows,
               struct str *ret_problem);

/* Empties every table of the list, last first. Inside a savepoint. -1 when the store failed. */
int tables_clear(struct db *db, const struct table_list *list);

/* Lets references dangle within this savepoint, or ends that: then they must be whole again, as
 * foreign_keys_check says. SQLite looks at them only when the transaction commits, and would then refuse all
 * of the turn. -1 when the store failed. */
int foreign_keys_defer(struct db *db);
int foreign_keys_enforce(struct db *db);
/* How many references dangle; -1 when the store failed. */
int64_t foreign_keys_check(struct db *db);

#endif
