/* Proves that each kind of rule accepts exactly its values, that absent values pass, and that the first rule
 * in the schema's order is the one reported. */
#include "support/suite.h"

#include <stdio.h>

#include "wire/rules.h"

struct part {
    struct str name;
};
struct part_list {
    struct part *v;
    size_t n;
    bool set;
};
struct thing {
    struct str text;
    struct opt_i64 i;
    struct opt_u64 u;
    struct str_list texts;
    struct part *part;
    struct part_list parts;
};

static const struct shape_rule name_rules[] = {{.kind = RULE_LENGTH, .min = 2, .max = 3}};
static const struct shape_field part_fields[] = {
    {.name = STR_INIT("Name"),
     .type = SHAPE_STRING,
     .offset = offsetof(struct part, name),
     .rules = name_rules,
     .n_rules = 1},
};
static const struct shape part_shape = {"part", sizeof(struct part), part_fields, 1};

static const char *failed_path(const struct shape *shape, const struct thing *t,
                               const struct shape_rule **ret_rule)
{
    static char path[64];
    struct arena a;
    arena_init(&a);
    struct rule_failure failure = {0};
    int rc = rules_check(&a, shape, t, &failure);
    if (rc)
        (void)snprintf(path, sizeof(path), "%.*s", STR_ARG(failure.path));
    arena_done(&a);
    if (ret_rule)
        *ret_rule = failure.rule;
    return rc ? path : NULL;
}

#define FIELD(wire, kind, member)                                                                            \
    .name = STR_INIT(wire), .type = kind, .offset = offsetof(struct thing, member)

/* One rule on the text field. */
static bool text_passes(struct shape_rule rule, const char *text)
{
    struct shape_field field = {FIELD("Text", SHAPE_STRING, text), .rules = &rule, .n_rules = 1};
    struct shape shape = {"thing", sizeof(struct thing), &field, 1};
    struct thing t = {.text = str_from(text)};
    return failed_path(&shape, &t, NULL) == NULL;
}

static bool count_passes(struct shape_rule rule, struct str_list list)
{
    struct shape_field field = {FIELD("Texts", SHAPE_STRING, texts), .list = true, .rules = &rule,
                                .n_rules = 1};
    struct shape shape = {"thing", sizeof(struct thing), &field, 1};
    struct thing t = {.texts = list};
    return failed_path(&shape, &t, NULL) == NULL;
}

static bool int_passes(struct shape_rule rule, struct opt_i64 v)
{
    struct shape_field field = {FIELD("I", SHAPE_INT64, i), .rules = &rule, .n_rules = 1};
    struct shape shape = {"thing", sizeof(struct thing), &field, 1};
    struct thing t = {.i = v};
    return failed_path(&shape, &t, NULL) == NULL;
}

static void test_present(void **state)
{
    (void)state;
    struct shape_rule given = {.kind = RULE_PRESENT}, filled = {.kind = RULE_PRESENT, .min = 1};
    assert_false(text_passes(given, NULL));
    assert_true(text_passes(given, ""));
    assert_false(text_passes(filled, ""));
    assert_true(text_passes(filled, "x"));
    struct str one[] = {STR("x")};
    assert_false(count_passes(given, (struct str_list){0}));
    assert_true(count_passes(given, (struct str_list){one, 0, true}));
    assert_false(count_passes(filled, (struct str_list){one, 0, true}));
    assert_true(count_passes(filled, (struct str_list){one, 1, true}));
    assert_false(int_passes(given, (struct opt_i64){0}));
    assert_true(int_passes(filled, I64(0)));
}

static void test_int_range(void **state)
{
    (void)state;
    struct shape_rule r = {.kind = RULE_INT_RANGE, .min = -1, .max = 2};
    assert_true(int_passes(r, (struct opt_i64){0}));
    assert_true(int_passes(r, I64(-1)));
    assert_true(int_passes(r, I64(2)));
    assert_false(int_passes(r, I64(-2)));
    assert_false(int_passes(r, I64(3)));
}

static void test_int_range_unsigned(void **state)
{
    (void)state;
    struct shape_rule r = {.kind = RULE_INT_RANGE, .min = 1, .max = 2};
    struct shape_field field = {FIELD("U", SHAPE_UINT64, u), .rules = &r, .n_rules = 1};
    struct shape shape = {"thing", sizeof(struct thing), &field, 1};
    assert_null(failed_path(&shape, &(struct thing){.u = U64(2)}, NULL));
    assert_string_equal(failed_path(&shape, &(struct thing){.u = U64(0)}, NULL), "U");
    assert_string_equal(failed_path(&shape, &(struct thing){.u = U64(3)}, NULL), "U");
}

static void test_one_of(void **state)
{
    (void)state;
    struct shape_rule r = {.kind = RULE_ONE_OF, .text = "pkg|single"};
    assert_true(text_passes(r, NULL));
    assert_true(text_passes(r, "pkg"));
    assert_true(text_passes(r, "single"));
    assert_false(text_passes(r, ""));
    assert_false(text_passes(r, "pkg|single"));
    assert_false(text_passes(r, "Pkg"));
}

