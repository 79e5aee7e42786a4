/*
 * The calls of the journal that a query asks for: the newest `limit` calls that match, oldest first.
 *
 * A selection has no list of calls. It knows the serial numbers of the first and the last call and its place
 * between them, and finds each call in the journal when it is read. So it costs nothing while an answer is
 * sent, and the journal may drop calls meanwhile: these are skipped. Calls that are recorded after
 * selection_init are not part of it.
 */
#ifndef VIRGA_CONTROL_SELECTION_H
#define VIRGA_CONTROL_SELECTION_H

#include "control/list_stream.h"
#include "core/journal.h"
#include "core/verify.h"
#include "gen/control.h"

struct selection {
    const struct journal *journal;
    struct expectation expected;
    uint64_t after; /* the calls have larger serial numbers than this; grows as they are read */
    uint64_t last;  /* the serial number of the last call */
    /* While the newest calls are counted, to find the first one: */
    uint64_t counted_to; /* calls from this serial number on are counted */
    uint64_t wanted;     /* this many are still missing; 0: the first one is found */
};

/* Texts of the query must live as long as the selection. -1 after control_fail: `since` is neither a time nor
 * a known RequestId. */
int selection_init(struct selection *s, struct control *k, const struct get_requests_query *query);

/* Reads the next call. *budget is the number of calls that may be examined, and counts down; at 0 the result
 * is LIST_PAUSE, and the next call of the function continues. *ret_call is valid until the journal
 * changes. */
enum list_result selection_next(struct selection *s, struct arena *a, size_t *budget,
                                const struct journal_entry **ret_call);

/* A list with an item for each call of a selection. */
struct call_list {
    struct list_stream list;
    struct selection calls;
    const struct world *world;
    /* Returns the item of a call, in the arena. */
    const void *(*make)(struct arena *a, const struct world *w, const struct journal_entry *e);
};

/* Makes the list `name` of the answer from the calls that the query asks for. -1 as selection_init. */
int call_list_begin(struct control *k, const struct get_requests_query *query, struct str name,
                    const struct shape *item,
                    const void *(*make)(struct arena *a, const struct world *w,
                                        const struct journal_entry *e));

#endif
