/* Tables as JSON. Names in SQL come from the database's schema, never from a document: a document's names are
 * only compared with them. */
#include "store/snapshot.h"

#include <assert.h>
#include <errno.h>

#include "store/db_private.h"

enum { SQL_FIRST_ROOM = 512 };

/* --- statements that are used once, because their text is made from names --- */

static void finalize(sqlite3_stmt **s)
{
    (void)sqlite3_finalize(*s);
}

#define SCOPED_LITE __attribute__((cleanup(finalize)))

static int prepare(struct db *db, const struct buf *sql, sqlite3_stmt **ret_stmt)
{
    assert(!sql->over);
    errno = 0;
    if (db->transaction.broken)
        return -1;
    int rc = sqlite3_prepare_v2(db->lite, sql->p, (int)sql->n, ret_stmt, NULL);
    return rc == SQLITE_OK ? 0 : db_fail(db, rc);
}

/* As stmt_step. */
static int step(struct db *db, sqlite3_stmt *s)
{
    errno = 0;
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        return 1;
    return rc == SQLITE_DONE ? 0 : db_fail(db, rc);
}

static void bind(sqlite3_stmt *s, int index, struct str text)
{
    (void)sqlite3_bind_text64(s, index, text.p, text.n, SQLITE_STATIC, SQLITE_UTF8);
}

/* A view into the row, valid until the next step. */
static struct str text_of(sqlite3_stmt *s, int column)
{
    const char *p = (const char *)sqlite3_column_text(s, column);
    return p ? (struct str){p, (size_t)sqlite3_column_bytes(s, column)} : STR("");
}

/* --- the schema --- */

static int count_rows(struct db *db, struct str name, size_t *ret_n)
{
    SCOPED_STMT(s, db, "SELECT count(*) AS n FROM pragma_table_info(:name)");
    stmt_bind_str(s, ":name", name);
    if (stmt_step(s) != 1)
        return -1;
    *ret_n = (size_t)stmt_i64(s, "n");
    return 0;
}

/* Counts first, because the columns are one array in the arena. */
static int list_columns(struct db *db, struct arena *a, struct table *t)
{
    size_t room;
    if (count_rows(db, t->name, &room) != 0)
        return -1;
    SCOPED_STMT(s, db, "SELECT name FROM pragma_table_info(:name) ORDER BY cid");
    stmt_bind_str(s, ":name", t->name);
    t->columns = ARENA_ARRAY(a, struct str, room);
    int rc;
    while ((rc = stmt_step(s)) == 1)
        t->columns[t->n_columns++] = stmt_str(s, a, "name");
    return rc;
}

/* Leaves out tables that triggers maintain, because a document could contradict the tables from which they
 * follow, and secrets, because a secret belongs to its database. */
#define FROM_STATE_TABLES                                                                                    \
    " FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%\\_count' "   \
    "ESCAPE '\\' AND name NOT LIKE '%\\_secret' ESCAPE '\\'"

static int count_tables(struct db *db, size_t *ret_n)
{
    SCOPED_STMT(s, db, "SELECT count(*) AS n" FROM_STATE_TABLES);
    if (stmt_step(s) != 1)
        return -1;
    *ret_n = (size_t)stmt_i64(s, "n");
    return 0;
}

int tables_list(struct db *db, struct arena *a, struct table_list *ret_list)
{
    size_t room;
    if (count_tables(db, &room) != 0)
        return -1;
    SCOPED_STMT(s, db, "SELECT name" FROM_STATE_TABLES " ORDER BY rowid");
    struct table_list list = {.v = ARENA_ARRAY(a, struct table, room)};
    int rc;
    while ((rc = stmt_step(s)) == 1) {
        struct table *t = &list.v[list.n++];
        t->name = stmt_str(s, a, "name");
        if (list_columns(db, a, t) != 0)
            return -1;
    }
    *ret_list = list;
    return rc;
}

const struct table *tables_find(const struct table_list *list, struct str name)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->v[i].name, name))
            return &list->v[i];
    return NULL;
}

/* --- writing --- */

static void put_columns(struct buf *b, const struct table *t, const char *quote)
{
    for (size_t i = 0; i < t->n_columns; i++)
        buf_printf(b, "%s%s%.*s%s", i ? "," : "", quote, STR_ARG(t->columns[i]), quote);
}

