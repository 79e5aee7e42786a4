/* Proves that a value within a program's quotes is read back as that value, by the rules of each language. */
#include "support/arena_fixture.h"

#include "core/quote.h"

static const char evil[] = "a\"'`$(x)\\${y}%{z}\n";

static void quoted(enum quote_rules rules, char quote, const char *expected)
{
    struct buf b;
    buf_init(&b, &arena, 0, 1000);
    quote_put(&b, rules, quote, str_from(evil));
    assert_text(buf_str(&b), expected);
}

static void each_language_has_its_rules(void **state)
{
    (void)state;
    quoted(QUOTE_SHELL, '"', "a\\\"'\\`\\$(x)\\\\\\${y}%{z}?");
    quoted(QUOTE_SHELL, '\'', "a\"'\\''`$(x)\\${y}%{z}\n");
    quoted(QUOTE_SHELL, '\0', "'a\"'\\''`$(x)\\${y}%{z}\n'");
    quoted(QUOTE_PLAIN, '"', "a\\\"'`$(x)\\\\${y}%{z}?");
    quoted(QUOTE_PLAIN, '\'', "a\"\\'`$(x)\\\\${y}%{z}?");
    quoted(QUOTE_PHP, '"', "a\\\"'`\\$(x)\\\\\\${y}%{z}?");
    quoted(QUOTE_PHP, '\'', "a\"\\'`$(x)\\\\${y}%{z}?");
    quoted(QUOTE_HCL, '"', "a\\\"'`$(x)\\\\$${y}%%{z}?");
}

static void usual_values_stay_as_they_are(void **state)
{
    static const char quotes[] = {'"', '\'', '\0'};
    const struct str usual = STR("http://127.0.0.1:8328/AKID_x-1");
    (void)state;
    for (int rules = QUOTE_SHELL; rules <= QUOTE_HCL; rules++)
        for (size_t i = 0; i < sizeof quotes; i++) {
            struct buf b;
            buf_init(&b, &arena, 0, 1000);
            quote_put(&b, (enum quote_rules)rules, quotes[i], usual);
            assert_text(buf_str(&b), usual.p);
        }
}

static void an_empty_word_is_one(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 0, 1000);
    quote_put_word(&b, STR(""));
    assert_text(buf_str(&b), "''");
}

static void a_comment_stays_one_line(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 0, 1000);
    quote_put_comment(&b, STR("/home/\xe6\x95\xb0 x?>\r\n\\u000a\xe2\x80\xa8"));
    assert_text(buf_str(&b), "/home/\xe6\x95\xb0 x?????u000a???");
}

SUITE(template_quote)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_language_has_its_rules),
        cmocka_unit_test(usual_values_stay_as_they_are),
        cmocka_unit_test(an_empty_word_is_one),
        cmocka_unit_test(a_comment_stays_one_line),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
