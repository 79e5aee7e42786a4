/*
 * The journal in a SQLite file of its own, for tests in any language: the views v_requests, v_flows and
 * v_backups (docs/testing.md).
 *
 * The calls of a turn, and the flows that it changed, are written at its end in one transaction. The file is
 * a convenience: when it cannot be written the log says so once, and calls go on. It keeps as many calls as
 * the ring, those of earlier runs among them; flows and backups are those of the state as it is.
 */
#ifndef VIRGA_CORE_JOURNAL_FILE_H
#define VIRGA_CORE_JOURNAL_FILE_H

#include "core/journal.h"

/* Opens the file for `j`, whose serial numbers go on behind those in it. */
enum db_open_fault journal_file_open(struct arena *a, const char *path, struct journal *j,
                                     struct str *ret_problem);
/* For a file that is NULL each of these does nothing. */

/* Keeps the flows and backups of a state there as well, beginning with those that there are. */
void journal_file_follow(struct journal_file *f, struct db *state);
/* Once the turn is committed: what the state has undone must not be in the file. */
void journal_file_write(struct journal_file *f, const struct journal *j);
/* Only if the oldest call that the ring has is not in it yet. */
void journal_file_save_oldest(struct journal_file *f, const struct journal *j);
void journal_file_clear(struct journal_file *f);
/* Writes what is left. */
void journal_file_close(struct journal_file *f, const struct journal *j);

#endif
