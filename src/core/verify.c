/* Matching and explaining use one comparison. Matching compares every call of the journal and makes no text;
 * explaining compares only calls that did not match. */
#include "core/verify.h"

#include "base/codec.h"
#include "base/limits.h"
#include "wire/encode.h"

/* Distances: a call of another action is far from the expected one, a call with one wrong parameter is
 * near. */
enum { FAR_ACTION = 100, FAR_CODE = 10, FAR_WHO = 10, FAR_PARAM = 1, FAR_NO_PARAMS = 20, SHOWN_VALUE = 200 };

struct difference {
    struct arena *arena;
    unsigned distance;
    struct buf words;
};

/* --- values --- */

/* A scalar as a form has it. */
static struct str scalar_text(struct arena *a, const struct node *n)
{
    struct buf b;
    if (n->kind == NODE_STRING || n->kind == NODE_TEXT)
        return n->text;
    buf_init(&b, a, 0, LIMIT_ANSWER);
    encode_node(&b, n);
    return buf_str(&b);
}

static bool is_container(const struct node *n)
{
    return n->kind == NODE_ARRAY || n->kind == NODE_OBJECT;
}

static bool is_text(const struct node *n)
{
    return n->kind == NODE_STRING;
}

static bool equal(struct arena *a, const struct node *want, const struct node *have);

static bool equal_lists(struct arena *a, const struct node *want, const struct node *have)
{
    const struct node *h = have->first;
    if (want->count != have->count)
        return false;
    for (const struct node *w = want->first; w; w = w->next, h = h->next)
        if (!equal(a, w, h))
            return false;
    return true;
}

/* The child of that name, or at that index. */
static const struct node *step_down(const struct node *n, struct str name)
{
    uint64_t index;
    if (n->kind == NODE_OBJECT)
        return node_find(n, name);
    if (n->kind != NODE_ARRAY || str_to_u64(name, &index) != 0)
        return NULL;
    const struct node *child = n->first;
    while (child && index-- > 0)
        child = child->next;
    return child;
}

/* Finds a parameter by its name, else by its path. */
static const struct node *find(const struct node *have, struct str path)
{
    const struct node *n = have->kind == NODE_OBJECT ? node_find(have, path) : NULL;
    struct str part;
    if (n)
        return n;
    for (n = have; n && str_next(&path, '.', &part);)
        n = step_down(n, part);
    return n;
}

static bool equal_members(struct arena *a, const struct node *want, const struct node *have)
{
    for (const struct node *w = want->first; w; w = w->next) {
        const struct node *h = find(have, w->name);
        if (!h || !equal(a, w, h))
            return false;
    }
    return true;
}

/* Compares two strings exactly. Other values are compared by their text, because one side may come from a
 * form, which has only text. */
static bool equal(struct arena *a, const struct node *want, const struct node *have)
{
    if (is_container(want) || is_container(have))
        return want->kind == have->kind &&
               (want->kind == NODE_ARRAY ? equal_lists(a, want, have) : equal_members(a, want, have));
    if (want->kind != have->kind && is_text(want) && have->kind != NODE_TEXT)
        return false;
    if (want->kind != have->kind && is_text(have))
        return false;
    return str_eq(scalar_text(a, want), scalar_text(a, have));
}

/* --- differences --- */

static struct str shown(struct arena *a, const struct node *n)
{
    struct buf b;
    if (!n)
        return STR("absent");
    buf_init(&b, a, 0, LIMIT_ANSWER);
    encode_node(&b, n);
    struct str text = str_head(buf_str(&b), SHOWN_VALUE);
    return str_head(text, utf8_prefix(text));
}

static void add(struct difference *d, unsigned distance, struct str words)
{
    if (d->words.n > 0)
        buf_put(&d->words, STR("; "));
    buf_put(&d->words, words);
    d->distance += distance;
}

/* Compares a text that must be equal, or must begin with the expected one. */
static void compare_text(struct difference *d, const char *name, unsigned distance, struct str want,
                         struct str have)
{
    if (!want.p || str_eq(want, have))
        return;
    struct str text = utf8_replace_invalid(d->arena, have);
    add(d, distance,
        arena_printf(d->arena, "%s was \"%.*s\", not \"%.*s\"", name, STR_ARG(text), STR_ARG(want)));
}

/* Each different parameter counts, so that the report names the nearest of several wrong calls. */
static void compare_params(struct difference *d, const struct node *want, const struct journal_entry *e)
{
    const struct node *have = want ? journal_entry_params(d->arena, e) : NULL;
    if (want && !have)
        add(d, FAR_NO_PARAMS, STR("its parameters cannot be read"));
    if (!have)
        return;
    for (const struct node *w = want->first; w; w = w->next) {
        const struct node *h = find(have, w->name);
        if (h && equal(d->arena, w, h))
            continue;
        struct str was = shown(d->arena, h), wanted = shown(d->arena, w);
        add(d, FAR_PARAM,
            arena_printf(d->arena, "params.%.*s was %.*s, not %.*s", STR_ARG(w->name), STR_ARG(was),
                         STR_ARG(wanted)));
    }
}

unsigned verify_distance(struct arena *a, const struct expectation *x, const struct journal_entry *e,
                         struct str *ret_words)
{
    struct difference d = {.arena = a};
    struct str trace = journal_entry_text(e, ENTRY_TRACE);
    buf_init(&d.words, a, 0, LIMIT_LOG_LINE);
    compare_text(&d, "the action", FAR_ACTION, x->action, journal_entry_text(e, ENTRY_ACTION));
    compare_text(&d, "the code", FAR_CODE, x->code, journal_entry_code(e));
    if (!x->trace.p || !str_starts(trace, x->trace))
        compare_text(&d, "the trace", FAR_WHO, x->trace, trace);
    compare_text(&d, "the secret id", FAR_WHO, x->secret_id, journal_entry_text(e, ENTRY_SECRET_ID));
    compare_params(&d, x->params, e);
    *ret_words = buf_str(&d.words);
    return d.distance;
}

static bool fits(struct str want, struct str have)
{
    return !want.p || str_eq(want, have);
}

/* Makes the cheap comparisons first, because most calls fail one of them. */
bool verify_match(struct arena *a, const struct expectation *x, const struct journal_entry *e)
{
    if (!fits(x->action, journal_entry_text(e, ENTRY_ACTION)) || !fits(x->code, journal_entry_code(e)) ||
        !fits(x->secret_id, journal_entry_text(e, ENTRY_SECRET_ID)))
        return false;
    if (x->trace.p && !str_starts(journal_entry_text(e, ENTRY_TRACE), x->trace))
        return false;
    const struct node *have = x->params ? journal_entry_params(a, e) : NULL;
    return !x->params || (have && equal(a, x->params, have));
}

static void put_part(struct buf *b, const char *before, struct str text)
{
    if (!text.p)
        return;
    buf_put(b, str_from(before));
    buf_put(b, text);
}

struct str verify_describe(struct arena *a, const struct expectation *x)
{
    struct buf b;
    buf_init(&b, a, 0, LIMIT_LOG_LINE);
    buf_put(&b, x->action.p ? x->action : STR("any action"));
    put_part(&b, " with code ", x->code);
    put_part(&b, " with trace ", x->trace);
    put_part(&b, " of ", x->secret_id);
    if (x->params)
        put_part(&b, " with params ", shown(a, x->params));
    return buf_str(&b);
}
