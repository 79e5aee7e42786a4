/* Proves what a call gets whose credential or account the world file holds to more than a signature: token,
 * second factor, addresses, policy. */
#include "support/test_world.h"

#define WHOLE "{\"InstanceId\":\"" TEST_INSTANCE "\"}"

/* What a backup gets in a world whose only credential and account have these members besides the ordinary. */
static const char *backup_with(struct test_world *t, const char *credential, const char *account)
{
    struct settings s = test_world_settings();
    const char *text =
        arena_printf(&t->arena,
                     "{'version':1,'accounts':[{'uin':'" TEST_UIN "','credentials':[{'secret_id':'" TEST_ID
                     "','secret_key':'" TEST_KEY "'%s}],'regions':[{'region':'" TEST_REGION
                     "','instances':[{'instance_id':'" TEST_INSTANCE "','databases':[{'name':'a'}]}]}]%s}]}",
                     credential, account)
            .p;
    s.world_path = test_world_write(t, "world.json", test_world_json(t, text));
    test_world_reopen(t, &s);
    return test_world_backup(t, WHOLE);
}

static void an_ordinary_credential_has_no_further_limits(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(backup_with(t, "", ""), "");
    assert_null(t->world.accounts.first->access);
    assert_null(t->world.accounts.first->account->rules);
    assert_string_equal(backup_with(t, ",'enabled':true,'kind':'api','mfa_required':false", ""), "");
    assert_null(t->world.accounts.first->access);
}

static void a_disabled_key_is_as_good_as_none(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(backup_with(t, ",'enabled':false", ""), "AuthFailure.SecretIdNotFound");
    assert_string_equal(t->call.failed_step, "credential");
}

static void a_key_that_needs_mfa_fails_it(void **state)
{
    assert_string_equal(backup_with(*state, ",'mfa_required':true", ""), "AuthFailure.MFAFailure");
}

static const char *backup_by_token(struct test_world *t, const char *token)
{
    struct test_world_request r = test_world_post("CreateBackup", WHOLE);
    r.token = token;
    const char *code = test_world_run(t, &r);
    r = test_world_form("CreateBackup", "InstanceId=" TEST_INSTANCE "&");
    r.token = token;
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_string_equal(test_world_run_v1(t, &r), code); /* both versions alike */
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    return code;
}

static void a_temporary_key_wants_its_token(void **state)
{
    struct test_world *t = *state;
    const char *wrong = "AuthFailure.TokenFailure";
    assert_string_equal(backup_with(t, ",'token':'secret'", ""), wrong);
    assert_string_equal(backup_by_token(t, "secret"), "");
    assert_string_equal(backup_by_token(t, "secre"), wrong);
    assert_string_equal(backup_by_token(t, "secrets"), wrong);
    assert_string_equal(backup_by_token(t, ""), wrong);
}

static void a_token_ends_at_its_millisecond(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(backup_with(t, ",'token':'s','expires':'2026-01-01T00:01:00+08:00'", ""),
                        "AuthFailure.TokenFailure"); /* without it */
    struct test_world_request r = test_world_post("CreateBackup", WHOLE);
    r.token = "s";
    clock_freeze(&t->world.clock, TEST_NOW + 59999);
    assert_string_equal(test_world_run(t, &r), "");
    clock_freeze(&t->world.clock, TEST_NOW + 60000);
    assert_string_equal(test_world_run(t, &r), "AuthFailure.TokenFailure");
}

static void a_permanent_key_takes_no_token(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(backup_by_token(t, "any"), "AuthFailure.TokenFailure");
}

static void a_policy_denies_by_name_or_beginning(void **state)
{
    static const struct {
        const char *policy, *code;
    } cases[] = {
        {"'deny_actions':['CreateBackup']", "UnauthorizedOperation"},
        {"'deny_actions':['Describe*','Create*']", "UnauthorizedOperation"},
        {"'deny_actions':['*']", "UnauthorizedOperation"},
        {"'deny_actions':['CreateBackupMigration','CreateDB','Describe*']", ""},
        {"'deny_regions':['ap-*']", "UnauthorizedOperation"},
        {"'deny_regions':['ap-shanghai']", ""},
    };
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(backup_with(t, arena_printf(&t->arena, ",'policy':{%s}", cases[i].policy).p, ""),
                            cases[i].code);
}

/* Every call of a test world comes from 127.0.0.1. */
static void lists_of_addresses_reject(void **state)
{
    static const struct {
        const char *account, *code;
    } cases[] = {
        {",'ip_deny':['127.0.0.0/8']", "IpInBlacklist"},
        {",'ip_deny':['10.0.0.0/8','127.0.0.1']", "IpInBlacklist"},
        {",'ip_deny':['10.0.0.0/8']", ""},
        {",'ip_deny':[]", ""},
        {",'ip_allow':['127.0.0.1']", ""},
        {",'ip_allow':['10.0.0.0/8']", "IpNotInWhitelist"},
        {",'ip_allow':[]", "IpNotInWhitelist"},
        {",'ip_allow':['127.0.0.1'],'ip_deny':['127.0.0.1']", "IpInBlacklist"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(backup_with(*state, "", cases[i].account), cases[i].code);
}

SUITE(authorize)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_ordinary_credential_has_no_further_limits, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_disabled_key_is_as_good_as_none, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_key_that_needs_mfa_fails_it, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_temporary_key_wants_its_token, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_token_ends_at_its_millisecond, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_permanent_key_takes_no_token, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_policy_denies_by_name_or_beginning, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(lists_of_addresses_reject, test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
