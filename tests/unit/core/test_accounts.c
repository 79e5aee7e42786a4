/* Proves that credentials are found by their SecretId, and that signing keys are right, kept and bounded. */
#include "support/texts.h"

#include "core/account.h"

/* More than are kept at once, so that all are forgotten several times. */
enum { DATES = 1000, KEYS_KEPT_AT_MOST = 256 };

static struct arena arena;
static struct accounts accounts;
static const struct account one = {.uin = STR_INIT("1")}, two = {.uin = STR_INIT("2")};

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    accounts_init(&accounts, &arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    accounts_done(&accounts);
    arena_done(&arena);
    return 0;
}

static void credentials_are_found_by_their_id(void **state)
{
    (void)state;
    assert_null(accounts.first);
    assert_int_equal(accounts_add_credential(&accounts, &one, STR("AKIDa"), STR("key-a")), 0);
    assert_int_equal(accounts_add_credential(&accounts, &two, STR("AKIDb"), STR("key-b")), 0);
    const struct credential *found = accounts_find_credential(&accounts, STR("AKIDb"));
    assert_non_null(found);
    assert_text(found->secret_id, "AKIDb");
    assert_text(found->secret_key, "key-b");
    assert_ptr_equal(found->account, &two);
    assert_text(accounts.first->secret_id, "AKIDa");
    assert_null(accounts_find_credential(&accounts, STR("akida")));
    assert_null(accounts_find_credential(&accounts, STR("")));
    assert_null(accounts_find_credential(&accounts, (struct str){NULL, 0}));
}

static void a_taken_id_is_rejected(void **state)
{
    (void)state;
    assert_int_equal(accounts_add_credential(&accounts, &one, STR("AKIDa"), STR("key-a")), 0);
    assert_int_equal(accounts_add_credential(&accounts, &two, STR("AKIDa"), STR("key-b")), -1);
    assert_text(accounts_find_credential(&accounts, STR("AKIDa"))->secret_key, "key-a");
    assert_ptr_equal(accounts_find_credential(&accounts, STR("AKIDa"))->account, &one);
}

static void the_texts_are_copied(void **state)
{
    char id[] = "AKIDa", key[] = "key-a";
    (void)state;
    assert_int_equal(accounts_add_credential(&accounts, &one, str_from(id), str_from(key)), 0);
    id[0] = key[0] = 'x';
    assert_text(accounts_find_credential(&accounts, STR("AKIDa"))->secret_key, "key-a");
    assert_text(accounts_find_credential(&accounts, STR("AKIDa"))->secret_id, "AKIDa");
}

static void access_is_set_afterwards(void **state)
{
    static const struct access access = {.enabled = true};
    (void)state;
    assert_int_equal(accounts_add_credential(&accounts, &one, STR("AKIDa"), STR("key-a")), 0);
    assert_int_equal(accounts_add_credential(&accounts, &one, STR("AKIDb"), STR("key-b")), 0);
    assert_null(accounts_find_credential(&accounts, STR("AKIDa"))->access);
    accounts_set_access(&accounts, STR("AKIDa"), &access);
    assert_ptr_equal(accounts_find_credential(&accounts, STR("AKIDa"))->access, &access);
    assert_null(accounts_find_credential(&accounts, STR("AKIDb"))->access);
}

static struct tc3_authorization scope(const char *date, const char *service)
{
    return (struct tc3_authorization){.date = str_from(date), .service = str_from(service)};
}

static const struct hmac_key *key_of(const char *id, struct tc3_authorization auth)
{
    return accounts_signing_key(&accounts, accounts_find_credential(&accounts, str_from(id)), &auth, &arena);
}

static void assert_key(const struct hmac_key *key, const char *secret, struct tc3_authorization auth)
{
    struct hmac_key expected;
    uint8_t mac[SHA256_BYTES], expected_mac[SHA256_BYTES];
    tc3_signing_key(str_from(secret), auth.date, auth.service, &expected);
    hmac_key_sign(key, STR("text"), mac);
    hmac_key_sign(&expected, STR("text"), expected_mac);
    assert_memory_equal(mac, expected_mac, SHA256_BYTES);
}

static void a_key_belongs_to_id_date_and_service(void **state)
{
    struct tc3_authorization day = scope("2026-01-01", "sqlserver"), next = scope("2026-01-02", "sqlserver"),
                             local = scope("2026-01-01", "127");
    (void)state;
    assert_int_equal(accounts_add_credential(&accounts, &one, STR("AKIDa"), STR("key-a")), 0);
    assert_int_equal(accounts_add_credential(&accounts, &one, STR("AKIDb"), STR("key-b")), 0);
    const struct hmac_key *key = key_of("AKIDa", day);
    assert_key(key, "key-a", day);
    assert_key(key_of("AKIDb", day), "key-b", day);
    assert_key(key_of("AKIDa", next), "key-a", next);
    assert_key(key_of("AKIDa", local), "key-a", local);
    assert_int_equal(accounts.signing_keys.n, 4);
    assert_ptr_equal(key_of("AKIDa", day), key); /* kept, not made again */
    assert_int_equal(accounts.signing_keys.n, 4);
}

/* The date is the client's text before anything is verified: a client that sends a new one each time must not
 * fill the memory. */
static void the_number_of_keys_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(accounts_add_credential(&accounts, &one, STR("AKIDa"), STR("key-a")), 0);
    for (int i = 0; i < DATES; i++) {
        struct tc3_authorization auth = scope(arena_printf(&arena, "date-%d", i).p, "sqlserver");
        assert_key(key_of("AKIDa", auth), "key-a", auth);
        assert_true(accounts.signing_keys.n <= KEYS_KEPT_AT_MOST);
    }
}

/* A call that has found one may continue with it, and its SecretId may be added again with another key. */
static void test_accounts_are_dropped(void **state)
{
    struct tc3_authorization day = scope("2026-01-01", "sqlserver");
    (void)state;
    assert_int_equal(accounts_add_credential(&accounts, &one, STR("AKIDa"), STR("key-a")), 0);
    assert_int_equal(accounts_add_credential(&accounts, &two, STR("AKIDb"), STR("key-b")), 0);
    accounts_set_test_account(&accounts, STR("AKIDb"));
    assert_key(key_of("AKIDb", day), "key-b", day);
    const struct credential *found = accounts_find_credential(&accounts, STR("AKIDb"));
    accounts_drop_test_accounts(&accounts);
    assert_null(accounts_find_credential(&accounts, STR("AKIDb")));
    assert_non_null(accounts_find_credential(&accounts, STR("AKIDa")));
    assert_text(found->secret_key, "key-b");
    assert_int_equal(accounts.signing_keys.n, 0);
    assert_int_equal(accounts_add_credential(&accounts, &two, STR("AKIDb"), STR("key-c")), 0);
    assert_text(accounts_find_credential(&accounts, STR("AKIDb"))->secret_key, "key-c");
    assert_key(key_of("AKIDb", day), "key-c", day); /* not the key that was kept for the dropped account */
    assert_false(accounts_find_credential(&accounts, STR("AKIDb"))->test_account);
}

SUITE(accounts)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(credentials_are_found_by_their_id, setup, teardown),
        cmocka_unit_test_setup_teardown(a_taken_id_is_rejected, setup, teardown),
        cmocka_unit_test_setup_teardown(test_accounts_are_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(the_texts_are_copied, setup, teardown),
        cmocka_unit_test_setup_teardown(access_is_set_afterwards, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_belongs_to_id_date_and_service, setup, teardown),
        cmocka_unit_test_setup_teardown(the_number_of_keys_is_bounded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
