/*
 * A path is walked over the shape and over the values at once. Where the values end the walk goes on over the
 * shape alone, so that the same walk answers both questions: what stands there, and whether anything ever
 * could.
 */
#include "wire/pick.h"

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
