/* Proves that JSON is read as RFC 8259 says, to the byte of the first error, and within the limits. */
#include "support/arena_fixture.h"

#include "base/buf.h"
#include "base/limits.h"
#include "wire/json.h"

static struct node *parse(struct str text)
{
    struct node *tree = NULL;
    size_t offset = 0;
    if (json_parse(&arena, text, &tree, &offset) != 0)
        fail_msg("rejected at %zu: %.60s", offset, text.p);
    return tree;
}

static void a_request_becomes_a_tree_in_its_order(void **state)
{
    struct node *tree =
        parse(STR(" {\"InstanceId\" : \"mssql-1\",\r\n\t\"Strategy\":1,\"DBNames\":[\"a\",\"\"]} "));
    (void)state;
    assert_int_equal(tree->kind, NODE_OBJECT);
    assert_int_equal(tree->count, 3);
    assert_text(tree->first->name, "InstanceId");
    assert_int_equal(tree->first->kind, NODE_STRING);
    assert_text(tree->first->text, "mssql-1");
    assert_int_equal(tree->first->next->kind, NODE_NUMBER);
    assert_true(tree->first->next->number == 1.0);
    const struct node *list = tree->last;
    assert_int_equal(list->kind, NODE_ARRAY);
    assert_int_equal(list->count, 2);
    assert_null(list->first->name.p);
    assert_text(list->first->text, "a");
    assert_non_null(list->last->text.p);
    assert_text(list->last->text, "");
}

static void every_kind_may_be_the_whole_text(void **state)
{
    (void)state;
    assert_int_equal(parse(STR("null"))->kind, NODE_NULL);
    assert_int_equal(parse(STR("true"))->kind, NODE_BOOL);
    assert_true(parse(STR("true"))->boolean);
    assert_int_equal(parse(STR("false"))->kind, NODE_BOOL);
    assert_false(parse(STR("false"))->boolean);
    assert_int_equal(parse(STR("\"\""))->kind, NODE_STRING);
    assert_int_equal(parse(STR("[]"))->count, 0);
    assert_int_equal(parse(STR("{}"))->kind, NODE_OBJECT);
}

static void a_repeated_key_stays_twice(void **state)
{
    const struct node *tree = parse(STR("{\"A\":1,\"A\":2}"));
    (void)state;
    assert_int_equal(tree->count, 2);
    assert_text(tree->first->name, "A");
    assert_text(tree->last->name, "A");
}

