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

/* --- pick --- */

/*
 * A path is walked over the shape and over the values at once. Where the values end the walk goes on over the
 * shape alone, so that the same walk answers both questions: what stands there, and whether anything ever
 * could.
 */

/* Where a walk along a path stands: at a field, or at one element of its list. */
struct spot {
    const struct shape *shape; /* whose fields come next; NULL: none do */
    const struct shape_field *field;
    const char *at; /* the struct, or the item; NULL: not given */
    bool item;      /* `at` is an element, not a slot */
};

/* An index past the end is no mistake: it leads to nothing this time. */
static int step_into_item(struct spot *s, struct str part)
{
    uint64_t i;
    if (str_to_u64(part, &i) != 0)
        return -1;
    if (s->at) {
        struct any_list list = shape_get_list(s->at);
        s->at = i < list.n ? (const char *)list.v + i * shape_item_size(s->field) : NULL;
    }
    s->item = true;
    s->shape = s->field->type == SHAPE_OBJECT ? s->field->object : NULL;
    return 0;
}

/* Below what was not given the walk goes on without values, so that pick_leads can use it with none. */
static int step_into_field(struct spot *s, struct str part)
{
    const struct shape_field *f = s->shape ? shape_find(s->shape, part) : NULL;
    if (!f)
        return -1;
    const char *slot = s->at ? s->at + f->offset : NULL;
    *s = (struct spot){.field = f, .at = slot};
    if (f->list || f->type != SHAPE_OBJECT)
        return 0;
    s->shape = f->object;
    s->at = slot ? shape_get_object(slot) : NULL;
    return 0;
}

static int step_along(struct spot *s, struct str part)
{
    bool index = s->field && s->field->list && !s->item;
    return index ? step_into_item(s, part) : step_into_field(s, part);
}

static bool is_scalar(const struct spot *s)
{
    return s->field && s->field->type != SHAPE_OBJECT && (!s->field->list || s->item);
}

/* The value of a slot comes first in it, so a slot and an item read alike. */
static struct str text_of(struct arena *a, const struct spot *s)
{
    const void *at = s->at;
    switch (s->field->type) {
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

bool pick(struct arena *a, const struct shape *shape, const void *value, struct str path,
          struct str *ret_text)
{
    struct spot s = {.shape = shape, .at = value};
    for (struct str part; str_next(&path, '.', &part);)
        if (step_along(&s, part) != 0)
            return false;
    if (!is_scalar(&s) || !s.at || (!s.item && !shape_given(s.field, s.at)))
        return false;
    *ret_text = text_of(a, &s);
    return ret_text->p != NULL;
}

bool pick_leads(const struct shape *shape, struct str path, struct str *ret_part, const struct shape **ret_at)
{
    struct spot s = {.shape = shape};
    struct str part = path;
    for (struct str rest = path; str_next(&rest, '.', &part);) {
        *ret_part = part;
        *ret_at = s.shape;
        if (step_along(&s, part) != 0)
            return false;
    }
    *ret_at = NULL;
    return is_scalar(&s);
}
