/* Calls of the journal as the control API shows them, and which of them a query asks for. */
#ifndef VIRGA_CONTROL_CALLS_H
#define VIRGA_CONTROL_CALLS_H

#include "core/journal.h"
#include "core/verify.h"
#include "gen/control.h"

/* The calls that a query asks for, oldest first. */
struct selection {
    const struct journal_entry **v;
    size_t n;
};

/* -1 after control_fail, for a `since` that is none. */
int journal_select(struct control *k, const struct get_requests_query *query, struct selection *ret);

/* Everything about a call; in the arena. Texts that are not UTF-8 get '?' for the bytes that are not. */
void journal_show(struct arena *a, const struct journal_entry *e, struct journal_call *ret_call);

/* One text of a call; absent when it is empty. */
struct str journal_text(struct arena *a, const struct journal_entry *e, enum journal_entry_text which);
struct str_list journal_leniencies(struct arena *a, const struct journal_entry *e);

/* "2026-01-01T00:00:00.000Z" */
struct str journal_time(struct arena *a, int64_t ms);

/* The answer may be as large as the whole journal. */
void journal_widen_answer(struct control *k);

#endif