static void escapes_become_utf8(void **state)
{
    (void)state;
    assert_text(parse(STR("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""))->text, "\"\\/\b\f\n\r\t");
    assert_text(parse(STR("\"\\u0001\\u007f\\u00e9\\u6570\\uD83D\\ude00\""))->text,
                "\x01\x7f\xc3\xa9\xe6\x95\xb0\xf0\x9f\x98\x80");
    assert_text(parse(STR("\"\xe6\x95\xb0\xf0\x9f\x98\x80\""))->text, "\xe6\x95\xb0\xf0\x9f\x98\x80");
    assert_text(parse(STR("{\"\\u0041\":1}"))->first->name, "A");
}

static const struct {
    const char *text;
    double value;
} numbers[] = {
    {"0", 0},
    {"-0", 0},
    {"-1", -1},
    {"10.25", 10.25},
    {"1e3", 1000},
    {"1E+2", 100},
    {"25e-1", 2.5},
    {"0e0", 0},
    {"0.0000001", 1e-7},
    {"9007199254740993", 9007199254740992.0},
    {"18446744073709551615", 18446744073709551616.0},
    {"1.7976931348623157e308", 1.7976931348623157e308},
    {"1e-400", 0},
    {"-1e-999999999999999999999", 0},
};

static void numbers_are_read_as_doubles(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const struct node *n = parse(str_from(numbers[i].text));
        assert_int_equal(n->kind, NODE_NUMBER);
        if (n->number != numbers[i].value)
            fail_msg("%s gave %.17g, not %.17g", numbers[i].text, n->number, numbers[i].value);
    }
}

static const struct {
    struct str text;
    size_t offset;
} rejected[] = {
    {STR_INIT(""), 0},
    {STR_INIT("  "), 2},
    /* White space that is none in JSON, and the byte order mark. */
    {STR_INIT("\v1"), 0},
    {STR_INIT("\f1"), 0},
    {STR_INIT("1\x01"), 1},
    {STR_INIT("\xef\xbb\xbf{}"), 0},
    {STR_INIT("{}\0"), 2},
    {STR_INIT("\0{}"), 0},
    /* Literals. */
    {STR_INIT("nul"), 3},
    {STR_INIT("nulx"), 3},
    {STR_INIT("True"), 0},
    {STR_INIT("truefalse"), 4},
    {STR_INIT("NaN"), 0},
    {STR_INIT("Infinity"), 0},
    {STR_INIT("-Infinity"), 1},
    /* Numbers. */
    {STR_INIT("01"), 1},
    {STR_INIT("-01"), 2},
    {STR_INIT("+1"), 0},
    {STR_INIT("-"), 1},
    {STR_INIT("--1"), 1},
    {STR_INIT(".5"), 0},
    {STR_INIT("1."), 2},
    {STR_INIT("1.e1"), 2},
    {STR_INIT("1e"), 2},
    {STR_INIT("1e+"), 3},
    {STR_INIT("1e+-1"), 3},
    {STR_INIT("1e1.5"), 3},
    {STR_INIT("0x10"), 1},
    {STR_INIT("1 2"), 2},
    {STR_INIT("[1e999]"), 1},
    {STR_INIT("[1,-2e308]"), 3},
    /* Strings. */
    {STR_INIT("\""), 1},
    {STR_INIT("\"abc"), 4},
    {STR_INIT("\"a\nb\""), 2},
    {STR_INIT("\"a\x1f\""), 2},
    {STR_INIT("\"a\0b\""), 2},
    {STR_INIT("'a'"), 0},
    {STR_INIT("\"\\x41\""), 2},
    {STR_INIT("\"\\"), 2},
    {STR_INIT("\"\\\0\""), 2},
    {STR_INIT("\"\\u12"), 5},
    {STR_INIT("\"\\u12g4\""), 5},
    {STR_INIT("\"\\u0000\""), 3},
    /* Halves of surrogate pairs. */
    {STR_INIT("\"\\udc00\""), 3},
    {STR_INIT("\"\\ud800\""), 7},
    {STR_INIT("\"\\ud800\\n\""), 8},
    {STR_INIT("\"\\ud800\\u0041\""), 9},
    {STR_INIT("\"\\ud800\\ud800\""), 9},
    {STR_INIT("\"\\ud800\\udc0\""), 12},
    /* UTF-8: alone, cut, overlong, a surrogate; the earlier fault is reported. */
    {STR_INIT("\"ab\x80\""), 3},
    {STR_INIT("\"ab\xe6\x95\""), 3},
    {STR_INIT("\"\xc0\xaf\""), 1},
    {STR_INIT("\"\xed\xa0\x80\""), 1},
    {STR_INIT("[1 2,\"\xff\"]"), 3},
    {STR_INIT("\xc2\xa0{}"), 0},
    /* Structure. */
    {STR_INIT("{"), 1},
    {STR_INIT("["), 1},
    {STR_INIT("]"), 0},
    {STR_INIT("[}"), 1},
    {STR_INIT("{]"), 1},
    {STR_INIT("[1,]"), 3},
    {STR_INIT("[,1]"), 1},
    {STR_INIT("[1}"), 2},
    {STR_INIT("{\"a\":1]"), 6},
    {STR_INIT("{\"a\":1,}"), 7},
    {STR_INIT("{\"a\"}"), 4},
    {STR_INIT("{\"a\" 1}"), 5},
    {STR_INIT("{\"a\":}"), 5},
    {STR_INIT("{a:1}"), 1},
    {STR_INIT("{1:1}"), 1},
    {STR_INIT("{\"a\":1 \"b\":2}"), 7},
    {STR_INIT("{\"a\"::1}"), 5},
    {STR_INIT("[]]"), 2},
    {STR_INIT("{}{}"), 2},
    {STR_INIT("[[[]"), 4},
    {STR_INIT("[1]//"), 3},
    {STR_INIT("/**/1"), 0},
};

static void anything_else_is_rejected_at_its_first_bad_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rejected / sizeof *rejected; i++) {
        struct node *tree = NULL;
        size_t offset = 999;
        if (json_parse(&arena, rejected[i].text, &tree, &offset) != -1)
            fail_msg("accepted: %s", rejected[i].text.p);
        if (offset != rejected[i].offset)
            fail_msg("%s: rejected at %zu, not at %zu", rejected[i].text.p, offset, rejected[i].offset);
        assert_null(tree);
    }
}

