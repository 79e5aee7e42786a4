/*
 * A database in SQLite: opening, closing, failures. Statements and transactions are in store/stmt.h and
 * store/transaction.h, which this header includes. Only src/store uses sqlite3.h.
 *
 * A function that fails returns -1 and writes no message. db_fault says what kind of failure it was,
 * db_message has SQLite's words for the log. The owner of the innermost savepoint must then roll it back, so
 * that no half of a call is ever committed.
 */
#ifndef VIRGA_STORE_DB_H
#define VIRGA_STORE_DB_H

#include "store/stmt.h"
#include "store/transaction.h"

struct db;

enum db_fault {
    DB_OK,
    DB_BUSY,       /* another program holds the write lock */
    DB_FULL,       /* no room on the disk */
    DB_GONE,       /* the file was moved, removed or made read-only */
    DB_IO,         /* the system failed to read or write */
    DB_CORRUPT,    /* the file is damaged or not a database */
    DB_CONSTRAINT, /* a UNIQUE, CHECK or foreign key rejected the value */
    DB_OTHER
};

enum db_open_fault {
    DB_OPEN_OK,
    DB_OPEN_LOCKED,  /* another virga has it open, or another program holds its lock */
    DB_OPEN_NEWER,   /* its schema is newer than this program */
    DB_OPEN_FOREIGN, /* not a virga database */
    DB_OPEN_FAILED   /* the system or SQLite failed */
};

/* A part of an image that has its own bytes; between the parts it is zero. */
struct db_image_part {
    uint32_t at, n;
};

/* A database without rows as SQLite writes it into a file, without its zeros. */
struct db_image {
    size_t size;
    const unsigned char *bytes; /* of all parts */
    const struct db_image_part *parts;
    size_t n_parts;
};

/* One step of the schema's history; step i brings a database from version i to i + 1 (schema/sql/). */
struct migration {
    const char *name;
    const char *sql;
    const struct db_image *image; /* of a database after this step, which is the last; NULL: there is none */
};

/* Opens `path` (NULL: a database in memory), takes the lock that excludes a second virga, and runs the
 * missing steps of the schema in one transaction. On failure *ret_db is NULL, *ret_problem is a sentence for
 * the user, in the arena, and the contents of the file are unchanged. A file that did not exist may remain
 * without tables. */
enum db_open_fault db_open(struct arena *a, const char *path, const struct migration *steps, size_t n_steps,
                           struct db **ret_db, struct str *ret_problem);

/* Rolls back an open transaction, merges the log into the database's file, so that one file remains, and
 * releases the lock. NULL is allowed. */
void db_close(struct db *db);

/* The kind and SQLite's words of the last failure. */
enum db_fault db_fault(const struct db *db);
const char *db_message(const struct db *db);

/* The instructions of SQLite's machine that the statements have taken so far: what a call costs, whatever
 * else the machine does. */
uint64_t db_instructions(const struct db *db);
/* Empties the message, so that a later one is known to be new. */
void db_forget_failure(struct db *db);

/* The path of the write-ahead log, for store/sync.h; NULL in memory. */
const char *db_wal_path(const struct db *db);

/* True when the path of the database or of its log no longer leads to the open file. */
bool db_moved(struct db *db);

#endif
