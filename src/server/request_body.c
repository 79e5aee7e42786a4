/* Memory comes from the heap: an arena would keep every smaller copy until the end of the call. */
#include "server/request_body.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"

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

/* --- framing --- */

/* The headers are looked at once for all of the questions, and the answer to the first that is a yes is the
 * refusal. */

/* What the headers say about the body. */
struct message_framing {
    struct str length, coding; /* p == NULL where absent */
    bool lengths_differ, codings, blank_names;
};

static bool has_blank(struct str name)
{
    return str_find(name, ' ') < name.n || str_find(name, '\t') < name.n;
}

static void look_at(const struct header *h, struct message_framing *f)
{
    f->blank_names |= has_blank(h->name);
    if (str_eq_nocase(h->name, STR("Content-Length"))) {
        f->lengths_differ |= f->length.p && !str_eq(f->length, h->value);
        f->length = h->value;
    } else if (str_eq_nocase(h->name, STR("Transfer-Encoding"))) {
        f->codings |= f->coding.p != NULL;
        f->coding = h->value;
    }
}

static int reject(int status, struct str problem, struct message_framing_fault *ret_fault)
{
    *ret_fault = (struct message_framing_fault){status, problem};
    return -1;
}

/* RFC 9112 lets two equal lengths pass as one; so do we. */
int message_framing_check(struct str method, const struct header *headers, size_t n_headers,
                          struct message_framing_fault *ret_fault)
{
    struct message_framing f = {0};
    for (size_t i = 0; i < n_headers; i++)
        look_at(&headers[i], &f);
    if (str_eq(method, STR("CONNECT")))
        return reject(405, STR("no tunnels; a proxy for http is possible, one for https is not"), ret_fault);
    if (f.blank_names)
        return reject(400, STR("a blank in the name of a header"), ret_fault);
    if (f.lengths_differ)
        return reject(400, STR("two different Content-Length headers"), ret_fault);
    if (f.length.p && f.coding.p)
        return reject(400, STR("Content-Length beside Transfer-Encoding"), ret_fault);
    if (f.codings || (f.coding.p && !str_eq_nocase(f.coding, STR("chunked"))))
        return reject(501, STR("a transfer coding other than chunked"), ret_fault);
    return 0;
}
