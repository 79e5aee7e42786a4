/* Proves what is made of a credential's and an account's settings, which of them make no sense, and which
 * patterns fit a name. */
#include "support/arena_fixture.h"

#include "core/account.h"

/* As the world file's defaults leave it. */
static struct world_credential plain(void)
{
    return (struct world_credential){.secret_id = STR("AKIDa"), .kind = STR("api"), .enabled = BOOL(true)};
}

static const struct access *parsed(const struct world_credential *from)
{
    const struct access *access;
    struct str problem;
    assert_int_equal(access_parse(&arena, from, &access, &problem), 0);
    return access;
}

static void nothing_said_is_no_access(void **state)
{
    struct world_credential cred = plain();
    (void)state;
    assert_null(parsed(&cred));
    cred.mfa_required = BOOL(false);
    assert_null(parsed(&cred));
}

static void each_setting_is_kept(void **state)
{
    struct str denied[] = {STR("Create*")};
    struct world_policy policy = {.deny_actions = {denied, 1, true}};
    struct world_credential cred = plain();
    (void)state;
    cred.enabled = BOOL(false);
    assert_false(parsed(&cred)->enabled);
    cred = plain();
    cred.kind = STR("other");
    assert_false(parsed(&cred)->api_key);
    cred = plain();
    cred.mfa_required = BOOL(true);
    assert_true(parsed(&cred)->mfa_required);
    assert_true(parsed(&cred)->enabled && parsed(&cred)->api_key);
    cred = plain();
    cred.policy = &policy;
    assert_text(parsed(&cred)->deny_actions.v[0], "Create*");
    assert_int_equal(parsed(&cred)->deny_regions.n, 0);
}

static void a_token_may_end(void **state)
{
    struct world_credential cred = plain();
    (void)state;
    cred.token = STR("token");
    assert_text(parsed(&cred)->token, "token");
    assert_true(parsed(&cred)->expires_ms == INT64_MAX);
    cred.expires = STR("2026-01-01T00:00:00+08:00");
    assert_true(parsed(&cred)->expires_ms == INT64_C(1767196800000));
}

static const char *access_rejected(const struct world_credential *from)
{
    const struct access *access;
    struct str problem;
    assert_int_equal(access_parse(&arena, from, &access, &problem), -1);
    return problem.p;
}

static void an_end_must_make_sense(void **state)
{
    struct world_credential cred = plain();
    (void)state;
    cred.expires = STR("2026-01-01T00:00:00+08:00");
    assert_string_equal(access_rejected(&cred), "expires of the credential AKIDa needs a token");
    cred.token = STR("token");
    cred.expires = STR("tomorrow");
    assert_string_equal(access_rejected(&cred), "expires of the credential AKIDa is not a time such as "
                                                "2026-01-01T00:00:00+08:00");
}

static const struct account_rules *rules_of(const struct world_account *from)
{
    const struct account_rules *rules;
    struct str problem;
    assert_int_equal(account_rules_parse(&arena, from, &rules, &problem), 0);
    return rules;
}

static void an_account_has_lists_and_limits(void **state)
{
    struct str networks[] = {STR("10.0.0.0/8"), STR("::1")};
    struct world_limits limits = {.uin = I64(3), .ip = I64(5)};
    struct world_account account = {.uin = STR("1")};
    (void)state;
    assert_null(rules_of(&account));
    account.ip_deny = (struct str_list){networks, 2, true};
    assert_int_equal(rules_of(&account)->deny.n, 2);
    assert_false(rules_of(&account)->allow_given);
    account.ip_allow = (struct str_list){NULL, 0, true};
    assert_true(rules_of(&account)->allow_given);
    account = (struct world_account){.limits = &limits};
    assert_int_equal(rules_of(&account)->limits.uin, 3);
    assert_int_equal(rules_of(&account)->limits.global_region_uin, 0);
    assert_int_equal(rules_of(&account)->limits.ip, 5);
}

static void a_bad_network_is_named(void **state)
{
    struct str networks[] = {STR("10.0.0.0/8"), STR("home")};
    struct world_account account = {.ip_allow = {networks, 2, true}};
    const struct account_rules *rules;
    struct str problem;
    (void)state;
    assert_int_equal(account_rules_parse(&arena, &account, &rules, &problem), -1);
    assert_text(problem, "home is neither an address nor a network such as 10.0.0.0/8");
}

static bool matches(const char *pattern, const char *name)
{
    struct str one[] = {STR("Other"), str_from(pattern)};
    return access_matches(&(struct str_list){one, 2, true}, str_from(name));
}

static void a_pattern_is_a_name_or_its_beginning(void **state)
{
    (void)state;
    assert_true(matches("CreateBackup", "CreateBackup"));
    assert_false(matches("CreateBackup", "CreateBackups"));
    assert_false(matches("CreateBackup", "createbackup"));
    assert_true(matches("Create*", "CreateBackup"));
    assert_true(matches("CreateBackup*", "CreateBackup"));
    assert_false(matches("CreateBackup*", "CreateBacku"));
    assert_true(matches("*", "CreateBackup"));
    assert_true(matches("*", ""));
    assert_false(matches("*Backup", "CreateBackup"));
    assert_false(matches("", "CreateBackup"));
    assert_false(access_matches(&(struct str_list){NULL, 0, false}, STR("CreateBackup")));
}

SUITE(access)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_said_is_no_access, setup, teardown),
        cmocka_unit_test_setup_teardown(each_setting_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_may_end, setup, teardown),
        cmocka_unit_test_setup_teardown(an_end_must_make_sense, setup, teardown),
        cmocka_unit_test_setup_teardown(an_account_has_lists_and_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bad_network_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pattern_is_a_name_or_its_beginning, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
