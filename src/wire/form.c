/*
 * Forms. Splitting keeps the order sent; the tree is built from a sorted copy.
 *
 * The order has '.' below every other byte. So all keys with one prefix are neighbours, and a key that is
 * itself the prefix comes before them. Each level of the tree is then one pass over its part of the copy, and
 * the sort dominates the time.
 */
#include "wire/form.h"

#include <assert.h>
#include <stdlib.h>

#include "base/codec.h"
#include "base/limits.h"
#include "base/str.h"

/* A NUL is legal UTF-8, but ends a library's C string. */
static bool good_text(struct str s)
{
    return str_find(s, '\0') == s.n && utf8_valid(s);
}

static enum form_fault parse_part(struct arena *a, struct str part, struct form_field *ret_field)
{
    size_t equals = str_find(part, '=');
    if (equals == part.n)
        return FORM_NO_EQUALS;
    if (equals == 0)
        return FORM_EMPTY_KEY;
    ret_field->key = url_decode(a, str_head(part, equals));
    ret_field->value = url_decode(a, str_skip(part, equals + 1));
    return good_text(ret_field->key) && good_text(ret_field->value) ? FORM_OK : FORM_NOT_UTF8;
}

/* Counts first, because the fields are one array that never moves: the order of their addresses is the order
 * sent. */
static size_t count_parts(struct str text)
{
    size_t n = 0;
    struct str part;
    while (str_next(&text, '&', &part))
        n += part.n != 0;
    return n;
}

enum form_fault form_parse(struct arena *a, struct str text, struct form *ret_form)
{
    size_t parts = count_parts(text);
    if (parts > LIMIT_NODES)
        return FORM_TOO_MANY;
    struct form form = {.fields = ARENA_ARRAY(a, struct form_field, parts)};
    struct str part;
    while (str_next(&text, '&', &part)) {
        if (part.n == 0)
            continue;
        enum form_fault fault = parse_part(a, part, &form.fields[form.n]);
        if (fault != FORM_OK)
            return fault;
        form.n++;
    }
    *ret_form = form;
    return FORM_OK;
}

const struct form_field *form_find(const struct form *f, struct str key)
{
    for (size_t i = 0; i < f->n; i++) {
        if (str_eq(f->fields[i].key, key))
            return &f->fields[i];
    }
    return NULL;
}

/* The state of one form_tree. The first fault ends it. */
struct build {
    struct arena *arena;
    enum form_fault fault;
    struct str key; /* of the fault */
};

/* Neighbours in the sorted copy whose keys have the first `from` bytes in common. */
struct group {
    const struct form_field **fields;
    size_t n, from;
};

/* A child of one level, before the children are in the order sent. */
struct child {
    struct node *node;
    struct str name;
    const struct form_field *first; /* the one sent first of those below the child */
};

static struct node *fail(struct build *b, enum form_fault fault, struct str key)
{
    b->fault = fault;
    b->key = key;
    return NULL;
}

static int order_key(const void *left, const void *right)
{
    struct str a = (*(const struct form_field *const *)left)->key;
    struct str b = (*(const struct form_field *const *)right)->key;
    size_t i = 0;
    while (i < a.n && i < b.n && a.p[i] == b.p[i])
        i++;
    if (i == a.n || i == b.n)
        return (a.n > b.n) - (a.n < b.n);
    unsigned char x = a.p[i] == '.' ? 0 : (unsigned char)a.p[i];
    unsigned char y = b.p[i] == '.' ? 0 : (unsigned char)b.p[i];
    return x - y;
}

/* By address: all fields are in one array, in the order sent. */
static int order_sent(const void *left, const void *right)
{
    const struct form_field *a = ((const struct child *)left)->first;
    const struct form_field *b = ((const struct child *)right)->first;
    return (a > b) - (a < b);
}

/* The part of `key` from `from` up to the next dot. */
static struct str component(struct str key, size_t from)
{
    struct str rest = str_skip(key, from);
    return str_head(rest, str_find(rest, '.'));
}

/* How many fields at the start of the group have the component `name`, as the first one has. */
static size_t same_component(const struct group *group, struct str name)
{
    size_t n = 1;
    assert(group->n > 0);
    while (n < group->n && str_eq(component(group->fields[n]->key, group->from), name))
        n++;
    return n;
}

/* True also for "00", which is a wrong index. */
static bool all_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!ascii_is_digit(s.p[i]))
            return false;
    }
    return s.n > 0;
}

/* "0", "1", ... "n - 1" without leading zeros, or -1. */
static int parse_index(struct str name, size_t n, size_t *ret_index)
{
    uint64_t index;
    if ((name.n > 1 && name.p[0] == '0') || str_to_u64(name, &index) != 0 || index >= n)
        return -1;
    *ret_index = (size_t)index;
    return 0;
}

