/* Text encodings. All are exact inverses of what clients send; none depends on the locale. */
#include "base/codec.h"

#include "base/str.h"

static const char hex_digits[] = "0123456789abcdef";

void hex_encode(const uint8_t *data, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = hex_digits[data[i] >> 4];
        out[2 * i + 1] = hex_digits[data[i] & 15];
    }
}

/* Up to three bytes to four characters; what is missing is padded. */
static void base64_group(const uint8_t *data, size_t n, char out[4])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = (uint32_t)data[0] << 16;
    if (n > 1)
        bits |= (uint32_t)data[1] << 8;
    if (n > 2)
        bits |= data[2];
    out[0] = alphabet[bits >> 18];
    out[1] = alphabet[bits >> 12 & 63];
    out[2] = n > 1 ? alphabet[bits >> 6 & 63] : '=';
    out[3] = n > 2 ? alphabet[bits & 63] : '=';
}

/* Signatures of version 1 are compared in this form, so the padding is part of it. */
struct str base64_encode(struct arena *a, const uint8_t *data, size_t n)
{
    size_t groups = n / 3 + (n % 3 != 0);
    char *out = arena_alloc(a, groups * 4);
    for (size_t i = 0; i < groups; i++)
        base64_group(data + 3 * i, n - 3 * i, out + 4 * i);
    return (struct str){out, groups * 4};
}

/* The byte of an escape that starts at `at`, or -1 when there is no whole one. Digits of either case, as RFC
 * 3986 section 2.1 allows. */
static int escaped_byte(struct str s, size_t at)
{
    if (s.p[at] != '%' || s.n - at < 3)
        return -1;
    int high = ascii_hex_value(s.p[at + 1]);
    int low = ascii_hex_value(s.p[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Decoded text is never longer than its encoding, so one piece of that size is enough. */
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
    return (struct str){out, n};
}

/* The lead byte fixes the length and, for four leads, a narrower range of the second byte; that range is what
 * keeps out overlong forms, surrogates and everything above U+10FFFF (Unicode, table 3-7). */
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

/* Bytes of the character at p, 0 when there is none. */
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

/* Eight bytes at a time while they are ASCII, as nearly all are. */
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
        /* Through the word that stopped the run, so that mixed text is not tried for words at every byte. */
        for (size_t i = 0; i < sizeof(uint64_t) && at < s.n; i++) {
            size_t length = utf8_character(p + at, s.n - at);
            if (length == 0)
                return at;
            at += length;
        }
    }
    return at;
}

bool utf8_valid(struct str s)
{
    return utf8_prefix(s) == s.n;
}

struct str utf8_replace_invalid(struct arena *a, struct str s)
{
    size_t good = utf8_prefix(s);
    if (good == s.n)
        return s;
    struct str copy = arena_dup(a, s);
    char *p = (char *)(uintptr_t)copy.p; /* ours since the line above */
    for (size_t at = good; at < copy.n; at += utf8_prefix(str_skip(copy, at)))
        p[at++] = '?';
    return copy;
}

/* The marks of Unicode's bidirectional algorithm, with which a text can look like another one
 * (CVE-2021-42574), and the separators of lines and paragraphs. */
static bool is_mark(const unsigned char *p)
{
    if (p[0] == 0xd8 && p[1] == 0x9c) /* U+061C */
        return true;
    if (p[0] != 0xe2)
        return false;
    if (p[1] == 0x80) /* U+200E, U+200F; U+2028 to U+202E */
        return p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xa8 && p[2] <= 0xae);
    return p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9; /* U+2066 to U+2069 */
}

/* C0, DEL and C1, which a terminal obeys as it does an escape. */
static bool is_control(const unsigned char *p)
{
    return p[0] < ' ' || p[0] == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0);
}

void utf8_mask_unprintable(char *p, size_t n)
{
    for (size_t at = 0, length; at < n; at += length) {
        const unsigned char *c = (const unsigned char *)p + at;
        length = utf8_character(c, n - at);
        if (length > 0 && !is_control(c) && !is_mark(c))
            continue;
        length += length == 0;
        memset(p + at, '?', length);
    }
}

bool equal_constant_time(struct str a, struct str b)
{
    if (a.n != b.n)
        return false;
    /* volatile keeps the compiler from leaving the loop once the answer is known. */
    volatile unsigned char difference = 0;
    for (size_t i = 0; i < a.n; i++)
        difference = (unsigned char)(difference | (a.p[i] ^ b.p[i]));
    return difference == 0;
}
