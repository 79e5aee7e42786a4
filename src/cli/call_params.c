/*
 * The words become a tree, as the fields of a form do; the shape then decides how each value is written.
 * Values that do not fit their type are sent as texts and not rejected here: the server must see what the
 * user wrote, since a wrong call is often what is to be tested.
 */
#include "cli/call_params.h"

#include "wire/encode.h"
#include "wire/form.h"
#include "wire/json.h"

/* --- words to a tree ---------------------------------------------------------------------------------- */

/* Puts the word before what is wrong with it. */
static int reject(struct arena *a, const char *what_is_wrong, struct str word, struct str *ret_problem)
{
    *ret_problem = CONCAT(a, word, str_from(what_is_wrong));
    return -1;
}

/* "Name=value" or "Name:=JSON" to a field of a form. The first '=' ends the name, so a value may contain
 * more of them. */
static int parse_word(struct arena *a, struct str word, struct form_field *ret_field, struct str *ret_problem)
{
    size_t equals = str_find(word, '=');
    bool raw = equals > 0 && equals < word.n && word.p[equals - 1] == ':';
    size_t key_n = equals - raw;
    struct node *ignored;
    if (equals == word.n || key_n == 0)
        return reject(a, " is not of the form Name=value or Name:=JSON", word, ret_problem);
    struct str value = str_skip(word, equals + 1);
    if (raw && json_parse(a, value, &ignored, NULL) != 0)
        return reject(a, ": the text after := is not JSON", word, ret_problem);
    /* The ':' stays with the value and marks it as JSON in the tree. */
    *ret_field = (struct form_field){str_head(word, key_n), {word.p + key_n, word.n - key_n}};
    return 0;
}

/* All words, in their order; the first wrong one ends it. */
static int parse_words(struct arena *a, const struct str *words, size_t n, struct form *ret_form,
                       struct str *ret_problem)
{
    ret_form->fields = ARENA_ARRAY(a, struct form_field, n);
    ret_form->n = n;
    for (size_t i = 0; i < n; i++)
        if (parse_word(a, words[i], &ret_form->fields[i], ret_problem) != 0)
            return -1;
    return 0;
}

/* --- a tree to JSON ----------------------------------------------------------------------------------- */

/* Whether the text is a value of the type in JSON: a number for 1, but a text for "one". */
static bool is_json_of(struct arena *a, enum shape_type type, struct str text)
{
    struct node *n;
    if (type == SHAPE_STRING || json_parse(a, text, &n, NULL) != 0)
        return false;
    return type == SHAPE_BOOL ? n->kind == NODE_BOOL : type == SHAPE_JSON || n->kind == NODE_NUMBER;
}

/* One value, in the type that the field has when the text fits it. */
static void put_scalar(struct buf *b, const struct shape_field *f, struct str text)
{
    if (f && f->type != SHAPE_OBJECT && is_json_of(b->arena, f->type, text))
        buf_put(b, text);
    else
        buf_put_json_string(b, text);
}

/* "a,b" for a list. */
static void put_commas(struct buf *b, const struct shape_field *f, struct str text)
{
    struct str item;
    size_t n = 0;
    buf_putc(b, '[');
    while (text.n > 0 && str_next(&text, ',', &item)) {
        if (n++ > 0)
            buf_putc(b, ',');
        put_scalar(b, f, item);
    }
    buf_putc(b, ']');
}

/* A list or an object written as JSON where the shape has one: the text "["a"]" is not meant as a name. */
static bool is_json_structure(struct arena *a, const struct shape_field *f, struct str text, bool inside_list)
{
    struct node *n;
    bool list = f && f->list && !inside_list;
    if (!f || (!list && f->type != SHAPE_OBJECT) || json_parse(a, text, &n, NULL) != 0)
        return false;
    return n->kind == (list ? NODE_ARRAY : NODE_OBJECT);
}

