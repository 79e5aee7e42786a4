/*
 * SQLite behind a small door: open, statements by name, one transaction a turn of the loop. The only user of
 * sqlite3.h.
 *
 * A failure is a value, not a message: `db_fault` says which kind, `db_message` the library's words for the
 * log. After a failure the innermost savepoint must be rolled back by its owner; nothing half-written is ever
 * committed.
 */
#ifndef VIRGA_STORE_DB_H
#define VIRGA_STORE_DB_H

#include "base/arena.h"

struct db;
struct stmt;

enum db_fault {
    DB_OK,
    DB_BUSY,       /* another program holds the write lock */
    DB_FULL,       /* no room on the disk */
    DB_GONE,       /* the file was moved, removed or made read-only */
    DB_IO,         /* the system refused to read or write */
    DB_CORRUPT,    /* the file is damaged or not a database */
    DB_CONSTRAINT, /* a UNIQUE, CHECK or foreign key said no */
    DB_OTHER
};

enum db_open_fault { DB_OPEN_OK, DB_OPEN_LOCKED, DB_OPEN_NEWER, DB_OPEN_FOREIGN, DB_OPEN_FAILED };

/* One step of the schema's history; step i brings a database from version i to i + 1 (schema/sql/). */
struct migration {
    const char *name;
    const char *sql;
};

/* Opens `path` (NULL: a database in memory), takes the lock that keeps a second virga away, and brings the
 * schema up to date inside one transaction. On failure *ret_db is NULL and *ret_problem a sentence for the
 * user, in the arena: HELD (by which process), NEWER (than this program), FOREIGN (not virga's file), FAILED
 * (the system's reason); what the file holds is then as it was. One that did not exist may be left without
 * tables.
 */
enum db_open_fault db_open(struct arena *a, const char *path, const struct migration *steps, size_t n_steps,
                           struct db **ret_db, struct str *ret_problem);

/* Commits nothing: an open transaction is rolled back. Checkpoints, so that one file is left, and gives up
 * the lock. */
void db_close(struct db *db);

/* The kind and the words of the last failure. */
enum db_fault db_fault(const struct db *db);
const char *db_message(const struct db *db);

/* --- statements ---
 *
 *     SCOPED_STMT(s, db, "SELECT name FROM instance WHERE id = :id");
 *     stmt_bind_i64(s, ":id", id);
 *     while ((rc = stmt_step(s)) > 0)
 *         use(stmt_str(s, a, "name"));
 *     if (rc < 0)
 *         return -1;
 *
 * The text is a literal: its address is the key under which the prepared statement is kept. SCOPED_STMT
 * resets it when `s` goes out of scope. Names of parameters and columns are literals as well, for the same
 * reason. A statement that cannot be prepared is NULL; binding to NULL is harmless and stepping it is -1.
 */
#define SCOPED_STMT(var, db, sql)                                                                            \
    __attribute__((cleanup(stmt_release))) struct stmt *var = stmt_get((db), "" sql)

/* For SCOPED_STMT. The statement is in use until stmt_release; a second use of the same text meanwhile gets a
 * statement of its own. NULL when it cannot be prepared: see db_fault. */
struct stmt *stmt_get(struct db *db, const char *literal_sql);
/* Resets it and forgets what was bound. NULL is fine. */
void stmt_release(struct stmt **s);

/* An unknown parameter name is a bug: it asserts. Text and blobs must outlive the statement's use. */
void stmt_bind_i64(struct stmt *s, const char *name, int64_t v);
void stmt_bind_str(struct stmt *s, const char *name, struct str v); /* p == NULL binds NULL */
void stmt_bind_null(struct stmt *s, const char *name);

/* 1 a row, 0 done, -1 failed (see db_fault). Writing outside a savepoint is a bug: it asserts. */
int stmt_step(struct stmt *s);
/* Steps a statement that gives no row and makes it ready for the next set of bindings. 0 or -1. */
int stmt_run(struct stmt *s);

/* A column of the current row; an unknown name asserts. Texts are copied into the arena; NULL is p == NULL or
 * 0. */
int64_t stmt_i64(struct stmt *s, const char *column);
struct str stmt_str(struct stmt *s, struct arena *a, const char *column);
bool stmt_is_null(struct stmt *s, const char *column);

/* --- transactions ---
 *
 * A full disk or an I/O error may make SQLite roll back the whole transaction by itself, whatever savepoints
 * it has. What earlier calls of this turn had kept is then gone too: transaction_lost turns true, statements
 * and savepoints fail until transaction_commit has ended the turn with -1, and every call that waits for that
 * commit must be answered as failed. A call that fails so with nothing written before it is the only one that
 * fails; its savepoint_rollback lets the next begin anew.
 */

/* A savepoint around one call; a few may nest. The first in a turn begins the transaction. */
int savepoint_begin(struct db *db);
/* Keeps what was done since. -1: it could not, and the savepoint is still its owner's to undo. Statements
 * that write must have been left before. */
int savepoint_release(struct db *db);
/* Undoes what was done since. It cannot fail: a savepoint that the library already rolled back, or none, is
 * fine. */
void savepoint_rollback(struct db *db);

/* True when something was written and kept, or is being written, since the last commit; also in a lost turn.
 */
bool transaction_dirty(const struct db *db);
/* True when kept work of this turn is gone (see above), until transaction_commit has told it. */
bool transaction_lost(const struct db *db);
/* Ends the turn's transaction: commits what was kept. -1: nothing of it was kept, all is rolled back. To be
 * called at the end of each turn, also of one that only read: an open transaction goes on seeing the state of
 * its first read. */
int transaction_commit(struct db *db);

/* Path of the write-ahead log, for store/sync.h; NULL in memory. */
const char *db_wal_path(const struct db *db);
/* True when the path of the database or of its log does not lead to the open file any more. */
bool db_moved(struct db *db);

/* --- dbfile --- */

/*
 * The database's file before SQLite sees it: made with the right mode, found under its real name, and looked
 * at without a change, since SQLite may write to a file (or beside it) as soon as it reads it.
 */

/* What the first bytes say (https://www.sqlite.org/fileformat2.html, 1.3). */
struct dbfile_head {
    bool empty;
    bool sqlite; /* when not, the rest is 0 */
    uint32_t version;
    uint32_t application_id;
};

/* Makes missing folders (0700) and a missing file (0600, empty). *ret_real is its absolute name without
 * symbolic links, in the arena: two names of one file must lead to one lock. -1 with errno. */
int dbfile_prepare(struct arena *a, const char *path, const char **ret_real);

/* Reads the head of a file that is not open in this process: closing any descriptor of a file drops the
 * process's POSIX locks on it, SQLite's too. -1 with errno. */
int dbfile_peek(const char *path, struct dbfile_head *ret_head);

/* --- sql --- */

/*
 * Statements that are run once, at a start: settings, the schema's steps, questions with one value for an
 * answer. What calls run are prepared statements (store/stmt.c).
 */

/* The longest text that sql_ask gives, with its NUL: a number or a journal mode. */
enum { SQL_ANSWER_SIZE = 32 };

/* One or more statements without parameters, whose rows nobody wants. -1: see db_fault. */
int sql_run(struct db *db, const char *sql);

/* The first value of the first row, as text; empty without a row. -1: see db_fault. */
int sql_ask(struct db *db, const char *sql, char ret_text[SQL_ANSWER_SIZE]);

/* The same as a number. -1 also for a text that is none. */
int sql_ask_i64(struct db *db, const char *sql, int64_t *ret_number);

#endif
