/* Made once for each case; a search then only reads them. */
#include "diagnosis/field_orders.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"

/* --- comparisons --- */

/* Byte order, which is the right one. */
static int compare_keys(const void *left, const void *right)
{
    return str_cmp(((const struct form_field *)left)->key, ((const struct form_field *)right)->key);
}

/* The order of libraries that sort names for people. */
static int compare_nocase(const void *left, const void *right)
{
    const struct str a = ((const struct form_field *)left)->key, b = ((const struct form_field *)right)->key;
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        const int x = (unsigned char)ascii_lower(a.p[i]), y = (unsigned char)ascii_lower(b.p[i]);
        if (x != y)
            return x - y;
    }
    return (a.n > b.n) - (a.n < b.n);
}

/* How many digits a text begins with. */
static size_t digits(struct str s)
{
    size_t n = 0;
    while (n < s.n && ascii_is_digit(s.p[n]))
        n++;
    return n;
}

/* By the value of each number in the keys: of two without leading zeros, the longer one is larger. */
static int compare_natural(const void *left, const void *right)
{
    struct str a = ((const struct form_field *)left)->key, b = ((const struct form_field *)right)->key;
    while (a.n > 0 && b.n > 0) {
        const size_t x = digits(a), y = digits(b);
        if (x > 0 && y > 0 && x != y)
            return x < y ? -1 : 1;
        if (a.p[0] != b.p[0])
            return (unsigned char)a.p[0] < (unsigned char)b.p[0] ? -1 : 1;
        a = str_skip(a, 1);
        b = str_skip(b, 1);
    }
    return (a.n > 0) - (b.n > 0);
}

/* --- arrays --- */

/* Where the index of a key begins, with its dot or bracket; the length when it has none. */
static size_t index_at(struct str key)
{
    size_t at = key.n;
    if (at > 0 && key.p[at - 1] == ']')
        at--;
    const size_t end = at;
    while (at > 0 && ascii_is_digit(key.p[at - 1]))
        at--;
    const bool found = at > 0 && at < end && key.p[at - 1] == (end < key.n ? '[' : '.');
    return found ? at - 1 : key.n;
}

bool field_orders_has_arrays(const struct form *form)
{
    for (size_t i = 0; i < form->n; i++)
        if (index_at(form->fields[i].key) < form->fields[i].key.n)
            return true;
    return false;
}

static bool is_element(const struct form_field *f, struct str name)
{
    const size_t at = index_at(f->key);
    return at < f->key.n && str_eq(str_head(f->key, at), name);
}

/* The values of an array, in the order sent, as JSON. */
static struct str json_array(struct arena *a, const struct form *form, struct str name)
{
    struct buf b;
    buf_init(&b, a, 64, LIMIT_DOCTOR_JSON);
    buf_putc(&b, '[');
    for (size_t i = 0; i < form->n; i++) {
        if (!is_element(&form->fields[i], name))
            continue;
        if (b.n > 1)
            buf_putc(&b, ',');
        buf_put_json_string(&b, form->fields[i].value);
    }
    buf_putc(&b, ']');
    return buf_str(&b);
}

/* Each array as one field under its name. Only neighbours are joined: clients send an array at once. */
static struct form joined(struct arena *a, const struct form *form, bool as_json)
{
    struct form out = {.fields = ARENA_ARRAY(a, struct form_field, form->n)};
    for (size_t i = 0; i < form->n; i++) {
        const struct form_field *f = &form->fields[i];
        const size_t at = index_at(f->key);
        const struct str name = str_head(f->key, at);
        if (at == f->key.n)
            out.fields[out.n++] = *f;
        else if (i == 0 || !is_element(&form->fields[i - 1], name))
            out.fields[out.n++] =
                (struct form_field){name, as_json ? json_array(a, form, name) : STR("Array")};
    }
    return out;
}

/* --- the whole --- */

/* All fields but the signature, or that one without its value; in the order sent without `compare`. */
static struct form ordered(struct arena *a, const struct form *form, bool signature,
                           int (*compare)(const void *, const void *))
{
    struct form out = {.fields = ARENA_ARRAY(a, struct form_field, form->n)};
    for (size_t i = 0; i < form->n; i++) {
        const struct form_field *f = &form->fields[i];
        if (!str_eq(f->key, STR("Signature")))
            out.fields[out.n++] = *f;
        else if (signature)
            out.fields[out.n++] = (struct form_field){f->key, STR("")};
    }
    if (compare && out.n > 1)
        qsort(out.fields, out.n, sizeof out.fields[0], compare);
    return out;
}

void field_orders(struct arena *a, const struct form *form, struct form ret_orders[V1_ORDERS])
{
    const bool arrays = field_orders_has_arrays(form);
    const struct form words = arrays ? joined(a, form, false) : *form,
                      json = arrays ? joined(a, form, true) : *form;
    ret_orders[V1_SORTED] = ordered(a, form, false, compare_keys);
    ret_orders[V1_AS_SENT] = ordered(a, form, false, NULL);
    ret_orders[V1_NOCASE] = ordered(a, form, false, compare_nocase);
    ret_orders[V1_NATURAL] = ordered(a, form, false, compare_natural);
    ret_orders[V1_WITH_SIGNATURE] = ordered(a, form, true, compare_keys);
    ret_orders[V1_WORD_ARRAYS] = ordered(a, &words, false, compare_keys);
    ret_orders[V1_JSON_ARRAYS] = ordered(a, &json, false, compare_keys);
}
