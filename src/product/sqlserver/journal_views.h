/*
 * The copy of flows and backups in the journal's file: the views v_flows and v_backups there.
 *
 * What a turn has changed is copied once the turn is committed; a change of very many flows makes the whole
 * copy anew, as does the start. The copy has the flows of the last LIMIT_JOURNAL_FLOWS FlowIds.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_JOURNAL_VIEWS_H
#define VIRGA_PRODUCT_SQLSERVER_JOURNAL_VIEWS_H

#include "store/change_tracker.h"
#include "store/db.h"

struct journal_flows {
    struct db *state; /* whose flows they are; NULL: nobody's */
    struct change_tracker changed;
};

/* Follows the flows of a state from now on. -1: it cannot; the state's database says why. */
int journal_flows_follow(struct journal_flows *f, struct db *state);

/* Is there anything to copy? */
bool journal_flows_pending(const struct journal_flows *f);

/* Copies it into the file, inside a savepoint of that. Scratch memory comes from `a`, which is reset. -1 when
 * either database failed. */
int journal_flows_copy(struct journal_flows *f, struct db *file, struct arena *a);

/* The file has kept it. Until then it is copied again. */
void journal_flows_kept(struct journal_flows *f);

/* --- flow view --- */

/* Flows and backups as the views v_flows and v_backups show them, a row at a time, for a copy of them. */

/* Rows as JSON arrays, in the order of the views' columns; p == NULL: there is none. */
struct flow_view {
    struct str flow, backup;
};

/* -1 when the store failed. */
int flow_view_read(struct db *db, struct arena *a, int64_t flow_id, struct flow_view *ret_view);

/* 1 and the first flow behind `after`, 0 when there is none, -1. */
int flow_view_next(struct db *db, int64_t after, int64_t *ret_flow_id);

/* The newest flow, 0 when there is none. -1 when the store failed. */
int flow_view_last(struct db *db, int64_t *ret_flow_id);

#endif
