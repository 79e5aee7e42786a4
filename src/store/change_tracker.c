#include "store/change_tracker.h"

#include <stdio.h>

#include "store/db_private.h"

enum { TRIGGER_MAX = 256 }; /* our own names are short */

/* Several tables of one call name the same row, one behind the other. */
static void note(sqlite3_context *context, int n, sqlite3_value **values)
{
    struct change_tracker *w = sqlite3_user_data(context);
    int64_t row = sqlite3_value_int64(values[0]);
    (void)n;
    if (w->n > 0 && w->rows[w->n - 1] == row)
        return;
    if (w->n < TRACKED_ROWS_MAX)
        w->rows[w->n++] = row;
    else
        w->over = true;
}

static int add_trigger(struct db *db, const struct tracked_table *t, const char *change, const char *which)
{
    char sql[TRIGGER_MAX];
    int n =
        snprintf(sql, sizeof sql,
                 "CREATE TEMP TRIGGER watch_%s_%s AFTER %s ON main.%s BEGIN SELECT watch_note(%s.%s); END",
                 t->table, change, change, t->table, which, t->column);
    if (n < 0 || (size_t)n >= sizeof sql)
        return db_fail(db, SQLITE_TOOBIG);
    int rc = sqlite3_exec(db->lite, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : db_fail(db, rc);
}

int change_tracker_start(struct change_tracker *w, struct db *db, const struct tracked_table *tables,
                         size_t n)
{
    change_tracker_clear(w);
    int rc = sqlite3_create_function_v2(db->lite, "watch_note", 1, SQLITE_UTF8, w, note, NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    for (size_t i = 0; i < n; i++)
        if (add_trigger(db, &tables[i], "INSERT", "new") != 0 ||
            add_trigger(db, &tables[i], "UPDATE", "new") != 0 ||
            add_trigger(db, &tables[i], "DELETE", "old") != 0)
            return -1;
    return 0;
}

void change_tracker_clear(struct change_tracker *w)
{
    w->n = 0;
    w->over = false;
}