static void test_one_of_numbers(void **state)
{
    (void)state;
    struct shape_rule r = {.kind = RULE_ONE_OF, .text = "-1|7|30"};
    struct shape_field field = {FIELD("U", SHAPE_UINT64, u), .rules = &r, .n_rules = 1};
    struct shape shape = {"thing", sizeof(struct thing), &field, 1};
    assert_true(int_passes(r, (struct opt_i64){0}));
    assert_true(int_passes(r, I64(-1)));
    assert_true(int_passes(r, I64(30)));
    assert_false(int_passes(r, I64(3)));
    assert_false(int_passes(r, I64(8)));
    assert_null(failed_path(&shape, &(struct thing){.u = U64(7)}, NULL));
    assert_string_equal(failed_path(&shape, &(struct thing){.u = U64(730)}, NULL), "U");
}

static void test_length_counts_characters(void **state)
{
    (void)state;
    struct shape_rule r = {.kind = RULE_LENGTH, .min = 1, .max = 3};
    assert_true(text_passes(r, NULL));
    assert_false(text_passes(r, ""));
    assert_true(text_passes(r, "abc"));
    assert_false(text_passes(r, "abcd"));
    assert_true(text_passes(r, "\xe5\xa4\x87\xe4\xbb\xbd\xf0\x9f\x92\xbe"));
}

static void test_chars(void **state)
{
    (void)state;
    struct shape_rule word = {.kind = RULE_CHARS, .text = "A-Za-z0-9_"},
                      id = {.kind = RULE_CHARS, .text = "a-z-"};
    assert_true(text_passes(word, "aZ09_"));
    assert_true(text_passes(word, ""));
    assert_false(text_passes(word, "a-b"));
    assert_false(text_passes(word, "a b"));
    assert_false(text_passes(word, "\xe5\xa4\x87"));
    assert_true(text_passes(id, "a-b"));
    assert_false(text_passes(id, "a_b"));
}

static void test_count(void **state)
{
    (void)state;
    struct shape_rule r = {.kind = RULE_COUNT, .min = 1, .max = 2};
    struct str three[] = {STR("a"), STR("b"), STR("c")};
    assert_true(count_passes(r, (struct str_list){0}));
    assert_false(count_passes(r, (struct str_list){three, 0, true}));
    assert_true(count_passes(r, (struct str_list){three, 2, true}));
    assert_false(count_passes(r, (struct str_list){three, 3, true}));
}

static void test_time_and_date(void **state)
{
    (void)state;
    struct shape_rule time = {.kind = RULE_TIME}, date = {.kind = RULE_DATE};
    assert_true(text_passes(time, "2026-02-28 23:59:59"));
    assert_false(text_passes(time, "2026-02-30 00:00:00"));
    assert_false(text_passes(time, "2026-02-28"));
    assert_true(text_passes(date, "2024-02-29"));
    assert_false(text_passes(date, "2026-02-29"));
    assert_false(text_passes(date, "2026-2-28"));
    assert_false(text_passes(date, "2026-02-28 00:00:00"));
}

static void test_rules_of_a_list_go_to_its_elements(void **state)
{
    (void)state;
    struct shape_rule r = {.kind = RULE_LENGTH, .min = 1, .max = 1};
    struct shape_field field = {FIELD("Texts", SHAPE_STRING, texts), .list = true, .rules = &r, .n_rules = 1};
    struct shape shape = {"thing", sizeof(struct thing), &field, 1};
    struct str texts[] = {STR("a"), STR("bb")};
    struct thing t = {.texts = {texts, 2, true}};
    assert_string_equal(failed_path(&shape, &t, NULL), "Texts.1");
    t.texts.n = 1;
    assert_null(failed_path(&shape, &t, NULL));
}

static void test_nested_objects(void **state)
{
    (void)state;
    static const struct shape_field fields[] = {
        {FIELD("Part", SHAPE_OBJECT, part), .object = &part_shape},
        {FIELD("Parts", SHAPE_OBJECT, parts), .object = &part_shape, .list = true},
    };
    static const struct shape shape = {"thing", sizeof(struct thing), fields, 2};
    struct part good = {STR("ab")}, pair[] = {{STR("abc")}, {STR("a")}};
    struct thing t = {.part = &good};
    assert_null(failed_path(&shape, &t, NULL));
    t.parts = (struct part_list){pair, 2, true};
    assert_string_equal(failed_path(&shape, &t, NULL), "Parts.1.Name");
    t.part = &pair[1];
    assert_string_equal(failed_path(&shape, &t, NULL), "Part.Name");
}

