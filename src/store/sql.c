/* Statements that are run once; see sql.h. errno is cleared before each call into SQLite, since db_fail looks
 * there for the system's reason. */
#include "store/sql.h"

#include <errno.h>
#include <stdio.h>

#include "store/handle.h"

int sql_run(struct db *db, const char *sql)
{
    errno = 0;
    int rc = sqlite3_exec(db->lite, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : db_fail(db, rc);
}

int sql_ask(struct db *db, const char *sql, char ret_text[SQL_ANSWER_SIZE])
{
    sqlite3_stmt *lite;
    errno = 0;
    int rc = sqlite3_prepare_v2(db->lite, sql, -1, &lite, NULL);
    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    rc = sqlite3_step(lite);
    const unsigned char *text = rc == SQLITE_ROW ? sqlite3_column_text(lite, 0) : NULL;
    (void)snprintf(ret_text, SQL_ANSWER_SIZE, "%s", text ? (const char *)text : "");
    int result = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : db_fail(db, rc);
    (void)sqlite3_finalize(lite);
    return result;
}

int sql_ask_i64(struct db *db, const char *sql, int64_t *ret_number)
{
    char text[SQL_ANSWER_SIZE];
    return sql_ask(db, sql, text) < 0 ? -1 : str_to_i64(str_from(text), ret_number);
}
