/* Text views. No function adds to the pointer of an absent text: even NULL + 0 is undefined in C. */
#include "base/str.h"

#include <assert.h>

/* HTTP's optional white space, and the line ends of text files. Vertical tab and form feed are text. */
static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool str_eq_nocase_same_length(struct str a, struct str b)
{
    assert(a.n == b.n);
    if (str_eq(a, b)) /* most clients write a name as the documentation does */
        return true;
    for (size_t i = 0; i < a.n; i++) {
        if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
            return false;
    }
    return true;
}

/* memcmp compares unsigned bytes, which is the order of keys in a signature. */
int str_cmp(struct str a, struct str b)
{
    size_t shorter = a.n < b.n ? a.n : b.n;
    int order = shorter ? memcmp(a.p, b.p, shorter) : 0;
    if (order != 0)
        return order;
    return (a.n > b.n) - (a.n < b.n);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq(str_skip(s, s.n - suffix.n), suffix);
}

bool str_next(struct str *rest, char sep, struct str *ret_part)
{
    if (!rest->p)
        return false;
    size_t at = str_find(*rest, sep);
    *ret_part = str_head(*rest, at);
    /* A separator at the end leaves an empty text, which is one more part. */
    *rest = at < rest->n ? str_skip(*rest, at + 1) : (struct str){NULL, 0};
    return true;
}

struct str str_trim(struct str s)
{
    while (s.n && is_space(s.p[0]))
        s = str_skip(s, 1);
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

uint32_t str_hash32(struct str s)
{
    uint32_t h = UINT32_C(2166136261);
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (uint8_t)s.p[i]) * UINT32_C(16777619);
    return h;
}

/* Not strtoull: it skips white space, accepts a sign, and needs a NUL. */
int str_to_u64(struct str s, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (s.n == 0)
        return -1;
    for (size_t i = 0; i < s.n; i++) {
        if (!ascii_is_digit(s.p[i]))
            return -1;
        if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
            __builtin_add_overflow(value, (uint64_t)(s.p[i] - '0'), &value))
            return -1;
    }
    *ret_value = value;
    return 0;
}

int str_to_i64(struct str s, int64_t *ret_value)
{
    bool negative = s.n && s.p[0] == '-';
    uint64_t size;
    if (str_to_u64(negative ? str_skip(s, 1) : s, &size) != 0)
        return -1;
    /* The negative range has one value more. */
    if (size > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return -1;
    /* Negated as unsigned: -INT64_MIN does not fit. */
    *ret_value = negative ? (int64_t)(UINT64_C(0) - size) : (int64_t)size;
    return 0;
}
