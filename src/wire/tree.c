/* Parameter trees: nodes linked in the order sent. */
#include "wire/tree.h"

#include <assert.h>

struct node *node_new(struct arena *a, enum node_kind kind)
{
    struct node *n = ARENA_NEW(a, struct node);
    n->kind = kind;
    return n;
}

/* At the end, in constant time: forms and bodies may have a hundred thousand children in one list. */
void node_add(struct node *parent, struct str name, struct node *child)
{
    assert(parent->kind == NODE_OBJECT || parent->kind == NODE_ARRAY);
    child->name = name;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
}

/* Linear: a request has a handful of parameters. Whoever walks long lists goes by `next`. */
struct node *node_find(const struct node *object, struct str name)
{
    for (struct node *n = object->first; n; n = n->next) {
        if (n->name.p && str_eq(n->name, name))
            return n;
    }
    return NULL;
}
