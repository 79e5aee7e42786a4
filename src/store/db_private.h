/*
 * The contents of `struct db`, for the files of src/store only.
 *
 * It owns the connection, the prepared statements, the locks and one arena for what they need. db_close frees
 * all of it.
 */
#ifndef VIRGA_STORE_DB_PRIVATE_H
#define VIRGA_STORE_DB_PRIVATE_H

#include <sqlite3.h>
#include <sys/types.h>

#include "base/limits.h"
#include "store/db.h"
#include "store/lock.h"

/* The statements of transactions. They are prepared when the database opens, so that a rollback needs nothing
 * that could fail. */
enum tx { TX_BEGIN, TX_COMMIT, TX_ROLLBACK, TX_SAVEPOINT, TX_RELEASE, TX_ROLLBACK_TO, TX_COUNT };

/* Changes are counted by sqlite3_total_changes64, which never goes down; `undone` are those that were rolled
 * back. */
struct transaction {
    bool begun;  /* BEGIN has run */
    bool broken; /* SQLite has rolled back since; nothing may run before the transaction ends */
    int depth;   /* open savepoints */
    int64_t changes_at[LIMIT_SAVEPOINTS]; /* when each began */
    int64_t undone;
    int64_t committed;
};

/* An open hash table by the address of the literal. */
struct stmt_cache {
    struct stmt **slots;
    size_t room; /* a power of two, or 0 */
    size_t n;
};

struct db {
    sqlite3 *lite;
    struct arena arena;
    struct lock lock;
    int locked_fd; /* the database's own file, locked; -1: not. Closed after SQLite, whose POSIX locks it
                      drops */
    const char *wal_path; /* SQLite's text; NULL in memory */
    ino_t wal_inode;
    sqlite3_stmt *tx[TX_COUNT];
    struct transaction transaction;
    struct stmt_cache cache;
    enum db_fault fault;
    char message[256];
};

/* Stores the failure with result code `rc`, and whether SQLite rolled the transaction back. Returns -1. The
 * reason of an I/O error is taken from errno, which callers clear before each call into SQLite. */
int db_fail(struct db *db, int rc);

/* A database without a connection, in the arena that it owns; db_close frees it. */
struct db *db_new(void);

/* Makes the empty database in memory the one of the image. -1, see db_fail. */
int image_load(struct db *db, const struct db_image *image);

/* For db_open and db_close. */
int transaction_prepare(struct db *db);
void transaction_done(struct db *db);
void stmt_cache_done(struct db *db);

#endif
