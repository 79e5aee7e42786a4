/* Parameter trees: nodes linked in the order sent. */
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

/* At the end, in constant time: forms and bodies may have a hundred thousand children in one list. */
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

/* Linear: a request has a handful of parameters. Whoever walks long lists goes by `next`. */
struct node *node_find(const struct node *object, struct str name)
{
    for (struct node *n = object->first; n; n = n->next) {
        if (n->name.p && str_eq(n->name, name))
            return n;
    }
    return NULL;
}

/* --- json scan --- */

/* The scanner: a table of states, each with the function that takes the next token. The open containers are
 * one bit each in a word, so depth costs neither memory nor recursion. */

enum state {
    WANT_VALUE,
    WANT_VALUE_OR_CLOSE, /* behind '[' */
    WANT_KEY,
    WANT_KEY_OR_CLOSE, /* behind '{' */
    WANT_NEXT,         /* behind a value: ',' or the container's end, or the text's */
    N_STATES
};

struct scan {
    const char *p, *end; /* p stays at the first bad byte when a step fails */
    enum state state;
    unsigned depth;
    uint64_t objects; /* bit 0: the innermost container is an object; bit 1: the one around it; ... */
    size_t values;
};

_Static_assert(LIMIT_JSON_DEPTH <= 64, "the open containers are kept in 64 bits");

/* The byte at p, or 0 at the end: no place takes a NUL, so the two need no telling apart. */
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

/* RFC 8259's four; cJSON skips every byte up to 0x20. */
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

/* Behind "\u". A NUL would end the text for cJSON; half a surrogate pair has no UTF-8. */
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

/* Behind the backslash. */
static bool take_escape(struct scan *s)
{
    char c = peek(s);
    if (c == '\0' || !strchr("\"\\/bfnrtu", c))
        return false;
    s->p++;
    return c != 'u' || take_unicode(s);
}

/* From the opening quote to the closing one. Bytes above 0x7f pass: UTF-8 is checked over the whole text. */
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

/* cJSON would hand on an infinity. By strtod as cJSON does it, so that both agree where doubles end. */
static bool is_finite(const char *p, size_t n)
{
    char text[LIMIT_JSON_NUMBER + 1];
    memcpy(text, p, n);
    text[n] = '\0';
    return isfinite(strtod(text, NULL));
}

static bool take_number(struct scan *s)
{
    const char *start = s->p;
    bool exponent = false;
    (void)take(s, '-');
    /* A zero stands alone; a digit behind it is then an unexpected byte. */
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
    /* Without an exponent LIMIT_JSON_NUMBER digits are far from the largest double. */
    if (n <= LIMIT_JSON_NUMBER && (!exponent || is_finite(start, n)))
        return true;
    s->p = start;
    return false;
}

/* A container counts as a value already; its own values follow. */
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

/* The caller has seen the byte that closes. */
static bool close_container(struct scan *s)
{
    s->p++;
    s->depth--;
    s->objects >>= 1;
    s->state = WANT_NEXT;
    return true;
}

/* A value of any kind; the state behind it is set first, and changed by what opens a container. */
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

/* Only directly behind '[': "[1,]" has no value where one is due. */
static bool want_value_or_close(struct scan *s)
{
    return peek(s) == ']' ? close_container(s) : want_value(s);
}

/* A key with its colon is one step: nothing but white space may come between them. */
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

/* Only inside a container: behind the outermost value the walk is over. */
static bool want_next(struct scan *s)
{
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

/* At the end of the text every step fails by itself, since no token starts with what peek gives there. */
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

int json_scan(struct str text, size_t *ret_offset)
{
    /* Bad UTF-8 inside a string is the scanner's only blind spot; the earlier of the two faults is reported.
     */
    size_t valid = utf8_prefix(text);
    struct scan s = {.p = text.p, .end = text.p ? text.p + text.n : NULL};
    if (scan_text(&s) && valid == text.n)
        return 0;
    size_t at = s.p ? (size_t)(s.p - text.p) : 0;
    *ret_offset = at < valid ? at : valid;
    return -1;
}

/* --- json --- */

/* JSON to a tree by way of cJSON, whose memory comes from the call's arena too: its items hold the texts that
 * the tree's nodes point to. */

/* cJSON's hooks have no argument; this is theirs. Set only while cJSON runs (one thread owns the world). */
static struct arena *hook_arena;

/* Never NULL, so cJSON's own paths for lack of memory are not taken. */
static void *hook_alloc(size_t size)
{
    return arena_alloc(hook_arena, size);
}

static void hook_free(void *p)
{
    (void)p; /* the arena gives everything back at once */
}

/* The hooks are set each time: it costs four stores, and nothing depends on who called first. */
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

/* cJSON names members only, so a child of an array gets the absent name by itself. */
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

/* Recursion is bounded by LIMIT_JSON_DEPTH, which the scan has checked. */
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
    if (json_scan(text, &offset) != 0) {
        if (ret_offset)
            *ret_offset = offset;
        return -1;
    }
    const cJSON *item = run_cjson(a, text);
    assert(item); /* the scan accepts nothing that cJSON refuses */
    *ret_tree = node_of(a, item);
    return 0;
}
