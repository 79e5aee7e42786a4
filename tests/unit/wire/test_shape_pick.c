/* Proves that a value is found by its path whatever its type and depth, and that other paths find nothing. */
#include "support/texts.h"

#include "wire/shape.h"

struct leaf {
    struct str name;
};
struct leaf_list {
    struct leaf *v;
    size_t n;
    bool set;
};
struct all {
    struct str text, absent;
    struct opt_i64 whole;
    struct opt_u64 natural;
    struct opt_bool truth;
    struct opt_f64 real;
    struct str_list texts;
    struct i64_list wholes;
    struct leaf *leaf, *no_leaf;
    struct leaf_list leaves;
};

static const struct shape_field leaf_fields[] = {{.name = STR_INIT("Name"), .type = SHAPE_STRING}};
static const struct shape leaf_shape = {"leaf", sizeof(struct leaf), leaf_fields, 1};

#define FIELD(wire, kind, member) .name = STR_INIT(wire), .type = kind, .offset = offsetof(struct all, member)
static const struct shape_field fields[] = {
    {FIELD("Text", SHAPE_STRING, text)},
    {FIELD("Absent", SHAPE_STRING, absent)},
    {FIELD("Whole", SHAPE_INT64, whole)},
    {FIELD("Natural", SHAPE_UINT64, natural)},
    {FIELD("Truth", SHAPE_BOOL, truth)},
    {FIELD("Real", SHAPE_DOUBLE, real)},
    {FIELD("Texts", SHAPE_STRING, texts), .list = true},
    {FIELD("Wholes", SHAPE_INT64, wholes), .list = true},
    {FIELD("Leaf", SHAPE_OBJECT, leaf), .object = &leaf_shape},
    {FIELD("NoLeaf", SHAPE_OBJECT, no_leaf), .object = &leaf_shape},
    {FIELD("Leaves", SHAPE_OBJECT, leaves), .object = &leaf_shape, .list = true},
};
static const struct shape shape = {"all", sizeof(struct all), fields, sizeof fields / sizeof *fields};

static struct str text_values[] = {STR_INIT("db1"), STR_INIT("")};
static int64_t whole_values[] = {-7};
static struct leaf leaf_values[] = {{STR_INIT("a")}, {STR_INIT("b")}};
static const struct all value = {
    .text = STR_INIT("x"),
    .whole = {-9007199254740991, true},
    .natural = {18446744073709551615u, true},
    .truth = {true, true},
    .real = {0.5, true},
    .texts = {text_values, 2, true},
    .wholes = {whole_values, 1, true},
    .leaf = &leaf_values[1],
    .leaves = {leaf_values, 2, true},
};

static void each_type_is_found(void **state)
{
    static const struct {
        const char *path, *text;
    } cases[] = {
        {"Text", "x"},
        {"Whole", "-9007199254740991"},
        {"Natural", "18446744073709551615"},
        {"Truth", "true"},
        {"Real", "0.5"},
        {"Texts.0", "db1"},
        {"Texts.1", ""},
        {"Wholes.0", "-7"},
        {"Leaf.Name", "b"},
        {"Leaves.0.Name", "a"},
        {"Leaves.1.Name", "b"},
    };
    struct arena a;
    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str text = {NULL, 0};
        assert_true(shape_pick(&a, &shape, &value, str_from(cases[i].path), &text));
        assert_text(text, cases[i].text);
    }
    arena_done(&a);
}

static void other_paths_find_nothing(void **state)
{
    static const char *const paths[] = {
        "",         "Nothing",       "text",        "Absent",    "Text.0", "Text.Name",   "Texts",
        "Texts.2",  "Texts.x",       "Texts.-1",    "Texts.0.0", "Leaf",   "NoLeaf.Name", "Leaves",
        "Leaves.0", "Leaves.2.Name", "Leaves.Name", ".Text",     "Text.",
    };
    struct arena a;
    struct str text;
    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (shape_pick(&a, &shape, &value, str_from(paths[i]), &text))
            fail_msg("%s finds %.*s", paths[i], STR_ARG(text));
    arena_done(&a);
}

static void a_path_may_lead_to_an_absent_value(void **state)
{
    struct str part;
    const struct shape *at;
    (void)state;
    assert_true(shape_has_path(&shape, STR("Absent"), &part, &at));
    assert_true(shape_has_path(&shape, STR("Texts.99"), &part, &at));
    assert_true(shape_has_path(&shape, STR("NoLeaf.Name"), &part, &at));
    assert_true(shape_has_path(&shape, STR("Leaves.7.Name"), &part, &at));
}

static void a_wrong_part_is_named(void **state)
{
    struct str part;
    const struct shape *at;
    (void)state;
    assert_false(shape_has_path(&shape, STR("Txt"), &part, &at));
    assert_text(part, "Txt");
    assert_ptr_equal(at, &shape);
    assert_false(shape_has_path(&shape, STR("Leaves.0.Nme"), &part, &at));
    assert_text(part, "Nme");
    assert_ptr_equal(at, &leaf_shape);
    assert_false(shape_has_path(&shape, STR("Texts.x"), &part, &at));
    assert_text(part, "x");
    assert_null(at);
    assert_false(shape_has_path(&shape, STR("Texts"), &part, &at)); /* it ends too early */
    assert_null(at);
}

SUITE(shape_pick)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_is_found),
        cmocka_unit_test(other_paths_find_nothing),
        cmocka_unit_test(a_path_may_lead_to_an_absent_value),
        cmocka_unit_test(a_wrong_part_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
