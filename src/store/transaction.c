/*
 * One transaction a turn of the loop, one savepoint a call.
 *
 * SQLite may roll back the whole transaction by itself (disk full, I/O error), and then what earlier calls of
 * the turn had kept is gone too. The turn is `broken` from that moment: nothing runs, because it would commit
 * by itself, and transaction_commit says -1, so that none of these calls is answered as done.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "store/db_private.h"

int transaction_prepare(struct db *db)
{
    static const char *const sql[TX_COUNT] = {
        /* Deferred: a turn that only reads needs no write lock and works while another program has it. */
        [TX_BEGIN] = "BEGIN",      [TX_COMMIT] = "COMMIT",     [TX_ROLLBACK] = "ROLLBACK",
        [TX_SAVE] = "SAVEPOINT s", [TX_RELEASE] = "RELEASE s", [TX_BACK] = "ROLLBACK TO s",
    };
    for (int i = 0; i < TX_COUNT; i++) {
        int rc = sqlite3_prepare_v3(db->lite, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &db->tx[i], NULL);
        if (rc != SQLITE_OK)
            return db_fail(db, rc);
    }
    return 0;
}

static int tx_run(struct db *db, enum tx which)
{
    errno = 0;
    int rc = sqlite3_step(db->tx[which]);
    if (rc != SQLITE_DONE)
        (void)db_fail(db, rc);
    (void)sqlite3_reset(db->tx[which]);
    return rc == SQLITE_DONE ? 0 : -1;
}

/* Changes that hold: made and not undone. */
static int64_t changes(const struct db *db)
{
    return sqlite3_total_changes64(db->lite) - db->turn.undone;
}

static void forget_changes_since(struct db *db, int64_t mark)
{
    db->turn.undone = sqlite3_total_changes64(db->lite) - mark;
}

/* Also when the library has rolled back by itself: then there is nothing left to roll back, and to try would
 * be an error. */
static void transaction_abort(struct db *db)
{
    if (!sqlite3_get_autocommit(db->lite))
        (void)tx_run(db, TX_ROLLBACK);
    db->turn.broken = true;
}

/* What was rolled back counts as undone, so that the next turn begins with as many changes as were committed.
 */
static void transaction_end(struct db *db)
{
    struct turn *turn = &db->turn;
    if (turn->broken)
        forget_changes_since(db, turn->committed);
    turn->committed = changes(db);
    turn->begun = turn->broken = false;
}

void transaction_done(struct db *db)
{
    if (db->turn.begun)
        transaction_abort(db);
    for (int i = 0; i < TX_COUNT; i++)
        (void)sqlite3_finalize(db->tx[i]);
}

/* All savepoints have one name: RELEASE and ROLLBACK TO mean the innermost of it. */
int savepoint_begin(struct db *db)
{
    struct turn *turn = &db->turn;
    assert(turn->depth < SAVEPOINT_DEPTH);
    if (turn->broken)
        return -1;
    if (!turn->begun && tx_run(db, TX_BEGIN) < 0)
        return -1;
    turn->begun = true;
    if (tx_run(db, TX_SAVE) < 0)
        return -1;
    turn->changes_at[turn->depth++] = changes(db);
    return 0;
}

int savepoint_release(struct db *db)
{
    struct turn *turn = &db->turn;
    assert(turn->depth > 0);
    if (turn->broken || tx_run(db, TX_RELEASE) < 0)
        return -1;
    turn->depth--;
    return 0;
}

void savepoint_rollback(struct db *db)
{
    struct turn *turn = &db->turn;
    if (turn->depth == 0)
        return;
    turn->depth--;
    if (!turn->broken && (tx_run(db, TX_BACK) < 0 || tx_run(db, TX_RELEASE) < 0))
        transaction_abort(db);
    forget_changes_since(db, turn->changes_at[turn->depth]);
    /* Nobody lost anything by it: the next call may begin anew. */
    if (turn->broken && turn->depth == 0 && !transaction_lost(db))
        transaction_end(db);
}

bool transaction_dirty(const struct db *db)
{
    return changes(db) != db->turn.committed;
}

bool transaction_lost(const struct db *db)
{
    const struct turn *turn = &db->turn;
    int64_t kept = turn->depth > 0 ? turn->changes_at[0] : changes(db);
    return turn->broken && kept != turn->committed;
}

/* A commit into a file without a name would succeed, and be lost with the last descriptor. */
static int check_not_moved(struct db *db)
{
    if (!transaction_dirty(db) || !db_moved(db))
        return 0;
    db->fault = DB_GONE;
    (void)snprintf(db->message, sizeof(db->message), "the database file was moved or removed");
    return -1;
}

int transaction_commit(struct db *db)
{
    assert(db->turn.depth == 0);
    if (!db->turn.begun)
        return 0;
    bool lost = transaction_lost(db);
    if (!db->turn.broken && (check_not_moved(db) < 0 || tx_run(db, TX_COMMIT) < 0)) {
        transaction_abort(db);
        lost = true;
    }
    transaction_end(db);
    return lost ? -1 : 0;
}

/* --- wal --- */

/*
 * The write-ahead log as a file: where it is, and whether it still is where its path leads.
 *
 * Commits go to the log and reach the database's own file only at a checkpoint, so it is the log that has to
 * be forced to the disk (store/sync.h) and that must not be moved away.
 */

int wal_find(struct db *db)
{
    struct stat log;
    const char *path = sqlite3_filename_wal(sqlite3_db_filename(db->lite, "main"));
    if (stat(path, &log) < 0)
        return -1;
    db->wal_path = path;
    db->wal_inode = log.st_ino;
    return 0;
}

const char *db_wal_path(const struct db *db)
{
    return db->wal_path;
}

/* The log counts as the file: what is only there would not be found by the next start. SQLite's own test
 * knows the database only. */
bool db_moved(struct db *db)
{
    int moved = 0;
    struct stat log;
    if (!db->wal_path)
        return false;
    (void)sqlite3_file_control(db->lite, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved || stat(db->wal_path, &log) < 0 || log.st_ino != db->wal_inode;
}
