/*
 * An answer with one long list, as a stream: the text before the list, its items in pieces, the text after
 * it. Who makes such a list embeds this struct as the first member of its own state.
 *
 * The function of the route fills the whole answer but for this list, and gives the list to its request
 * (`k->list`). The router encodes the answer, and the stream puts the items into the place of the empty list.
 */
#ifndef VIRGA_CONTROL_LIST_STREAM_H
#define VIRGA_CONTROL_LIST_STREAM_H

#include "base/str.h"
#include "base/stream.h"

struct shape;

enum list_result {
    LIST_ITEM,
    LIST_END,
    LIST_PAUSE /* the budget is spent; the next call continues */
};

struct list_stream {
    struct stream stream;
    struct str name;          /* of the list's member in the answer; no text of the answer may be alike */
    const struct shape *item; /* the shape of an item */
    /* Makes the next item, in the arena. *budget counts down what was examined for it. */
    enum list_result (*next)(struct list_stream *l, struct arena *a, size_t *budget, const void **ret_item);
    struct str before, after; /* the list's items, in the answer; the first becomes empty when it is sent */
    bool any;                 /* an item was sent */
};

/* Begins the stream. `answer` is the encoded answer with the list empty; it must live as long as the stream.
 */
struct stream *list_stream_begin(struct list_stream *l, struct arena *a, struct str answer);

#endif
