/*
 * The inside of `struct db`, shared by the store's own files and nobody else: store/db.h is the door, and
 * behind it are open.c, sql.c, stmt.c, turn.c, wal.c and fault.c, each using only those after it or a helper.
 *
 * It owns the connection, the prepared statements, the lock file and one arena for what they need; all of it
 * ends in db_close.
 */
#ifndef VIRGA_STORE_DB_PRIVATE_H
#define VIRGA_STORE_DB_PRIVATE_H

#include <sqlite3.h>
#include <sys/types.h>

#include "store/db.h"
#include "store/lock.h"

/* The transaction's own statements. They are prepared at the start, so that undoing needs nothing that could
 * fail. */
enum tx { TX_BEGIN, TX_COMMIT, TX_ROLLBACK, TX_SAVE, TX_RELEASE, TX_BACK, TX_COUNT };

/* A call has one savepoint and its handler at most a few inside; a deeper nest is a bug. */
enum { SAVEPOINT_DEPTH = 8 };

/* Changes are counted by sqlite3_total_changes64, which never goes down; `undone` is what was rolled back of
 * them. */
struct turn {
    bool begun;  /* BEGIN has run */
    bool broken; /* and the transaction is gone since; nothing may run before the turn ends */
    int depth;
    int64_t changes_at[SAVEPOINT_DEPTH];
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
    int pending; /* the database's file, locked; -1: not. Closed behind SQLite, whose own locks it would drop
                  */
    const char *wal_path; /* SQLite's; NULL in memory */
    ino_t wal_inode;
    sqlite3_stmt *tx[TX_COUNT];
    struct turn turn;
    struct stmt_cache cache;
    enum db_fault fault;
    char message[256];
};

/* Takes down what went wrong with result code `rc`, and whether the transaction went with it. Always -1. For
 * an I/O error errno has the reason, if it was 0 before the call into SQLite. */
int db_fail(struct db *db, int rc);

/* What db_open and db_close ask of the other files. transaction_prepare: -1 as db_fail. wal_find: takes down
 * the path of the log, and which file it is; -1 with errno. */
int transaction_prepare(struct db *db);
void transaction_done(struct db *db);
void stmt_cache_done(struct db *db);
int wal_find(struct db *db);

#endif
