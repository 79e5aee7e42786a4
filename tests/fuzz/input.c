#include "input.h"

#include <string.h>

#include "base/clock.h"

enum { DEPTH_MAX = 6 };

/* --- numbers and texts --- */

uint8_t input_byte(struct input *in)
{
    if (in->n == 0)
        return 0;
    in->n--;
    return *in->p++;
}

size_t input_below(struct input *in, size_t n)
{
    size_t high = input_byte(in);
    return n ? (high << 8 | input_byte(in)) % n : 0;
}

int64_t input_number(struct input *in)
{
    uint64_t v = 0;
    uint8_t head = input_byte(in);
    for (int i = head & 7; i > 0; i--)
        v = v << 8 | input_byte(in);
    if ((head & 7) == 0)
        v = head >> 4;
    return (int64_t)(head & 8 ? 0 - v : v);
}

struct str input_text(struct arena *a, struct input *in)
{
    size_t n = input_byte(in);
    n = n < in->n ? n : in->n;
    char *p = arena_alloc(a, n);
    if (n)
        memcpy(p, in->p, n);
    in->p += n;
    in->n -= n;
    return (struct str){p, n};
}

struct str input_rest(struct arena *a, struct input *in)
{
    char *p = arena_alloc(a, in->n);
    struct str text = {p, in->n};
    if (in->n)
        memcpy(p, in->p, in->n);
    in->p += in->n;
    in->n = 0;
    return text;
}

/* --- values of a shape --- */

struct maker {
    struct arena *a;
    struct input *in;
    const struct words *words;
    int depth;
};

static struct node *make_object(struct maker *m, const struct shape *shape);

static struct str a_word(struct maker *m)
{
    return m->words->n ? m->words->v[input_byte(m->in) % m->words->n].text : STR("");
}

static bool is_in(struct str name, struct str part)
{
    return part.p && memmem(name.p, name.n, part.p, part.n) != NULL;
}

/* One of the words that fit the field; any word when there are none. */
static struct str fitting_word(struct maker *m, const struct shape_field *f)
{
    size_t fitting = 0;
    for (size_t i = 0; i < m->words->n; i++)
        fitting += is_in(f->name, m->words->v[i].part);
    size_t k = fitting ? input_byte(m->in) % fitting : 0;
    for (size_t i = 0; fitting && i < m->words->n; i++)
        if (is_in(f->name, m->words->v[i].part) && k-- == 0)
            return m->words->v[i].text;
    return a_word(m);
}

static const struct shape_rule *rule_of(const struct shape_field *f, enum rule_kind kind)
{
    for (size_t i = 0; i < f->n_rules; i++)
        if (f->rules[i].kind == kind)
            return &f->rules[i];
    return NULL;
}

/* One of the texts that the field's rule allows, or a word that fits. */
static struct str one_allowed(struct maker *m, const struct shape_field *f)
{
    const struct shape_rule *r = rule_of(f, RULE_ONE_OF);
    struct str rest = str_from(r ? r->text : ""), part = STR("");
    if (!r)
        return fitting_word(m, f);
    for (size_t i = input_byte(m->in) % 8; str_next(&rest, '|', &part) && i > 0; i--)
        continue;
    return part;
}

static struct str long_text(struct maker *m)
{
    size_t n = input_byte(m->in) * 4u;
    char *p = arena_alloc(m->a, n);
    memset(p, 'a' + input_byte(m->in) % 26, n);
    return (struct str){p, n};
}

static struct str make_text(struct maker *m, const struct shape_field *f)
{
    switch (input_byte(m->in) % 8) {
    case 3:
        return input_text(m->a, m->in);
    case 4:
        return arena_printf(m->a, "%lld", (long long)input_number(m->in));
    case 5:
        return time_beijing(m->a, INPUT_NOW + input_number(m->in) % INT64_C(100000000000) * 1000);
    case 6:
        return CONCAT(m->a, a_word(m), input_text(m->a, m->in));
    case 7:
        return long_text(m);
    case 2:
        return a_word(m);
    default:
        return one_allowed(m, f);
    }
}

static double make_number(struct maker *m, const struct shape_field *f)
{
    const struct shape_rule *range = rule_of(f, RULE_INT_RANGE);
    uint8_t head = input_byte(m->in);
    int64_t known, step = ((head >> 4) + 1) % 3 - 1;
    switch (head % 4) {
    case 1:
        return range ? (double)(range->min + step) : (double)(head >> 2);
    case 2:
        return range ? (double)(range->max + step) : (double)(INPUT_FLOW_ID + (head >> 4));
    case 3:
        return (double)input_number(m->in) / (f->type == SHAPE_DOUBLE ? 8 : 1);
    default:
        return str_to_i64(fitting_word(m, f), &known) == 0 ? (double)known : ((head >> 2) + 1) & 63;
    }
}

