/* Proves that a mistyped name leads to the one that was meant, and that a far one leads to none. */
#include "support/texts.h"

#include <string.h>

#include "base/limits.h"
#include "base/suggest.h"

static const char *const names[] = {"CreateBackup", "CreateBackupMigration", "DescribeBackups", "delay_ms",
                                    "close"};

static struct str meant(const char *wanted)
{
    struct suggestion suggestion;
    suggest_init(&suggestion, str_from(wanted));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        suggest_offer(&suggestion, str_from(names[i]));
    return suggestion.best;
}

static void distances_count_letters(void **state)
{
    static const struct {
        const char *a, *b;
        size_t distance;
    } cases[] = {
        {"", "", 0},        {"abc", "abc", 0},        {"abc", "ABC", 0},
        {"", "abc", 3},     {"abc", "", 3},           {"abc", "abd", 1},
        {"abc", "abcd", 1}, {"abcd", "abc", 1},       {"action", "actoin", 1},
        {"ab", "ba", 1},    {"kitten", "sitting", 3}, {"flow", "wolf", 3},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(suggest_distance(str_from(cases[i].a), str_from(cases[i].b)), cases[i].distance);
}

static void the_nearest_name_is_suggested(void **state)
{
    (void)state;
    assert_text(meant("CreateBackups"), "CreateBackup");
    assert_text(meant("createbackup"), "CreateBackup");
    assert_text(meant("CreatBackupMigratoin"), "CreateBackupMigration");
    assert_text(meant("dealy_ms"), "delay_ms");
    assert_text(meant("closed"), "close");
}

static void a_distant_name_is_not_suggested(void **state)
{
    char longest[LIMIT_SUGGESTION + 2];
    (void)state;
    assert_null(meant("Nothing").p);
    assert_null(meant("").p);
    assert_null(meant("delay_seconds").p);
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(meant(longest).p);
}

static void the_longest_names_are_compared(void **state)
{
    char a[LIMIT_SUGGESTION], b[LIMIT_SUGGESTION];
    (void)state;
    memset(a, 'a', sizeof a);
    memset(b, 'b', sizeof b);
    assert_int_equal(suggest_distance((struct str){a, sizeof a}, (struct str){b, sizeof b}),
                     LIMIT_SUGGESTION);
    assert_int_equal(suggest_distance((struct str){a, sizeof a}, (struct str){a, sizeof a}), 0);
}

static void the_first_of_equally_near_names_stays(void **state)
{
    struct suggestion suggestion;
    (void)state;
    suggest_init(&suggestion, STR("cat"));
    suggest_offer(&suggestion, STR("bat"));
    suggest_offer(&suggestion, STR("rat"));
    assert_text(suggestion.best, "bat");
}

SUITE(suggest)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_count_letters),
        cmocka_unit_test(the_nearest_name_is_suggested),
        cmocka_unit_test(a_distant_name_is_not_suggested),
        cmocka_unit_test(the_longest_names_are_compared),
        cmocka_unit_test(the_first_of_equally_near_names_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
