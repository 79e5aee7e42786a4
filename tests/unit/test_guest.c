/* Proves that an account made at run time has what it was given, keeps its key in the store, and leaves
 * others alone. */
#include "trial_call.h"

#include <stdio.h>

#include "core/guest.h"
#include "wire/json.h"

/* `world` with ' for "; NULL: none. */
static int make(struct trial *t, const char *world, struct guest *g, struct str *why)
{
    struct node *tree = NULL;
    if (world)
        assert_int_equal(json_parse(&t->arena, str_from(trial_json(t, world)), &tree, NULL), 0);
    return guest_make(&t->world, &t->arena, tree, g, why);
}

static void it_has_a_copy_of_the_first_account(void **state)
{
    struct trial *t = *state;
    struct guest g;
    struct str why;
    assert_int_equal(make(t, NULL, &g, &why), 0);
    assert_int_equal(g.uin.n, 12);
    assert_int_equal(g.secret_id.n, 36);
    assert_int_equal(g.secret_key.n, 32);
    assert_text(g.region, TRIAL_REGION);
    assert_text(g.instance_id, TRIAL_INSTANCE);
    assert_int_equal(
        trial_count(t, "SELECT count(*) AS n FROM instance GROUP BY account ORDER BY account LIMIT 1"),
        trial_count(t, "SELECT count(*) AS n FROM instance GROUP BY account ORDER BY account DESC"
                       " LIMIT 1"));
    const struct credential *cred = identity_find(&t->world.identity, g.secret_id);
    assert_non_null(cred);
    assert_true(cred->guest && str_eq(cred->secret_key, g.secret_key) && str_eq(cred->account->uin, g.uin));
}

static void two_have_nothing_in_common(void **state)
{
    struct trial *t = *state;
    struct guest one, two;
    struct str why;
    assert_int_equal(make(t, NULL, &one, &why), 0);
    assert_int_equal(make(t, NULL, &two, &why), 0);
    assert_false(str_eq(one.uin, two.uin) || str_eq(one.secret_id, two.secret_id) ||
                 str_eq(one.secret_key, two.secret_key));
}

static void a_wrong_world_makes_nothing(void **state)
{
    static const char *const bad[] = {"{'uin':'1'}",       "{'credentials':[]}",
                                      "{'what':1}",        "{'regions':1}",
                                      "{'ip_deny':['x']}", "{'regions':[{'region':'r','instances':[{}]}]}"};
    struct trial *t = *state;
    struct guest g;
    struct str why;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(make(t, bad[i], &g, &why), -1);
        if (!why.p)
            fail_msg("%s was refused without a reason", bad[i]);
    }
    assert_int_equal(trial_count(t, "SELECT count(*) AS n FROM account"), 1);
    assert_int_equal(t->world.identity.credentials.n, 1);
}

static void a_restart_brings_it_back(void **state)
{
    struct trial *t = *state;
    struct settings s = trial_settings();
    struct guest g;
    struct str why;
    s.db_path = t->path;
    assert_int_equal(make(t, "{'ip_deny':['10.0.0.0/8'],'limits':{'uin':3}}", &g, &why), 0);
    assert_int_equal(world_commit(&t->world), 0);
    trial_reopen(t, &s);
    const struct credential *cred = identity_find(&t->world.identity, g.secret_id);
    assert_non_null(cred);
    assert_true(cred->guest && cred->account->rules && cred->account->rules->limits.uin == 3);
}

static void what_cannot_be_kept_was_never_made(void **state)
{
    struct trial *t = *state;
    struct guest g;
    struct str why;
    assert_int_equal(world_commit(&t->world), 0);
    assert_int_equal(make(t, NULL, &g, &why), 0);
    assert_int_equal(rename(t->path, arena_printf(&t->arena, "%s.away", t->path).p), 0);
    assert_int_equal(world_commit(&t->world), -1);
    assert_null(identity_find(&t->world.identity, g.secret_id));
    assert_non_null(identity_find(&t->world.identity, STR(TRIAL_ID)));
}

/* A document of the store that makes no sense any more costs its own account alone. */
static void one_that_is_not_understood_is_left_out(void **state)
{
    struct trial *t = *state;
    struct guest g;
    struct str why;
    assert_int_equal(make(t, NULL, &g, &why), 0);
    assert_int_equal(db_savepoint(t->world.db), 0);
    {
        DB_STMT(s, t->world.db, "INSERT INTO guest (account, document) VALUES ('" TRIAL_UIN "', '{}')");
        assert_int_equal(stmt_run(s), 0);
    }
    assert_int_equal(db_keep(t->world.db), 0);
    assert_int_equal(guest_load(&t->world), 0);
    assert_non_null(identity_find(&t->world.identity, g.secret_id));
    assert_int_equal(guest_check(&t->world, &t->arena, &why), -1);
    assert_non_null(why.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_has_a_copy_of_the_first_account, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(two_have_nothing_in_common, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_world_makes_nothing, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(a_restart_brings_it_back, trial_setup_file, trial_teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_kept_was_never_made, trial_setup_file, trial_teardown),
        cmocka_unit_test_setup_teardown(one_that_is_not_understood_is_left_out, trial_setup, trial_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
