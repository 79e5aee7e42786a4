/* Memory comes from the heap: an arena would keep every smaller copy of a growing body until the end of the
 * call. */
#include "server/request_body.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"

enum { FIRST_ROOM = 1024 };

/* --- where the body ends --- */

/* What the headers say about the body. */
struct message_framing {
    struct str length, coding; /* p == NULL where absent */
    bool lengths_differ, several_codings, blank_names;
};

static bool has_blank(struct str name)
{
    return str_find(name, ' ') < name.n || str_find(name, '\t') < name.n;
}

static void add_header(struct message_framing *f, const struct header *h)
{
    f->blank_names |= has_blank(h->name);
    if (str_eq_nocase(h->name, STR("Content-Length"))) {
        f->lengths_differ |= f->length.p && !str_eq(f->length, h->value);
        f->length = h->value;
    } else if (str_eq_nocase(h->name, STR("Transfer-Encoding"))) {
        f->several_codings |= f->coding.p != NULL;
        f->coding = h->value;
    }
}

/* Two equal lengths are one: RFC 9112 section 6.3 allows a server to accept them. */
const struct rejection *message_framing_check(struct str method, const struct header *headers,
                                              size_t n_headers)
{
    static const struct rejection tunnel = {
        405, STR_INIT("virga opens no tunnels: it can be a proxy for http, not for https")};
    static const struct rejection blank = {400, STR_INIT("the name of a header contains a blank")};
    static const struct rejection lengths = {400, STR_INIT("two different Content-Length headers")};
    static const struct rejection both = {400, STR_INIT("both Content-Length and Transfer-Encoding")};
    static const struct rejection coding = {501, STR_INIT("a transfer coding other than chunked")};
    struct message_framing f = {.lengths_differ = false};
    for (size_t i = 0; i < n_headers; i++)
        add_header(&f, &headers[i]);
    if (str_eq(method, STR("CONNECT")))
        return &tunnel;
    if (f.blank_names)
        return &blank;
    if (f.lengths_differ)
        return &lengths;
    if (f.length.p && f.coding.p)
        return &both;
    bool other = f.several_codings || (f.coding.p && !str_eq_nocase(f.coding, STR("chunked")));
    return other ? &coding : NULL;
}

/* --- how the body is kept --- */

void body_done(struct body *b, struct bodies *all)
{
    assert(all->bytes >= b->room);
    free(b->p);
    all->bytes -= b->room;
    *b = (struct body){.cap = b->cap};
}

void body_clear(struct body *b, struct bodies *all)
{
    if (b->room > LIMIT_BODY_KEPT)
        body_done(b, all);
    b->n = 0;
    b->over = b->no_room_left = false;
}

/* It doubles, so that it rarely moves; realloc moves a large one by its pages and copies no bytes. */
static size_t next_room(const struct body *b, size_t needed)
{
    size_t room = b->room ? b->room * 2 : FIRST_ROOM;
    if (room > b->cap)
        room = b->cap;
    return room < needed ? needed : room;
}

/* -1 when the other bodies leave too little memory. All of them are counted together before any memory is
 * taken: each alone would be within its own cap. */
static int grow(struct body *b, struct bodies *all, size_t needed)
{
    size_t room = next_room(b, needed);
    assert(room >= needed && room <= LIMIT_BODIES);
    if (all->bytes - b->room > LIMIT_BODIES - room)
        return -1;
    all->bytes += room - b->room;
    b->p = memory_resize(b->p, room);
    b->room = room;
    return 0;
}

void body_put(struct body *b, struct bodies *all, struct str piece)
{
    assert(b->n <= b->cap);
    b->over |= piece.n > b->cap - b->n;
    if (b->over || b->no_room_left || piece.n == 0)
        return;
    if (piece.n > b->room - b->n && grow(b, all, b->n + piece.n) != 0) {
        body_done(b, all); /* what it had is of no use and makes room for the others */
        b->no_room_left = true;
        return;
    }
    memcpy(b->p + b->n, piece.p, piece.n);
    b->n += piece.n;
}
