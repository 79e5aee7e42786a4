/* Text encodings. Base64 and the comparison are nettle's; hexadecimal, percent decoding and UTF-8 are here.
 */
#include "base/codec.h"

#include <assert.h>
#include <nettle/base64.h>
#include <nettle/memops.h>
#include <stdio.h>

/* --- hexadecimal and base64 --- */

/* Not by nettle's encoder: that calls a function for each byte. */
void hex_encode(const uint8_t *data, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
}

bool hex_valid(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (ascii_hex_value(s.p[i]) < 0)
            return false;
    }
    return true;
}

/* Not by nettle's decoder: that skips white space. */
int hex_decode(struct str s, uint8_t *out)
{
    if (s.n % 2 != 0 || !hex_valid(s))
        return -1;
    for (size_t i = 0; i < s.n; i += 2)
        out[i / 2] = (uint8_t)(ascii_hex_value(s.p[i]) * 16 + ascii_hex_value(s.p[i + 1]));
    return 0;
}

struct str base64_encode(struct arena *a, const uint8_t *data, size_t n)
{
    char *out = arena_alloc(a, BASE64_ENCODE_RAW_LENGTH(n));
    base64_encode_raw(out, n, data);
    return (struct str){out, BASE64_ENCODE_RAW_LENGTH(n)};
}

bool equal_constant_time(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memeql_sec(a.p, b.p, a.n));
}

/* --- percent encoding --- */

/* The byte of the escape at `at`, or -1 when it is incomplete. Digits of either case (RFC 3986
 * section 2.1). */
static int escaped_byte(struct str s, size_t at)
{
    uint8_t byte;
    assert(at < s.n);
    if (s.p[at] != '%' || s.n - at < 3 || hex_decode((struct str){s.p + at + 1, 2}, &byte) != 0)
        return -1;
    return byte;
}

/* Decoded text is never longer than its encoding, so one allocation of that size is enough. */
struct str url_decode(struct arena *a, struct str s)
{
    if (str_find(s, '%') == s.n && str_find(s, '+') == s.n)
        return s;
    char *out = arena_alloc(a, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        int byte = escaped_byte(s, i);
        if (byte >= 0)
            i += 2;
        else
            byte = s.p[i] == '+' ? ' ' : s.p[i];
        out[n++] = (char)byte;
    }
    assert(n <= s.n);
    return (struct str){out, n};
}

/* --- UTF-8 --- */

/* The lead byte fixes the length and, for four leads, a narrower range of the second byte. That range
 * excludes overlong forms, surrogates and everything above U+10FFFF (Unicode, table 3-7). */
static size_t utf8_length(const unsigned char *p, unsigned char *ret_low, unsigned char *ret_high)
{
    *ret_low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    *ret_high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf)
        return 2;
    if (p[0] >= 0xe0 && p[0] <= 0xef)
        return 3;
    return p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;
}

/* The length of the character at p; 0 when it is not well-formed. */
static size_t utf8_character(const unsigned char *p, size_t left)
{
    unsigned char low, high;
    size_t length = utf8_length(p, &low, &high);
    if (length < 2 || length > left)
        return length == 1;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    return length;
}

/* The length of the ASCII run at p in whole words of eight bytes: nearly all text is ASCII. */
static size_t ascii_words(const unsigned char *p, size_t left)
{
    size_t n = 0;
    for (uint64_t word; left - n >= sizeof word; n += sizeof word) {
        memcpy(&word, p + n, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    return n;
}

size_t utf8_prefix(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t at = 0;
    while (at < s.n) {
        at += ascii_words(p + at, s.n - at);
        /* Through the word that ended the run, so that mixed text does not test for words at every byte. */
        for (size_t i = 0; i < sizeof(uint64_t) && at < s.n; i++) {
            size_t length = utf8_character(p + at, s.n - at);
            if (length == 0)
                return at;
            at += length;
        }
    }
    assert(at == s.n);
    return at;
}

bool utf8_valid(struct str s)
{
    return utf8_prefix(s) == s.n;
}

struct str utf8_cut(struct str s, size_t most)
{
    if (s.n <= most)
        return s;
    while (most > 0 && ((unsigned char)s.p[most] & 0xc0) == 0x80)
        most--;
    return str_head(s, most);
}

struct str utf8_replace_invalid(struct arena *a, struct str s)
{
    size_t good = utf8_prefix(s);
    if (good == s.n)
        return s;
    struct str copy = arena_dup(a, s);
    char *p = (char *)(uintptr_t)copy.p; /* not const: the copy is new */
    for (size_t at = good; at < copy.n; at += utf8_prefix(str_skip(copy, at)))
        p[at++] = '?';
    return copy;
}

/* The controls of Unicode's bidirectional algorithm, which can make a text look like another one
 * (CVE-2021-42574), and the separators of lines and paragraphs. `p` is a whole character. */
static bool is_bidi_or_separator(const unsigned char *p)
{
    if (p[0] == 0xd8 && p[1] == 0x9c) /* U+061C */
        return true;
    if (p[0] != 0xe2)
        return false;
    if (p[1] == 0x80) /* U+200E, U+200F; U+2028 to U+202E */
        return p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xa8 && p[2] <= 0xae);
    return p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9; /* U+2066 to U+2069 */
}

/* C0, DEL and C1, which a terminal executes as it does an escape. */
static bool is_control(const unsigned char *p)
{
    return p[0] < ' ' || p[0] == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0);
}

/* The length of the character at `at` when it is unprintable but not an escape of JSON already: DEL, C1, a
 * bidirectional control or a separator; else 0. */
static size_t unescaped_length(struct str s, size_t at)
{
    const unsigned char *c = (const unsigned char *)s.p + at;
    size_t length = *c < 0x7f ? 0 : utf8_character(c, s.n - at);
    return length > 0 && (is_control(c) || is_bidi_or_separator(c)) ? length : 0;
}

/* The number of a character of one to three bytes. */
static unsigned code_point(const unsigned char *c, size_t length)
{
    if (length == 1)
        return c[0];
    if (length == 2)
        return (c[0] & 0x1fu) << 6 | (c[1] & 0x3fu);
    return (c[0] & 0x0fu) << 12 | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu);
}

struct str json_escape_unprintable(struct arena *a, struct str json)
{
    enum { ESCAPE_BYTES = 6 };
    size_t n = 0, grown = 0, length;
    for (size_t i = 0; i < json.n; i++)
        grown += unescaped_length(json, i) > 0 ? ESCAPE_BYTES : 0;
    if (grown == 0)
        return json;
    char *out = arena_alloc(a, json.n + grown);
    for (size_t i = 0; i < json.n; i += length) {
        length = unescaped_length(json, i);
        if (length > 0)
            n += (size_t)snprintf(out + n, ESCAPE_BYTES + 1, "\\u%04x",
                                  code_point((const unsigned char *)json.p + i, length));
        else
            out[n++] = json.p[i];
        length += length == 0;
    }
    assert(n <= json.n + grown);
    return (struct str){out, n};
}

void utf8_mask_unprintable(char *p, size_t n)
{
    for (size_t at = 0, length; at < n; at += length) {
        const unsigned char *c = (const unsigned char *)p + at;
        length = utf8_character(c, n - at);
        if (length > 0 && !is_control(c) && !is_bidi_or_separator(c))
            continue;
        length += length == 0;
        memset(p + at, '?', length);
    }
}
