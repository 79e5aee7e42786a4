/*
 * Forms. Splitting keeps the order sent; the tree is built from a sorted copy.
 *
 * Sorted with '.' below every other byte, all keys under one prefix stand in a row, a key that is itself the
 * prefix of others first. So each level is one pass over its part of the row, and the whole costs no more
 * than the sort.
 */
#include "wire/form.h"

#include <stdlib.h>

#include "base/codec.h"
#include "base/limits.h"
#include "base/str.h"

static bool good_text(struct str s)
{
    /* A NUL is legal UTF-8, but nothing behind it would reach a library's C string. */
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

/* Counted first, so that the fields are one piece and never move: the tree's order is that of their
 * addresses. */
static size_t count_parts(struct str text)
{
    size_t n = 0;
    struct str part;
    while (str_next(&text, '&', &part))
        n += part.n != 0;
    return n;
}

/* The views point into `text` where nothing had to be decoded: it must live as long as the form. */
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

/* The tree being built; faults end it at once. */
struct build {
    struct arena *arena;
    enum form_fault fault;
    struct str key; /* the parameter at fault */
};

/* Fields in key order that have their first `from` bytes in common. */
struct row {
    const struct form_field **fields;
    size_t n, from;
};

/* A level's child before the order of the children is known. */
struct child {
    struct node *node;
    struct str name;
    const struct form_field *first; /* the one sent first; fields lie in the order sent */
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

/* Addresses serve as the order sent, since all fields lie in one array. */
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

/* How many fields at the start of the row have the same component as the first. */
static size_t same_component(const struct row *row, struct str name)
{
    size_t n = 1;
    while (n < row->n && str_eq(component(row->fields[n]->key, row->from), name))
        n++;
    return n;
}

/* Also "00": it is meant as an index, and a wrong one. */
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

/* `n` different names that are the numbers below n are all of them: no gap is left to look for. */
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

/* Back into the order sent: which of several faults decode reports depends on it, as it does for JSON. */
static struct node *object_of(struct build *b, struct child *children, size_t n)
{
    struct node *object = node_new(b->arena, NODE_OBJECT);
    if (n > 0)
        qsort(children, n, sizeof *children, order_sent);
    for (size_t i = 0; i < n; i++)
        node_add(object, children[i].name, children[i].node);
    return object;
}

static struct node *build_value(struct build *b, struct row row);

/* Takes the next child and its fields off the front of the row. */
static int next_child(struct build *b, struct row *row, struct child *ret_child)
{
    struct child child = {.name = component(row->fields[0]->key, row->from), .first = row->fields[0]};
    struct row own = {row->fields, same_component(row, child.name), row->from + child.name.n};
    for (size_t i = 1; i < own.n; i++)
        child.first = own.fields[i] < child.first ? own.fields[i] : child.first;
    child.node = build_value(b, own);
    if (!child.node)
        return -1;
    row->fields += own.n;
    row->n -= own.n;
    *ret_child = child;
    return 0;
}

/* A pass ahead, so that the children are one piece of the arena. */
static size_t count_children(struct row row)
{
    size_t n = 0;
    while (row.n) {
        size_t taken = same_component(&row, component(row.fields[0]->key, row.from));
        row.fields += taken;
        row.n -= taken;
        n++;
    }
    return n;
}

/* Below the root, names that are all numbers make an array, and none an object; a mixture is a broken array.
 */
static struct node *build_container(struct build *b, struct row row)
{
    size_t n = count_children(row), numbers = 0;
    /* Up to the dot in front of the children's names; the root has no name. */
    struct str path = row.from ? str_head(row.fields[0]->key, row.from - 1) : STR("");
    struct child *children = ARENA_ARRAY(b->arena, struct child, n);
    for (size_t i = 0; i < n; i++) {
        if (next_child(b, &row, &children[i]) != 0)
            return NULL;
        numbers += all_digits(children[i].name);
    }
    if (row.from == 0 || numbers == 0)
        return object_of(b, children, n);
    return numbers == n ? array_of(b, children, n, path) : fail(b, FORM_ARRAY, path);
}

/* The value of the key's first `row.from` bytes. Recursion is bounded by LIMIT_JSON_DEPTH. */
static struct node *build_value(struct build *b, struct row row)
{
    const struct form_field *field = row.fields[0];
    if (field->key.n > row.from) {
        row.from++; /* past the dot */
        return build_container(b, row);
    }
    /* The key ends here, so another field of the row is either the same key or lies under it. */
    if (row.n > 1)
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

/* Depth is judged for all fields before anything is built: it bounds the recursion. */
enum form_fault form_tree(struct arena *a, const struct form *f, bool (*skip)(struct str key),
                          struct node **ret_tree, struct str *ret_key)
{
    struct build b = {.arena = a, .fault = FORM_OK};
    struct row row = {.fields = ARENA_ARRAY(a, const struct form_field *, f->n)};
    for (size_t i = 0; i < f->n; i++) {
        if (skip && skip(f->fields[i].key))
            continue;
        if (count_dots(f->fields[i].key) > LIMIT_JSON_DEPTH) {
            *ret_key = f->fields[i].key;
            return FORM_DEPTH;
        }
        row.fields[row.n++] = &f->fields[i];
    }
    if (row.n > 0)
        qsort(row.fields, row.n, sizeof *row.fields, order_key);
    struct node *tree = build_container(&b, row);
    if (tree)
        *ret_tree = tree;
    else
        *ret_key = b.key;
    return b.fault;
}
