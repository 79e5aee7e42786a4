/*
 * The state as one JSON document:
 *
 *     {"format":"virga-state","version":1,"schema":1,"next_flow_id":5294,
 *      "tables":{"account":{"columns":["uin"],"rows":[["100000000001"]]},...}}
 *
 * `version` is of this form, `schema` of the tables in it (the number of steps in schema/sql/). A document
 * that is newer in either is refused; of an older schema, columns that it lacks take their defaults. Integers
 * are exact, also past 2^53. The clock, the journal and the faults are no part of it.
 */
#ifndef VIRGA_CORE_SNAPSHOT_H
#define VIRGA_CORE_SNAPSHOT_H

#include "base/buf.h"
#include "core/world.h"

enum { STATE_VERSION = 1 };

/* Appends the document. -1 when the store failed; b->over when it has no room. */
int state_write(struct world *w, struct buf *b);

/* Replaces the whole state, accounts and their credentials too, and tells how many rows it has. -1: nothing
 * has changed; *ret_problem is a sentence in `a` when the document is refused, and p == NULL when the store
 * failed. */
int state_replace(struct world *w, struct arena *a, struct str text, int64_t *ret_rows,
                  struct str *ret_problem);

#endif
