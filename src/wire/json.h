/*
 * JSON text to a tree. The only user of cJSON.
 *
 * cJSON is lenient where the protocol is not, so the text is checked first: well-formed UTF-8, RFC 8259's
 * grammar for numbers and literals, no raw control characters in strings, no NUL in any form (a C string
 * would end there), numbers within a double, depth, length of numbers and count of values within
 * base/limits.h, nothing but white space behind the value.
 */
#ifndef VIRGA_WIRE_JSON_H
#define VIRGA_WIRE_JSON_H

#include "wire/tree.h"

/* 0 and the tree, which lives in `a` and does not point into `text`; or -1 for anything that is not one JSON
 * value within the limits. The offset of the first bad byte goes to *ret_offset when it is not NULL (also for
 * a reader's message about a world file). */
int json_parse(struct arena *a, struct str text, struct node **ret_tree, size_t *ret_offset);

#endif
