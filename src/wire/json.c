/*
 * Parameter trees and JSON.
 *
 * A scanner checks the text before cJSON builds the values. cJSON accepts more than JSON (any byte up to 0x20
 * as white space, a byte order mark, "01", raw control characters, a text that ends at a NUL) and does not
 * say where a text is wrong. The scanner allocates nothing. What it accepts, cJSON reads completely and with
 * the same meaning.
 */
#include "wire/json.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>

#include "base/codec.h"
#include "base/limits.h"
#include "base/str.h"

struct node *node_new(struct arena *a, enum node_kind kind)
{
    struct node *n = ARENA_NEW(a, struct node);
    n->kind = kind;
    return n;
}

/* In constant time: one list may have a hundred thousand children. */
void node_add(struct node *parent, struct str name, struct node *child)
{
    assert(parent->kind == NODE_OBJECT || parent->kind == NODE_ARRAY);
    child->name = name;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
}

void node_remove(struct node *parent, struct node *child)
{
    struct node *before = NULL;
    for (struct node *n = parent->first; n != child; n = n->next)
        before = n;
    if (before)
        before->next = child->next;
    else
        parent->first = child->next;
    if (parent->last == child)
        parent->last = before;
    parent->count--;
}

struct node *node_find(const struct node *object, struct str name)
{
    for (struct node *n = object->first; n; n = n->next) {
        if (n->name.p && str_eq(n->name, name))
            return n;
    }
    return NULL;
}

struct str node_text(const struct node *object, struct str name)
{
    const struct node *n = node_find(object, name);
    return n && n->kind == NODE_STRING ? n->text : (struct str){NULL, 0};
}

/* --- the scanner: a table of states, each with the function that takes the next token --- */

enum state {
    WANT_VALUE,
    WANT_VALUE_OR_CLOSE, /* after '[' */
    WANT_KEY,
    WANT_KEY_OR_CLOSE, /* after '{' */
    WANT_NEXT,         /* after a value: ',', or the end of the container or of the text */
    N_STATES
};

struct scan {
    const char *p, *end; /* p stays at the first wrong byte when a step fails */
    enum state state;
    unsigned depth;
    uint64_t objects; /* one bit for each open container, 1 for an object; bit 0 is the innermost */
    size_t values;
};

_Static_assert(LIMIT_JSON_DEPTH <= 64, "the open containers are kept in 64 bits");

/* The byte at p, or 0 at the end; no step accepts a NUL, so they need not differ. */
static char peek(const struct scan *s)
{
    return s->p < s->end ? *s->p : '\0';
}

static bool take(struct scan *s, char c)
{
    if (peek(s) != c)
        return false;
    s->p++;
    return true;
}

/* The white space of RFC 8259. */
static void skip_space(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
        s->p++;
}

static bool take_digits(struct scan *s)
{
    if (!ascii_is_digit(peek(s)))
        return false;
    while (ascii_is_digit(peek(s)))
        s->p++;
    return true;
}

/* Byte by byte, so that p ends at the byte that differs. */
static bool take_word(struct scan *s, const char *word)
{
    while (*word && take(s, *word))
        word++;
    return !*word;
}