/* Ordered by all columns: the key's columns are the first ones, so this is the order of the key, and the same
 * state always gives the same text. */
static void put_select(struct buf *sql, const struct table *t)
{
    buf_put(sql, STR("SELECT json_array("));
    put_columns(sql, t, "\"");
    buf_printf(sql, ") FROM \"%.*s\" ORDER BY ", STR_ARG(t->name));
    put_columns(sql, t, "\"");
}

int table_writer_open(struct table_writer *w, struct db *db, const struct table *t, struct buf *b)
{
    struct buf sql;
    *w = (struct table_writer){.db = db};
    buf_init(&sql, b->arena, SQL_FIRST_ROOM, LIMIT_SQL);
    put_select(&sql, t);
    buf_put(b, STR("{\"columns\":["));
    put_columns(b, t, "\"");
    buf_put(b, STR("],\"rows\":["));
    return prepare(db, &sql, &w->rows);
}

int table_writer_put(struct table_writer *w, struct buf *b, size_t enough)
{
    int rc = 1;
    while (!b->over && b->n < enough && (rc = step(w->db, w->rows)) == 1) {
        buf_put(b, w->any ? STR(",") : STR(""));
        buf_put(b, text_of(w->rows, 0));
        w->any = true;
    }
    if (rc == 0)
        buf_put(b, STR("]}"));
    return rc;
}

void table_writer_close(struct table_writer *w)
{
    finalize(&w->rows);
    w->rows = NULL;
}

/* --- reading --- */

/* The state of one table_read. */
struct reading {
    struct db *db;
    struct arena *a;
    const struct table *table;
    struct str text;
    struct str *columns; /* of the document */
    size_t n_columns;
    struct str *ret_problem;
};

static int reject(struct reading *r, const char *what)
{
    *r->ret_problem = arena_printf(r->a, "table %.*s: %s", STR_ARG(r->table->name), what);
    return -1;
}

/* Has the text columns and rows, and every row a value for each column? */
static int check_form(struct reading *r)
{
    SCOPED_STMT(s, r->db,
                "SELECT json_type(:text) = 'object' AND json_type(:text, '$.columns') IS 'array'"
                " AND json_type(:text, '$.rows') IS 'array' AND NOT EXISTS ("
                "SELECT 1 FROM json_each(:text, '$.rows') WHERE CASE type WHEN 'array' THEN"
                " json_array_length(value) <> json_array_length(:text, '$.columns') ELSE 1 END) AS good,"
                " json_array_length(:text, '$.columns') AS n");
    stmt_bind_str(s, ":text", r->text);
    if (stmt_step(s) != 1)
        return -1;
    if (stmt_i64(s, "good") != 1)
        return reject(r, "must be {columns: [names], rows: [[a value for each column]]}");
    r->columns = ARENA_ARRAY(r->a, struct str, (size_t)stmt_i64(s, "n"));
    return 0;
}

static bool has_column(const struct str *columns, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(columns[i], name))
            return true;
    return false;
}

static int read_columns(struct reading *r)
{
    SCOPED_STMT(s, r->db, "SELECT value FROM json_each(:text, '$.columns')");
    stmt_bind_str(s, ":text", r->text);
    int rc;
    while ((rc = stmt_step(s)) == 1) {
        struct str name = stmt_str(s, r->a, "value");
        if (has_column(r->columns, r->n_columns, name))
            return reject(r, "names a column twice");
        if (!has_column(r->table->columns, r->table->n_columns, name))
            return reject(r, arena_printf(r->a, "has no column %.*s", STR_ARG(name)).p);
        r->columns[r->n_columns++] = name;
    }
    return rc == 0 && r->n_columns == 0 ? reject(r, "names no columns") : rc;
}

/* Takes the values by their place in each row, never by a name of the document. `->>` converts them to SQL's
 * types. */
