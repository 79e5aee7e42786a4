/*
 * A text view: a pointer and a length, never a terminating NUL of its own.
 *
 * A view owns nothing. It lives as long as what it points into: a literal, a request's arena or the world.
 * `p == NULL` means "no text here"; an empty text has `p != NULL` and `n == 0`.
 */
#ifndef VIRGA_BASE_STR_H
#define VIRGA_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

/* A view of a string literal, usable in expressions; STR_INIT is the same for static initializers. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_INIT(literal)                                                                                    \
    {                                                                                                        \
        "" literal, sizeof(literal) - 1                                                                      \
    }

/* For printf's "%.*s": `printf("%.*s", STR_ARG(s))`. */
#define STR_ARG(s) (int)(s).n, ((s).p ? (s).p : "")

static inline struct str str_from(const char *cstr)
{
    return cstr ? (struct str){cstr, strlen(cstr)} : (struct str){NULL, 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* ASCII letters compare without case; other bytes exactly. */
bool str_eq_nocase(struct str a, struct str b);

/* Byte order, a shorter prefix first: <0, 0 or >0. */
int str_cmp(struct str a, struct str b);

/* By bytes. Every text starts and ends with the empty one. */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* The offset of the first `c`, or `s.n` when there is none. */
size_t str_find(struct str s, char c);

/* Bytes from `from` on / at most `n` bytes from the start; both clip at the end. */
struct str str_skip(struct str s, size_t from);
struct str str_head(struct str s, size_t n);

/* Takes the text before the first `sep` out of *rest and steps *rest past `sep`. false once *rest is used up
 * (p == NULL); "a,,b" gives "a", "", "b". */
bool str_next(struct str *rest, char sep, struct str *ret_part);

/* Without leading and trailing space, tab, CR, LF. */
struct str str_trim(struct str s);

/* FNV-1a of the bytes: the same on every machine and in every run, so that what is made of it may be stored
 * and shown. Not for tables that strangers fill: it has no key. */
uint32_t str_hash32(struct str s);

/* Whole text as a decimal integer with an optional '-'; -1 when it is anything else or does not fit. */
int str_to_i64(struct str s, int64_t *ret_value);
int str_to_u64(struct str s, uint64_t *ret_value);

/* --- ascii --- */

/*
 * Letters and digits by their ranges.
 *
 * Not ctype.h: that asks the locale, which must have no say in what a request means, and takes an int that a
 * plain char of a byte above 127 does not make.
 */

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

/* The small letter of a capital; every other byte as it is. */
static inline char ascii_lower(char c)
{
    return ascii_is_upper(c) ? (char)(c + ('a' - 'A')) : c;
}

/* Of a hexadecimal digit in either case; -1 for what is none. */
static inline int ascii_hex_value(char c)
{
    char small = ascii_lower(c);
    if (ascii_is_digit(c))
        return c - '0';
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

#endif