static void test_first_rule_in_schema_order_wins(void **state)
{
    (void)state;
    static const struct shape_rule text_rules[] = {{.kind = RULE_LENGTH, .min = 1, .max = 3},
                                                   {.kind = RULE_CHARS, .text = "a-z"}};
    static const struct shape_rule int_rules[] = {{.kind = RULE_INT_RANGE, .min = 0, .max = 1}};
    static const struct shape_field fields[] = {
        {FIELD("Text", SHAPE_STRING, text), .rules = text_rules, .n_rules = 2},
        {FIELD("I", SHAPE_INT64, i), .rules = int_rules, .n_rules = 1},
    };
    static const struct shape shape = {"thing", sizeof(struct thing), fields, 2};
    const struct shape_rule *rule;
    assert_string_equal(failed_path(&shape, &(struct thing){.text = STR("ABCD"), .i = I64(2)}, &rule),
                        "Text");
    assert_ptr_equal(rule, &text_rules[0]);
    assert_string_equal(failed_path(&shape, &(struct thing){.text = STR("ABC"), .i = I64(2)}, &rule), "Text");
    assert_ptr_equal(rule, &text_rules[1]);
    assert_string_equal(failed_path(&shape, &(struct thing){.text = STR("abc"), .i = I64(2)}, &rule), "I");
    assert_ptr_equal(rule, &int_rules[0]);
}

static void test_rules_as_sentences(void **state)
{
    static const struct {
        struct shape_rule rule;
        const char *words;
    } cases[] = {
        {{.kind = RULE_PRESENT}, "must be given"},
        {{.kind = RULE_PRESENT, .min = 1}, "must be given and not be empty"},
        {{.kind = RULE_INT_RANGE, .min = -1, .max = 3}, "must be from -1 to 3"},
        {{.kind = RULE_INT_RANGE, .min = 1, .max = 1}, "must be 1"},
        {{.kind = RULE_ONE_OF, .text = "pkg"}, "must be one of pkg"},
        {{.kind = RULE_ONE_OF, .text = "pkg|single|none"}, "must be one of pkg, single, none"},
        {{.kind = RULE_LENGTH, .min = 0, .max = 60}, "must have 0 to 60 characters"},
        {{.kind = RULE_CHARS, .text = "a-z0-9-"}, "must have no characters but a-z0-9-"},
        {{.kind = RULE_COUNT, .min = 1, .max = 10}, "must have 1 to 10 elements"},
        {{.kind = RULE_TIME}, "must be a time such as 2026-01-01 00:00:00"},
        {{.kind = RULE_DATE}, "must be a date such as 2026-01-01"},
    };
    struct arena a;
    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(arena_cstr(&a, rule_sentence(&a, &cases[i].rule, LANG_EN)), cases[i].words);
    arena_done(&a);
}

static void test_rules_in_chinese(void **state)
{
    static const struct {
        struct shape_rule rule;
        const char *words;
    } cases[] = {
        {{.kind = RULE_PRESENT, .min = 1},
         "\345\277\205\351\241\273\345\241\253\345\206\231\357\274\214\344\270\224\344\270\215\350\203\275"
         "\344\270\272\347\251\272"},
        {{.kind = RULE_INT_RANGE, .min = 1, .max = 1}, "\345\217\252\350\203\275\346\230\257 1"},
        {{.kind = RULE_ONE_OF, .text = "pkg|none"},
         "\345\217\252\350\203\275\346\230\257\344\273\245\344\270\213\344\271\213\344\270\200\357\274\232 "
         "pkg, none"},
        {{.kind = RULE_LENGTH, .min = 0, .max = 60},
         "\351\225\277\345\272\246\345\277\205\351\241\273\344\270\272 0 \345\210\260 60 "
         "\344\270\252\345\255\227\347\254\246"},
        {{.kind = RULE_CHARS, .text = "a-z"}, "\345\217\252\350\203\275\345\214\205\345\220\253 a-z"},
        {{.kind = RULE_COUNT, .min = 1, .max = 10},
         "\345\277\205\351\241\273\346\234\211 1 \345\210\260 10 \344\270\252\345\205\203\347\264\240"},
        {{.kind = RULE_TIME},
         "\345\277\205\351\241\273\346\230\257\345\275\242\345\246\202 2026-01-01 00:00:00 "
         "\347\232\204\346\227\266\351\227\264"},
        {{.kind = RULE_DATE},
         "\345\277\205\351\241\273\346\230\257\345\275\242\345\246\202 2026-01-01 "
         "\347\232\204\346\227\245\346\234\237"},
    };
    struct arena a;
    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(arena_cstr(&a, rule_sentence(&a, &cases[i].rule, LANG_ZH)), cases[i].words);
    arena_done(&a);
}

SUITE(rules)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_present),
        cmocka_unit_test(test_int_range),
        cmocka_unit_test(test_int_range_unsigned),
        cmocka_unit_test(test_one_of),
        cmocka_unit_test(test_one_of_numbers),
        cmocka_unit_test(test_length_counts_characters),
        cmocka_unit_test(test_chars),
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_time_and_date),
        cmocka_unit_test(test_rules_of_a_list_go_to_its_elements),
        cmocka_unit_test(test_nested_objects),
        cmocka_unit_test(test_first_rule_in_schema_order_wins),
        cmocka_unit_test(test_rules_as_sentences),
        cmocka_unit_test(test_rules_in_chinese),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
