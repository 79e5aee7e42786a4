/* Proves that JSON is written as other serialisers write it, and that the style of a text is recognised. */
#include "support/texts.h"

#include "diagnosis/json_variants.h"
#include "wire/json.h"

static struct arena arena;

#define SENT                                                                                                 \
    "{\"b\":[1,2.5,true,null],\"a\":{\"\xe4\xb8\xad/\":\"<\\n\\u0001\xf0\x9f\x98\x80\"},\"e\":[],\"o\":{}}"

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct str written(const char *text, struct json_style style)
{
    struct node *tree;
    assert_int_equal(json_parse(&arena, str_from(text), &tree, NULL), 0);
    return json_write(&arena, tree, &style);
}

static void the_same_style_gives_the_same_text(void **state)
{
    static const char *const texts[] = {SENT, "{}", "[]", "-12", "\"x\"", "[9007199254740991,0.1]"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(json_style_of(str_from(texts[i])).space, SPACE_NONE);
    for (size_t i = 0; i < 5; i++)
        assert_text(written(texts[i], (struct json_style){0}), texts[i]);
}

static void spaces_are_those_of_python_and_of_pretty_printers(void **state)
{
    (void)state;
    assert_text(written("{\"a\":[1,2],\"e\":[]}", (struct json_style){.space = SPACE_INLINE}),
                "{\"a\": [1, 2], \"e\": []}");
    assert_text(written("{\"a\":[1,2],\"e\":{}}", (struct json_style){.space = SPACE_TWO}),
                "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"e\": {}\n}");
    assert_text(written("[1]", (struct json_style){.space = SPACE_TAB}), "[\n\t1\n]");
}

static void members_are_sorted_at_every_level(void **state)
{
    (void)state;
    assert_text(written("{\"b\":{\"d\":1,\"c\":2},\"a\":[2,1]}", (struct json_style){.sorted = true}),
                "{\"a\":[2,1],\"b\":{\"c\":2,\"d\":1}}");
}

static void escapes_are_those_of_each_language(void **state)
{
    static const char text[] = "[\"\xe4\xb8\xad/<&\xf0\x9f\x98\x80\xe2\x80\xa8\"]";
    (void)state;
    assert_text(written(text, (struct json_style){.escape = ESCAPE_NONE}), text);
    assert_text(written(text, (struct json_style){.escape = ESCAPE_ASCII}),
                "[\"\\u4e2d/<&\\ud83d\\ude00\\u2028\"]");
    assert_text(written(text, (struct json_style){.escape = ESCAPE_SLASH}),
                "[\"\\u4e2d\\/<&\\ud83d\\ude00\\u2028\"]");
    assert_text(written(text, (struct json_style){.escape = ESCAPE_HTML}),
                "[\"\xe4\xb8\xad/\\u003c\\u0026\xf0\x9f\x98\x80\\u2028\"]");
}

static void the_style_of_a_text_is_recognised(void **state)
{
    static const struct {
        const char *text;
        enum json_space space;
        enum json_escape escape;
    } cases[] = {
        {"{\"a\":1}", SPACE_NONE, ESCAPE_NONE},
        {"{\"a\": \"\\u4e2d\"}", SPACE_INLINE, ESCAPE_ASCII},
        {"{\n  \"a\": \"\\/\"\n}", SPACE_TWO, ESCAPE_SLASH},
        {"{\n    \"a\": \"\\u003c\"\n}", SPACE_FOUR, ESCAPE_HTML},
        {"", SPACE_NONE, ESCAPE_NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct json_style style = json_style_of(str_from(cases[i].text));
        assert_int_equal(style.space, cases[i].space);
        assert_int_equal(style.escape, cases[i].escape);
        assert_false(style.sorted);
    }
}

SUITE(json_variants)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_style_gives_the_same_text),
        cmocka_unit_test(spaces_are_those_of_python_and_of_pretty_printers),
        cmocka_unit_test(members_are_sorted_at_every_level),
        cmocka_unit_test(escapes_are_those_of_each_language),
        cmocka_unit_test(the_style_of_a_text_is_recognised),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
