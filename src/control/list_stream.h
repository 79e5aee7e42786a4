/*
 * An answer with one long list, as a stream: the text before the list, its items in pieces, the text after
 * it.
 *
 * The function of the route fills the whole answer but for this list, and gives the list to its request
 * (`k->list`). The router encodes the answer, and the stream puts the items into the place of the empty list.
 */
#ifndef VIRGA_CONTROL_LIST_STREAM_H
#define VIRGA_CONTROL_LIST_STREAM_H

#include "control/selection.h"

struct shape;

struct list_stream {
    struct stream stream;
    struct str name;          /* of the list's member in the answer; no text of the answer may be alike */
    const struct shape *item; /* the shape of an item */
    struct selection calls;   /* an item is made from each */
    /* Returns the item of a call, in the arena. */
    const void *(*make)(struct arena *a, const struct world *w, const struct journal_entry *e);
    const struct world *world;
    struct str before, after; /* the list's items, in the answer; the first becomes empty when it is sent */
    bool any;                 /* an item was sent */
};

/* Begins the stream. `answer` is the encoded answer with the list empty; it must live as long as the stream.
 */
struct stream *list_stream_begin(struct list_stream *l, struct arena *a, struct str answer);

#endif
