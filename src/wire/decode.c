/* Decoding: names, then types, then what is missing; three passes, so that the order of faults is fixed. */
#include "wire/decode.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"

struct decoder {
    struct arena *arena;
    const struct shape_place *at;
    struct decode_error *error;
};

static int reject(struct decoder *d, enum decode_fault fault, const char *expected)
{
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

/* A child is a repetition when an equal name stands before it. That search is short: all before it are known
 * and differ. */
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

/* What is not an object has no names; the next pass refuses it. */
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

/* --- single values; each takes a node into a bare item, -1 if it is not of the type --- */

static int take_string(struct arena *a, const struct node *n, void *item)
{
    (void)a;
    if (n->kind != NODE_STRING && n->kind != NODE_TEXT)
        return -1;
    *(struct str *)item = n->text.p ? n->text : STR("");
    return 0;
}

/* Whole, and small enough that no client's or our own double has rounded it. */
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

/* The words are those the SDKs write into queries: true/false, True/False, 1/0. */
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

/* strtod also reads white space, "inf", "nan" and hexadecimal, which are no numbers here. */
static int text_to_double(struct arena *a, struct str text, double *ret_value)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!strchr("+-.0123456789eE", text.p[i]) || text.p[i] == '\0')
            return -1;
    }
    const char *p = arena_cstr(a, text);
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

/* "string" was observed in the gateway's message; the other words are assumed by analogy. */
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

/* On failure d->at stays where it is, in a frame that is gone: nobody looks at it after refuse, which has
 * made the text. */
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

/* The generator has checked that the schema's default is of the field's type. */
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

/* In the schema's order, so that the same faults get the same answer whatever order a client's map has. */
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

/* --- what is missing --- */

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

/* --- rules --- */

/* Rules: what the service itself asks of a parameter, once its form is right. */

/* Each looks at one item of the rule's type. */

static bool in_range_i64(const struct shape_rule *r, const void *item)
{
    int64_t v = *(const int64_t *)item;
    return v >= r->min && v <= r->max;
}

/* decode lets nothing above LIMIT_JSON_INTEGER in, so an unsigned value has an exact signed one. */
static bool in_range_u64(const struct shape_rule *r, const void *item)
{
    int64_t v = (int64_t) * (const uint64_t *)item;
    return v >= r->min && v <= r->max;
}

static bool is_one_of(const struct shape_rule *r, const void *item)
{
    struct str choices = str_from(r->text), choice;
    while (str_next(&choices, '|', &choice)) {
        if (str_eq(choice, *(const struct str *)item))
            return true;
    }
    return false;
}

/* Characters, not bytes: continuation bytes of UTF-8 do not count. */
static bool has_length(const struct shape_rule *r, const void *item)
{
    const struct str *s = item;
    int64_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += ((unsigned char)s->p[i] & 0xC0) != 0x80;
    return n >= r->min && n <= r->max;
}

/* "A-Z" is a range; a '-' at the end stands for itself. */
static bool in_class(const char *class, char c)
{
    for (; *class; class ++) {
        bool range = class[1] == '-' && class[2] != '\0';
        if (c >= class[0] && c <= class[range ? 2 : 0])
            return true;
        class += range ? 2 : 0;
    }
    return false;
}

static bool has_chars(const struct shape_rule *r, const void *item)
{
    const struct str *s = item;
    for (size_t i = 0; i < s->n; i++) {
        if (!in_class(r->text, s->p[i]))
            return false;
    }
    return true;
}

static bool is_time(const struct shape_rule *r, const void *item)
{
    (void)r;
    int64_t ms;
    return time_parse_beijing(*(const struct str *)item, &ms) == 0;
}

static bool is_date(const struct shape_rule *r, const void *item)
{
    const struct str *s = item;
    char text[] = "YYYY-MM-DD 00:00:00";
    if (s->n != strlen("YYYY-MM-DD"))
        return false;
    memcpy(text, s->p, s->n);
    struct str time = str_from(text);
    return time.n == sizeof(text) - 1 && is_time(r, &time);
}

typedef bool item_rule(const struct shape_rule *r, const void *item);

static item_rule *item_rule_of(const struct shape_rule *r, enum shape_type type)
{
    static item_rule *const table[] = {
        [RULE_INT_RANGE] = in_range_i64, [RULE_ONE_OF] = is_one_of, [RULE_LENGTH] = has_length,
        [RULE_CHARS] = has_chars,        [RULE_TIME] = is_time,     [RULE_DATE] = is_date,
    };
    return r->kind == RULE_INT_RANGE && type == SHAPE_UINT64 ? in_range_u64 : table[r->kind];
}

/* --- one rule on one field --- */

struct checker {
    struct arena *arena;
    struct rule_failure *failure;
};

static int fail(struct shape_walk *w, const struct shape_rule *r)
{
    struct checker *c = w->state;
    *c->failure = (struct rule_failure){r, shape_path(c->arena, w->at)};
    return -1;
}

static bool is_present(const struct shape_rule *r, const struct shape_field *f, const void *slot)
{
    if (!shape_given(f, slot))
        return false;
    if (f->list)
        return (int64_t)shape_get_list(slot).n >= r->min;
    return f->type != SHAPE_STRING || (int64_t)((const struct str *)slot)->n >= r->min;
}

