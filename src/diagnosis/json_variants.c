/* Writes a tree in one pass; the members of an object may be sorted first. */
#include "diagnosis/json_variants.h"

#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "wire/encode.h"

enum { FIRST_ROOM = 512 };

struct writer {
    struct buf out;
    const struct json_style *style;
    size_t depth;
};

static bool contains(struct str text, struct str what)
{
    return text.n > 0 && memmem(text.p, text.n, what.p, what.n) != NULL;
}

/* Whether the first escape with a letter among its digits, "\u4E2D", has it in upper case. */
static bool has_upper_digits(struct str text)
{
    enum { DIGITS = 4 };
    for (size_t i = 0; i + 2 + DIGITS <= text.n; i++)
        for (size_t k = 2; text.p[i] == '\\' && text.p[i + 1] == 'u' && k < 2 + DIGITS; k++)
            if (ascii_is_letter(text.p[i + k]))
                return ascii_is_upper(text.p[i + k]);
    return false;
}

/* From the signs that each style leaves in a text; the rarest first. */
struct json_style json_style_of(struct str text)
{
    struct json_style style = {.space = SPACE_NONE, .escape = ESCAPE_NONE};
    if (contains(text, STR("\n    ")))
        style.space = SPACE_FOUR;
    else if (contains(text, STR("\n  ")))
        style.space = SPACE_TWO;
    else if (contains(text, STR("\": ")))
        style.space = SPACE_INLINE;
    if (contains(text, STR("\\/")))
        style.escape = str_is_ascii(text) ? ESCAPE_SLASH : ESCAPE_SLASH_ALONE;
    else if (contains(text, STR("\\u003c")) || contains(text, STR("\\u003e")) ||
             contains(text, STR("\\u0026")))
        style.escape = ESCAPE_HTML;
    else if (contains(text, STR("\\u")))
        style.escape = has_upper_digits(text) ? ESCAPE_ASCII_UPPER : ESCAPE_ASCII;
    return style;
}

/* Begins an indented line, in a style that has lines. */
static void new_line(struct writer *w)
{
    static const struct str indents[] = {
        [SPACE_TWO] = STR_INIT("  "), [SPACE_FOUR] = STR_INIT("    "), [SPACE_TAB] = STR_INIT("\t")};
    if (w->style->space < SPACE_TWO)
        return;
    buf_putc(&w->out, '\n');
    for (size_t i = 0; i < w->depth; i++)
        buf_put(&w->out, indents[w->style->space]);
}

/* Takes one character; the tree has well-formed UTF-8 only. */
static uint32_t next_character(struct str *rest)
{
    assert(rest->n > 0);
    const unsigned char lead = (unsigned char)rest->p[0];
    size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t c = n == 1 ? lead : lead & (0x7fU >> n);
    for (size_t i = 1; i < n && i < rest->n; i++)
        c = c << 6 | ((unsigned char)rest->p[i] & 0x3fU);
    *rest = str_skip(*rest, n);
    return c;
}

/* The escape of a character: two of them above U+FFFF, by surrogates. */
static void put_unicode(struct buf *b, enum json_escape escape, uint32_t c)
{
    if (c >= 0x10000) {
        put_unicode(b, escape, 0xd800 | (c - 0x10000) >> 10);
        put_unicode(b, escape, 0xdc00 | ((c - 0x10000) & 0x3ff));
        return;
    }
    buf_printf(b, escape == ESCAPE_ASCII_UPPER ? "\\u%04X" : "\\u%04x", (unsigned)c);
}

/* Besides those that JSON itself requires. */
static bool needs_escape(enum json_escape escape, uint32_t c)
{
    if (escape == ESCAPE_HTML)
        return c == '<' || c == '>' || c == '&' || c == 0x2028 || c == 0x2029;
    return escape != ESCAPE_NONE && escape != ESCAPE_SLASH_ALONE && c > 0x7e;
}

static void put_character(struct buf *b, enum json_escape escape, struct str *rest)
{
    static const char shorts[][2] = {{'"', '"'},  {'\\', '\\'}, {'\n', 'n'}, {'\r', 'r'},
                                     {'\t', 't'}, {'\b', 'b'},  {'\f', 'f'}};
    const struct str from = *rest;
    const uint32_t c = next_character(rest);
    for (size_t i = 0; i < sizeof shorts / sizeof shorts[0]; i++)
        if (c == (uint32_t)shorts[i][0]) {
            buf_putc(b, '\\');
            buf_putc(b, shorts[i][1]);
            return;
        }
    if (c < 0x20 || needs_escape(escape, c)) {
        put_unicode(b, escape, c);
        return;
    }
    if (c == '/' && (escape == ESCAPE_SLASH || escape == ESCAPE_SLASH_ALONE))
        buf_putc(b, '\\');
    buf_put(b, str_head(from, from.n - rest->n));
}

