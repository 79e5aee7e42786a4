/* Growing texts. The room doubles, so a text of n bytes costs at most 2n copied bytes and 4n bytes of the
 * arena. */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/codec.h"

enum { FIRST_ROOM = 256, DECIMAL_DIGITS = 20 /* of UINT64_MAX */ };

/* Allocates `room` bytes, and one more for the NUL that vsnprintf writes. */
static void move_to(struct buf *b, size_t room)
{
    assert(room >= b->n && room <= b->cap);
    char *p = arena_alloc(b->arena, room + 1);
    if (b->n)
        memcpy(p, b->p, b->n);
    b->p = p;
    b->room = room;
}

/* Makes room for `more` bytes at the end; false when the cap does not allow them. */
static bool reserve(struct buf *b, size_t more)
{
    if (b->over || more > b->cap - b->n) {
        b->over = true;
        return false;
    }
    if (b->p && more <= b->room - b->n)
        return true;
    size_t room = b->room > FIRST_ROOM / 2 ? b->room * 2 : FIRST_ROOM;
    if (room < b->n + more)
        room = b->n + more;
    move_to(b, room < b->cap ? room : b->cap);
    return true;
}

void buf_init(struct buf *b, struct arena *a, size_t room, size_t cap)
{
    *b = (struct buf){.arena = a, .cap = cap};
    if (room)
        move_to(b, room < cap ? room : cap);
}

/* Keeps the memory: an answer that replaces another one reuses it. */
void buf_clear(struct buf *b)
{
    b->n = 0;
    b->over = false;
}

void buf_put(struct buf *b, struct str s)
{
    if (s.n == 0 || !reserve(b, s.n))
        return;
    memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
}

/* Not by buf_put: every answer has many single characters between its values. */
void buf_putc(struct buf *b, char c)
{
    if (reserve(b, 1))
        b->p[b->n++] = c;
}

/* Not by printf, which takes ten times as long: every answer has numbers. */
void buf_put_u64(struct buf *b, uint64_t v)
{
    char digits[DECIMAL_DIGITS];
    size_t at = DECIMAL_DIGITS;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    buf_put(b, (struct str){digits + at, DECIMAL_DIGITS - at});
}

void buf_put_i64(struct buf *b, int64_t v)
{
    if (v >= 0) {
        buf_put_u64(b, (uint64_t)v);
        return;
    }
    /* Sign and digits together, so that a put is whole. */
    char text[1 + DECIMAL_DIGITS];
    size_t at = sizeof text;
    uint64_t size = UINT64_C(0) - (uint64_t)v;
    for (; size; size /= 10)
        text[--at] = (char)('0' + size % 10);
    text[--at] = '-';
    buf_put(b, (struct str){text + at, sizeof text - at});
}

/* Formats into the room that is left, which is nearly always enough; otherwise grows and formats again. What
 * the first attempt writes after the text is not part of it. */
void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t left = b->p ? b->room - b->n : 0;
    int n = vsnprintf(b->p ? b->p + b->n : NULL, b->p ? left + 1 : 0, format, args);
    va_end(args);
    if (n < 0)
        b->over = true; /* more than INT_MAX bytes: past any cap */
    else if (reserve(b, (size_t)n)) {
        if ((size_t)n > left)
            (void)vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

/* The character after the backslash for a byte below 0x20: a letter, or 'u' for the long form. */
static const char escapes[] = "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu";

/* The first two digits of the long form are always zero: only bytes below 0x20 need it. */
static void put_escape(struct buf *b, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    assert(c < 0x20 || c == '"' || c == '\\');
    char letter = c < 0x20 ? escapes[c] : (char)c;
    if (letter == 'u')
        buf_put(b, (struct str){(const char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6});
    else
        buf_put(b, (struct str){(const char[]){'\\', letter}, 2});
}

/* U+FFFD, the replacement character. */
#define REPLACEMENT STR("\xef\xbf\xbd")

/* Copies runs, not bytes: most strings have nothing to escape and need one copy. */
static void put_escaped(struct buf *b, struct str s)
{
    size_t plain = 0; /* the start of the run of bytes without escapes */
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_put(b, (struct str){s.p + plain, i - plain});
        put_escape(b, c);
        plain = i + 1;
    }
    buf_put(b, str_skip(s, plain));
}

/* Headers, paths and edited files may hold any bytes, and one invalid byte would make the whole answer
 * unreadable. */
void buf_put_json_string(struct buf *b, struct str s)
{
    buf_putc(b, '"');
    for (size_t good; (good = utf8_prefix(s)) < s.n; s = str_skip(s, good + 1)) {
        put_escaped(b, str_head(s, good));
        buf_put(b, REPLACEMENT);
    }
    put_escaped(b, s);
    buf_putc(b, '"');
}

void buf_put_filled(struct buf *b, struct str text, const struct str *args, size_t n_args)
{
    assert(n_args <= 10); /* a place has one digit */
    while (text.n > 0) {
        size_t brace = str_find(text, '{');
        buf_put(b, str_head(text, brace));
        text = str_skip(text, brace);
        size_t i = text.n >= 3 && text.p[2] == '}' ? (size_t)(text.p[1] - '0') : n_args;
        if (i < n_args) {
            buf_put(b, args[i]);
            text = str_skip(text, 3);
        } else if (text.n > 0) {
            buf_putc(b, '{');
            text = str_skip(text, 1);
        }
    }
}
