/* Proves where an option's value comes from, which of several wins, and what is said about one that is wrong.
 */
#include "support/texts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/options.h"

enum { WORDS_MAX = 8 };

struct target {
    struct str name, list;
    bool on;
};

static struct arena arena;
static struct target target;

static int set_name(void *to, struct arena *a, struct str value, struct str *ret_problem)
{
    (void)a;
    if (str_eq(value, STR("bad"))) {
        *ret_problem = STR("must not be bad");
        return -1;
    }
    ((struct target *)to)->name = value;
    return 0;
}

static int add_to_list(void *to, struct arena *a, struct str value, struct str *ret_problem)
{
    struct target *t = to;
    (void)ret_problem;
    t->list = arena_printf(a, "%.*s[%.*s]", STR_ARG(t->list), STR_ARG(value));
    return 0;
}

static int set_on(void *to, struct arena *a, struct str value, struct str *ret_problem)
{
    (void)a, (void)value, (void)ret_problem;
    ((struct target *)to)->on = true;
    return 0;
}

static const struct option_row rows[] = {
    {"--some-name", "NAME", "a name", false, set_name},
    {"--some", "WORD", "a list", true, add_to_list},
    {"--on", NULL, "a switch", false, set_on},
};
static const struct option_table table = {
    .usage = "x [options]", .about = "About.", .rows = rows, .n = sizeof rows / sizeof *rows};

static void clear_variables(void)
{
    unsetenv("VIRGA_SOME_NAME");
    unsetenv("VIRGA_SOME");
    unsetenv("VIRGA_ON");
    unsetenv("VIRGA_NO_SUCH");
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    target = (struct target){.name = STR_INIT("default")};
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

/* The words with spaces between them; "" when they were taken, "help" when it was asked for, else why not. */
static const char *given(const char *words)
{
    char *argv[WORDS_MAX + 1] = {NULL};
    size_t n = 0;
    struct str rest = str_from(*words ? words : NULL), word, problem;
    while (str_next(&rest, ' ', &word)) {
        assert_true(n < WORDS_MAX);
        argv[n++] = (char *)(uintptr_t)arena_cstr(&arena, word);
    }
    int rc = options_read(&table, &target, &arena, argv, &problem);
    return rc == 0 ? "" : rc == 1 ? "help" : arena_cstr(&arena, problem);
}

static void without_anything_defaults_stay(void **state)
{
    (void)state;
    assert_string_equal(given(""), "");
    assert_text(target.name, "default");
    assert_false(target.on);
}

static void a_value_stands_behind_a_space_or_an_equals_sign(void **state)
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
    setenv("VIRGA_SOME_NAME", "bad", 1); /* which is then not even looked at */
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
    static const char *const words[] = {"--nope", "nope", "-x", "--some-name-", "--so", "--"};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_string_equal(given(words[i]),
                            arena_printf(&arena, "%s is not an option; --help lists them", words[i]).p);
    assert_string_equal(given("--on word"), "word is not an option; --help lists them");
}

static void a_missing_or_unwanted_value_is_named(void **state)
{
    (void)state;
    assert_string_equal(given("--some-name"), "--some-name needs a value: NAME");
    assert_string_equal(given("--on --some"), "--some needs a value: WORD");
    assert_string_equal(given("--on=1"), "--on takes no value");
}

static void a_wrong_value_is_told_with_where_it_came_from(void **state)
{
    (void)state;
    assert_string_equal(given("--some-name bad"), "--some-name bad: must not be bad");
    setenv("VIRGA_SOME_NAME", "bad", 1);
    assert_string_equal(given(""), "--some-name bad: must not be bad (from the variable VIRGA_SOME_NAME)");
}

static void help_goes_before_everything(void **state)
{
    (void)state;
    assert_string_equal(given("--help"), "help");
    assert_string_equal(given("--nope -h"), "help");
}

/* What is said on standard error while the variables are looked at. */
static struct str warnings(const struct option_table *t)
{
    static char text[4096];
    FILE *caught = tmpfile();
    int real_stderr = dup(STDERR_FILENO);
    assert_true(dup2(fileno(caught), STDERR_FILENO) >= 0);
    log_setup(LOG_TEXT, LOG_WARN);
    options_warn_unknown_variables((const struct option_table *const[]){t}, 1);
    log_flush();
    (void)dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    ssize_t n = pread(fileno(caught), text, sizeof text, 0);
    fclose(caught);
    assert_true(n >= 0);
    return (struct str){text, (size_t)n};
}

static void variables_that_nobody_knows_are_said(void **state)
{
    (void)state;
    setenv("VIRGA_SOME_NAME", "x", 1);
    setenv("VIRGA_ON", "0", 1);
    assert_text(warnings(&table), "");
    setenv("VIRGA_NO_SUCH", "secret", 1);
    assert_text(warnings(&table), "virga: warning: the variable VIRGA_NO_SUCH is not known and not used\n");
}

/* --- a table with texts, words and another command's options --- */

struct rich {
    struct str text, sent, words, passed;
};

static struct rich rich;

static int add_word(void *to, struct arena *a, struct str value, struct str *ret_problem)
{
    struct rich *r = to;
    if (str_eq(value, STR("bad"))) {
        *ret_problem = STR("must not be bad");
        return -1;
    }
    r->words = arena_printf(a, "%.*s[%.*s]", STR_ARG(r->words), STR_ARG(value));
    return 0;
}

