/* Decoding in three passes (names, types, missing fields), so that the order of faults is fixed. */
#include "wire/decode.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/limits.h"

struct decoder {
    struct arena *arena;
    const struct shape_place *at; /* of the node that is being checked; set before each check */
    struct decode_error *error;
};

/* On failure d->at keeps pointing into a frame that has returned: it is not used after this, which makes the
 * path. */
static int reject(struct decoder *d, enum decode_fault fault, const char *expected)
{
    assert(fault != DECODE_OK);
    *d->error = (struct decode_error){fault, shape_path(d->arena, d->at), expected};
    return -1;
}

/* --- names --- */

static int check_names(struct decoder *d, const struct shape *shape, const struct node *tree);

static int check_elements(struct decoder *d, const struct shape *shape, const struct node *array)
{
    const struct shape_place *up = d->at;
    size_t i = 0;
    for (const struct node *n = array->first; n; n = n->next) {
        struct shape_place here = {.up = up, .index = i++};
        d->at = &here;
        if (check_names(d, shape, n))
            return -1;
    }
    d->at = up;
    return 0;
}

/* A child is a repetition when a child before it has the same name. That search is short: all before it are
 * names of the shape and differ. */
static int check_name(struct decoder *d, const struct shape *shape, const struct node *tree,
                      const struct node *child)
{
    const struct shape_field *f = shape_find(shape, child->name);
    if (!f || f->read_only)
        return reject(d, DECODE_UNKNOWN, NULL);
    if (node_find(tree, child->name) != child)
        return reject(d, DECODE_REPEATED, NULL);
    if (f->type != SHAPE_OBJECT)
        return 0;
    if (!f->list)
        return check_names(d, f->object, child);
    return child->kind == NODE_ARRAY ? check_elements(d, f->object, child) : 0;
}

/* A value that is not an object has no names; the next pass rejects it. */
static int check_names(struct decoder *d, const struct shape *shape, const struct node *tree)
{
    if (tree->kind != NODE_OBJECT)
        return 0;
    const struct shape_place *up = d->at;
    for (const struct node *n = tree->first; n; n = n->next) {
        struct shape_place here = {.up = up, .name = n->name};
        d->at = &here;
        if (check_name(d, shape, tree, n))
            return -1;
    }
    d->at = up;
    return 0;
}

/* --- scalars: each writes a node's value into an item; -1 when it has another type --- */

static int take_string(struct arena *a, const struct node *n, void *item)
{
    (void)a;
    if (n->kind != NODE_STRING && n->kind != NODE_TEXT)
        return -1;
    *(struct str *)item = n->text.p ? n->text : STR("");
    return 0;
}

/* Whole, and small enough that no double has rounded it, in the client or here. */
static bool is_exact(double x)
{
    return fabs(x) <= (double)LIMIT_JSON_INTEGER && trunc(x) == x;
}

static int take_i64(struct arena *a, const struct node *n, void *item)
{
    (void)a;
    int64_t v;
    if (n->kind == NODE_NUMBER && is_exact(n->number))
        v = (int64_t)n->number;
    else if (n->kind != NODE_TEXT || str_to_i64(n->text, &v))
        return -1;
    if (v < -LIMIT_JSON_INTEGER || v > LIMIT_JSON_INTEGER)
        return -1;
    *(int64_t *)item = v;
    return 0;
}

static int take_u64(struct arena *a, const struct node *n, void *item)
{
    (void)a;
    uint64_t v;
    if (n->kind == NODE_NUMBER && n->number >= 0 && is_exact(n->number))
        v = (uint64_t)n->number;
    else if (n->kind != NODE_TEXT || str_to_u64(n->text, &v))
        return -1;
    if (v > (uint64_t)LIMIT_JSON_INTEGER)
        return -1;
    *(uint64_t *)item = v;
    return 0;
}

/* The words that SDKs write into queries: true/false, True/False, 1/0. */
static int take_bool(struct arena *a, const struct node *n, void *item)
{
    (void)a;
    bool yes = str_eq_nocase(n->text, STR("true")) || str_eq(n->text, STR("1"));
    bool no = str_eq_nocase(n->text, STR("false")) || str_eq(n->text, STR("0"));
    if (n->kind == NODE_BOOL)
        yes = n->boolean;
    else if (n->kind != NODE_TEXT || (!yes && !no))
        return -1;
    *(bool *)item = yes;
    return 0;
}

/* strtod also accepts white space, "inf", "nan" and hexadecimal, which are not numbers here. */
static int text_to_double(struct arena *a, struct str text, double *ret_value)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!strchr("+-.0123456789eE", text.p[i]) || text.p[i] == '\0')
            return -1;
    }
    const char *p = arena_cstr(a, text); /* strtod needs a NUL */
    char *end;
    *ret_value = strtod(p, &end);
    return end != p && *end == '\0' ? 0 : -1;
}

