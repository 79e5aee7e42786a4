/*
 * Transactions and savepoints.
 *
 * When SQLite rolls the transaction back by itself, it is `broken`: nothing may run any more, because it
 * would commit by itself, outside a transaction. transaction_commit then returns -1, so that no call of it is
 * answered as done.
 */
#include "store/transaction.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "store/db_private.h"

static const char *const tx_sql[TX_COUNT] = {
    /* Deferred: a transaction that only reads needs no write lock, which another program may hold. */
    [TX_BEGIN] = "BEGIN",
    [TX_COMMIT] = "COMMIT",
    [TX_ROLLBACK] = "ROLLBACK",
    /* All savepoints have one name: RELEASE and ROLLBACK TO mean the innermost of it. */
    [TX_SAVEPOINT] = "SAVEPOINT s",
    [TX_RELEASE] = "RELEASE s",
    [TX_ROLLBACK_TO] = "ROLLBACK TO s",
};

int transaction_prepare(struct db *db)
{
    for (int i = 0; i < TX_COUNT; i++) {
        int rc = sqlite3_prepare_v3(db->lite, tx_sql[i], -1, SQLITE_PREPARE_PERSISTENT, &db->tx[i], NULL);
        if (rc != SQLITE_OK)
            return db_fail(db, rc);
    }
    return 0;
}

static int tx_run(struct db *db, enum tx which)
{
    assert(db->tx[which]);
    errno = 0;
    int rc = sqlite3_step(db->tx[which]);
    if (rc != SQLITE_DONE)
        (void)db_fail(db, rc);
    (void)sqlite3_reset(db->tx[which]);
    return rc == SQLITE_DONE ? 0 : -1;
}

/* Changes that were made and not rolled back, since the database was opened. */
static int64_t changes(const struct db *db)
{
    return sqlite3_total_changes64(db->lite) - db->transaction.undone;
}

static void undo_changes_since(struct db *db, int64_t mark)
{
    assert(changes(db) >= mark);
    db->transaction.undone = sqlite3_total_changes64(db->lite) - mark;
}

/* SQLite may have rolled back already; a second ROLLBACK would be an error. */
static void transaction_abort(struct db *db)
{
    if (!sqlite3_get_autocommit(db->lite))
        (void)tx_run(db, TX_ROLLBACK);
    db->transaction.broken = true;
}

/* Changes of a broken transaction count as undone, so that the next one begins with what is committed. */
static void transaction_end(struct db *db)
{
    struct transaction *t = &db->transaction;
    if (t->broken)
        undo_changes_since(db, t->committed);
    t->committed = changes(db);
    t->begun = t->broken = false;
}

void transaction_done(struct db *db)
{
    if (db->transaction.begun)
        transaction_abort(db);
    for (int i = 0; i < TX_COUNT; i++)
        (void)sqlite3_finalize(db->tx[i]);
}

/* --- savepoints --- */

int savepoint_begin(struct db *db)
{
    struct transaction *t = &db->transaction;
    assert(t->depth < LIMIT_SAVEPOINTS);
    if (t->broken)
        return -1;
    if (!t->begun && tx_run(db, TX_BEGIN) < 0)
        return -1;
    t->begun = true;
    if (tx_run(db, TX_SAVEPOINT) < 0)
        return -1;
    t->changes_at[t->depth++] = changes(db);
    return 0;
}

int savepoint_release(struct db *db)
{
    struct transaction *t = &db->transaction;
    assert(t->depth > 0);
    if (t->broken || tx_run(db, TX_RELEASE) < 0)
        return -1;
    t->depth--;
    return 0;
}

void savepoint_rollback(struct db *db)
{
    struct transaction *t = &db->transaction;
    if (t->depth == 0)
        return;
    t->depth--;
    if (!t->broken && (tx_run(db, TX_ROLLBACK_TO) < 0 || tx_run(db, TX_RELEASE) < 0))
        transaction_abort(db);
    undo_changes_since(db, t->changes_at[t->depth]);
    /* No released change was lost, so the next call may begin a new transaction. */
    if (t->broken && t->depth == 0 && !transaction_lost(db))
        transaction_end(db);
}

/* --- transactions --- */

bool transaction_dirty(const struct db *db)
{
    return changes(db) != db->transaction.committed;
}

bool transaction_lost(const struct db *db)
{
    const struct transaction *t = &db->transaction;
    int64_t released = t->depth > 0 ? t->changes_at[0] : changes(db);
    return t->broken && released != t->committed;
}

/* A commit into a file without a name would succeed and disappear with the last descriptor. */
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
    assert(db->transaction.depth == 0);
    if (!db->transaction.begun)
        return 0;
    bool lost = transaction_lost(db);
    if (!db->transaction.broken && (check_not_moved(db) < 0 || tx_run(db, TX_COMMIT) < 0)) {
        transaction_abort(db);
        lost = true;
    }
    transaction_end(db);
    assert(!transaction_dirty(db));
    return lost ? -1 : 0;
}
