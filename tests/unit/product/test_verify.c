/* Proves when a call is as expected, and which words and distance a difference gets. */
#include "support/test_world.h"

#include "core/journal.h"
#include "core/verify.h"
#include "wire/json.h"

static int setup(void **state)
{
    struct settings s = test_world_settings();
    s.journal_calls = 10;
    s.journal_bytes = LIMIT_JOURNAL_BYTES;
    if (test_world_setup_folder(state) != 0)
        return -1;
    test_world_open(*state, &s);
    return 0;
}

static const struct journal_entry *record(struct test_world *t, const struct test_world_request *r, bool v1)
{
    (void)(v1 ? test_world_run_v1(t, r) : test_world_run(t, r));
    call_record(&t->call, 200);
    return journal_at(t->world.journal, t->world.journal->n - 1);
}

static const struct journal_entry *backup(struct test_world *t)
{
    struct test_world_request r = test_world_post(
        "CreateBackup", "{\"InstanceId\":\"mssql-njj2mtpl\",\"Strategy\":1,\"DBNames\":[\"db1\",\"db2\"]}");
    return record(t, &r, false);
}

static bool params_match(struct test_world *t, const struct journal_entry *e, const char *params)
{
    struct node *tree;
    assert_int_equal(json_parse(&t->arena, str_from(test_world_json(t, params)), &tree, NULL), 0);
    struct expectation x = {.params = tree};
    struct str words;
    bool match = verify_match(&t->arena, &x, e);
    assert_int_equal(match, verify_distance(&t->arena, &x, e, &words) == 0);
    return match;
}

static void nothing_expected_is_met_by_all(void **state)
{
    struct test_world *t = *state;
    struct expectation x = {.params = NULL};
    struct str words;
    assert_true(verify_match(&t->arena, &x, backup(t)));
    assert_int_equal(verify_distance(&t->arena, &x, backup(t), &words), 0);
    assert_text(words, "");
    assert_text(verify_describe(&t->arena, &x), "any action");
}

static void each_part_must_fit(void **state)
{
    struct test_world *t = *state;
    const struct journal_entry *e = backup(t);
    struct expectation right = {.action = STR("CreateBackup"), .code = STR("ok"), .secret_id = STR(TEST_ID)};
    struct expectation wrong[] = {right, right, right, right};
    wrong[0].action = STR("DescribeZones");
    wrong[1].code = STR("InternalError");
    wrong[2].secret_id = STR("AKIDother");
    wrong[3].trace = STR("t");
    assert_true(verify_match(&t->arena, &right, e));
    for (size_t i = 0; i < 4; i++) {
        struct str words;
        assert_false(verify_match(&t->arena, &wrong[i], e));
        assert_true(verify_distance(&t->arena, &wrong[i], e, &words) > 0);
        assert_true(words.n > 0);
    }
}

static void parameters_are_a_part_of_what_was_sent(void **state)
{
    struct test_world *t = *state;
    const struct journal_entry *e = backup(t);
    assert_true(params_match(t, e, "{}"));
    assert_true(params_match(t, e, "{'Strategy':1}"));
    assert_true(params_match(t, e, "{'DBNames':['db1','db2']}"));
    assert_true(params_match(t, e, "{'DBNames.1':'db2'}"));
    assert_false(params_match(t, e, "{'DBNames':['db1']}"));
    assert_false(params_match(t, e, "{'DBNames':['db2','db1']}"));
    assert_false(params_match(t, e, "{'DBNames.2':'db2'}"));
    assert_false(params_match(t, e, "{'DBNames.x':'db2'}"));
    assert_false(params_match(t, e, "{'Strategy':'1'}"));
    assert_false(params_match(t, e, "{'Strategy':{}}"));
    assert_false(params_match(t, e, "{'Nothing':1}"));
    assert_false(params_match(t, e, "{'InstanceId':'mssql-other'}"));
}

static void the_text_of_a_form_equals_a_number(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r =
        test_world_form("CreateBackup", "InstanceId=mssql-njj2mtpl&Strategy=1&DBNames.0=db1&");
    const struct journal_entry *e = record(t, &r, true);
    assert_true(params_match(t, e, "{'Strategy':1,'DBNames':['db1']}"));
    assert_true(params_match(t, e, "{'Strategy':'1'}"));
    assert_false(params_match(t, e, "{'Strategy':2}"));
}

static void differences_are_described(void **state)
{
    struct test_world *t = *state;
    const struct journal_entry *e = backup(t);
    struct node *tree;
    struct str words;
    assert_int_equal(json_parse(&t->arena, STR("{\"InstanceId\":\"b\",\"Group\":1}"), &tree, NULL), 0);
    struct expectation x = {.code = STR("InternalError"), .params = tree};
    unsigned both = verify_distance(&t->arena, &x, e, &words);
    assert_text(words,
                "the code was \"ok\", not \"InternalError\"; params.InstanceId was \"mssql-njj2mtpl\", not "
                "\"b\"; params.Group was absent, not 1");
    assert_text(verify_describe(&t->arena, &x),
                "any action with code InternalError with params {\"InstanceId\":\"b\",\"Group\":1}");
    x.action = STR("DescribeZones");
    assert_true(verify_distance(&t->arena, &x, e, &words) > both);
}

static void unreadable_parameters_are_far(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("CreateBackup", "no json");
    const struct journal_entry *e = record(t, &r, false);
    assert_false(params_match(t, e, "{}"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_world_teardown)

SUITE(verify)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_expected_is_met_by_all),
        TEST(each_part_must_fit),
        TEST(parameters_are_a_part_of_what_was_sent),
        TEST(the_text_of_a_form_equals_a_number),
        TEST(differences_are_described),
        TEST(unreadable_parameters_are_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
