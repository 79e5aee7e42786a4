/* Encoding, the reverse of decoding. Writes every field of the shape, because clients' types expect it. */
#include "wire/encode.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* --- items --- */

static void put_string(struct buf *b, const void *item)
{
    buf_put_json_string(b, *(const struct str *)item);
}

static void put_i64(struct buf *b, const void *item)
{
    buf_put_i64(b, *(const int64_t *)item);
}

static void put_u64(struct buf *b, const void *item)
{
    buf_put_u64(b, *(const uint64_t *)item);
}

static void put_bool(struct buf *b, const void *item)
{
    buf_put(b, *(const bool *)item ? STR("true") : STR("false"));
}

void encode_double(struct buf *b, double value)
{
    assert(isfinite(value));
    char text[32];
    int n = snprintf(text, sizeof(text), "%.15g", value);
    if (strtod(text, NULL) != value)
        n = snprintf(text, sizeof(text), "%.17g", value);
    assert(n > 0 && (size_t)n < sizeof(text));
    buf_put(b, (struct str){text, (size_t)n});
}

static void put_double(struct buf *b, const void *item)
{
    encode_double(b, *(const double *)item);
}

static void put_children(struct buf *b, const struct node *parent)
{
    for (const struct node *n = parent->first; n; n = n->next) {
        if (n->name.p) {
            buf_put_json_string(b, n->name);
            buf_putc(b, ':');
        }
        encode_node(b, n);
        if (n->next)
            buf_putc(b, ',');
    }
}

/* A switch, not a table, so that the compiler reports a missing kind. */
void encode_node(struct buf *b, const struct node *n)
{
    switch (n->kind) {
    case NODE_NULL:
        buf_put(b, STR("null"));
        break;
    case NODE_BOOL:
        buf_put(b, n->boolean ? STR("true") : STR("false"));
        break;
    case NODE_NUMBER:
        put_double(b, &n->number);
        break;
    case NODE_STRING:
    case NODE_TEXT:
        buf_put_json_string(b, n->text);
        break;
    case NODE_ARRAY:
    case NODE_OBJECT:
        buf_putc(b, n->kind == NODE_ARRAY ? '[' : '{');
        put_children(b, n);
        buf_putc(b, n->kind == NODE_ARRAY ? ']' : '}');
        break;
    }
}

static void put_json(struct buf *b, const void *item)
{
    const struct node *n;
    memcpy(&n, item, sizeof n);
    encode_node(b, n);
}

static const struct {
    void (*put)(struct buf *b, const void *item);
    struct str zero; /* an absent value */
} scalars[] = {
    [SHAPE_STRING] = {put_string, STR_INIT("\"\"")}, [SHAPE_INT64] = {put_i64, STR_INIT("0")},
    [SHAPE_UINT64] = {put_u64, STR_INIT("0")},       [SHAPE_BOOL] = {put_bool, STR_INIT("false")},
    [SHAPE_DOUBLE] = {put_double, STR_INIT("0")},    [SHAPE_JSON] = {put_json, STR_INIT("null")},
};

static void put_item(struct buf *b, const struct shape_field *f, const void *item)
{
    if (f->type == SHAPE_OBJECT)
        encode_object(b, f->object, item);
    else
        scalars[f->type].put(b, item);
}

/* --- slots --- */

static void put_list(struct buf *b, const struct shape_field *f, const void *slot)
{
    struct any_list list = shape_get_list(slot);
    size_t size = shape_item_size(f);
    buf_putc(b, '[');
    for (size_t i = 0; i < list.n; i++) {
        if (i > 0)
            buf_putc(b, ',');
        put_item(b, f, (const char *)list.v + i * size);
    }
    buf_putc(b, ']');
}

/* An absent object is written with all of its fields, because clients read them without a test. */
static void put_absent(struct buf *b, const struct shape_field *f)
{
    if (f->nullable)
        buf_put(b, STR("null"));
    else if (f->list)
        buf_put(b, STR("[]"));
    else if (f->type == SHAPE_OBJECT)
        encode_object(b, f->object, NULL);
    else
        buf_put(b, scalars[f->type].zero);
}

static void put_given(struct buf *b, const struct shape_field *f, const void *slot)
{
    if (f->list)
        put_list(b, f, slot);
    else
        put_item(b, f, f->type == SHAPE_OBJECT ? shape_get_object(slot) : slot);
}

/* In the schema's order, which is the documentation's: some clients show answers as they are. */
size_t encode_members(struct buf *b, const struct shape *shape, const void *value)
{
    size_t written = 0;
    for (size_t i = 0; i < shape->n_fields; i++) {
        const struct shape_field *f = &shape->fields[i];
        const void *slot = value ? (const char *)value + f->offset : NULL;
        bool given = slot && shape_given(f, slot);
        if (!given && f->omit)
            continue;
        if (written++ > 0)
            buf_putc(b, ',');
        buf_put_json_string(b, f->name);
        buf_putc(b, ':');
        if (given)
            put_given(b, f, slot);
        else
            put_absent(b, f);
    }
    return written;
}

void encode_object(struct buf *b, const struct shape *shape, const void *value)
{
    buf_putc(b, '{');
    (void)encode_members(b, shape, value);
    buf_putc(b, '}');
}
