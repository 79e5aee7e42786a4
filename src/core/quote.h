/*
 * A value within a program's text, written by the rules of its language, so that it is nothing but that
 * value: a region, a key or an instance of somebody's world file is any text, and the program goes into a
 * shell.
 */
#ifndef VIRGA_CORE_QUOTE_H
#define VIRGA_CORE_QUOTE_H

#include "base/buf.h"

/* How a language reads what stands between quotes. */
enum quote_rules {
    QUOTE_SHELL,
    QUOTE_PLAIN, /* a backslash before the quote and before itself: most languages */
    QUOTE_PHP,   /* and before the dollar of a variable, in double quotes */
    QUOTE_HCL    /* ${ and %{ begin a template unless their first character is there twice */
};

/* Puts `value` between two `quote`s that are there already; '\0': it stands bare. Control characters become
 * '?' where languages differ about them, which is everywhere but in a shell: no value that works has any. */
void quote_put(struct buf *b, enum quote_rules rules, char quote, struct str value);

/* Puts `value` into a line of comment, which it cannot end. */
void quote_put_comment(struct buf *b, struct str value);

/* Puts `word` so that a shell reads it as one word. */
void quote_put_word(struct buf *b, struct str word);

#endif
