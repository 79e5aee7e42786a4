/*
 * Values in the text of a program, quoted by the rules of its language. A region, a key or an id of a world
 * file can be any text, and users paste the program into a shell.
 */
#ifndef VIRGA_CORE_QUOTE_H
#define VIRGA_CORE_QUOTE_H

#include "base/buf.h"

/* How a language reads the text between quotes. */
enum quote_rules {
    QUOTE_SHELL,
    QUOTE_PLAIN, /* a backslash before the quote and before itself: most languages */
    QUOTE_PHP,   /* also before a dollar, in double quotes */
    QUOTE_HCL    /* the first character of ${ and %{ is doubled */
};

/* Writes `value` between two `quote`s that the text already has; '\0': without quotes. Control characters
 * become
 * '?' in all languages but the shell's: no valid value has one. */
void quote_put(struct buf *b, enum quote_rules rules, char quote, struct str value);

/* Writes `value` into a comment of one line, which it cannot end. */
void quote_put_comment(struct buf *b, struct str value);

/* Writes `word` so that a shell reads it as one word. */
void quote_put_word(struct buf *b, struct str word);

#endif
