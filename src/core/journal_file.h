/*
 * The journal in a SQLite file of its own, for tests in any language: the view v_requests (docs/testing.md).
 *
 * The calls of a turn are written at its end, in one transaction. The file is a convenience: when it cannot
 * be written the log says so once, and calls go on. It keeps as many calls as the ring, those of earlier runs
 * among them.
 */
#ifndef VIRGA_CORE_JOURNAL_FILE_H
#define VIRGA_CORE_JOURNAL_FILE_H

#include "core/journal.h"

/* Opens the file for `j`, whose serial numbers go on behind those in it. */
enum db_open_fault journal_file_open(struct arena *a, const char *path, struct journal *j,
                                     struct str *ret_why);
/* For a file that is NULL each of these does nothing. */
void journal_file_write(struct journal_file *f, const struct journal *j);
/* Only if the oldest call that the ring has is not in it yet. */
void journal_file_save_oldest(struct journal_file *f, const struct journal *j);
void journal_file_clear(struct journal_file *f);
/* Writes what is left. */
void journal_file_close(struct journal_file *f, const struct journal *j);

#endif