/* n different names that are numbers below n are all of them, so no test for gaps is needed. */
static struct node *array_of(struct build *b, const struct child *children, size_t n, struct str path)
{
    struct node **slots = ARENA_ARRAY(b->arena, struct node *, n);
    struct node *array = node_new(b->arena, NODE_ARRAY);
    for (size_t i = 0; i < n; i++) {
        size_t index;
        if (parse_index(children[i].name, n, &index) != 0)
            return fail(b, FORM_ARRAY, path);
        slots[index] = children[i].node;
    }
    for (size_t i = 0; i < n; i++)
        node_add(array, (struct str){NULL, 0}, slots[i]);
    return array;
}

/* Restores the order sent: as for JSON, it decides which of several faults decode reports. */
static struct node *object_of(struct build *b, struct child *children, size_t n)
{
    struct node *object = node_new(b->arena, NODE_OBJECT);
    if (n > 0)
        qsort(children, n, sizeof *children, order_sent);
    for (size_t i = 0; i < n; i++)
        node_add(object, children[i].name, children[i].node);
    return object;
}

static struct node *build_value(struct build *b, struct group group);

/* Builds the first child of the group and removes its fields from the front. */
static int next_child(struct build *b, struct group *group, struct child *ret_child)
{
    struct child child = {.name = component(group->fields[0]->key, group->from), .first = group->fields[0]};
    struct group own = {group->fields, same_component(group, child.name), group->from + child.name.n};
    for (size_t i = 1; i < own.n; i++)
        child.first = own.fields[i] < child.first ? own.fields[i] : child.first;
    child.node = build_value(b, own);
    if (!child.node)
        return -1;
    group->fields += own.n;
    group->n -= own.n;
    *ret_child = child;
    return 0;
}

/* Counts first, because the children are one array in the arena. */
static size_t count_children(struct group group)
{
    size_t n = 0;
    while (group.n) {
        size_t taken = same_component(&group, component(group.fields[0]->key, group.from));
        group.fields += taken;
        group.n -= taken;
        n++;
    }
    return n;
}

/* Below the root, children with numbers as names are an array, and with other names an object; a mixture is a
 * wrong array. */
static struct node *build_container(struct build *b, struct group group)
{
    size_t n = count_children(group), numbers = 0;
    /* Without the dot before the children's names; the root has no name. */
    struct str path = group.from ? str_head(group.fields[0]->key, group.from - 1) : STR("");
    struct child *children = ARENA_ARRAY(b->arena, struct child, n);
    for (size_t i = 0; i < n; i++) {
        if (next_child(b, &group, &children[i]) != 0)
            return NULL;
        numbers += all_digits(children[i].name);
    }
    if (group.from == 0 || numbers == 0)
        return object_of(b, children, n);
    return numbers == n ? array_of(b, children, n, path) : fail(b, FORM_ARRAY, path);
}

/* The node of the first `group.from` bytes of the keys. The recursion is as deep as the keys have dots
 * (LIMIT_JSON_DEPTH). */
static struct node *build_value(struct build *b, struct group group)
{
    const struct form_field *field = group.fields[0];
    assert(group.n > 0 && field->key.n >= group.from);
    if (field->key.n > group.from) {
        group.from++; /* the dot */
        return build_container(b, group);
    }
    /* The key ends here, so the next field has the same key or one below it. */
    if (group.n > 1)
        return fail(b, FORM_REPEATED, field->key);
    struct node *leaf = node_new(b->arena, NODE_TEXT);
    leaf->text = field->value;
    return leaf;
}

static size_t count_dots(struct str key)
{
    size_t dots = 0;
    for (size_t i = 0; i < key.n; i++)
        dots += key.p[i] == '.';
    return dots;
}

/* Checks the depth of all fields before it builds anything, because that bounds the recursion. */
enum form_fault form_tree(struct arena *a, const struct form *f, bool (*skip)(struct str key),
                          struct node **ret_tree, struct str *ret_key)
{
    struct build b = {.arena = a, .fault = FORM_OK};
    struct group group = {.fields = ARENA_ARRAY(a, const struct form_field *, f->n)};
    for (size_t i = 0; i < f->n; i++) {
        if (skip && skip(f->fields[i].key))
            continue;
        if (count_dots(f->fields[i].key) > LIMIT_JSON_DEPTH) {
            *ret_key = f->fields[i].key;
            return FORM_DEPTH;
        }
        group.fields[group.n++] = &f->fields[i];
    }
    if (group.n > 0)
        qsort(group.fields, group.n, sizeof *group.fields, order_key);
    struct node *tree = build_container(&b, group);
    if (tree)
        *ret_tree = tree;
    else
        *ret_key = b.key;
    return b.fault;
}