static void no_text_at_all_is_rejected_and_the_offset_is_optional(void **state)
{
    struct node *tree;
    size_t offset = 9;
    (void)state;
    assert_int_equal(json_parse(&arena, (struct str){NULL, 0}, &tree, &offset), -1);
    assert_int_equal(offset, 0);
    assert_int_equal(json_parse(&arena, STR("["), &tree, NULL), -1);
}

/* The byte after the view may be anything. */
static void no_byte_after_the_view_is_read(void **state)
{
    (void)state;
    assert_true(parse((struct str){"123", 2})->number == 12);
    assert_text(parse((struct str){"\"a\"\"", 3})->text, "a");
    assert_int_equal(parse((struct str){"[]]", 2})->count, 0);
}

/* `depth` alternating arrays and objects around a null. */
static struct str nested(size_t depth)
{
    struct buf b;
    buf_init(&b, &arena, 0, 16 * depth + 16);
    for (size_t i = 0; i < depth; i++)
        buf_put(&b, i % 2 ? STR("{\"a\":") : STR("["));
    buf_put(&b, STR("null"));
    for (size_t i = depth; i-- > 0;)
        buf_putc(&b, i % 2 ? '}' : ']');
    return buf_str(&b);
}

static void depth_is_limited(void **state)
{
    struct node *tree;
    size_t offset = 0;
    (void)state;
    const struct node *n = parse(nested(LIMIT_JSON_DEPTH));
    for (size_t i = 0; i < LIMIT_JSON_DEPTH; i++, n = n->first)
        assert_int_equal(n->kind, i % 2 ? NODE_OBJECT : NODE_ARRAY);
    assert_int_equal(n->kind, NODE_NULL);
    assert_int_equal(json_parse(&arena, nested(LIMIT_JSON_DEPTH + 1), &tree, &offset), -1);
    assert_int_equal(offset, LIMIT_JSON_DEPTH / 2 * 6);
    assert_int_equal(json_parse(&arena, nested(1000), &tree, NULL), -1);
}

/* An array with `n` elements: n + 1 values. */
static struct str long_array(size_t n)
{
    struct buf b;
    buf_init(&b, &arena, 2 * n + 2, 2 * n + 2);
    buf_putc(&b, '[');
    for (size_t i = 0; i < n; i++)
        buf_put(&b, i ? STR(",1") : STR("1"));
    buf_putc(&b, ']');
    return buf_str(&b);
}

static void the_number_of_values_is_limited(void **state)
{
    struct node *tree;
    (void)state;
    assert_int_equal(parse(long_array(LIMIT_NODES - 1))->count, LIMIT_NODES - 1);
    assert_int_equal(json_parse(&arena, long_array(LIMIT_NODES), &tree, NULL), -1);
}

static void the_length_of_a_number_is_limited(void **state)
{
    char digits[LIMIT_JSON_NUMBER + 1];
    struct node *tree;
    size_t offset = 9;
    (void)state;
    memset(digits, '9', sizeof digits);
    assert_true(parse((struct str){digits, LIMIT_JSON_NUMBER})->number > 9.9e62);
    assert_int_equal(json_parse(&arena, (struct str){digits, sizeof digits}, &tree, &offset), -1);
    assert_int_equal(offset, 0);
}

SUITE(json)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_becomes_a_tree_in_its_order),
        cmocka_unit_test(every_kind_may_be_the_whole_text),
        cmocka_unit_test(a_repeated_key_stays_twice),
        cmocka_unit_test(escapes_become_utf8),
        cmocka_unit_test(numbers_are_read_as_doubles),
        cmocka_unit_test(anything_else_is_rejected_at_its_first_bad_byte),
        cmocka_unit_test(no_text_at_all_is_rejected_and_the_offset_is_optional),
        cmocka_unit_test(no_byte_after_the_view_is_read),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(the_number_of_values_is_limited),
        cmocka_unit_test(the_length_of_a_number_is_limited),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
