/*
 * One transaction for each iteration of the loop, with one savepoint for each call.
 *
 * The first savepoint begins the transaction, transaction_commit ends it. On a full disk or an I/O error
 * SQLite may roll back the whole transaction by itself, with the calls that were already released. Then
 * transaction_lost is true, statements and savepoints fail, transaction_commit returns -1, and every call
 * that waits for that commit must be answered as failed. When nothing was released before, only the failing
 * call is lost: its savepoint_rollback lets the next call begin a new transaction.
 */
#ifndef VIRGA_STORE_TRANSACTION_H
#define VIRGA_STORE_TRANSACTION_H

#include <stdbool.h>

struct db;

/* Begins a savepoint, inside others or not (at most LIMIT_SAVEPOINTS). 0 or -1. */
int savepoint_begin(struct db *db);
/* Keeps the changes since its begin for the commit. -1: the savepoint stays open, and its owner must roll it
 * back. */
int savepoint_release(struct db *db);
/* Undoes the changes since its begin. Cannot fail; does nothing when there is no savepoint. */
void savepoint_rollback(struct db *db);

/* True when the transaction has changes that were not rolled back; also when it is lost. */
bool transaction_dirty(const struct db *db);
/* True when released changes were lost, until transaction_commit has reported it. */
bool transaction_lost(const struct db *db);
/* Commits what was released. -1: nothing was committed, all is rolled back. Call it in each iteration, also
 * in one that only read: an open transaction keeps seeing the state of its first read. No savepoint may be
 * open (asserted). */
int transaction_commit(struct db *db);

#endif
