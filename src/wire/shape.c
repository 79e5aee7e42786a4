/* What decoding, rules and encoding all need to know about shapes: slots, places and the walk. */
#include "wire/shape.h"

#include "base/buf.h"

enum {
    /* Ours: the longest documented name has 33 characters. */
    NAME_MAX_SHOWN = 256,
    /* Ours: a path of LIMIT_JSON_DEPTH such names is not worth more of an answer. */
    PATH_MAX_SHOWN = 4096,
};

const struct shape_field *shape_find(const struct shape *shape, struct str name)
{
    for (size_t i = 0; i < shape->n_fields; i++) {
        if (str_eq(shape->fields[i].name, name))
            return &shape->fields[i];
    }
    return NULL;
}

/* Where the `set` of an opt_* is; the text of a string and the address of an object say it themselves. */
static const size_t set_offset[] = {
    [SHAPE_INT64] = offsetof(struct opt_i64, set),
    [SHAPE_UINT64] = offsetof(struct opt_u64, set),
    [SHAPE_BOOL] = offsetof(struct opt_bool, set),
    [SHAPE_DOUBLE] = offsetof(struct opt_f64, set),
};

bool shape_given(const struct shape_field *f, const void *slot)
{
    if (f->list)
        return shape_get_list(slot).set;
    if (f->type == SHAPE_STRING)
        return ((const struct str *)slot)->p != NULL;
    if (f->type == SHAPE_OBJECT || f->type == SHAPE_JSON)
        return shape_get_object(slot) != NULL;
    return *(const bool *)((const char *)slot + set_offset[f->type]);
}

void shape_mark(const struct shape_field *f, void *slot)
{
    if (f->type != SHAPE_STRING && f->type != SHAPE_OBJECT && f->type != SHAPE_JSON)
        *(bool *)((char *)slot + set_offset[f->type]) = true;
}

size_t shape_item_size(const struct shape_field *f)
{
    static const size_t sizes[] = {
        [SHAPE_STRING] = sizeof(struct str), [SHAPE_INT64] = sizeof(int64_t),
        [SHAPE_UINT64] = sizeof(uint64_t),   [SHAPE_BOOL] = sizeof(bool),
        [SHAPE_DOUBLE] = sizeof(double),     [SHAPE_JSON] = sizeof(const struct node *),
    };
    return f->type == SHAPE_OBJECT ? f->object->size : sizes[f->type];
}

/* Copied, not cast: the lists have one layout but are distinct types, and the compiler may assume that
 * pointers to distinct types do not meet. */
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

/* At most NAME_MAX_SHOWN bytes and no half character. */
static struct str cut_name(struct str name)
{
    if (name.n <= NAME_MAX_SHOWN)
        return name;
    size_t n = NAME_MAX_SHOWN;
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
    buf_init(&b, a, 0, PATH_MAX_SHOWN);
    if (at)
        put_place(&b, at);
    return buf_str(&b);
}

static int walk_objects(struct shape_walk *w, const struct shape_field *f, const void *slot)
{
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

/* On the stack of the walk each place knows the one above it: a path costs nothing until somebody asks for
 * its text. */
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

void str_list_add(struct arena *a, struct str_list *list, struct str value)
{
    list->v = arena_grow(a, list->v, list->n, sizeof *list->v);
    list->v[list->n++] = value;
}