/* The place of the item that fails is part of the answer for people: DBNames.1. */
static int check_items(struct shape_walk *w, const struct shape_rule *r, const struct shape_field *f,
                       const void *slot)
{
    item_rule *holds = item_rule_of(r, f->type);
    if (!f->list)
        return holds(r, slot) ? 0 : fail(w, r);
    struct any_list list = shape_get_list(slot);
    const struct shape_place *field = w->at;
    for (size_t i = 0; i < list.n; i++) {
        struct shape_place here = {.up = field, .index = i};
        w->at = &here;
        if (!holds(r, (const char *)list.v + i * shape_item_size(f)))
            return fail(w, r);
    }
    w->at = field;
    return 0;
}

static int check_rule(struct shape_walk *w, const struct shape_rule *r, const struct shape_field *f,
                      const void *slot)
{
    if (r->kind == RULE_PRESENT)
        return is_present(r, f, slot) ? 0 : fail(w, r);
    if (!shape_given(f, slot))
        return 0;
    if (r->kind != RULE_COUNT)
        return check_items(w, r, f, slot);
    int64_t n = (int64_t)shape_get_list(slot).n;
    return n >= r->min && n <= r->max ? 0 : fail(w, r);
}

static int visit_rules(struct shape_walk *w, const struct shape_field *f, const void *slot)
{
    for (size_t i = 0; i < f->n_rules; i++) {
        if (check_rule(w, &f->rules[i], f, slot))
            return -1;
    }
    return 0;
}

int rules_check(struct arena *a, const struct shape *shape, const void *value,
                struct rule_failure *ret_failure)
{
    struct checker c = {a, ret_failure};
    struct shape_walk walk = {.visit = visit_rules, .state = &c};
    return shape_walk(&walk, shape, value);
}

/* --- rules in words --- */

static struct str choices_sentence(struct arena *a, const struct shape_rule *r, struct str start)
{
    struct str choices = str_from(r->text), choice;
    struct buf b;
    buf_init(&b, a, 64, LIMIT_LOG_LINE);
    buf_put(&b, start);
    while (str_next(&choices, '|', &choice))
        buf_printf(&b, "%s %.*s", b.n > start.n ? "," : "", STR_ARG(choice));
    return buf_str(&b);
}

/* Ours, for people: the service's own answer says which code it is and no more. */
struct str rule_sentence(struct arena *a, const struct shape_rule *r)
{
    long long min = (long long)r->min, max = (long long)r->max;
    switch (r->kind) {
    case RULE_PRESENT:
        return r->min > 0 ? STR("must be given and not be empty") : STR("must be given");
    case RULE_INT_RANGE:
        return min == max ? arena_printf(a, "must be %lld", min)
                          : arena_printf(a, "must be from %lld to %lld", min, max);
    case RULE_ONE_OF:
        return choices_sentence(a, r, STR("must be one of"));
    case RULE_LENGTH:
        return arena_printf(a, "must have %lld to %lld characters", min, max);
    case RULE_CHARS:
        return arena_printf(a, "must have no characters but %s", r->text);
    case RULE_COUNT:
        return arena_printf(a, "must have %lld to %lld elements", min, max);
    case RULE_TIME:
        return STR("must be a time such as 2026-01-01 00:00:00");
    case RULE_DATE:
        return STR("must be a date such as 2026-01-01");
    }
    return STR("");
}

struct str rule_sentence_zh(struct arena *a, const struct shape_rule *r)
{
    long long min = (long long)r->min, max = (long long)r->max;
    switch (r->kind) {
    case RULE_PRESENT:
        return r->min > 0 ? STR("\345\277\205\351\241\273\345\241\253\345\206\231\357\274\214\344\270\224\344"
                                "\270\215\350\203\275\344\270\272\347\251\272")
                          : STR("\345\277\205\351\241\273\345\241\253\345\206\231");
    case RULE_INT_RANGE:
        return min == max ? arena_printf(a, "\345\217\252\350\203\275\346\230\257 %lld", min)
                          : arena_printf(a,
                                         "\345\277\205\351\241\273\345\234\250 %lld \345\210\260 %lld "
                                         "\344\271\213\351\227\264",
                                         min, max);
    case RULE_ONE_OF:
        return choices_sentence(a, r,
                                STR("\345\217\252\350\203\275\346\230\257\344\273\245\344\270\213\344\271\213"
                                    "\344\270\200\357\274\232"));
    case RULE_LENGTH:
        return arena_printf(a,
                            "\351\225\277\345\272\246\345\277\205\351\241\273\344\270\272 %lld \345\210\260 "
                            "%lld \344\270\252\345\255\227\347\254\246",
                            min, max);
    case RULE_CHARS:
        return arena_printf(a, "\345\217\252\350\203\275\345\214\205\345\220\253 %s", r->text);
    case RULE_COUNT:
        return arena_printf(a,
                            "\345\277\205\351\241\273\346\234\211 %lld \345\210\260 %lld "
                            "\344\270\252\345\205\203\347\264\240",
                            min, max);
    case RULE_TIME:
        return STR("\345\277\205\351\241\273\346\230\257\345\275\242\345\246\202 2026-01-01 00:00:00 "
                   "\347\232\204\346\227\266\351\227\264");
    case RULE_DATE:
        return STR("\345\277\205\351\241\273\346\230\257\345\275\242\345\246\202 2026-01-01 "
                   "\347\232\204\346\227\245\346\234\237");
    }
    return STR("");
}
