/* Proves that an account made at run time has what it was given, keeps its key in the store, and leaves
 * others alone. */
#include "support/test_world.h"

#include <stdio.h>

#include "core/test_account.h"
#include "wire/json.h"

/* `world` with ' for "; NULL: none. */
static int make(struct test_world *t, const char *world, struct test_account *g, struct str *problem)
{
    struct node *tree = NULL;
    if (world)
        assert_int_equal(json_parse(&t->arena, str_from(test_world_json(t, world)), &tree, NULL), 0);
    return test_account_create(&t->world, &t->arena, tree, g, problem);
}

static void it_has_a_copy_of_the_first_account(void **state)
{
    struct test_world *t = *state;
    struct test_account g;
    struct str problem;
    assert_int_equal(make(t, NULL, &g, &problem), 0);
    assert_int_equal(g.uin.n, 12);
    assert_int_equal(g.secret_id.n, 36);
    assert_int_equal(g.secret_key.n, 32);
    assert_text(g.region, TEST_REGION);
    assert_text(g.resource_id, TEST_INSTANCE);
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM instance GROUP BY account ORDER BY account LIMIT 1"),
        test_world_count(t, "SELECT count(*) AS n FROM instance GROUP BY account ORDER BY account DESC"
                            " LIMIT 1"));
    const struct credential *cred = accounts_find_credential(&t->world.accounts, g.secret_id);
    assert_non_null(cred);
    assert_true(cred->test_account && str_eq(cred->secret_key, g.secret_key) &&
                str_eq(cred->account->uin, g.uin));
}

static void two_have_nothing_in_common(void **state)
{
    struct test_world *t = *state;
    struct test_account one, two;
    struct str problem;
    assert_int_equal(make(t, NULL, &one, &problem), 0);
    assert_int_equal(make(t, NULL, &two, &problem), 0);
    assert_false(str_eq(one.uin, two.uin) || str_eq(one.secret_id, two.secret_id) ||
                 str_eq(one.secret_key, two.secret_key));
}

static void a_wrong_world_makes_nothing(void **state)
{
    static const char *const bad[] = {"{'uin':'1'}",       "{'credentials':[]}",
                                      "{'what':1}",        "{'regions':1}",
                                      "{'ip_deny':['x']}", "{'regions':[{'region':'r','instances':[{}]}]}"};
    struct test_world *t = *state;
    struct test_account g;
    struct str problem;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(make(t, bad[i], &g, &problem), -1);
        if (!problem.p)
            fail_msg("%s was refused without a reason", bad[i]);
    }
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM account"), 1);
    assert_int_equal(t->world.accounts.credentials.n, 1);
}

static void a_restart_brings_it_back(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    struct test_account g;
    struct str problem;
    s.db_path = t->path;
    assert_int_equal(make(t, "{'ip_deny':['10.0.0.0/8'],'limits':{'uin':3}}", &g, &problem), 0);
    assert_int_equal(world_commit(&t->world), 0);
    test_world_reopen(t, &s);
    const struct credential *cred = accounts_find_credential(&t->world.accounts, g.secret_id);
    assert_non_null(cred);
    assert_true(cred->test_account && cred->account->rules && cred->account->rules->limits.uin == 3);
}

static void what_cannot_be_kept_was_never_made(void **state)
{
    struct test_world *t = *state;
    struct test_account g;
    struct str problem;
    assert_int_equal(world_commit(&t->world), 0);
    assert_int_equal(make(t, NULL, &g, &problem), 0);
    assert_int_equal(rename(t->path, arena_printf(&t->arena, "%s.away", t->path).p), 0);
    assert_int_equal(world_commit(&t->world), -1);
    assert_null(accounts_find_credential(&t->world.accounts, g.secret_id));
    assert_non_null(accounts_find_credential(&t->world.accounts, STR(TEST_ID)));
}

/* A document of the store that makes no sense any more costs its own account alone. */
static void one_that_is_not_understood_is_left_out(void **state)
{
    struct test_world *t = *state;
    struct test_account g;
    struct str problem;
    assert_int_equal(make(t, NULL, &g, &problem), 0);
    assert_int_equal(savepoint_begin(t->world.db), 0);
    {
        SCOPED_STMT(s, t->world.db, "INSERT INTO guest (account, document) VALUES ('" TEST_UIN "', '{}')");
        assert_int_equal(stmt_run(s), 0);
    }
    assert_int_equal(savepoint_release(t->world.db), 0);
    assert_int_equal(test_account_load(&t->world), 0);
    assert_non_null(accounts_find_credential(&t->world.accounts, g.secret_id));
    assert_int_equal(test_account_check(&t->world, &t->arena, &problem), -1);
    assert_non_null(problem.p);
}

SUITE(test_account)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_has_a_copy_of_the_first_account, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(two_have_nothing_in_common, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_world_makes_nothing, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_restart_brings_it_back, test_world_setup_file, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_kept_was_never_made, test_world_setup_file,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(one_that_is_not_understood_is_left_out, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
