/* Rules: what the service itself asks of a parameter, once its form is right. */
#include "wire/decode.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"

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
