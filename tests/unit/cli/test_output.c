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
        const struct str cells[] = {i == 1 ? STR("long name") : STR("a"),
                                    i == 2 ? STR("\345\220\253\344\271\211") : STR("b"),
                                    i < 3 ? STR("c") : STR("")};
        output_table_add(&t, cells);
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

/* A cell stays on its line, and its columns are counted after the masking. */
static void what_a_terminal_executes_is_masked(void **state)
{
    struct output_table t;
    struct buf b;
    (void)state;
    output_table_init(&t, &arena, 2);
    const struct str head[] = {STR("A"), STR("B")},
                     cells[] = {STR("\x1b[2J\n\xc2\x9b\xf8"), STR("\345\220\253")};
    output_table_add(&t, head);
    output_table_add(&t, cells);
    buf_init(&b, &arena, 64, CAP);
    output_put_table(&b, &t);
    assert_text(buf_str(&b), "A         B\n?[2J????  \345\220\253\n");
    assert_text(pretty("[\"\xc2\x9b\x7f\\u001b\"]"), "[\n  \"\\u009b\\u007f\\u001b\"\n]\n");
}

static void a_document_has_its_commas(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 64, CAP);
    output_json_open(&b, NULL, '{');
    output_json_text(&b, "a", STR("{"));
    output_json_text(&b, "b", (struct str){NULL, 0});
    output_json_open(&b, "c", '[');
    output_json_number(&b, NULL, -1);
    output_json_bool(&b, NULL, true);
    output_json_open(&b, NULL, '{');
    output_json_close(&b, '}');
    output_json_close(&b, ']');
    output_json_raw(&b, "d", STR("[1 ]"));
    output_json_close(&b, '}');
    assert_text(buf_str(&b), "{\"a\":\"{\",\"b\":null,\"c\":[-1,true,{}],\"d\":[1 ]}");
}

static void pieces_have_lines_of_their_own(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 64, CAP);
    output_json_open(&b, NULL, '[');
    for (int i = 0; i < 2; i++) {
        output_json_line(&b);
        output_json_number(&b, NULL, i);
    }
    output_json_close(&b, ']');
    assert_text(buf_str(&b), "[0,\n 1]");
    buf_clear(&b);
    output_put_json_lines(&b, STR("a\nb\n"));
    assert_text(buf_str(&b), "[\"a\",\"b\"]\n");
}

SUITE(output)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_indented),
        cmocka_unit_test(what_is_empty_stays_together),
        cmocka_unit_test(values_keep_their_bytes),
        cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
        cmocka_unit_test(what_a_terminal_executes_is_masked),
        cmocka_unit_test(a_document_has_its_commas),
        cmocka_unit_test(pieces_have_lines_of_their_own),
    };
    setenv("NO_COLOR", "1", 1); /* whatever terminal the test runs on */
    arena_init(&arena);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
