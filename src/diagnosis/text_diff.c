/* A difference is found in the texts themselves and shown in their visible forms, which may be longer. */
#include "diagnosis/text_diff.h"

#include <assert.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"

/* A byte becomes at most four ("\xNN"); bytes shown before and after a difference. */
enum { VISIBLE_ROOM = 256, VISIBLE_MAX = 4 * LIMIT_SHOWN_TEXT + 3, BEFORE = 16, AFTER = 24 };

/* Characters without a glyph that come into a text by copying: U+00A0, U+00AD, U+200B to U+200D, U+2028,
 * U+2029, U+3000, U+FEFF. */
static const struct str invisible[] = {
    STR_INIT("\xc2\xa0"),     STR_INIT("\xc2\xad"),     STR_INIT("\xe2\x80\x8b"),
    STR_INIT("\xe2\x80\x8c"), STR_INIT("\xe2\x80\x8d"), STR_INIT("\xe2\x80\xa8"),
    STR_INIT("\xe2\x80\xa9"), STR_INIT("\xe3\x80\x80"), STR_INIT("\xef\xbb\xbf"),
};

/* The bytes of an invisible character at the start; 0 for any other. */
static size_t invisible_bytes(struct str text)
{
    for (size_t i = 0; i < sizeof invisible / sizeof invisible[0]; i++)
        if (str_starts(text, invisible[i]))
            return invisible[i].n;
    return 0;
}

/* The bytes of the first character, if it can be shown as it is; else 0. */
static size_t plain_bytes(struct str text)
{
    const unsigned char c = (unsigned char)text.p[0];
    if (c < 0x80)
        return c >= ' ' && c != 0x7f && c != '\\';
    if (invisible_bytes(text) > 0)
        return 0;
    for (size_t n = 2; n <= 4 && n <= text.n; n++)
        if (utf8_valid(str_head(text, n)))
            return n;
    return 0;
}

/* One byte in its visible form. */
static void put_escaped(struct buf *b, char c)
{
    static const char named[][2] = {{'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}, {'\\', '\\'}};
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (c == named[i][0]) {
            buf_printf(b, "\\%c", named[i][1]);
            return;
        }
    buf_printf(b, "\\x%02x", (unsigned)(unsigned char)c);
}

/* A character is shown whole or escaped whole, so that the result is UTF-8. */
struct str text_visible(struct arena *a, struct str text)
{
    struct str rest = str_head(text, LIMIT_SHOWN_TEXT);
    struct buf b;
    buf_init(&b, a, VISIBLE_ROOM, VISIBLE_MAX);
    while (rest.n > 0) {
        const size_t plain = plain_bytes(rest), hidden = invisible_bytes(rest);
        const size_t n = plain > 0 ? plain : hidden > 0 ? hidden : 1;
        buf_put(&b, str_head(rest, plain));
        for (size_t i = plain; i < n; i++)
            put_escaped(&b, rest.p[i]);
        rest = str_skip(rest, n);
    }
    if (text.n > LIMIT_SHOWN_TEXT)
        buf_put(&b, STR("..."));
    return buf_str(&b);
}

/* The bytes around an offset, and where the byte at the offset is among them. */
static struct str surroundings(struct arena *a, struct str text, size_t offset, size_t *ret_mark)
{
    const size_t from = offset > BEFORE ? offset - BEFORE : 0;
    const struct str before = text_visible(a, str_head(str_skip(text, from), offset - from));
    *ret_mark = before.n;
    return CONCAT(a, before, text_visible(a, str_head(str_skip(text, offset), AFTER)));
}

/* A text that ends early differs at its end. */
void text_diff(struct arena *a, struct str own, struct str theirs, struct text_difference *ret_difference)
{
    struct text_difference d = {.line = 1, .column = 1};
    size_t own_mark;
    for (; d.offset < own.n && d.offset < theirs.n && own.p[d.offset] == theirs.p[d.offset]; d.offset++) {
        d.column++;
        if (own.p[d.offset] == '\n') {
            d.line++;
            d.column = 1;
        }
    }
    d.same = d.offset == own.n && d.offset == theirs.n;
    d.own = surroundings(a, own, d.offset, &own_mark);
    d.theirs = surroundings(a, theirs, d.offset, &d.mark);
    assert(own_mark == d.mark); /* both texts are the same up to there */
    *ret_difference = d;
}
