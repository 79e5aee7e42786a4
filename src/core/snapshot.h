/*
 * The whole state: as one JSON document, and back to its start.
 *
 * The document:
 *
 *     {"format":"virga-state","version":1,"schema":2,"next_flow_id":5294,
 *      "tables":{"account":{"columns":["uin"],"rows":[["100000000001"]]},...}}
 *
 * `version` is that of this form, `schema` that of the tables (the number of migrations). A document that is
 * newer in either is rejected; columns that an older one does not have get their defaults. Integers are
 * exact, also above 2^53. The clock, the journal and the faults are not part of the state.
 */
#ifndef VIRGA_CORE_SNAPSHOT_H
#define VIRGA_CORE_SNAPSHOT_H

#include "base/stream.h"
#include "core/world.h"

enum { STATE_VERSION = 1 };

enum state_fault {
    STATE_OK,
    STATE_FAILED,    /* the store failed */
    STATE_TOO_LARGE, /* for one document */
    STATE_BUSY       /* copies for other streams take all the memory for copies (LIMIT_STATE_COPIES) */
};

/* Makes a stream of the document, in the arena. It reads a copy of the database, so the document is the state
 * of one moment, whatever changes while it is sent: of this moment when the database has at most
 * LIMIT_COPIED_AT_ONCE bytes. A larger one is copied in steps, one for each piece, which is empty then; the
 * moment is the end of the last step. The first piece may be asked for within a transaction, the others not.
 */
enum state_fault state_stream(struct world *w, struct arena *a, struct stream **ret_stream);

/* Replaces the whole state, including accounts and their credentials. *ret_rows is the number of rows. -1:
 * nothing has changed; *ret_problem is a sentence in `a` when the document is rejected, and p == NULL when
 * the store failed. */
int state_replace(struct world *w, struct arena *a, struct str text, int64_t *ret_rows,
                  struct str *ret_problem);

#endif
