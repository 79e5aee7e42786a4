/* Memory comes from the heap: an arena would keep every smaller copy until the end of the call. */
#include "server/body.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/memory.h"

enum {
    FIRST_ROOM = 1024,
    /* A body up to it finds its room in the exchange's last one. */
    KEPT_ROOM = 16 * 1024
};

void body_done(struct body *b, struct bodies *all)
{
    free(b->p);
    all->bytes -= b->room;
    *b = (struct body){.cap = b->cap};
}

void body_clear(struct body *b, struct bodies *all)
{
    if (b->room > KEPT_ROOM)
        body_done(b, all);
    b->n = 0;
    b->over = b->crowded = false;
}

/* It doubles, so that it moves seldom; a large one moves by its pages, not by its bytes. */
static size_t next_room(const struct body *b, size_t needed)
{
    size_t room = b->room ? b->room * 2 : FIRST_ROOM;
    if (room > b->cap)
        room = b->cap;
    return room < needed ? needed : room;
}

/* -1: the others leave too little. */
/* Counted before it is taken, all bodies together: each alone would be within its cap. */
static int grow(struct body *b, struct bodies *all, size_t needed)
{
    size_t room = next_room(b, needed);
    if (all->bytes - b->room > LIMIT_BODIES - room)
        return -1;
    all->bytes += room - b->room;
    b->p = memory_resize(b->p, room);
    b->room = room;
    return 0;
}

void body_put(struct body *b, struct bodies *all, struct str piece)
{
    b->over |= piece.n > b->cap - b->n;
    if (b->over || b->crowded || piece.n == 0)
        return;
    if (piece.n > b->room - b->n && grow(b, all, b->n + piece.n) != 0) {
        body_done(b, all); /* so that others may be whole */
        b->crowded = true;
        return;
    }
    memcpy(b->p + b->n, piece.p, piece.n);
    b->n += piece.n;
}
