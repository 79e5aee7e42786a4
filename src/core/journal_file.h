/*
 * The journal in its own SQLite file, for tests in any language: the view v_requests, and the views of flows
 * that the products add (docs/testing.md).
 *
 * The calls of a transaction of the state, and the flows that it changed, are written after its commit in one
 * transaction. When the file cannot be written, the log says so once and calls continue. The file keeps as
 * many calls as the ring, including those of earlier runs; its flows are those of the current state, at most
 * the last LIMIT_JOURNAL_FLOWS ids.
 */
#ifndef VIRGA_CORE_JOURNAL_FILE_H
#define VIRGA_CORE_JOURNAL_FILE_H

#include "core/journal.h"

/* Opens the file for `j`, whose serial numbers continue after those in it. On failure *ret_problem is a
 * sentence in the arena. */
enum db_open_fault journal_file_open(struct arena *a, const char *path, struct journal *j,
                                     struct str *ret_problem);

/* --- writing: each function does nothing when the file is NULL --- */

/* Copies the flows of a state to the file from now on, beginning with those that exist. */
void journal_file_follow(struct journal_file *f, struct db *state);
/* Writes what is new. To be called after the commit of the state, so that the file never has a change that
 * the state has undone. */
void journal_file_write(struct journal_file *f, const struct journal *j);
/* Writes the calls when the oldest one of the ring is not in the file yet. */
void journal_file_save_oldest(struct journal_file *f, const struct journal *j);
/* Deletes the calls. */
void journal_file_clear(struct journal_file *f);
/* Writes what is left and closes the file. */
void journal_file_close(struct journal_file *f, const struct journal *j);

#endif
