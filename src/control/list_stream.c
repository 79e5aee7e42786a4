/* Items are whole in one piece. An item is larger than a piece only when the call has large texts, which the
 * journal cuts (LIMIT_JOURNAL_BODY). */
#include "control/list_stream.h"

#include <assert.h>

#include "base/limits.h"
#include "wire/encode.h"

/* Puts items until the piece is large enough or as much is examined as one piece may cost. */
static enum list_result put_items(struct list_stream *l, struct buf *piece)
{
    enum list_result result = LIST_PAUSE;
    const void *item;
    size_t budget = LIMIT_EXAMINED;
    while (piece->n < LIMIT_PIECE && (result = l->next(l, piece->arena, &budget, &item)) == LIST_ITEM) {
        if (l->any)
            buf_putc(piece, ',');
        encode_object(piece, l->item, item);
        l->any = true;
    }
    return result;
}

static enum stream_result next(struct stream *s, struct buf *piece)
{
    struct list_stream *l = (struct list_stream *)s; /* its first member */
    buf_put(piece, l->before);
    l->before = STR("");
    if (put_items(l, piece) != LIST_END)
        return STREAM_MORE;
    buf_put(piece, l->after);
    return STREAM_END;
}

struct stream *list_stream_begin(struct list_stream *l, struct arena *a, struct str answer)
{
    struct str list = CONCAT(a, STR("\""), l->name, STR("\":[]"));
    const char *found = memmem(answer.p, answer.n, list.p, list.n);
    assert(found);
    size_t end = (size_t)(found - answer.p) + list.n - 1; /* of the list: its last bracket */
    l->before = str_head(answer, end);
    l->after = str_skip(answer, end);
    l->stream = (struct stream){.next = next};
    return &l->stream;
}
