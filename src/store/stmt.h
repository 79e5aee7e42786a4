/*
 * Prepared statements, with parameters and columns by name.
 *
 *     SCOPED_STMT(s, db, "SELECT name FROM instance WHERE id = :id");
 *     stmt_bind_i64(s, ":id", id);
 *     while ((rc = stmt_step(s)) > 0)
 *         use(stmt_str(s, a, "name"));
 *     if (rc < 0)
 *         return -1;
 *
 * The SQL must be a literal: its address is the key of the cache that keeps the prepared statement for the
 * life of the database. Names of parameters and columns must be literals for the same reason.
 *
 * A statement that cannot be prepared is NULL. Binding to NULL does nothing and stepping it returns -1, so
 * callers need one test. See store/db.h for failures.
 */
#ifndef VIRGA_STORE_STMT_H
#define VIRGA_STORE_STMT_H

#include "base/arena.h"

struct db;
struct stmt;

/* A statement that is released at the end of its scope. */
#define SCOPED_STMT(var, db, sql)                                                                            \
    __attribute__((cleanup(stmt_release))) struct stmt *var = stmt_get((db), "" sql)

/* The statement of this text, in use until stmt_release. While it is in use, a second stmt_get of the same
 * text returns a statement of its own. NULL when it cannot be prepared. */
struct stmt *stmt_get(struct db *db, const char *literal_sql);
/* Resets the statement and clears its bindings. *s may be NULL. */
void stmt_release(struct stmt **s);

/* The parameter must exist (asserted). The bytes of a text must outlive the use of the statement. A bind that
 * fails makes the next step fail. */
void stmt_bind_i64(struct stmt *s, const char *name, int64_t v);
void stmt_bind_str(struct stmt *s, const char *name, struct str v); /* p == NULL binds NULL */
void stmt_bind_null(struct stmt *s, const char *name);

/* 1 for a row, 0 at the end, -1 on failure. A write needs a savepoint (asserted). */
int stmt_step(struct stmt *s);
/* Steps a statement without rows and resets it for the next bindings. 0 or -1. */
int stmt_run(struct stmt *s);

/* A column of the current row; it must exist (asserted). SQL's NULL is 0, or a text with p == NULL. Texts are
 * copied into the arena. */
int64_t stmt_i64(struct stmt *s, const char *column);
struct str stmt_str(struct stmt *s, struct arena *a, const char *column);
bool stmt_is_null(struct stmt *s, const char *column);

#endif
