/* Texts with their invisible bytes shown, and the first difference of two texts. */
#ifndef VIRGA_DIAGNOSIS_TEXT_DIFF_H
#define VIRGA_DIAGNOSIS_TEXT_DIFF_H

#include "base/arena.h"

/* The text on one line, in the arena: \n, \r, \t and \\ by name; other control characters, bytes that are not
 * UTF-8, and characters without a glyph (a byte order mark, a no-break or zero-width space) as \xNN. A text
 * longer than LIMIT_SHOWN_TEXT is cut and ends in "...". */
struct str text_visible(struct arena *a, struct str text);

/* The first byte in which two texts differ. */
struct text_difference {
    bool same;
    size_t offset, line, column; /* of that byte; line and column count from 1, a column is one byte */
    struct str own, theirs;      /* what surrounds the byte in each text, visible, in the arena */
    size_t mark;                 /* its offset in either of them */
};
void text_diff(struct arena *a, struct str own, struct str theirs, struct text_difference *ret_difference);

#endif
