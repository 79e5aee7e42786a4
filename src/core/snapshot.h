/*
 * The whole state: as one JSON document, and back to its start.
 *
 * The document:
 *
 *     {"format":"virga-state","version":1,"schema":1,"next_flow_id":5294,
 *      "tables":{"account":{"columns":["uin"],"rows":[["100000000001"]]},...}}
 *
 * `version` is that of this form, `schema` that of the tables (the number of migrations). A document that is
 * newer in either is rejected; columns that an older one does not have get their defaults. Integers are
 * exact, also above 2^53. The clock, the journal and the faults are not part of the state.
 */
#ifndef VIRGA_CORE_SNAPSHOT_H
#define VIRGA_CORE_SNAPSHOT_H

#include "base/buf.h"
#include "core/world.h"

enum { STATE_VERSION = 1 };

/* Appends the document. -1 when the store failed; b->over when it has no room. */
int state_write(struct world *w, struct buf *b);

/* Replaces the whole state, including accounts and their credentials. *ret_rows is the number of rows. -1:
 * nothing has changed; *ret_problem is a sentence in `a` when the document is rejected, and p == NULL when
 * the store failed. */
int state_replace(struct world *w, struct arena *a, struct str text, int64_t *ret_rows,
                  struct str *ret_problem);

#endif