static int take_double(struct arena *a, const struct node *n, void *item)
{
    double v = n->number;
    if (n->kind == NODE_TEXT ? text_to_double(a, n->text, &v) != 0 : n->kind != NODE_NUMBER)
        return -1;
    if (!isfinite(v))
        return -1;
    *(double *)item = v;
    return 0;
}

static int take_json(struct arena *a, const struct node *n, void *item)
{
    (void)a;
    memcpy(item, &n, sizeof n);
    return 0;
}

/* By type. "string" was observed in the gateway's message; the other words are assumed by analogy. */
static const struct {
    int (*take)(struct arena *a, const struct node *n, void *item);
    const char *word;
} scalars[] = {
    [SHAPE_STRING] = {take_string, "string"}, [SHAPE_INT64] = {take_i64, "integer"},
    [SHAPE_UINT64] = {take_u64, "integer"},   [SHAPE_BOOL] = {take_bool, "boolean"},
    [SHAPE_DOUBLE] = {take_double, "float"},  [SHAPE_JSON] = {take_json, "any"},
};

/* --- types --- */

static int fill_object(struct decoder *d, const struct shape *shape, const struct node *tree, void *value);

static int fill_item(struct decoder *d, const struct shape_field *f, const struct node *n, void *item)
{
    if (f->type == SHAPE_OBJECT)
        return fill_object(d, f->object, n, item);
    return scalars[f->type].take(d->arena, n, item) ? reject(d, DECODE_TYPE, scalars[f->type].word) : 0;
}

static int fill_list(struct decoder *d, const struct shape_field *f, const struct node *array, void *slot)
{
    if (array->kind != NODE_ARRAY)
        return reject(d, DECODE_TYPE, "array");
    const struct shape_place *up = d->at;
    size_t size = shape_item_size(f), i = 0;
    char *items = arena_zarray(d->arena, size, array->count);
    for (const struct node *n = array->first; n; n = n->next, i++) {
        struct shape_place here = {.up = up, .index = i};
        d->at = &here;
        if (fill_item(d, f, n, items + i * size))
            return -1;
    }
    d->at = up;
    shape_set_list(slot, (struct any_list){items, array->count, true});
    return 0;
}

static int fill_single(struct decoder *d, const struct shape_field *f, const struct node *n, void *slot)
{
    void *item = slot;
    if (f->type == SHAPE_OBJECT) {
        item = arena_zalloc(d->arena, f->object->size);
        shape_set_object(slot, item);
    }
    if (fill_item(d, f, n, item))
        return -1;
    shape_mark(f, slot);
    return 0;
}

/* The generator has checked that the default has the field's type. */
static int fill_fallback(struct decoder *d, const struct shape_field *f, void *slot)
{
    if (!f->fallback.p)
        return 0;
    struct node text = {.kind = NODE_TEXT, .text = f->fallback};
    return fill_single(d, f, &text, slot);
}

static int fill_field(struct decoder *d, const struct shape_field *f, const struct node *n, void *slot)
{
    if (!n || n->kind == NODE_NULL)
        return fill_fallback(d, f, slot);
    struct shape_place here = {.up = d->at, .name = f->name};
    d->at = &here;
    int rc = f->list ? fill_list(d, f, n, slot) : fill_single(d, f, n, slot);
    d->at = here.up;
    return rc;
}

/* In the schema's order, so that the answer does not depend on the order of a client's map. */
static int fill_object(struct decoder *d, const struct shape *shape, const struct node *tree, void *value)
{
    if (tree->kind != NODE_OBJECT)
        return reject(d, DECODE_TYPE, "object");
    for (size_t i = 0; i < shape->n_fields; i++) {
        const struct shape_field *f = &shape->fields[i];
        if (fill_field(d, f, node_find(tree, f->name), (char *)value + f->offset))
            return -1;
    }
    return 0;
}

/* --- missing fields --- */

static int visit_required(struct shape_walk *w, const struct shape_field *f, const void *slot)
{
    struct decoder *d = w->state;
    if (!f->required || shape_given(f, slot))
        return 0;
    d->at = w->at;
    return reject(d, DECODE_MISSING, NULL);
}

int decode(struct arena *a, const struct shape *shape, const struct node *tree, void *ret_value,
           struct decode_error *ret_error)
{
    struct decoder d = {.arena = a, .error = ret_error};
    struct shape_walk walk = {.visit = visit_required, .state = &d};
    if (check_names(&d, shape, tree) || fill_object(&d, shape, tree, ret_value))
        return -1;
    return shape_walk(&walk, shape, ret_value);
}
