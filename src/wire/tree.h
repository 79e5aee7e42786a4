/*
 * The parameter tree: what JSON, a query string and a form all become before a shape decodes them.
 *
 * Nodes live in the call's arena. JSON gives typed values; query and form give NODE_TEXT, which the shape
 * converts ("1" for an Integer), because on those paths every value is text (API documentation 664/78558).
 */
#ifndef VIRGA_WIRE_TREE_H
#define VIRGA_WIRE_TREE_H

#include "base/arena.h"

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

#endif
