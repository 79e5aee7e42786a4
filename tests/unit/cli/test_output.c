/* Proves the indentation of JSON, which keeps every value's bytes, and the columns of tables. */
#include "support/texts.h"

#include <stdlib.h>

#include "cli/output.h"

enum { CAP = 4096 };

static struct arena arena;

static struct str pretty(const char *json)
{
    struct buf b;
    buf_init(&b, &arena, 64, CAP);
    output_put_pretty(&b, str_from(json));
    return buf_str(&b);
}

static void json_is_indented(void **state)
{
    (void)state;
    assert_text(pretty("{\"a\":[1,{\"b\":null}],\"c\":\"x\"}"),
                "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": \"x\"\n}\n");
    assert_text(pretty(" {\n\"a\" : 1 , \"b\":2}\n"), "{\n  \"a\": 1,\n  \"b\": 2\n}\n");
}

static void what_is_empty_stays_together(void **state)
{
    (void)state;
    assert_text(pretty("{ }"), "{}\n");
    assert_text(pretty("[[],{}]"), "[\n  [],\n  {}\n]\n");
    assert_text(pretty("7"), "7\n");
}

static void values_keep_their_bytes(void **state)
{
    (void)state;
    assert_text(pretty("[1.50e+10,12345678901234567890]"), "[\n  1.50e+10,\n  12345678901234567890\n]\n");
    assert_text(pretty("[\"{\\\"a\\\":[1,2]}\\\\\"]"), "[\n  \"{\\\"a\\\":[1,2]}\\\\\"\n]\n");
    assert_text(pretty("\"\""), "\"\"\n");
}

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
    struct output_table t;
    struct buf b;
    (void)state;
    output_table_init(&t, &arena, 3);
    for (int i = 0; i < 40; i++) {
        output_table_add(&t, i == 1 ? STR("long name") : STR("a"));
        output_table_add(&t, i == 2 ? STR("\345\220\253\344\271\211") : STR("b"));
        output_table_add(&t, i < 3 ? STR("c") : STR(""));
    }
    buf_init(&b, &arena, 64, CAP);
    output_put_table(&b, &t);
    struct str rest = buf_str(&b), line;
    static const char *const lines[] = {"a          b     c", "long name  b     c",
                                        "a          \345\220\253\344\271\211  c", "a          b"};
    for (size_t i = 0; i < 4; i++) {
        assert_true(str_next(&rest, '\n', &line));
        assert_text(line, lines[i]);
    }
}

SUITE(output)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_indented),
        cmocka_unit_test(what_is_empty_stays_together),
        cmocka_unit_test(values_keep_their_bytes),
        cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
    };
    setenv("NO_COLOR", "1", 1); /* whatever terminal the test runs on */
    arena_init(&arena);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