static void add_passed(void *to, struct arena *a, struct str option)
{
    struct rich *r = to;
    r->passed = arena_printf(a, "%.*s[%.*s]", STR_ARG(r->passed), STR_ARG(option));
}

static const struct option_text texts[] = {
    {"--text", "TEXT", "a text", offsetof(struct rich, text), OPTION_LOCAL},
    {"--scope", "WHAT", "part of a question", offsetof(struct rich, sent), OPTION_SENT_TEXT},
};
static const struct option_table rich_table = {
    .usage = "y",
    .about = "",
    .texts = texts,
    .n_texts = 2,
    .word = add_word,
    .passes = &table,
    .pass = add_passed,
};

static const char *rich_given(const char *first, const char *second, const char *third)
{
    char *argv[] = {(char *)(uintptr_t)first, (char *)(uintptr_t)second, (char *)(uintptr_t)third, NULL};
    struct str problem;
    rich = (struct rich){.text = {NULL, 0}};
    int rc = options_read(&rich_table, &rich, &arena, argv, &problem);
    return rc == 0 ? "" : rc == 1 ? "help" : arena_cstr(&arena, problem);
}

static void a_text_is_kept_as_it_is(void **state)
{
    (void)state;
    assert_string_equal(rich_given("--text", "--other", NULL), "");
    assert_text(rich.text, "--other");
    assert_string_equal(rich_given(NULL, NULL, NULL), "");
    assert_null(rich.text.p);
    setenv("VIRGA_TEXT", "variable", 1);
    assert_string_equal(rich_given(NULL, NULL, NULL), "");
    assert_text(rich.text, "variable");
    assert_string_equal(rich_given("--text=", NULL, NULL), "");
    assert_text(rich.text, "");
    assert_non_null(rich.text.p);
    unsetenv("VIRGA_TEXT");
}

static void what_is_sent_is_no_variable(void **state)
{
    struct option text = options_get(&rich_table, 0), scope = options_get(&rich_table, 1);
    (void)state;
    assert_true(options_has_variable(&text));
    assert_false(options_has_variable(&scope));
    setenv("VIRGA_SCOPE", "half", 1);
    assert_string_equal(rich_given(NULL, NULL, NULL), "");
    assert_null(rich.sent.p);
    assert_text(warnings(&rich_table),
                "virga: warning: the variable VIRGA_SCOPE is not known and not used\n");
    unsetenv("VIRGA_SCOPE");
    assert_string_equal(rich_given("--scope=all", NULL, NULL), "");
    assert_text(rich.sent, "all");
}

static void the_first_text_that_was_given_is_named(void **state)
{
    (void)state;
    assert_string_equal(rich_given("x", NULL, NULL), "");
    assert_null(options_given(&rich_table, &rich, NULL));
    assert_string_equal(rich_given("--scope=", "--text=a", NULL), "");
    assert_string_equal(options_given(&rich_table, &rich, NULL), "--text");
    assert_string_equal(options_given(&rich_table, &rich, "--text"), "--scope");
    assert_string_equal(rich_given("--text=a", NULL, NULL), "");
    assert_null(options_given(&rich_table, &rich, "--text"));
}

static void words_stand_anywhere_and_alone_behind_two_hyphens(void **state)
{
    (void)state;
    assert_string_equal(rich_given("a", "--text=b", "-"), "");
    assert_text(rich.words, "[a][-]");
    assert_string_equal(rich_given("--", "--text", "--help"), "");
    assert_text(rich.words, "[--text][--help]");
    assert_null(rich.text.p);
    assert_string_equal(rich_given("--help", "--", "x"), "help");
    assert_string_equal(rich_given("bad", NULL, NULL), "bad: must not be bad");
    assert_string_equal(rich_given("-x", NULL, NULL), "-x is not an option; --help lists them");
}

static void options_of_another_command_are_handed_on(void **state)
{
    (void)state;
    assert_string_equal(rich_given("--some-name", "x y", "--on"), "");
    assert_text(rich.passed, "[--some-name=x y][--on]");
    assert_string_equal(rich_given("--some", NULL, NULL), "--some needs a value: WORD");
    assert_string_equal(rich_given("--on=1", NULL, NULL), "--on takes no value");
}

SUITE(options)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_anything_defaults_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(a_value_stands_behind_a_space_or_an_equals_sign, setup, teardown),
        cmocka_unit_test_setup_teardown(a_variable_wins_over_the_default, setup, teardown),
        cmocka_unit_test_setup_teardown(the_command_line_wins_over_a_variable, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_variable_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(a_repeatable_option_takes_all, setup, teardown),
        cmocka_unit_test_setup_teardown(of_another_the_last_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(a_switch_in_a_variable_is_on_for_some_words, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_option_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_or_unwanted_value_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_value_is_told_with_where_it_came_from, setup, teardown),
        cmocka_unit_test_setup_teardown(help_goes_before_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(variables_that_nobody_knows_are_said, setup, teardown),
        cmocka_unit_test_setup_teardown(a_text_is_kept_as_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_sent_is_no_variable, setup, teardown),
        cmocka_unit_test_setup_teardown(the_first_text_that_was_given_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(words_stand_anywhere_and_alone_behind_two_hyphens, setup, teardown),
        cmocka_unit_test_setup_teardown(options_of_another_command_are_handed_on, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
