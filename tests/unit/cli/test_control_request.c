/* Proves how options become the members of an object, a query, and parameters to match. */
#include "support/texts.h"

#include "cli/control_request.h"

enum { CAP = 4096 };

struct target {
    struct str name, count, local;
};

static const struct option_text texts[] = {
    {"--some-name", "X", "", offsetof(struct target, name), OPTION_SENT_TEXT},
    {"--count", "N", "", offsetof(struct target, count), OPTION_SENT_NUMBER},
    {"--local", "X", "", offsetof(struct target, local), OPTION_LOCAL},
};
static const struct option_table table = {
    .usage = "", .about = "", .texts = texts, .n_texts = sizeof texts / sizeof *texts};

static struct arena arena;

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
    assert_text(written(control_request_put_json, (struct target){.local = STR("x")}), "");
    assert_text(written(control_request_put_json, (struct target){STR("7"), STR("7"), STR("x")}),
                "\"some_name\":\"7\",\"count\":7,");
    assert_text(written(control_request_put_json, (struct target){.name = STR("")}), "\"some_name\":\"\",");
}

static void a_number_that_is_none_goes_as_text(void **state)
{
    (void)state;
    assert_text(written(control_request_put_json, (struct target){.count = STR("7x")}), "\"count\":\"7x\",");
    assert_text(written(control_request_put_json, (struct target){.count = STR("[1]")}),
                "\"count\":\"[1]\",");
    assert_text(written(control_request_put_json, (struct target){.count = STR("-0.5")}), "\"count\":-0.5,");
}

static void a_number_alone_is_one_or_text(void **state)
{
    const struct str given[] = {STR("60"), STR("1e3"), STR("fast"), STR("")};
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 64, CAP);
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        control_request_put_number(&b, given[i]);
    assert_text(buf_str(&b), "601e3\"fast\"\"\"");
}

static void a_query_is_escaped(void **state)
{
    (void)state;
    assert_text(written(control_request_put_query, (struct target){.local = STR("x")}), "");
    assert_text(
        written(control_request_put_query, (struct target){STR("a b&c=\303\251+~"), STR("2"), STR("x")}),
        "?some_name=a%20b%26c%3D%C3%A9%2B~&count=2");
    assert_text(written(control_request_put_query, (struct target){.count = STR("2")}), "?count=2");
}

static void words_are_parameters_to_match(void **state)
{
    const struct str good[] = {STR("InstanceId=a=\"b\""), STR("DBNames.0=")}, bad[] = {STR("a=1"), STR("b")};
    struct buf b;
    struct str problem;
    (void)state;
    buf_init(&b, &arena, 64, CAP);
    assert_int_equal(control_request_put_words(&b, good, 2, &problem), 0);
    assert_text(buf_str(&b), "{\"InstanceId\":\"a=\\\"b\\\"\",\"DBNames.0\":\"\"}");
    assert_int_equal(control_request_put_words(&b, bad, 2, &problem), -1);
    assert_text(problem, "b is not of the form Name=value");
}

SUITE(control_request)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_was_given_and_is_sent_is_a_member),
        cmocka_unit_test(a_number_that_is_none_goes_as_text),
        cmocka_unit_test(a_number_alone_is_one_or_text),
        cmocka_unit_test(a_query_is_escaped),
        cmocka_unit_test(words_are_parameters_to_match),
    };
    arena_init(&arena);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
