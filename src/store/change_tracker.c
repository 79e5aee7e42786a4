/* Change tracking by temporary triggers. */
#include "store/change_tracker.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "store/db_private.h"

enum { TRIGGER_SQL_BYTES = 256 }; /* names of tables and columns are short */

/* The SQL function of the triggers. One call often changes several rows with one number in a row, so a
 * repetition of the last number is skipped. */
static void record_change(sqlite3_context *context, int n, sqlite3_value **values)
{
    struct change_tracker *t = sqlite3_user_data(context);
    int64_t row = sqlite3_value_int64(values[0]);
    assert(n == 1 && t->n <= LIMIT_TRACKED_ROWS);
    (void)n;
    if (t->n > 0 && t->rows[t->n - 1] == row)
        return;
    if (t->n < LIMIT_TRACKED_ROWS)
        t->rows[t->n++] = row;
    else
        t->over = true;
}

static int add_trigger(struct db *db, const struct tracked_table *t, const char *change, const char *which)
{
    char sql[TRIGGER_SQL_BYTES];
    int n =
        snprintf(sql, sizeof sql,
                 "CREATE TEMP TRIGGER track_%s_%s AFTER %s ON main.%s BEGIN SELECT record_change(%s.%s); END",
                 t->table, change, change, t->table, which, t->column);
    if (n < 0 || (size_t)n >= sizeof sql)
        return db_fail(db, SQLITE_TOOBIG);
    errno = 0;
    int rc = sqlite3_exec(db->lite, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : db_fail(db, rc);
}

int change_tracker_start(struct change_tracker *t, struct db *db, const struct tracked_table *tables,
                         size_t n)
{
    change_tracker_clear(t);
    int rc = sqlite3_create_function_v2(db->lite, "record_change", 1, SQLITE_UTF8, t, record_change, NULL,
                                        NULL, NULL);
    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    for (size_t i = 0; i < n; i++)
        if (add_trigger(db, &tables[i], "INSERT", "new") != 0 ||
            add_trigger(db, &tables[i], "UPDATE", "new") != 0 ||
            add_trigger(db, &tables[i], "DELETE", "old") != 0)
            return -1;
    return 0;
}

void change_tracker_clear(struct change_tracker *t)
{
    t->n = 0;
    t->over = false;
}
