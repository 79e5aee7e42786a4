/* Slots, places, walks and paths of shapes: what decoding, rules and encoding have in common. */
#include "wire/shape.h"

#include <assert.h>

#include "base/buf.h"
#include "base/limits.h"

#define NO_MARK SIZE_MAX

/* By type: the size of an item in a list, and the offset of `set` in a slot. The pointer of a string, an
 * object or JSON says by itself whether it is given. */
static const struct {
    size_t item, mark;
} layouts[] = {
    [SHAPE_STRING] = {sizeof(struct str), NO_MARK},
    [SHAPE_INT64] = {sizeof(int64_t), offsetof(struct opt_i64, set)},
    [SHAPE_UINT64] = {sizeof(uint64_t), offsetof(struct opt_u64, set)},
    [SHAPE_BOOL] = {sizeof(bool), offsetof(struct opt_bool, set)},
    [SHAPE_DOUBLE] = {sizeof(double), offsetof(struct opt_f64, set)},
    [SHAPE_JSON] = {sizeof(const struct node *), NO_MARK},
    [SHAPE_OBJECT] = {0, NO_MARK}, /* the size is the object's */
};

const struct shape_field *shape_find(const struct shape *shape, struct str name)
{
    for (size_t i = 0; i < shape->n_fields; i++) {
        if (str_eq(shape->fields[i].name, name))
            return &shape->fields[i];
    }
    return NULL;
}

/* --- slots --- */

bool shape_given(const struct shape_field *f, const void *slot)
{
    if (f->list)
        return shape_get_list(slot).set;
    if (f->type == SHAPE_STRING)
        return ((const struct str *)slot)->p != NULL;
    if (layouts[f->type].mark == NO_MARK)
        return shape_get_object(slot) != NULL;
    return *(const bool *)((const char *)slot + layouts[f->type].mark);
}

void shape_mark(const struct shape_field *f, void *slot)
{
    assert(!f->list);
    if (layouts[f->type].mark != NO_MARK)
        *(bool *)((char *)slot + layouts[f->type].mark) = true;
}

size_t shape_item_size(const struct shape_field *f)
{
    return f->type == SHAPE_OBJECT ? f->object->size : layouts[f->type].item;
}

/* Copied, not cast: the lists have one layout but are distinct types, and the compiler may assume that
 * pointers to distinct types do not alias. */
struct any_list shape_get_list(const void *slot)
{
    struct any_list list;
    memcpy(&list, slot, sizeof(list));
    return list;
}

void shape_set_list(void *slot, struct any_list list)
{
    memcpy(slot, &list, sizeof(list));
}

const void *shape_get_object(const void *slot)
{
    const void *object;
    memcpy(&object, slot, sizeof(object));
    return object;
}

void shape_set_object(void *slot, void *object)
{
    memcpy(slot, &object, sizeof(object));
}

void str_list_add(struct arena *a, struct str_list *list, struct str value)
{
    list->v = arena_grow(a, list->v, list->n, sizeof *list->v);
    list->v[list->n++] = value;
}

/* --- places --- */

/* At most LIMIT_PATH_NAME bytes, and no part of a character. */
static struct str cut_name(struct str name)
{
    if (name.n <= LIMIT_PATH_NAME)
        return name;
    size_t n = LIMIT_PATH_NAME;
    while (n > 0 && ((unsigned char)name.p[n] & 0xC0) == 0x80)
        n--;
    return str_head(name, n);
}

static void put_place(struct buf *b, const struct shape_place *at)
{
    if (at->up) {
        put_place(b, at->up);
        buf_putc(b, '.');
    }
    if (at->name.p)
        buf_put(b, cut_name(at->name));
    else
        buf_put_u64(b, at->index);
}

struct str shape_path(struct arena *a, const struct shape_place *at)
{
    struct buf b;
    buf_init(&b, a, 0, LIMIT_PATH);
    if (at)
        put_place(&b, at);
    return buf_str(&b);
}

/* --- walks --- */

static int walk_objects(struct shape_walk *w, const struct shape_field *f, const void *slot)
{
    assert(f->object);
    if (!f->list)
        return shape_walk(w, f->object, shape_get_object(slot));
    struct any_list list = shape_get_list(slot);
    const struct shape_place *field = w->at;
    int rc = 0;
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        struct shape_place here = {.up = field, .index = i};
        w->at = &here;
        rc = shape_walk(w, f->object, (const char *)list.v + i * f->object->size);
    }
    w->at = field;
    return rc;
}

