/* The schema's rules: checks of values, and sentences that describe them. */
#include "wire/rules.h"

#include <assert.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "gen/texts.h"

enum { SENTENCE_ROOM = 64 };

/* --- rules on one item --- */

static bool in_range_i64(const struct shape_rule *r, const void *item)
{
    int64_t v = *(const int64_t *)item;
    return v >= r->min && v <= r->max;
}

/* decode accepts nothing above LIMIT_JSON_INTEGER, so every unsigned value fits into a signed one. */
static bool in_range_u64(const struct shape_rule *r, const void *item)
{
    int64_t v = (int64_t) * (const uint64_t *)item;
    assert(v >= 0);
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

/* As signed numbers, see in_range_u64. The generator writes only numbers into `text`. */
static bool is_one_of_i64(const struct shape_rule *r, const void *item)
{
    struct str choices = str_from(r->text), choice;
    int64_t v;
    while (str_next(&choices, '|', &choice)) {
        int rc = str_to_i64(choice, &v);
        assert(rc == 0);
        if (rc == 0 && v == *(const int64_t *)item)
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

/* "A-Z" is a range; a '-' at the end is a character. */
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

/* The check of one item; NULL for rules on a whole field. */
static item_rule *item_rule_of(const struct shape_rule *r, enum shape_type type)
{
    static item_rule *const table[] = {
        [RULE_INT_RANGE] = in_range_i64, [RULE_ONE_OF] = is_one_of, [RULE_LENGTH] = has_length,
        [RULE_CHARS] = has_chars,        [RULE_TIME] = is_time,     [RULE_DATE] = is_date,
    };
    assert(r->kind < sizeof table / sizeof table[0]);
    if (r->kind == RULE_ONE_OF && type != SHAPE_STRING)
        return is_one_of_i64;
    return r->kind == RULE_INT_RANGE && type == SHAPE_UINT64 ? in_range_u64 : table[r->kind];
}

/* --- rules on one field --- */

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

/* The path names the item that fails: DBNames.1. */
static int check_items(struct shape_walk *w, const struct shape_rule *r, const struct shape_field *f,
                       const void *slot)
{
    item_rule *holds = item_rule_of(r, f->type);
    assert(holds);
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

/* --- rules as sentences --- */

static struct str join_choices(struct arena *a, const char *text)
{
    struct str choices = str_from(text), choice;
    struct buf b;
    buf_init(&b, a, SENTENCE_ROOM, LIMIT_LOG_LINE);
    while (str_next(&choices, '|', &choice)) {
        buf_put(&b, b.n > 0 ? STR(", ") : STR(""));
        buf_put(&b, choice);
    }
    return buf_str(&b);
}

static enum text_id text_of(const struct shape_rule *r)
{
    static const enum text_id ids[] = {
        [RULE_PRESENT] = TEXT_RULE_GIVEN, [RULE_INT_RANGE] = TEXT_RULE_RANGE,
        [RULE_ONE_OF] = TEXT_RULE_ONE_OF, [RULE_LENGTH] = TEXT_RULE_LENGTH,
        [RULE_CHARS] = TEXT_RULE_CHARS,   [RULE_COUNT] = TEXT_RULE_COUNT,
        [RULE_TIME] = TEXT_RULE_TIME,     [RULE_DATE] = TEXT_RULE_DATE,
    };
    assert(r->kind < sizeof ids / sizeof ids[0]);
    if (r->kind == RULE_PRESENT && r->min > 0)
        return TEXT_RULE_NOT_EMPTY;
    return r->kind == RULE_INT_RANGE && r->min == r->max ? TEXT_RULE_EXACTLY : ids[r->kind];
}

struct str rule_sentence(struct arena *a, const struct shape_rule *r, int lang)
{
    struct str args[] = {arena_printf(a, "%lld", (long long)r->min),
                         arena_printf(a, "%lld", (long long)r->max)};
    struct buf b;
    assert(lang == LANG_EN || lang == LANG_ZH);
    if (r->text)
        args[0] = r->kind == RULE_ONE_OF ? join_choices(a, r->text) : str_from(r->text);
    buf_init(&b, a, SENTENCE_ROOM, LIMIT_LOG_LINE);
    buf_put_filled(&b, texts[text_of(r)][lang], args, sizeof args / sizeof args[0]);
    return buf_str(&b);
}
