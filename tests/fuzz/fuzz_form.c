/* Fuzzes the form parser. Fields survive: encoded and parsed again, they are the same. A tree has each field
 * under its own path, and nothing else. A fault names one of the keys or a part of one. */
#include "demand.h"

#include "base/buf.h"
#include "base/codec.h"
#include "wire/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_WRITTEN = 64 * 1024 * 1024 };

/* Every byte as an escape: no byte can then be taken for syntax. */
static void write_escaped(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        buf_printf(b, "%%%02X", (unsigned)(unsigned char)s.p[i]);
}

static void check_survival(struct arena *a, const struct form *f)
{
    struct buf b;
    struct form again;
    buf_init(&b, a, 0, MOST_WRITTEN);
    for (size_t i = 0; i < f->n; i++) {
        write_escaped(&b, f->fields[i].key);
        buf_putc(&b, '=');
        write_escaped(&b, f->fields[i].value);
        buf_putc(&b, '&');
    }
    demand(form_parse(a, buf_str(&b), &again) == FORM_OK && again.n == f->n, "what was written is read");
    for (size_t i = 0; i < f->n; i++) {
        demand(str_eq(f->fields[i].key, again.fields[i].key), "keys survive");
        demand(str_eq(f->fields[i].value, again.fields[i].value), "values survive");
        demand(f->fields[i].key.n > 0 && utf8_valid(f->fields[i].key), "keys are text");
        demand(utf8_valid(f->fields[i].value), "values are text");
    }
}

static const struct node *child_of(const struct node *parent, struct str name)
{
    uint64_t index;
    if (parent->kind != NODE_ARRAY)
        return parent->kind == NODE_OBJECT ? node_find(parent, name) : NULL;
    if (str_to_u64(name, &index) != 0)
        return NULL;
    const struct node *n = parent->first;
    while (n && index--)
        n = n->next;
    return n;
}

static const struct node *follow(const struct node *n, struct str path)
{
    struct str name;
    while (n && str_next(&path, '.', &name))
        n = child_of(n, name);
    return n;
}

static size_t count_leaves(const struct node *n)
{
    if (n->kind == NODE_TEXT)
        return 1;
    size_t leaves = 0, children = 0;
    for (const struct node *child = n->first; child; child = child->next, children++)
        leaves += count_leaves(child);
    demand(children == n->count, "the count is that of the children");
    return leaves;
}

static void check_tree(const struct form *f, const struct node *tree)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct node *n = follow(tree, f->fields[i].key);
        demand(n && n->kind == NODE_TEXT, "each field is in the tree");
        demand(str_eq(n->text, f->fields[i].value), "with its value");
    }
    demand(count_leaves(tree) == f->n, "and nothing else");
}

static void check_fault(const struct form *f, enum form_fault fault, struct str key)
{
    demand(fault == FORM_REPEATED || fault == FORM_ARRAY || fault == FORM_DEPTH, "a fault of a tree");
    for (size_t i = 0; i < f->n; i++) {
        if (fault == FORM_ARRAY ? str_starts(f->fields[i].key, key) : str_eq(f->fields[i].key, key))
            return;
    }
    demand(false, "the fault names a parameter");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct form f;
    arena_init(&a);
    if (form_parse(&a, (struct str){(const char *)data, size}, &f) == FORM_OK) {
        struct node *tree = NULL;
        struct str key = {NULL, 0};
        check_survival(&a, &f);
        enum form_fault fault = form_tree(&a, &f, NULL, &tree, &key);
        if (fault == FORM_OK)
            check_tree(&f, tree);
        else
            check_fault(&f, fault, key);
    }
    arena_done(&a);
    return 0;
}