int shape_walk(struct shape_walk *w, const struct shape *shape, const void *value)
{
    const struct shape_place *up = w->at;
    int rc = 0;
    for (size_t i = 0; i < shape->n_fields && rc == 0; i++) {
        const struct shape_field *f = &shape->fields[i];
        const void *slot = (const char *)value + f->offset;
        struct shape_place here = {.up = up, .name = f->name};
        w->at = &here;
        rc = w->visit(w, f, slot);
        if (rc == 0 && f->type == SHAPE_OBJECT && shape_given(f, slot))
            rc = walk_objects(w, f, slot);
    }
    w->at = up;
    return rc;
}

/* --- paths: followed in the shape and in the values at once. After the last given value they are followed in
 * the shape alone, so the same code finds a value and checks a path. --- */

/* A position on a path: a field, or one element of its list. */
struct position {
    const struct shape *shape; /* of the next field; NULL: none may follow */
    const struct shape_field *field;
    const char *at; /* the struct, the slot or the item; NULL: not given */
    bool item;      /* `at` is an element, not a slot */
};

/* An index past the end is not an error: nothing is given there in this call. */
static int step_into_item(struct position *p, struct str part)
{
    uint64_t i;
    if (str_to_u64(part, &i) != 0)
        return -1;
    if (p->at) {
        struct any_list list = shape_get_list(p->at);
        p->at = i < list.n ? (const char *)list.v + i * shape_item_size(p->field) : NULL;
    }
    p->item = true;
    p->shape = p->field->type == SHAPE_OBJECT ? p->field->object : NULL;
    return 0;
}

static int step_into_field(struct position *p, struct str part)
{
    const struct shape_field *f = p->shape ? shape_find(p->shape, part) : NULL;
    if (!f)
        return -1;
    const char *slot = p->at ? p->at + f->offset : NULL;
    *p = (struct position){.field = f, .at = slot};
    if (f->list || f->type != SHAPE_OBJECT)
        return 0;
    p->shape = f->object;
    p->at = slot ? shape_get_object(slot) : NULL;
    return 0;
}

static int step(struct position *p, struct str part)
{
    bool index = p->field && p->field->list && !p->item;
    return index ? step_into_item(p, part) : step_into_field(p, part);
}

static bool is_scalar(const struct position *p)
{
    return p->field && p->field->type != SHAPE_OBJECT && (!p->field->list || p->item);
}

/* A slot begins with its value, so a slot and an item are read in the same way. */
static struct str text_of(struct arena *a, const struct position *p)
{
    const void *at = p->at;
    switch (p->field->type) {
    case SHAPE_STRING:
        return *(const struct str *)at;
    case SHAPE_INT64:
        return arena_printf(a, "%lld", (long long)*(const int64_t *)at);
    case SHAPE_UINT64:
        return arena_printf(a, "%llu", (unsigned long long)*(const uint64_t *)at);
    case SHAPE_BOOL:
        return *(const bool *)at ? STR("true") : STR("false");
    case SHAPE_DOUBLE:
        return arena_printf(a, "%.17g", *(const double *)at);
    case SHAPE_JSON:
    case SHAPE_OBJECT:
        break;
    }
    return (struct str){NULL, 0};
}

bool shape_pick(struct arena *a, const struct shape *shape, const void *value, struct str path,
                struct str *ret_text)
{
    struct position p = {.shape = shape, .at = value};
    for (struct str part; str_next(&path, '.', &part);)
        if (step(&p, part) != 0)
            return false;
    if (!is_scalar(&p) || !p.at || (!p.item && !shape_given(p.field, p.at)))
        return false;
    *ret_text = text_of(a, &p);
    return ret_text->p != NULL;
}

bool shape_has_path(const struct shape *shape, struct str path, struct str *ret_part,
                    const struct shape **ret_at)
{
    struct position p = {.shape = shape};
    struct str part = path;
    for (struct str rest = path; str_next(&rest, '.', &part);) {
        *ret_part = part;
        *ret_at = p.shape;
        if (step(&p, part) != 0)
            return false;
    }
    *ret_at = NULL;
    return is_scalar(&p);
}
