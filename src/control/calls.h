/* The calls in the journal, as answers of the control API show them. */
#ifndef VIRGA_CONTROL_CALLS_H
#define VIRGA_CONTROL_CALLS_H

#include "core/journal.h"
#include "gen/control.h"

/* Fills in everything about a call; texts are views of the entry or in the arena. Bytes that are not UTF-8
 * are replaced. */
void journal_show(struct arena *a, const struct journal_entry *e, struct journal_call *ret_call);

/* One text of a call; p == NULL when it is empty. */
struct str journal_text(struct arena *a, const struct journal_entry *e, enum journal_entry_text which);
/* The names of what virga accepted although the real gateway might have rejected it. */
struct str_list journal_leniencies(struct arena *a, const struct journal_entry *e);
/* The parameters that it gave and that changed nothing. */
struct str_list journal_unread(struct arena *a, const struct journal_entry *e);

/* Milliseconds since 1970 as "2026-01-01T00:00:00.000Z". */
struct str journal_time(struct arena *a, int64_t ms);

#endif
