/* Texts with their invisible bytes made visible, and where two of them part. */
#ifndef VIRGA_DIAGNOSIS_VISIBLE_H
#define VIRGA_DIAGNOSIS_VISIBLE_H

#include "base/arena.h"

/* On one line: \n, \r, \t and \\ by name; other control characters, what is not UTF-8, and the characters of
 * Unicode that show nothing (a byte order mark, a no-break or zero-width space) as \xNN. Cut, with "..." at
 * its end, when it would be long. */
struct str visible(struct arena *a, struct str text);

/* The first byte in which two texts differ. */
struct difference {
    bool same;
    size_t offset, line, column; /* of that byte; line and column count from 1, a column is a byte */
    struct str own, theirs;      /* the surroundings of it in each, visible */
    size_t mark;                 /* where it stands in either of them */
};
void doctor_diff(struct arena *a, struct str own, struct str theirs, struct difference *ret_difference);

#endif
