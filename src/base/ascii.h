/*
 * Letters and digits by their ranges.
 *
 * Not ctype.h: that asks the locale, which must have no say in what a request means, and takes an int that a
 * plain char of a byte above 127 does not make.
 */
#ifndef VIRGA_BASE_ASCII_H
#define VIRGA_BASE_ASCII_H

#include <stdbool.h>

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
