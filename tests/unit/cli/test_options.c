/* Proves where an option's value comes from, which of several wins, how each type is stored, and which values
 * are rejected. */
#include "support/texts.h"

#include <stdlib.h>

#include "cli/options.h"

enum { WORDS_MAX = 8 };

struct target {
    struct str name, list, text, sent;
    const char *path;
    bool on, number_given;
    uint8_t choice;
    uint16_t number;
    uint64_t large;
    int64_t ms, time;
};

static struct arena arena;
static struct target target;
static struct str_list words_read, options_passed;

static int add_to_list(void *to, struct arena *a, struct str value, struct str *ret_problem)
{
    struct target *t = to;
    if (str_eq(value, STR("bad"))) {
        *ret_problem = STR("must not be bad");
        return -1;
    }
    t->list = arena_printf(a, "%.*s[%.*s]", STR_ARG(t->list), STR_ARG(value));
    return 0;
}

#define AT(member) .at = offsetof(struct target, member), .size = sizeof(((struct target *)0)->member)
#define LOCAL .sent = OPTION_LOCAL, .given = OPTION_NO_MEMBER

static const struct option_row rows[] = {
    {.name = "--some-name", .value = "NAME", .type = OPTION_TEXT, LOCAL, AT(name), .fallback = "default"},
    {.name = "--some", .value = "WORD", .type = OPTION_PARSED, LOCAL, .repeats = true, .parse = add_to_list},
    {.name = "--on", .type = OPTION_SWITCH, LOCAL, AT(on)},
    {.name = "--path", .value = "PATH", .type = OPTION_PATH, LOCAL, AT(path), .min = 1},
    {.name = "--number",
     .value = "N",
     .type = OPTION_NUMBER,
     AT(number),
     .min = 2,
     .max = 65535,
     .given = offsetof(struct target, number_given)},
    {.name = "--large",
     .value = "N",
     .type = OPTION_NUMBER,
     LOCAL,
     AT(large),
     .max = UINT64_MAX,
     .fallback = "7"},
    {.name = "--seconds", .value = "S", .type = OPTION_SECONDS, LOCAL, AT(ms), .min = 1, .max = 10},
    {.name = "--filled", .value = "TEXT", .type = OPTION_TEXT, LOCAL, AT(text), .min = 1},
    {.name = "--time", .value = "TIME", .type = OPTION_TIME, LOCAL, AT(time)},
    {.name = "--choice",
     .value = "a|b|c",
     .type = OPTION_CHOICE,
     LOCAL,
     AT(choice),
     .choices = "a|b|c",
     .fallback = "b"},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static void clear_variables(void)
{
    unsetenv("VIRGA_SOME_NAME");
    unsetenv("VIRGA_SOME");
    unsetenv("VIRGA_ON");
    unsetenv("VIRGA_NUMBER");
    unsetenv("VIRGA_TEXT");
    unsetenv("VIRGA_SCOPE");
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    target = (struct target){.on = false};
    words_read = options_passed = (struct str_list){0};
    clear_variables();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    clear_variables();
    arena_done(&arena);
    return 0;
}

/* Reads words that are separated by spaces; "" when they are valid, "help" when they ask for it, else the
 * problem. */
static const char *read_by(struct option_reader r, const char *line)
{
    char *argv[WORDS_MAX + 1] = {NULL};
    size_t n = 0;
    struct str rest = str_from(*line ? line : NULL), word;
    while (str_next(&rest, ' ', &word)) {
        assert_true(n < WORDS_MAX);
        argv[n++] = (char *)(uintptr_t)arena_cstr(&arena, word);
    }
    int rc = options_read(&r, argv);
    return rc == 0 ? "" : rc == 1 ? "help" : arena_cstr(&arena, r.problem);
}

static const char *given(const char *line)
{
    return read_by((struct option_reader){.table = &table, .target = &target, .arena = &arena}, line);
}

static void without_anything_defaults_stay(void **state)
{
    (void)state;
    assert_string_equal(given(""), "");
    assert_text(target.name, "default");
    assert_false(target.on || target.number_given);
    assert_true(target.large == 7);
    assert_int_equal(target.choice, 1);
    assert_null(target.path);
}

static void a_value_is_stored_by_its_type(void **state)
{
    (void)state;
    assert_string_equal(given("--number 65535 --large 18446744073709551615 --seconds 10 --choice c"), "");
    assert_int_equal(target.number, 65535);
    assert_true(target.number_given && target.large == UINT64_MAX);
    assert_int_equal(target.ms, 10000);
    assert_int_equal(target.choice, 2);
    assert_string_equal(given("--path p --time 2026-01-01T00:00:00+08:00 --number 2"), "");
    assert_string_equal(target.path, "p");
    assert_true(target.time == INT64_C(1767196800000));
    assert_int_equal(target.number, 2);
}

static void a_value_of_another_type_is_rejected(void **state)
{
    static const char *const cases[][2] = {
        {"--number=1", "--number 1: expects a number from 2 to 65535"},
        {"--number=65536", "--number 65536: expects a number from 2 to 65535"},
        {"--number=-1", "--number -1: expects a number from 2 to 65535"},
        {"--number=", "--number : expects a number from 2 to 65535"},
        {"--large=18446744073709551616",
         "--large 18446744073709551616: expects a number from 0 to 18446744073709551615"},
        {"--seconds=11", "--seconds 11: expects a number from 1 to 10"},
        {"--time=soon", "--time soon: expects a time such as 2026-01-01T00:00:00+08:00"},
        {"--choice=d", "--choice d: expects a, b or c"},
        {"--path=", "--path : expects a path"},
        {"--filled=", "--filled : expects a text that is not empty"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(given(cases[i][0]), cases[i][1]);
    assert_false(target.number_given);
}

static void alternatives_are_a_list(void **state)
{
    (void)state;
    assert_text(options_alternatives(&arena, "a", '|'), "a");
    assert_text(options_alternatives(&arena, "a b", ' '), "a or b");
    assert_text(options_alternatives(&arena, "a|b|c", '|'), "a, b or c");
}

static void a_value_follows_a_space_or_an_equals_sign(void **state)
{
    (void)state;
    assert_string_equal(given("--some-name one --on --some=two"), "");
    assert_text(target.name, "one");
    assert_text(target.list, "[two]");
    assert_true(target.on);
    assert_string_equal(given("--some-name=a=b"), "");
    assert_text(target.name, "a=b");
    assert_string_equal(given("--some-name="), "");
    assert_text(target.name, "");
}

static void a_variable_wins_over_the_default(void **state)
{
    (void)state;
    setenv("VIRGA_SOME_NAME", "variable", 1);
    assert_string_equal(given(""), "");
    assert_text(target.name, "variable");
}

static void the_command_line_wins_over_a_variable(void **state)
{
    (void)state;
    setenv("VIRGA_SOME", "bad", 1); /* which is then not even looked at */
    setenv("VIRGA_SOME", "x,y", 1);
    assert_string_equal(given("--some-name line --some z"), "");
    assert_text(target.name, "line");
    assert_text(target.list, "[z]");
    assert_string_equal(given("--some-name=again"), "");
    assert_text(target.name, "again");
    assert_text(target.list, "[z][x][y]");
}

static void an_empty_variable_is_none(void **state)
{
    (void)state;
    setenv("VIRGA_SOME_NAME", "", 1);
    setenv("VIRGA_ON", "", 1);
    assert_string_equal(given(""), "");
    assert_text(target.name, "default");
    assert_false(target.on);
}

static void a_repeatable_option_takes_all(void **state)
{
    (void)state;
    assert_string_equal(given("--some a --some b --some=c"), "");
    assert_text(target.list, "[a][b][c]");
}

static void of_another_the_last_counts(void **state)
{
    (void)state;
    assert_string_equal(given("--some-name a --some-name b"), "");
    assert_text(target.name, "b");
}

static void a_switch_in_a_variable_is_on_for_some_words(void **state)
{
    static const char *const on[] = {"1", "true", "TRUE", "yes"}, *const off[] = {"0", "false", "no"};
    (void)state;
    for (size_t i = 0; i < sizeof on / sizeof *on; i++) {
        target.on = false;
        setenv("VIRGA_ON", on[i], 1);
        assert_string_equal(given(""), "");
        assert_true(target.on);
    }
    for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
        target.on = false;
        setenv("VIRGA_ON", off[i], 1);
        assert_string_equal(given(""), "");
        assert_false(target.on);
    }
}

static void what_is_no_option_is_named(void **state)
{
    static const char *const words[] = {"--unlike-all", "nope", "-x", "--"};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_string_equal(given(words[i]),
                            arena_printf(&arena, "%s is not an option; --help lists them", words[i]).p);
    assert_string_equal(given("--some-nmae"), "--some-nmae is not an option; did you mean --some-name?");
    assert_string_equal(given("--on word"), "word is not an option; --help lists them");
}

static void a_missing_or_unwanted_value_is_named(void **state)
{
    (void)state;
    assert_string_equal(given("--some-name"), "--some-name needs a value: NAME");
    assert_string_equal(given("--on --some"), "--some needs a value: WORD");
    assert_string_equal(given("--on=1"), "--on takes no value");
}

static void a_wrong_value_is_reported_with_its_variable(void **state)
{
    (void)state;
    assert_string_equal(given("--some bad"), "--some bad: must not be bad");
    setenv("VIRGA_SOME", "bad", 1);
    assert_string_equal(given(""), "--some bad: must not be bad (from the variable VIRGA_SOME)");
}

static void help_goes_before_everything(void **state)
{
    (void)state;
    assert_string_equal(given("--help"), "help");
    assert_string_equal(given("--nope -h"), "help");
}

static void only_variables_of_options_are_known(void **state)
{
    (void)state;
    assert_true(options_know(&table, STR("VIRGA_SOME_NAME")) && options_know(&table, STR("VIRGA_ON")));
    assert_false(options_know(&table, STR("VIRGA_NO_SUCH")) || options_know(&table, STR("VIRGA_SOM")));
}

/* --- a table with words and another subcommand's options --- */

static const struct option_row rich_rows[] = {
    {.name = "--text", .value = "TEXT", .type = OPTION_TEXT, LOCAL, AT(text), .own = true},
    {.name = "--scope",
     .value = "WHAT",
     .type = OPTION_TEXT,
     AT(sent),
     .sent = OPTION_SENT_TEXT,
     .given = OPTION_NO_MEMBER,
     .own = true},
    {.name = "--on", .type = OPTION_SWITCH, LOCAL, AT(on)},
};
static const struct option_table rich_table = {rich_rows, sizeof rich_rows / sizeof *rich_rows};

static const char *rich_given(const char *line)
{
    target = (struct target){.on = false};
    words_read = options_passed = (struct str_list){0};
    return read_by((struct option_reader){.table = &rich_table,
                                          .passes = &table,
                                          .takes_words = true,
                                          .target = &target,
                                          .arena = &arena,
                                          .words = &words_read,
                                          .passed = &options_passed},
                   line);
}

static struct str joined(const struct str_list *list)
{
    struct str text = STR("");
    for (size_t i = 0; i < list->n; i++)
        text = arena_printf(&arena, "%.*s[%.*s]", STR_ARG(text), STR_ARG(list->v[i]));
    return text;
}

static void a_text_is_kept_as_it_is(void **state)
{
    (void)state;
    assert_string_equal(rich_given("--text --other"), "");
    assert_text(target.text, "--other");
    assert_string_equal(rich_given(""), "");
    assert_null(target.text.p);
    setenv("VIRGA_TEXT", "variable", 1);
    assert_string_equal(rich_given(""), "");
    assert_text(target.text, "variable");
    assert_string_equal(rich_given("--text="), "");
    assert_text(target.text, "");
    assert_non_null(target.text.p);
}

static void what_is_sent_has_no_variable(void **state)
{
    char name[OPTION_VARIABLE_MAX];
    (void)state;
    assert_true(options_variable(&rich_rows[0], name));
    assert_string_equal(name, "VIRGA_TEXT");
    assert_false(options_variable(&rich_rows[1], name));
    assert_false(options_know(&rich_table, STR("VIRGA_SCOPE")));
    setenv("VIRGA_SCOPE", "half", 1);
    assert_string_equal(rich_given(""), "");
    assert_null(target.sent.p);
    assert_string_equal(rich_given("--scope=all"), "");
    assert_text(target.sent, "all");
}

static void the_first_own_option_that_was_given_is_named(void **state)
{
    (void)state;
    assert_string_equal(rich_given("x --on"), "");
    assert_null(options_given(&rich_table, &target, NULL));
    assert_string_equal(rich_given("--scope= --text=a"), "");
    assert_string_equal(options_given(&rich_table, &target, NULL), "--text");
    assert_string_equal(options_given(&rich_table, &target, "--text"), "--scope");
    assert_string_equal(rich_given("--text=a"), "");
    assert_null(options_given(&rich_table, &target, "--text"));
}

static void words_come_anywhere_and_alone_after_two_hyphens(void **state)
{
    (void)state;
    assert_string_equal(rich_given("a --text=b -"), "");
    assert_text(joined(&words_read), "[a][-]");
    assert_string_equal(rich_given("-- --text --help --"), "");
    assert_text(joined(&words_read), "[--text][--help][--]");
    assert_null(target.text.p);
    assert_string_equal(rich_given("--help -- x"), "help");
    assert_string_equal(rich_given("-x"), "-x is not an option; --help lists them");
}

static void options_of_another_subcommand_are_handed_on(void **state)
{
    (void)state;
    assert_string_equal(rich_given("--some-name x --some=y"), "");
    assert_text(joined(&options_passed), "[--some-name=x][--some=y]");
    assert_string_equal(rich_given("--some"), "--some needs a value: WORD");
}

SUITE(options)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_anything_defaults_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(a_value_is_stored_by_its_type, setup, teardown),
        cmocka_unit_test_setup_teardown(a_value_of_another_type_is_rejected, setup, teardown),
        cmocka_unit_test_setup_teardown(alternatives_are_a_list, setup, teardown),
        cmocka_unit_test_setup_teardown(a_value_follows_a_space_or_an_equals_sign, setup, teardown),
        cmocka_unit_test_setup_teardown(a_variable_wins_over_the_default, setup, teardown),
        cmocka_unit_test_setup_teardown(the_command_line_wins_over_a_variable, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_variable_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(a_repeatable_option_takes_all, setup, teardown),
        cmocka_unit_test_setup_teardown(of_another_the_last_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(a_switch_in_a_variable_is_on_for_some_words, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_option_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_or_unwanted_value_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_value_is_reported_with_its_variable, setup, teardown),
        cmocka_unit_test_setup_teardown(help_goes_before_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(only_variables_of_options_are_known, setup, teardown),
        cmocka_unit_test_setup_teardown(a_text_is_kept_as_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_sent_has_no_variable, setup, teardown),
        cmocka_unit_test_setup_teardown(the_first_own_option_that_was_given_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(words_come_anywhere_and_alone_after_two_hyphens, setup, teardown),
        cmocka_unit_test_setup_teardown(options_of_another_subcommand_are_handed_on, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