/* Four hexadecimal digits, or -1. */
static int take_hex4(struct scan *s)
{
    int value = 0;
    for (int i = 0; i < 4; i++, s->p++) {
        int digit = ascii_hex_value(peek(s));
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* After "\u". A NUL would end the text for cJSON, and half a surrogate pair has no UTF-8. */
static bool take_unicode(struct scan *s)
{
    const char *start = s->p;
    int unit = take_hex4(s);
    if (unit < 0)
        return false;
    bool low = unit >= 0xdc00 && unit <= 0xdfff;
    if (unit == 0 || low) {
        s->p = start;
        return false;
    }
    if (unit < 0xd800 || unit > 0xdfff)
        return true;
    if (!take_word(s, "\\u"))
        return false;
    start = s->p;
    unit = take_hex4(s);
    if (unit >= 0xdc00 && unit <= 0xdfff)
        return true;
    s->p = unit < 0 ? s->p : start;
    return false;
}

/* After the backslash. */
static bool take_escape(struct scan *s)
{
    char c = peek(s);
    if (c == '\0' || !strchr("\"\\/bfnrtu", c))
        return false;
    s->p++;
    return c != 'u' || take_unicode(s);
}

/* From the opening quote to the closing one. Accepts bytes above 0x7f: json_check checks UTF-8 for the whole
 * text. */
static bool take_string(struct scan *s)
{
    if (!take(s, '"'))
        return false;
    for (;;) {
        while (s->p < s->end && (unsigned char)*s->p >= 0x20 && *s->p != '"' && *s->p != '\\')
            s->p++;
        if (take(s, '"'))
            return true;
        if (!take(s, '\\') || !take_escape(s))
            return false;
    }
}

/* cJSON would return an infinity. By strtod, as in cJSON, so that both have the same largest double. */
static bool is_finite(const char *p, size_t n)
{
    char text[LIMIT_JSON_NUMBER + 1];
    assert(n < sizeof text);
    memcpy(text, p, n);
    text[n] = '\0';
    return isfinite(strtod(text, NULL));
}

static bool take_number(struct scan *s)
{
    const char *start = s->p;
    bool exponent = false;
    (void)take(s, '-');
    /* No digit may follow a leading zero; the next step rejects it. */
    if (!take(s, '0') && !take_digits(s))
        return false;
    if (take(s, '.') && !take_digits(s))
        return false;
    if (take(s, 'e') || take(s, 'E')) {
        exponent = true;
        if (!take(s, '+'))
            (void)take(s, '-');
        if (!take_digits(s))
            return false;
    }
    size_t n = (size_t)(s->p - start);
    /* Without an exponent, LIMIT_JSON_NUMBER digits are far below the largest double. */
    if (n <= LIMIT_JSON_NUMBER && (!exponent || is_finite(start, n)))
        return true;
    s->p = start;
    return false;
}

static bool open_container(struct scan *s, bool object)
{
    if (s->depth == LIMIT_JSON_DEPTH)
        return false;
    s->p++;
    s->depth++;
    s->objects = s->objects << 1 | object;
    s->state = object ? WANT_KEY_OR_CLOSE : WANT_VALUE_OR_CLOSE;
    return true;
}

/* At the closing byte. */
static bool close_container(struct scan *s)
{
    assert(s->depth > 0);
    s->p++;
    s->depth--;
    s->objects >>= 1;
    s->state = WANT_NEXT;
    return true;
}

/* A value of any kind. Sets the state after it first, which open_container changes. */
static bool want_value(struct scan *s)
{
    if (s->values++ == LIMIT_NODES)
        return false;
    s->state = WANT_NEXT;
    switch (peek(s)) {
    case '{':
        return open_container(s, true);
    case '[':
        return open_container(s, false);
    case '"':
        return take_string(s);
    case 't':
        return take_word(s, "true");
    case 'f':
        return take_word(s, "false");
    case 'n':
        return take_word(s, "null");
    default:
        return take_number(s);
    }
}

/* Directly after '[' only: in "[1,]" a value is missing. */
static bool want_value_or_close(struct scan *s)
{
    return peek(s) == ']' ? close_container(s) : want_value(s);
}

/* A key with its colon. */
static bool want_key(struct scan *s)
{
    if (!take_string(s))
        return false;
    skip_space(s);
    s->state = WANT_VALUE;
    return take(s, ':');
}

static bool want_key_or_close(struct scan *s)
{
    return peek(s) == '}' ? close_container(s) : want_key(s);
}

/* Inside a container: after the outermost value the scan ends. */
static bool want_next(struct scan *s)
{
    assert(s->depth > 0);
    bool object = s->objects & 1;
    if (peek(s) == (object ? '}' : ']'))
        return close_container(s);
    s->state = object ? WANT_KEY : WANT_VALUE;
    return take(s, ',');
}

static bool (*const steps[N_STATES])(struct scan *s) = {
    [WANT_VALUE] = want_value, [WANT_VALUE_OR_CLOSE] = want_value_or_close,
    [WANT_KEY] = want_key,     [WANT_KEY_OR_CLOSE] = want_key_or_close,
    [WANT_NEXT] = want_next,
};

/* At the end of the text every step fails, because no token starts with a NUL. */
static bool scan_text(struct scan *s)
{
    do {
        skip_space(s);
        if (!steps[s->state](s))
            return false;
    } while (s->state != WANT_NEXT || s->depth > 0);
    skip_space(s);
    return s->p == s->end;
}

/* The offset is the earlier of the first wrong token and the first byte that is not UTF-8, which the steps do
 * not check inside strings. */
int json_check(struct str text, size_t *ret_offset)
{
    size_t valid = utf8_prefix(text);
    struct scan s = {.p = text.p, .end = text.p ? text.p + text.n : NULL};
    if (scan_text(&s) && valid == text.n)
        return 0;
    size_t at = s.p ? (size_t)(s.p - text.p) : 0;
    *ret_offset = at < valid ? at : valid;
    return -1;
}

/* --- cJSON's items to a tree: both are in the call's arena, because nodes point to the items' texts --- */

/* The argument of cJSON's hooks, which have none. Set only while cJSON runs (one thread uses it). */
static struct arena *hook_arena;

/* Never NULL. */
static void *hook_alloc(size_t size)
{
    assert(hook_arena);
    return arena_alloc(hook_arena, size);
}

static void hook_free(void *p)
{
    (void)p; /* the arena frees everything */
}

/* Sets the hooks each time, which costs four stores, so that no call order matters. */
static const cJSON *run_cjson(struct arena *a, struct str text)
{
    cJSON_Hooks hooks = {.malloc_fn = hook_alloc, .free_fn = hook_free};
    hook_arena = a;
    cJSON_InitHooks(&hooks);
    const cJSON *item = cJSON_ParseWithLengthOpts(text.p, text.n, NULL, 0);
    hook_arena = NULL;
    return item;
}

static struct node *node_of(struct arena *a, const cJSON *item);

/* cJSON gives children of an array no name, which str_from makes an absent text. */
static struct node *container_of(struct arena *a, enum node_kind kind, const cJSON *item)
{
    struct node *parent = node_new(a, kind);
    for (const cJSON *child = item->child; child; child = child->next)
        node_add(parent, str_from(child->string), node_of(a, child));
    return parent;
}

static struct node *scalar_of(struct arena *a, enum node_kind kind, const cJSON *item)
{
    struct node *n = node_new(a, kind);
    if (kind == NODE_STRING)
        n->text = str_from(item->valuestring);
    else if (kind == NODE_NUMBER)
        n->number = item->valuedouble;
    else
        n->boolean = cJSON_IsTrue(item);
    return n;
}

/* The scanner has bounded the depth of the recursion by LIMIT_JSON_DEPTH. */
static struct node *node_of(struct arena *a, const cJSON *item)
{
    switch (item->type) {
    case cJSON_Object:
        return container_of(a, NODE_OBJECT, item);
    case cJSON_Array:
        return container_of(a, NODE_ARRAY, item);
    case cJSON_String:
        return scalar_of(a, NODE_STRING, item);
    case cJSON_Number:
        return scalar_of(a, NODE_NUMBER, item);
    case cJSON_NULL:
        return node_new(a, NODE_NULL);
    default:
        return scalar_of(a, NODE_BOOL, item);
    }
}

int json_parse(struct arena *a, struct str text, struct node **ret_tree, size_t *ret_offset)
{
    size_t offset;
    if (json_check(text, &offset) != 0) {
        if (ret_offset)
            *ret_offset = offset;
        return -1;
    }
    const cJSON *item = run_cjson(a, text);
    assert(item); /* the scanner accepts nothing that cJSON rejects */
    *ret_tree = node_of(a, item);
    return 0;
}