/* The value of one word. Inside a list a comma is part of the value. */
static void put_text(struct buf *b, const struct shape_field *f, struct str text, bool inside_list)
{
    struct str value = str_skip(text, 1 + str_starts(text, STR(":")));
    if (str_starts(text, STR(":")) || is_json_structure(b->arena, f, value, inside_list))
        buf_put(b, value);
    else if (f && f->list && !inside_list && f->type != SHAPE_OBJECT)
        put_commas(b, f, value);
    else
        put_scalar(b, f, value);
}

static void put_node(struct buf *b, const struct shape_field *f, const struct node *n);

/* An object of the tree; a shape of NULL knows none of its fields, so all of them are texts. */
static void put_members(struct buf *b, const struct shape *shape, const struct node *object)
{
    buf_putc(b, '{');
    for (const struct node *n = object->first; n; n = n->next) {
        if (n != object->first)
            buf_putc(b, ',');
        buf_put_json_string(b, n->name);
        buf_putc(b, ':');
        put_node(b, shape ? shape_find(shape, n->name) : NULL, n);
    }
    buf_putc(b, '}');
}

/* An element of a list, which keeps the list's field. */
static void put_element(struct buf *b, const struct shape_field *f, const struct node *n)
{
    if (n->kind == NODE_TEXT)
        put_text(b, f, n->text, true);
    else
        put_node(b, f, n);
}

static void put_node(struct buf *b, const struct shape_field *f, const struct node *n)
{
    if (n->kind == NODE_OBJECT) {
        put_members(b, f ? f->object : NULL, n);
        return;
    }
    if (n->kind == NODE_TEXT) {
        put_text(b, f, n->text, false);
        return;
    }
    buf_putc(b, '[');
    for (const struct node *i = n->first; i; i = i->next) {
        if (i != n->first)
            buf_putc(b, ',');
        put_element(b, f, i);
    }
    buf_putc(b, ']');
}

int call_params_put(struct buf *b, const struct shape *shape, const struct str *words, size_t n,
                    struct str *ret_problem)
{
    struct form form;
    struct node *tree;
    struct str key;
    if (parse_words(b->arena, words, n, &form, ret_problem) != 0)
        return -1;
    switch (form_tree(b->arena, &form, NULL, &tree, &key)) {
    case FORM_OK:
        put_members(b, shape, tree);
        return 0;
    case FORM_REPEATED:
        return reject(b->arena, " is given twice", key, ret_problem);
    default:
        return reject(b->arena, ": its indexes must be 0, 1, 2, ...", key, ret_problem);
    }
}

/* --- paths -------------------------------------------------------------------------------------------- */

/* The field that a path leads to, NULL when there is none; an index stays with its list. */
static const struct shape_field *field_at(const struct shape *shape, struct str path, bool *ret_inside_list)
{
    const struct shape_field *f = NULL;
    struct str part;
    uint64_t index;
    *ret_inside_list = false;
    while (str_next(&path, '.', &part)) {
        *ret_inside_list = f && f->list && str_to_u64(part, &index) == 0;
        if (*ret_inside_list)
            continue;
        f = shape ? shape_find(shape, part) : NULL;
        shape = f ? f->object : NULL;
    }
    return f;
}

int call_params_put_paths(struct buf *b, const struct shape *shape, const struct str *words, size_t n,
                          struct str *ret_problem)
{
    struct form form;
    if (parse_words(b->arena, words, n, &form, ret_problem) != 0)
        return -1;
    buf_putc(b, '{');
    for (size_t i = 0; i < n; i++) {
        bool inside_list;
        const struct shape_field *f = field_at(shape, form.fields[i].key, &inside_list);
        buf_put(b, i ? STR(",") : STR(""));
        buf_put_json_string(b, form.fields[i].key);
        buf_putc(b, ':');
        put_text(b, f, form.fields[i].value, inside_list);
    }
    buf_putc(b, '}');
    return 0;
}
