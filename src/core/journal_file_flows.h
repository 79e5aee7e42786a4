/*
 * The copy of flows and backups in the journal's file: the views v_flows and v_backups there.
 *
 * What a turn has changed is copied once the turn is committed; a change of very many flows makes the whole
 * copy anew, as does the start. The copy has the flows of the last LIMIT_JOURNAL_FLOWS FlowIds.
 */
#ifndef VIRGA_CORE_JOURNAL_FILE_FLOWS_H
#define VIRGA_CORE_JOURNAL_FILE_FLOWS_H

#include "store/watch.h"

struct journal_flows {
    struct db *state; /* whose flows they are; NULL: nobody's */
    struct watch changed;
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

#endif
