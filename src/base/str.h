/*
 * A text view: a pointer and a length, without a NUL at the end. Also ASCII letters and digits (ascii_*,
 * below).
 *
 * A view owns nothing. It lives as long as what it points into: a literal, a call's arena or the world.
 * Nothing here allocates. `p == NULL` means "absent"; an empty text has `p != NULL` and `n == 0`.
 */
#ifndef VIRGA_BASE_STR_H
#define VIRGA_BASE_STR_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

/* A view of a string literal, in expressions; STR_INIT is the same for static initializers. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_INIT(literal)                                                                                    \
    {                                                                                                        \
        "" literal, sizeof(literal) - 1                                                                      \
    }

/* For printf's "%.*s": `printf("%.*s", STR_ARG(s))`. */
#define STR_ARG(s) (int)(s).n, ((s).p ? (s).p : "")

/* A view of a C string; absent for NULL. */
static inline struct str str_from(const char *cstr)
{
    return cstr ? (struct str){cstr, strlen(cstr)} : (struct str){NULL, 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* As str_eq, but ASCII letters of either case are equal. The lengths are compared first and here: nearly all
 * comparisons are of a header's name with one that is wanted. */
bool str_eq_nocase_same_length(struct str a, struct str b);

static inline bool str_eq_nocase(struct str a, struct str b)
{
    return a.n == b.n && str_eq_nocase_same_length(a, b);
}

/* Order of the bytes, a prefix before the longer text: <0, 0 or >0. */
int str_cmp(struct str a, struct str b);

/* The offset of the first `c`, or `s.n` when there is none. */
static inline size_t str_find(struct str s, char c)
{
    const char *at = s.n ? (const char *)memchr(s.p, c, s.n) : NULL;
    return at ? (size_t)(at - s.p) : s.n;
}

/* Without the first `from` bytes / only the first `n` bytes; both stop at the end. */
static inline struct str str_head(struct str s, size_t n)
{
    return (struct str){s.p, n < s.n ? n : s.n};
}

/* The text, or `otherwise` where it is absent (p == NULL). */
static inline struct str str_or(struct str s, struct str otherwise)
{
    return s.p ? s : otherwise;
}

/* Does not add to the pointer of an absent text: even NULL + 0 is undefined in C. */
static inline struct str str_skip(struct str s, size_t from)
{
    if (from > s.n)
        from = s.n;
    assert(from == 0 || s.p);
    return from ? (struct str){s.p + from, s.n - from} : s;
}

/* Every text starts and ends with the empty one. */
static inline bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq(str_head(s, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix);

/* Splits: moves the text before the first `sep` from *rest to *ret_part. False when nothing is left (rest->p
 * == NULL). "a,,b" gives "a", "", "b"; "a," gives "a", "". */
bool str_next(struct str *rest, char sep, struct str *ret_part);

/* Without leading and trailing space, tab, CR, LF. */
struct str str_trim(struct str s);

/* FNV-1a of the bytes: the same on every machine and in every run, so that results may be stored and shown.
 * Not for tables with keys from clients: it has no secret. */
uint32_t str_hash32(struct str s);

/* The whole text as a decimal integer, for i64 with an optional '-'. -1 for anything else and for a number
 * that does not fit. */
int str_to_i64(struct str s, int64_t *ret_value);
int str_to_u64(struct str s, uint64_t *ret_value);

/* Not ctype.h, which depends on the locale and has undefined results for a plain char above 127. */

static inline bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ascii_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool ascii_is_letter(char c)
{
    return ascii_is_upper(c) || (c >= 'a' && c <= 'z');
}

/* The lower-case letter of an upper-case one; every other byte as it is. */
static inline char ascii_lower(char c)
{
    return ascii_is_upper(c) ? (char)(c + ('a' - 'A')) : c;
}

/* 0 to 15 for a hexadecimal digit of either case, else -1. */
static inline int ascii_hex_value(char c)
{
    char small = ascii_lower(c);
    if (ascii_is_digit(c))
        return c - '0';
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/* Has the text only ASCII characters? */
static inline bool str_is_ascii(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

#endif
