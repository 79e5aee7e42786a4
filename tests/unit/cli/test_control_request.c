/* Proves how options become the members of an object and a query, and a word the end of a path. The requests
 * by rows are tested with the program (tests/cli). */
#include "support/arena_fixture.h"

#include "cli/control_request.h"

enum { CAP = 4096 };

struct target {
    struct str name, count, local;
};

#define AT(member) .at = offsetof(struct target, member), .type = OPTION_TEXT, .given = OPTION_NO_MEMBER

static const struct option_row rows[] = {
    {.name = "--some-name", .value = "X", AT(name), .sent = OPTION_SENT_TEXT},
    {.name = "--count", .value = "N", AT(count), .sent = OPTION_SENT_NUMBER},
    {.name = "--local", .value = "X", AT(local), .sent = OPTION_LOCAL},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static struct str written(void (*put)(struct buf *, const struct option_table *, const void *),
                          struct target target)
{
    struct buf b;
    buf_init(&b, &arena, 64, CAP);
    put(&b, &table, &target);
    return buf_str(&b);
}

static void only_what_was_given_and_is_sent_is_a_member(void **state)
{
    (void)state;
    assert_text(written(control_put_json, (struct target){.local = STR("x")}), "");
    assert_text(written(control_put_json, (struct target){STR("7"), STR("7"), STR("x")}),
                "\"some_name\":\"7\",\"count\":7");
    assert_text(written(control_put_json, (struct target){.name = STR("")}), "\"some_name\":\"\"");
}

static void a_number_keeps_its_digits(void **state)
{
    (void)state;
    assert_text(written(control_put_json, (struct target){.count = STR("-0.5")}), "\"count\":-0.5");
}

static void a_query_is_escaped(void **state)
{
    (void)state;
    assert_text(written(control_put_query, (struct target){.local = STR("x")}), "");
    assert_text(written(control_put_query, (struct target){STR("a b&c=\303\251+~"), STR("2"), STR("x")}),
                "?some_name=a%20b%26c%3D%C3%A9%2B~&count=2");
    assert_text(written(control_put_query, (struct target){.count = STR("2")}), "?count=2");
}

static void a_word_in_a_path_is_escaped(void **state)
{
    (void)state;
    assert_text(control_path(&arena, "/why", STR("last")), "/why/last");
    assert_text(control_path(&arena, "/faults", STR("../a b?")), "/faults/..%2Fa%20b%3F");
}

SUITE(control_request)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_what_was_given_and_is_sent_is_a_member, setup, teardown),
        cmocka_unit_test_setup_teardown(a_number_keeps_its_digits, setup, teardown),
        cmocka_unit_test_setup_teardown(a_query_is_escaped, setup, teardown),
        cmocka_unit_test_setup_teardown(a_word_in_a_path_is_escaped, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
