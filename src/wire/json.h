/*
 * The parameter tree: what JSON, a query string and a form all become before a shape decodes them.
 *
 * Nodes live in the call's arena. JSON gives typed values; query and form give NODE_TEXT, which the shape
 * converts ("1" for an Integer), because on those paths every value is text (API documentation 664/78558).
 */
#ifndef VIRGA_WIRE_JSON_H
#define VIRGA_WIRE_JSON_H

#include "base/arena.h"
#include "base/str.h"

enum node_kind { NODE_NULL, NODE_BOOL, NODE_NUMBER, NODE_STRING, NODE_TEXT, NODE_ARRAY, NODE_OBJECT };

struct node {
    enum node_kind kind;
    struct str name;           /* the key, when the parent is an object; else p == NULL */
    struct str text;           /* NODE_STRING, NODE_TEXT; NODE_NUMBER: see number */
    double number;             /* NODE_NUMBER */
    bool boolean;              /* NODE_BOOL */
    struct node *first, *last; /* children of NODE_ARRAY and NODE_OBJECT, in the order sent */
    struct node *next;         /* the next sibling */
    size_t count;              /* children */
};

/* Without name, children or value; in the arena. */
struct node *node_new(struct arena *a, enum node_kind kind);
/* Appends `child` under `name` (p == NULL in an array). */
void node_add(struct node *parent, struct str name, struct node *child);
/* The first child of that name, or NULL. */
struct node *node_find(const struct node *object, struct str name);

/* --- json scan --- */

/*
 * The check in front of cJSON: is this text one JSON value by RFC 8259, within our limits?
 *
 * Builds nothing and allocates nothing. What it accepts, cJSON reads in full and in the same way; what cJSON
 * would let pass wrongly (any byte up to 0x20 as white space, a byte order mark, "01", raw control
 * characters, text that ends at a NUL) it refuses.
 */

/* 0, or -1 and the offset of the first byte that no valid text has there (text.n when the text ends too
 * early; the value's start when a number is too long or beyond a double). */
int json_scan(struct str text, size_t *ret_offset);

/* --- json --- */

/*
 * JSON text to a tree. The only user of cJSON.
 *
 * cJSON is lenient where the protocol is not, so the text is checked first: well-formed UTF-8, RFC 8259's
 * grammar for numbers and literals, no raw control characters in strings, no NUL in any form (a C string
 * would end there), numbers within a double, depth, length of numbers and count of values within
 * base/limits.h, nothing but white space behind the value.
 */

/* 0 and the tree, which lives in `a` and does not point into `text`; or -1 for anything that is not one JSON
 * value within the limits. The offset of the first bad byte goes to *ret_offset when it is not NULL (also for
 * a reader's message about a world file). */
int json_parse(struct arena *a, struct str text, struct node **ret_tree, size_t *ret_offset);

#endif
