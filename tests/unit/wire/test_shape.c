/* Proves that slots are read as what they are, that paths are written as clients know them, and that a walk
 * visits every field in order and stops where the visitor stops it. */
#include "support/suite.h"

#include "wire/shape.h"

struct leaf {
    struct opt_bool flag;
};
struct leaf_list {
    struct leaf *v;
    size_t n;
    bool set;
};
struct tree {
    struct str text;
    struct opt_bool flag;
    struct leaf *leaf;
    struct leaf_list leaves;
    struct opt_f64 last;
};

static const struct shape_field leaf_fields[] = {
    {.name = STR_INIT("Flag"), .type = SHAPE_BOOL, .offset = offsetof(struct leaf, flag)},
};
static const struct shape leaf_shape = {"leaf", sizeof(struct leaf), leaf_fields, 1};

#define FIELD(wire, kind, member)                                                                            \
    .name = STR_INIT(wire), .type = kind, .offset = offsetof(struct tree, member)
static const struct shape_field fields[] = {
    {FIELD("Text", SHAPE_STRING, text)},
    {FIELD("Flag", SHAPE_BOOL, flag)},
    {FIELD("Leaf", SHAPE_OBJECT, leaf), .object = &leaf_shape},
    {FIELD("Leaves", SHAPE_OBJECT, leaves), .object = &leaf_shape, .list = true},
    {FIELD("Last", SHAPE_DOUBLE, last)},
};
static const struct shape shape = {"tree", sizeof(struct tree), fields, 5};

static void assert_path(const struct shape_place *at, const char *wanted)
{
    struct arena a;
    arena_init(&a);
    struct str got = shape_path(&a, at);
    assert_int_equal(got.n, strlen(wanted));
    assert_memory_equal(got.p, wanted, strlen(wanted));
    arena_done(&a);
}

static void test_find_is_exact(void **state)
{
    (void)state;
    assert_ptr_equal(shape_find(&shape, STR("Leaf")), &fields[2]);
    assert_ptr_equal(shape_find(&shape, STR("Leaves")), &fields[3]);
    assert_null(shape_find(&shape, STR("leaf")));
    assert_null(shape_find(&shape, STR("Lea")));
    assert_null(shape_find(&shape, STR("")));
}

static void test_given(void **state)
{
    (void)state;
    struct leaf leaf = {0};
    struct tree none = {0}, all = {STR(""), BOOL(false), &leaf, {NULL, 0, true}, F64(0)};
    for (size_t i = 0; i < shape.n_fields; i++) {
        assert_false(shape_given(&fields[i], (char *)&none + fields[i].offset));
        assert_true(shape_given(&fields[i], (char *)&all + fields[i].offset));
    }
}

static void test_mark(void **state)
{
    (void)state;
    struct tree t = {0};
    for (size_t i = 0; i < shape.n_fields; i++) {
        if (!fields[i].list)
            shape_mark(&fields[i], (char *)&t + fields[i].offset);
    }
    assert_true(t.flag.set && !t.flag.v);
    assert_true(t.last.set);
    assert_null(t.text.p);
    assert_null(t.leaf);
}

static void test_path(void **state)
{
    (void)state;
    struct shape_place accounts = {NULL, STR("Accounts"), 0}, third = {&accounts, {NULL, 0}, 2},
                       name = {&third, STR("UserName"), 0};
    assert_path(NULL, "");
    assert_path(&accounts, "Accounts");
    assert_path(&third, "Accounts.2");
    assert_path(&name, "Accounts.2.UserName");
}

/* Writes each path with a comma after it; stops at the field called `stop`. */
struct log {
    struct arena arena;
    char text[256];
    size_t n;
    const char *stop;
};

static int visit(struct shape_walk *w, const struct shape_field *f, const void *slot)
{
    struct log *log = w->state;
    (void)slot;
    struct str path = shape_path(&log->arena, w->at);
    assert_true(log->n + path.n + 2 < sizeof(log->text));
    memcpy(log->text + log->n, path.p, path.n);
    log->n += path.n;
    log->text[log->n++] = ',';
    return log->stop && str_eq(f->name, str_from(log->stop)) ? -1 : 0;
}

static void assert_walk(const char *stop, int rc, const char *wanted)
{
    struct leaf one = {0}, two[2] = {{BOOL(true)}, {BOOL(false)}};
    struct tree t = {.leaf = &one, .leaves = {two, 2, true}};
    struct log log = {.stop = stop};
    struct shape_walk walk = {.visit = visit, .state = &log};
    arena_init(&log.arena);
    assert_int_equal(shape_walk(&walk, &shape, &t), rc);
    assert_string_equal(log.text, wanted);
    assert_null(walk.at);
    arena_done(&log.arena);
}

static void test_walk(void **state)
{
    (void)state;
    assert_walk(NULL, 0, "Text,Flag,Leaf,Leaf.Flag,Leaves,Leaves.0.Flag,Leaves.1.Flag,Last,");
    assert_walk("Flag", -1, "Text,Flag,");
    assert_walk("Leaves", -1, "Text,Flag,Leaf,Leaf.Flag,Leaves,");
}

SUITE(shape)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_is_exact), cmocka_unit_test(test_given), cmocka_unit_test(test_mark),
        cmocka_unit_test(test_path),          cmocka_unit_test(test_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