static void put_insert(struct buf *sql, const struct reading *r)
{
    struct table t = {r->table->name, r->columns, r->n_columns};
    buf_printf(sql, "INSERT INTO \"%.*s\" (", STR_ARG(t.name));
    put_columns(sql, &t, "\"");
    buf_put(sql, STR(") SELECT "));
    for (size_t i = 0; i < r->n_columns; i++)
        buf_printf(sql, "%svalue ->> %zu", i ? ", " : "", i);
    buf_put(sql, STR(" FROM json_each(?1, '$.rows')"));
}

/* The numbers that a client of JSON can read back. In a column of times, the largest integer is the end of
 * time. A counter near the end of 64 bits would make every later insert fail. */
static void put_range_check(struct buf *sql, const struct table *t)
{
    buf_printf(sql, "SELECT 1 FROM \"%.*s\" WHERE FALSE", STR_ARG(t->name));
    for (size_t i = 0; i < t->n_columns; i++) {
        struct str c = t->columns[i];
        buf_printf(sql, " OR (typeof(\"%.*s\") = 'integer' AND \"%.*s\" NOT BETWEEN %lld AND %lld",
                   STR_ARG(c), STR_ARG(c), -(long long)LIMIT_JSON_INTEGER, (long long)LIMIT_JSON_INTEGER);
        if (str_ends(c, STR("_ms")))
            buf_printf(sql, " AND \"%.*s\" <> %lld", STR_ARG(c), (long long)INT64_MAX);
        buf_putc(sql, ')');
    }
}

int table_read(struct db *db, struct arena *a, const struct table *t, struct str text, int64_t *ret_rows,
               struct str *ret_problem)
{
    struct reading r = {.db = db, .a = a, .table = t, .text = text, .ret_problem = ret_problem};
    struct buf sql;
    SCOPED_LITE sqlite3_stmt *s = NULL;
    assert(db->transaction.depth > 0);
    buf_init(&sql, a, SQL_FIRST_ROOM, LIMIT_SQL);
    if (check_form(&r) != 0 || read_columns(&r) != 0)
        return -1;
    put_insert(&sql, &r);
    if (prepare(db, &sql, &s) != 0)
        return -1;
    bind(s, 1, text);
    if (step(db, s) != 0)
        return -1;
    *ret_rows = sqlite3_changes64(db->lite); /* triggers do not count */
    return 0;
}

/* In the table and not in the document, because the table converts a text that is a number. */
int table_check_range(struct db *db, struct arena *a, const struct table *t, struct str *ret_problem)
{
    struct reading r = {.a = a, .table = t, .ret_problem = ret_problem};
    struct buf sql;
    SCOPED_LITE sqlite3_stmt *s = NULL;
    buf_init(&sql, a, SQL_FIRST_ROOM, LIMIT_SQL);
    put_range_check(&sql, t);
    if (prepare(db, &sql, &s) != 0)
        return -1;
    int rc = step(db, s);
    return rc == 1 ? reject(&r, "an integer is beyond 2^53") : rc;
}

/* --- all tables --- */

static int clear(struct db *db, const struct table *t)
{
    struct arena scratch;
    struct buf sql;
    arena_init(&scratch);
    buf_init(&sql, &scratch, SQL_FIRST_ROOM, LIMIT_SQL);
    buf_printf(&sql, "DELETE FROM \"%.*s\"", STR_ARG(t->name));
    SCOPED_LITE sqlite3_stmt *s = NULL;
    int rc = prepare(db, &sql, &s) == 0 ? step(db, s) : -1;
    arena_done(&scratch);
    return rc;
}

int tables_clear(struct db *db, const struct table_list *list)
{
    assert(db->transaction.depth > 0);
    for (size_t i = list->n; i-- > 0;)
        if (clear(db, &list->v[i]) != 0)
            return -1;
    return 0;
}

int foreign_keys_defer(struct db *db)
{
    SCOPED_STMT(s, db, "PRAGMA defer_foreign_keys = ON");
    return stmt_run(s);
}

int foreign_keys_enforce(struct db *db)
{
    SCOPED_STMT(s, db, "PRAGMA defer_foreign_keys = OFF");
    return stmt_run(s);
}

int64_t foreign_keys_check(struct db *db)
{
    SCOPED_STMT(s, db, "SELECT count(*) AS n FROM pragma_foreign_key_check");
    return stmt_step(s) == 1 ? stmt_i64(s, "n") : -1;
}
