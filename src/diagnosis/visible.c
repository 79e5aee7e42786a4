#include "diagnosis/visible.h"

#include "base/buf.h"
#include "base/codec.h"

enum { VISIBLE_ROOM = 256, VISIBLE_MAX = 8192, SHOWN_MAX = 1500, BEFORE = 16, AFTER = 24 };

/* Characters that no font shows: each is copied into a signature by hand sooner or later. */
static const struct str unseen[] = {
    STR_INIT("\xc2\xa0"),     STR_INIT("\xc2\xad"),     STR_INIT("\xe2\x80\x8b"),
    STR_INIT("\xe2\x80\x8c"), STR_INIT("\xe2\x80\x8d"), STR_INIT("\xe2\x80\xa8"),
    STR_INIT("\xe2\x80\xa9"), STR_INIT("\xe3\x80\x80"), STR_INIT("\xef\xbb\xbf"),
};

static size_t unseen_at(struct str text)
{
    for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++)
        if (str_starts(text, unseen[i]))
            return unseen[i].n;
    return 0;
}

/* The bytes of the character in front that may be shown as they are; 0 when the first may not. */
static size_t plain_bytes(struct str text)
{
    const unsigned char c = (unsigned char)text.p[0];
    if (c < 0x80)
        return c >= ' ' && c != 0x7f && c != '\\';
    if (unseen_at(text) > 0)
        return 0;
    for (size_t n = 2; n <= 4 && n <= text.n; n++)
        if (utf8_valid(str_head(text, n)))
            return n;
    return 0;
}

static void put_hidden(struct buf *b, char c)
{
    static const char named[][2] = {{'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}, {'\\', '\\'}};
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (c == named[i][0]) {
            buf_printf(b, "\\%c", named[i][1]);
            return;
        }
    buf_printf(b, "\\x%02x", (unsigned)(unsigned char)c);
}

struct str visible(struct arena *a, struct str text)
{
    struct str rest = str_head(text, SHOWN_MAX);
    struct buf b;
    buf_init(&b, a, VISIBLE_ROOM, VISIBLE_MAX);
    while (rest.n > 0) {
        const size_t plain = plain_bytes(rest), hidden = plain > 0 ? 0 : unseen_at(rest);
        buf_put(&b, str_head(rest, plain));
        for (size_t i = 0; plain == 0 && i < (hidden > 0 ? hidden : 1); i++)
            put_hidden(&b, rest.p[i]);
        rest = str_skip(rest, plain > 0 ? plain : hidden > 0 ? hidden : 1);
    }
    if (text.n > SHOWN_MAX)
        buf_put(&b, STR("..."));
    return buf_str(&b);
}

/* Up to the byte, and from it on. */
static struct str around(struct arena *a, struct str text, size_t offset, size_t *ret_mark)
{
    const size_t from = offset > BEFORE ? offset - BEFORE : 0;
    struct str before = visible(a, str_head(str_skip(text, from), offset - from));
    *ret_mark = before.n;
    return CONCAT(a, before, visible(a, str_head(str_skip(text, offset), AFTER)));
}

void doctor_diff(struct arena *a, struct str own, struct str theirs, struct difference *ret_difference)
{
    struct difference d = {.line = 1, .column = 1};
    for (; d.offset < own.n && d.offset < theirs.n && own.p[d.offset] == theirs.p[d.offset]; d.offset++) {
        d.column++;
        if (own.p[d.offset] == '\n') {
            d.line++;
            d.column = 1;
        }
    }
    d.same = d.offset == own.n && d.offset == theirs.n;
    d.own = around(a, own, d.offset, &d.mark);
    d.theirs = around(a, theirs, d.offset, &d.mark);
    *ret_difference = d;
}
