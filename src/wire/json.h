/*
 * Parameter trees, and JSON text to a tree. Only wire/json.c uses cJSON.
 *
 * JSON, a query string and a form all become a tree before a shape decodes them. JSON gives typed values.
 * Query and form give NODE_TEXT, which the shape converts ("1" for an Integer), because there every value is
 * text (API documentation 664/78558).
 */
#ifndef VIRGA_WIRE_JSON_H
#define VIRGA_WIRE_JSON_H

#include "base/arena.h"
#include "base/str.h"

enum node_kind { NODE_NULL, NODE_BOOL, NODE_NUMBER, NODE_STRING, NODE_TEXT, NODE_ARRAY, NODE_OBJECT };

/* In the call's arena, with its texts. */
struct node {
    enum node_kind kind;
    struct str name;           /* the key, when the parent is an object; else p == NULL */
    struct str text;           /* NODE_STRING, NODE_TEXT */
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
/* Takes a child out of its parent. */
void node_remove(struct node *parent, struct node *child);
/* The first child of that name, or NULL. Linear: to visit all children, follow `next`. */
struct node *node_find(const struct node *object, struct str name);
/* The text of the first child of that name; p == NULL when there is none, or it is no string. */
struct str node_text(const struct node *object, struct str name);

/* 0 and the tree, which does not point into `text`. -1 for anything but one JSON value (RFC 8259) with white
 * space around it, within LIMIT_JSON_DEPTH, LIMIT_JSON_NUMBER and LIMIT_NODES. Also rejected: a NUL in any
 * form, half a surrogate pair, and a number beyond a double. *ret_offset (if not NULL) is then the offset of
 * the first wrong byte: text.n when the text ends too early; the start of a number that is too long or too
 * large. */
int json_parse(struct arena *a, struct str text, struct node **ret_tree, size_t *ret_offset);

/* Whether json_parse accepts the text: 0, or -1 and the offset. Allocates nothing. */
int json_check(struct str text, size_t *ret_offset);

#endif
