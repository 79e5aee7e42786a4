/* Proves that actions are found by their exact names only, wherever in the table they are, and regions too.
 */
#include "support/suite.h"

#include "core/registry.h"

static const struct action actions[] = {
    {.name = STR_INIT("CreateBackup")},    {.name = STR_INIT("CreateBackupMigration")},
    {.name = STR_INIT("DescribeBackups")}, {.name = STR_INIT("DescribeRegions")},
    {.name = STR_INIT("RemoveBackups")},
};
static const struct region regions[] = {{.name = STR_INIT("ap-guangzhou")},
                                        {.name = STR_INIT("ap-shanghai")},
                                        {.name = STR_INIT("ap-shanghai-fsi")}};
static const struct str other_regions[] = {STR_INIT("ap-taipei")};
static const struct product product = {.actions = actions,
                                       .n_actions = 5,
                                       .regions = regions,
                                       .n_regions = 3,
                                       .other_regions = other_regions,
                                       .n_other_regions = 1};

static void test_finds_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < product.n_actions; i++)
        assert_ptr_equal(action_find(&product, actions[i].name), &actions[i]);
}

static void test_refuses_others(void **state)
{
    static const char *const names[] = {
        "",         "A",   "CreateBacku",    "CreateBackups",    "createbackup",
        "Describe", "Zzz", "RemoveBackups ", "DescribeBackups\n"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        assert_null(action_find(&product, str_from(names[i])));
    assert_null(action_find(&(struct product){0}, STR("CreateBackup")));
}

static void test_regions(void **state)
{
    (void)state;
    assert_true(product_has_region(&product, STR("ap-shanghai")));
    assert_true(product_has_region(&product, STR("ap-shanghai-fsi")));
    assert_false(product_has_region(&product, STR("ap-shangha")));
    assert_false(product_has_region(&product, STR("")));
    assert_false(product_has_region(&product, STR("ap-taipei")));
    assert_false(product_has_region(&(struct product){0}, STR("ap-shanghai")));
    assert_ptr_equal(product_find_region(&product, STR("ap-shanghai-fsi")), &regions[2]);
    assert_null(product_find_region(&product, STR("AP-SHANGHAI")));
}

static void test_known_regions(void **state)
{
    (void)state;
    assert_true(product_knows_region(&product, STR("ap-shanghai")));
    assert_true(product_knows_region(&product, STR("ap-taipei")));
    assert_false(product_knows_region(&product, STR("ap-taipe")));
}

SUITE(action)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_each),
        cmocka_unit_test(test_refuses_others),
        cmocka_unit_test(test_regions),
        cmocka_unit_test(test_known_regions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
