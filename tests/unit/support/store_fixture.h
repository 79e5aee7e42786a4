/* What the store's tests share: a folder, a schema of two steps, and a database that is opened and written as
 * calls do it. */
#ifndef VIRGA_TESTS_STORE_FIXTURE_H
#define VIRGA_TESTS_STORE_FIXTURE_H

#include "support/texts.h"

#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "store/db.h"

struct store {
    struct arena a;
    char folder[64];
    char path[96];
    struct db *db;
    struct str problem;
};

/* A parent and a child with a foreign key, checked at once; `later` is checked at the commit. */
static const struct migration store_steps[] = {
    {"0001_parent",
     "CREATE TABLE parent(id INTEGER PRIMARY KEY, name TEXT, n INTEGER);"
     "CREATE TABLE child(id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent(id),"
     " name TEXT UNIQUE, body TEXT);",
     NULL},
    {"0002_later", "CREATE TABLE later(parent INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED);",
     NULL},
};
enum { STORE_STEPS = 2 };

static inline int store_setup(void **state)
{
    static struct store s;
    s = (struct store){.folder = P_tmpdir "/virga-store-" FILE_UNIQUE};
    arena_init(&s.a);
    if (!mkdtemp(s.folder))
        return -1;
    (void)snprintf(s.path, sizeof(s.path), "%s/v.db", s.folder);
    *state = &s;
    return 0;
}

static inline int store_remove(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static inline int store_teardown(void **state)
{
    struct store *s = *state;
    db_close(s->db);
    arena_done(&s->a);
    return nftw(s->folder, store_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static inline enum db_open_fault store_open_steps(struct store *s, size_t n_steps)
{
    return db_open(&s->a, s->path, store_steps, n_steps, &s->db, &s->problem);
}

/* Opens; fails the test with the reason. */
static inline void store_open(struct store *s)
{
    if (store_open_steps(s, STORE_STEPS) != DB_OPEN_OK)
        fail_msg("%.*s", STR_ARG(s->problem));
}

static inline void store_open_memory(struct store *s)
{
    assert_int_equal(db_open(&s->a, NULL, store_steps, STORE_STEPS, &s->db, &s->problem), DB_OPEN_OK);
}

static inline void store_close(struct store *s)
{
    db_close(s->db);
    s->db = NULL;
}

static inline int store_insert_parent(struct db *db, int64_t id)
{
    SCOPED_STMT(s, db, "INSERT INTO parent(id, name) VALUES(:id, 'p')");
    stmt_bind_i64(s, ":id", id);
    return stmt_run(s);
}

static inline int store_insert_child(struct db *db, int64_t parent)
{
    SCOPED_STMT(s, db, "INSERT INTO child(parent, body) VALUES(:parent, :body)");
    stmt_bind_i64(s, ":parent", parent);
    stmt_bind_str(s, ":body", STR("a body of some length, so that pages fill"));
    return stmt_run(s);
}

/* One call: a parent with three children, whole or not at all. */
static inline int store_call(struct db *db, int64_t id)
{
    if (savepoint_begin(db) < 0)
        return -1;
    if (store_insert_parent(db, id) < 0 || store_insert_child(db, id) < 0 || store_insert_child(db, id) < 0 ||
        store_insert_child(db, id) < 0 || savepoint_release(db) < 0) {
        savepoint_rollback(db);
        return -1;
    }
    return 0;
}

static inline int64_t store_count_parents(struct db *db)
{
    SCOPED_STMT(s, db, "SELECT count(*) AS n FROM parent");
    return stmt_step(s) == 1 ? stmt_i64(s, "n") : -1;
}

/* --- the file from outside, with a connection of its own --- */

static inline sqlite3 *raw_open(const char *path)
{
    sqlite3 *lite;
    assert_int_equal(sqlite3_open_v2(path, &lite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
                     SQLITE_OK);
    return lite;
}

static inline void raw_exec(sqlite3 *lite, const char *sql)
{
    if (sqlite3_exec(lite, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(lite));
}

static inline int64_t raw_i64(sqlite3 *lite, const char *sql)
{
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_prepare_v2(lite, sql, -1, &q, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return n;
}

static inline bool store_has(const struct store *s, const char *suffix)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s%s", s->path, suffix);
    return access(path, F_OK) == 0;
}

/* Asserts that the file has whole calls only and is not damaged. */
static inline void store_check_whole(const struct store *s)
{
    sqlite3 *lite = raw_open(s->path);
    assert_int_equal(raw_i64(lite, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_int_equal(raw_i64(lite, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
    assert_int_equal(raw_i64(lite, "SELECT count(*) FROM parent p WHERE 3 != (SELECT count(*) FROM child"
                                   " WHERE child.parent = p.id)"),
                     0);
    sqlite3_close(lite);
}

#endif