/* Is it the same in every style? */
static bool is_plain(char c)
{
    return c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '/' && c != '<' && c != '>' && c != '&';
}

/* Most characters are plain, so a run of them is copied at once. */
static void put_string(struct writer *w, struct str text)
{
    buf_putc(&w->out, '"');
    while (text.n > 0) {
        size_t run = 0;
        while (run < text.n && is_plain(text.p[run]))
            run++;
        buf_put(&w->out, str_head(text, run));
        text = str_skip(text, run);
        if (text.n > 0)
            put_character(&w->out, w->style->escape, &text);
    }
    buf_putc(&w->out, '"');
}

/* As most serialisers do: whole numbers without a fraction, others with the digits that tell them apart. */
static void put_number(struct buf *b, double number)
{
    if (number >= -(double)LIMIT_JSON_INTEGER && number <= (double)LIMIT_JSON_INTEGER &&
        number == (double)(int64_t)number)
        buf_put_i64(b, (int64_t)number);
    else
        encode_double(b, number);
}

static int compare_names(const void *left, const void *right)
{
    return str_cmp((*(const struct node *const *)left)->name, (*(const struct node *const *)right)->name);
}

/* In the order sent or by name; *ret_n of them. */
static const struct node **children_of(struct arena *a, const struct node *parent,
                                       const struct json_style *style, size_t *ret_n)
{
    const struct node **list = ARENA_ARRAY(a, const struct node *, parent->count);
    const bool object = parent->kind == NODE_OBJECT;
    size_t n = 0;
    for (const struct node *child = parent->first; child; child = child->next)
        if (!object || !style->no_null || child->kind != NODE_NULL)
            list[n++] = child;
    if (object && style->sorted && n > 1)
        qsort(list, n, sizeof list[0], compare_names);
    *ret_n = n;
    return list;
}

/* Clients in languages without types, and those of forms, exchange numbers and texts. */
static void put_number_value(struct writer *w, double number)
{
    const bool quoted = w->style->numbers == NUMBERS_AS_TEXT;
    if (quoted)
        buf_putc(&w->out, '"');
    put_number(&w->out, number);
    if (quoted)
        buf_putc(&w->out, '"');
}

static void put_text_value(struct writer *w, struct str text)
{
    int64_t number;
    if (w->style->numbers == NUMBERS_BARE && str_to_i64(text, &number) == 0)
        buf_put(&w->out, text);
    else
        put_string(w, text);
}

static void put_value(struct writer *w, const struct node *node);

/* The members of an object or the elements of an array, in the style's white space. */
static void put_members(struct writer *w, const struct node *parent)
{
    const bool object = parent->kind == NODE_OBJECT;
    size_t n;
    const struct node **children = children_of(w->out.arena, parent, w->style, &n);
    w->depth++;
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_put(&w->out, w->style->space == SPACE_INLINE ? STR(", ") : STR(","));
        new_line(w);
        if (object) {
            put_string(w, children[i]->name);
            buf_put(&w->out, w->style->space == SPACE_NONE ? STR(":") : STR(": "));
        }
        put_value(w, children[i]);
    }
    w->depth--;
    if (n > 0)
        new_line(w);
}

/* The depth is bounded, because the tree comes from json_parse. */
static void put_value(struct writer *w, const struct node *node)
{
    assert(w->depth <= LIMIT_JSON_DEPTH);
    switch (node->kind) {
    case NODE_OBJECT:
    case NODE_ARRAY:
        buf_putc(&w->out, node->kind == NODE_OBJECT ? '{' : '[');
        put_members(w, node);
        buf_putc(&w->out, node->kind == NODE_OBJECT ? '}' : ']');
        return;
    case NODE_STRING:
    case NODE_TEXT:
        put_text_value(w, node->text);
        return;
    case NODE_NUMBER:
        put_number_value(w, node->number);
        return;
    case NODE_BOOL:
        buf_put(&w->out, node->boolean ? STR("true") : STR("false"));
        return;
    case NODE_NULL:
        buf_put(&w->out, STR("null"));
        return;
    }
}

struct str json_write(struct arena *a, const struct node *tree, const struct json_style *style)
{
    struct writer w = {.style = style};
    buf_init(&w.out, a, FIRST_ROOM, LIMIT_DOCTOR_JSON);
    put_value(&w, tree);
    return buf_str(&w.out);
}
