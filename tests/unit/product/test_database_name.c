/* Proves which names a database may not have, and the default name of a copy. */
#include "support/texts.h"

#include "product/sqlserver/database.h"

static void a_name_is_letters_digits_and_underscores(void **state)
{
    static const char *const good[] = {"a", "Z9_", "0", "2022_backup", "a_", "select"};
    static const char *const bad[] = {"", "_a", "_", "a-b", "a b", "a.b", "a\n", "a[", "\xe6\x95\xb0"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!database_name_valid(str_from(good[i])))
            fail_msg("%s is rejected", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (database_name_valid(str_from(bad[i])))
            fail_msg("%s is accepted", bad[i]);
}

static void a_name_has_at_most_64_characters(void **state)
{
    char name[66];
    (void)state;
    memset(name, 'x', sizeof name);
    assert_true(database_name_valid((struct str){name, 64}));
    assert_false(database_name_valid((struct str){name, 65}));
}

static void reserved_words_in_any_case(void **state)
{
    static const char *const words[] = {"master", "MSDB",   "Model",       "tempdb", "distribution", "add",
                                        "SELECT", "backup", "TRY_CONVERT", "user",   "writetext"};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!database_name_reserved(str_from(words[i])))
            fail_msg("%s is not reserved", words[i]);
}

/* Parts of reserved words, several of them, and names that begin with one. */
static void other_words_are_free(void **state)
{
    static const char *const names[] = {"",        "masters", "db1",        "orders",     "user_1",
                                        "MASTER ", " ",       "MODEL MSDB", "WRITETEXT ", "tempdb2"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (database_name_reserved(str_from(names[i])))
            fail_msg("'%s' is reserved", names[i]);
}

static void a_copy_is_named_by_the_time_of_its_data_in_beijing(void **state)
{
    struct arena a;
    (void)state;
    arena_init(&a);
    assert_text(database_copy_name(&a, STR("db_test"), INT64_C(1655610084999)), "db_test_20220619114124");
    assert_text(database_copy_name(&a, STR(""), 0), "_19700101080000");
    arena_done(&a);
}

SUITE(database_name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_letters_digits_and_underscores),
        cmocka_unit_test(a_name_has_at_most_64_characters),
        cmocka_unit_test(reserved_words_in_any_case),
        cmocka_unit_test(other_words_are_free),
        cmocka_unit_test(a_copy_is_named_by_the_time_of_its_data_in_beijing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
