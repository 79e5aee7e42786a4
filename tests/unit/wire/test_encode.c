/* Proves that encoding writes every field of the shape, absent ones as their documented emptiness, and
 * nothing else. */
#include "support/suite.h"

#include "wire/encode.h"

struct leaf {
    struct str name;
    struct opt_i64 n;
};
struct leaf_list {
    struct leaf *v;
    size_t n;
    bool set;
};
struct tree {
    struct str text;
    struct opt_i64 i;
    struct opt_u64 u;
    struct opt_f64 d;
    struct opt_bool b;
    struct str_list texts;
    struct f64_list doubles;
    struct leaf *leaf;
    struct leaf_list leaves;
};

static const struct shape_field leaf_fields[] = {
    {.name = STR_INIT("Name"), .type = SHAPE_STRING, .offset = offsetof(struct leaf, name)},
    {.name = STR_INIT("N"), .type = SHAPE_INT64, .nullable = true, .offset = offsetof(struct leaf, n)},
};
static const struct shape leaf_shape = {"leaf", sizeof(struct leaf), leaf_fields, 2};

#define FIELD(wire, kind, member)                                                                            \
    .name = STR_INIT(wire), .type = kind, .offset = offsetof(struct tree, member)
static const struct shape_field tree_fields[] = {
    {FIELD("Text", SHAPE_STRING, text)},
    {FIELD("I", SHAPE_INT64, i)},
    {FIELD("U", SHAPE_UINT64, u)},
    {FIELD("D", SHAPE_DOUBLE, d)},
    {FIELD("B", SHAPE_BOOL, b)},
    {FIELD("Texts", SHAPE_STRING, texts), .list = true},
    {FIELD("Doubles", SHAPE_DOUBLE, doubles), .list = true},
    {FIELD("Leaf", SHAPE_OBJECT, leaf), .object = &leaf_shape},
    {FIELD("Leaves", SHAPE_OBJECT, leaves), .object = &leaf_shape, .list = true},
};
static const struct shape tree_shape = {"tree", sizeof(struct tree), tree_fields, 9};

static const struct shape_field odd_fields[] = {
    {FIELD("Text", SHAPE_STRING, text), .omit = true},
    {FIELD("I", SHAPE_INT64, i), .nullable = true},
    {FIELD("Texts", SHAPE_STRING, texts), .list = true, .nullable = true},
    {FIELD("Leaf", SHAPE_OBJECT, leaf), .object = &leaf_shape, .nullable = true},
    {FIELD("B", SHAPE_BOOL, b), .omit = true},
};
static const struct shape odd_shape = {"odd", sizeof(struct tree), odd_fields, 5};

static void assert_encoded(const struct shape *shape, const void *value, const char *wanted)
{
    struct arena a;
    struct buf b;
    arena_init(&a);
    buf_init(&b, &a, 0, 4096);
    encode_object(&b, shape, value);
    buf_putc(&b, '\0');
    assert_false(b.over);
    assert_string_equal(b.p, wanted);
    arena_done(&a);
}

static void test_writes_every_type(void **state)
{
    (void)state;
    struct str texts[] = {STR("a"), STR("\xe5\xba\x93\"\n")};
    double doubles[] = {0.1, -2};
    struct leaf leaf = {.name = STR("l"), .n = I64(0)};
    struct leaf leaves[] = {{.name = STR("x")}, {.name = STR("y"), .n = I64(2)}};
    struct tree t = {STR("t"),           I64(-1),    U64(18446744073709551615U),
                     F64(1.5),           BOOL(true), {texts, 2, true},
                     {doubles, 2, true}, &leaf,      {leaves, 2, true}};
    assert_encoded(
        &tree_shape, &t,
        "{\"Text\":\"t\",\"I\":-1,\"U\":18446744073709551615,\"D\":1.5,\"B\":true,"
        "\"Texts\":[\"a\",\"\xe5\xba\x93\\\"\\n\"],\"Doubles\":[0.1,-2],\"Leaf\":{\"Name\":\"l\",\"N\":0},"
        "\"Leaves\":[{\"Name\":\"x\",\"N\":null},{\"Name\":\"y\",\"N\":2}]}");
}

static void test_absent_values_are_empty(void **state)
{
    (void)state;
    const char *wanted = "{\"Text\":\"\",\"I\":0,\"U\":0,\"D\":0,\"B\":false,\"Texts\":[],\"Doubles\":[],"
                         "\"Leaf\":{\"Name\":\"\",\"N\":null},\"Leaves\":[]}";
    struct tree t = {0};
    assert_encoded(&tree_shape, &t, wanted);
    assert_encoded(&tree_shape, NULL, wanted);
}

static void test_nullable_and_omit(void **state)
{
    (void)state;
    struct tree none = {0}, some = {.text = STR(""), .b = BOOL(false), .i = I64(0), .texts = {NULL, 0, true}};
    assert_encoded(&odd_shape, &none, "{\"I\":null,\"Texts\":null,\"Leaf\":null}");
    assert_encoded(&odd_shape, &some, "{\"Text\":\"\",\"I\":0,\"Texts\":[],\"Leaf\":null,\"B\":false}");
}

static void test_doubles_survive(void **state)
{
    (void)state;
    struct tree t = {.d = F64(1.0 / 3)};
    static const struct shape_field fields[] = {{FIELD("D", SHAPE_DOUBLE, d)}};
    static const struct shape shape = {"d", sizeof(struct tree), fields, 1};
    assert_encoded(&shape, &t, "{\"D\":0.33333333333333331}");
    t.d = F64(1e21);
    assert_encoded(&shape, &t, "{\"D\":1e+21}");
}

static void test_counts_members(void **state)
{
    (void)state;
    static const struct shape empty = {"empty", 1, NULL, 0};
    struct tree t = {0};
    struct arena a;
    struct buf b;
    arena_init(&a);
    buf_init(&b, &a, 0, 4096);
    assert_int_equal(encode_members(&b, &empty, &t), 0);
    assert_int_equal(b.n, 0);
    assert_int_equal(encode_members(&b, &odd_shape, &t), 3);
    arena_done(&a);
}

SUITE(encode)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_every_type), cmocka_unit_test(test_absent_values_are_empty),
        cmocka_unit_test(test_nullable_and_omit), cmocka_unit_test(test_doubles_survive),
        cmocka_unit_test(test_counts_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
