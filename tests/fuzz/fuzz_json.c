/* Fuzzes the JSON reader. What it accepts must survive: written from the tree and read again, the tree is the
 * same. What it rejects must have an offset inside the text and give no tree. */
#include "demand.h"

#include "base/buf.h"
#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every byte may become six, and every number the longest that %.17g writes. */
enum { MOST_WRITTEN = 64 * 1024 * 1024 };

static void write_node(struct buf *b, const struct node *n);

static void write_children(struct buf *b, const struct node *parent)
{
    size_t count = 0;
    for (const struct node *n = parent->first; n; n = n->next) {
        demand((parent->kind == NODE_OBJECT) == (n->name.p != NULL), "members have names, elements none");
        if (n->name.p) {
            buf_put_json_string(b, n->name);
            buf_putc(b, ':');
        }
        write_node(b, n);
        if (n->next)
            buf_putc(b, ',');
        count++;
    }
    demand(count == parent->count, "the count is that of the children");
}

static void write_node(struct buf *b, const struct node *n)
{
    switch (n->kind) {
    case NODE_NULL:
        buf_put(b, STR("null"));
        break;
    case NODE_BOOL:
        buf_put(b, n->boolean ? STR("true") : STR("false"));
        break;
    case NODE_NUMBER:
        buf_printf(b, "%.17g", n->number);
        break;
    case NODE_STRING:
        buf_put_json_string(b, n->text);
        break;
    case NODE_ARRAY:
    case NODE_OBJECT:
        buf_putc(b, n->kind == NODE_ARRAY ? '[' : '{');
        write_children(b, n);
        buf_putc(b, n->kind == NODE_ARRAY ? ']' : '}');
        break;
    case NODE_TEXT:
        demand(false, "JSON has no untyped text");
    }
}

static bool same(const struct node *a, const struct node *b)
{
    if (a->kind != b->kind || a->count != b->count || a->boolean != b->boolean)
        return false;
    if (!str_eq(a->name, b->name) || !str_eq(a->text, b->text) || a->number != b->number)
        return false;
    const struct node *x = a->first, *y = b->first;
    for (; x && y; x = x->next, y = y->next) {
        if (!same(x, y))
            return false;
    }
    return x == y;
}

static void check_survival(struct arena *a, const struct node *tree)
{
    struct buf b;
    struct node *again;
    buf_init(&b, a, 0, MOST_WRITTEN);
    write_node(&b, tree);
    demand(!b.over, "the text has room");
    demand(json_parse(a, buf_str(&b), &again, NULL) == 0, "what was written is read");
    demand(same(tree, again), "what is read is what was written");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct node *tree = NULL;
    size_t offset = SIZE_MAX;
    arena_init(&a);
    if (json_parse(&a, (struct str){(const char *)data, size}, &tree, &offset) == 0)
        check_survival(&a, tree);
    else
        demand(offset <= size && !tree, "a rejection has an offset inside the text and gives no tree");
    arena_done(&a);
    return 0;
}