static struct node *text_node(struct maker *m, struct str text)
{
    struct node *n = node_new(m->a, NODE_STRING);
    n->text = text;
    return n;
}

static struct node *number_node(struct maker *m, double number)
{
    struct node *n = node_new(m->a, NODE_NUMBER);
    n->number = number;
    return n;
}

/* Any JSON: an object of words, a text, a number or null. */
static struct node *make_json(struct maker *m)
{
    uint8_t head = input_byte(m->in);
    if (head % 8 == 1 || m->depth >= DEPTH_MAX)
        return text_node(m, input_text(m->a, m->in));
    if (head % 8 == 2)
        return number_node(m, (double)input_number(m->in));
    if (head % 8 == 3)
        return node_new(m->a, NODE_NULL);
    struct node *n = node_new(m->a, head % 8 == 4 ? NODE_ARRAY : NODE_OBJECT);
    m->depth++;
    for (int i = (head >> 3) % 4; i > 0; i--)
        node_add(n, n->kind == NODE_OBJECT ? a_word(m) : (struct str){NULL, 0}, make_json(m));
    m->depth--;
    return n;
}

static struct node *make_item(struct maker *m, const struct shape_field *f)
{
    struct node *n;
    switch (f->type) {
    case SHAPE_INT64:
    case SHAPE_UINT64:
    case SHAPE_DOUBLE:
        return number_node(m, make_number(m, f));
    case SHAPE_BOOL:
        n = node_new(m->a, NODE_BOOL);
        n->boolean = input_byte(m->in) & 1;
        return n;
    case SHAPE_OBJECT:
        return m->depth < DEPTH_MAX ? make_object(m, f->object) : node_new(m->a, NODE_OBJECT);
    case SHAPE_JSON:
        return make_json(m);
    default:
        return text_node(m, make_text(m, f));
    }
}

static struct node *make_list(struct maker *m, const struct shape_field *f)
{
    struct node *list = node_new(m->a, NODE_ARRAY);
    uint8_t head = input_byte(m->in);
    for (int i = head >= 250 ? head - 200 : (head + 1) % 4; i > 0; i--)
        node_add(list, (struct str){NULL, 0}, make_item(m, f));
    return list;
}

/* The rare heads make what the gateway must reject. */
static void add_field(struct maker *m, const struct shape_field *f, struct node *object)
{
    uint8_t head = input_byte(m->in);
    const struct shape_rule *present = rule_of(f, RULE_PRESENT);
    if (head == 255 || (head % 2 == 0 && !f->required && !present))
        return;
    if (head == 253)
        node_add(object, f->name, make_json(m));
    else if (head == 251)
        node_add(object, a_word(m), make_item(m, f));
    else
        node_add(object, f->name, f->list ? make_list(m, f) : make_item(m, f));
    if (head == 249)
        node_add(object, f->name, make_item(m, f));
}

static struct node *make_object(struct maker *m, const struct shape *shape)
{
    struct node *object = node_new(m->a, NODE_OBJECT);
    m->depth++;
    for (size_t i = 0; i < shape->n_fields; i++)
        add_field(m, &shape->fields[i], object);
    m->depth--;
    return object;
}

struct node *input_object(struct arena *a, struct input *in, const struct shape *shape,
                          const struct words *words)
{
    struct maker m = {.a = a, .in = in, .words = words};
    return make_object(&m, shape);
}

/* --- forms --- */

void put_escaped(struct buf *b, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (ascii_is_letter(c) || ascii_is_digit(c))
            buf_putc(b, c);
        else
            buf_printf(b, "%%%02X", (unsigned)(unsigned char)c);
    }
}

static void put_value(struct buf *b, const struct node *n)
{
    switch (n->kind) {
    case NODE_NUMBER:
        buf_printf(b, "%.0f", n->number);
        break;
    case NODE_BOOL:
        buf_put(b, n->boolean ? STR("true") : STR("false"));
        break;
    default:
        put_escaped(b, n->text);
    }
}

static void put_fields(struct buf *b, const struct node *n, struct str path)
{
    size_t index = 0;
    if (n->kind != NODE_OBJECT && n->kind != NODE_ARRAY) {
        buf_put(b, b->n ? STR("&") : STR(""));
        put_escaped(b, path);
        buf_putc(b, '=');
        put_value(b, n);
    }
    for (const struct node *child = n->first; child; child = child->next, index++) {
        struct str name = child->name.p ? child->name : arena_printf(b->arena, "%zu", index);
        put_fields(b, child, path.n ? CONCAT(b->arena, path, STR("."), name) : name);
    }
}

void put_form(struct buf *b, const struct node *object)
{
    put_fields(b, object, STR(""));
}
