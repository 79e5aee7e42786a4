/* Proves that each magic instance exists once a call names it, does what its row says, and stays out of
 * lists. */
#include "support/test_world.h"

#include "core/magic.h"
#include "gen/sqlserver.h"

static const char *backup(struct test_world *t, struct str id)
{
    return test_world_backup(t, arena_printf(&t->arena, "{\"InstanceId\":\"%.*s\"}", STR_ARG(id)).p);
}

static void each_row_does_what_it_says(void **state)
{
    struct test_world *t = *state;
    for (size_t i = 0; i < product_sqlserver.n_magic; i++) {
        const struct magic *m = &product_sqlserver.magic[i];
        clock_advance(&t->world.clock, 1000); /* the limit is so many calls in a second */
        assert_string_equal(backup(t, m->resource_id), error_table[m->effect.code].code.p);
        assert_memory_equal(&t->call.effect, &m->effect, sizeof m->effect);
        assert_true(str_ends(t->call.injected, m->resource_id));
    }
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM instance WHERE hidden = 1"),
                     product_sqlserver.n_magic);
}

static void one_exists_in_every_region(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("CreateBackup", "{\"InstanceId\":\"mssql-failback\"}");
    r.region = "ap-tokyo";
    assert_string_equal(test_world_run(t, &r), "");
    assert_string_equal(backup(t, STR("mssql-failback")), "");
    assert_string_equal(backup(t, STR("mssql-failback")), "ResourceUnavailable.InstanceStatusInvalid");
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM instance WHERE instance_id = 'mssql-failback'"), 2);
}

static void it_makes_no_backups_by_itself(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(backup(t, STR("mssql-instant0")), "");
    clock_advance(&t->world.clock, INT64_C(30) * 24 * 3600 * 1000);
    assert_string_equal(backup(t, STR("mssql-instant0")), "");
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM flow JOIN instance ON instance.id = flow.instance"
                            " WHERE instance_id = 'mssql-instant0'"),
        2);
}

static void a_code_that_does_not_fit_is_not_answered(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r =
        test_world_post("DescribeDBInstancesAttribute", "{\"InstanceId\":\"mssql-manydbs0\"}");
    assert_false(code_fits(registry_find_action(t->world.registry, STR("DescribeDBInstancesAttribute")),
                           ERR_LIMIT_EXCEEDED_TOO_MANY_DB));
    assert_string_equal(test_world_run(t, &r), "");
    assert_null(t->call.injected.p);
    r = test_world_post("DescribeDBInstancesAttribute", "{\"InstanceId\":\"mssql-limited0\"}");
    assert_string_equal(test_world_run(t, &r), "RequestLimitExceeded");
}

static void a_row_for_one_action_leaves_others_alone(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r =
        test_world_post("DescribeDBInstancesAttribute", "{\"InstanceId\":\"mssql-dropconn\"}");
    assert_string_equal(test_world_run(t, &r), "");
    assert_int_equal(t->call.effect.close, FAULT_RESPONDS);
}

/* "2:" and so on: how many DescribeDBInstances counts. */
static bool counts(struct test_world *t, const char *body, int n)
{
    struct test_world_request r = test_world_post("DescribeDBInstances", body);
    assert_string_equal(test_world_run(t, &r), "");
    return str_starts(t->call.answer, arena_printf(&t->arena, "{\"Response\":{\"TotalCount\":%d,", n));
}

static void lists_show_it_only_by_its_id(void **state)
{
    struct test_world *t = *state;
    assert_true(
        counts(t, "{\"InstanceIdSet\":[\"mssql-failback\",\"mssql-dropconn\",\"" TEST_INSTANCE "\"]}", 3));
    assert_true(counts(t, "{}", 2));
    assert_true(counts(t, "{\"Status\":2}", 2));
    assert_true(counts(t, "{\"SearchKey\":\"failback\"}", 0));
}

static void a_users_rule_comes_first(void **state)
{
    struct test_world *t = *state;
    struct fault_rule rule = {.count = I64(1), .code = STR("InternalError.GcsError")};
    assert_non_null(fault_add(&t->world.faults, &rule, NULL, ERR_INTERNAL_ERROR_GCS_ERROR));
    assert_string_equal(backup(t, STR("mssql-dberror0")), "InternalError.GcsError");
    assert_string_equal(backup(t, STR("mssql-dberror0")), "InternalError.DBError");
}

static void it_can_be_switched_off(void **state)
{
    struct test_world *t = *state;
    struct settings settings = test_world_settings();
    settings.no_magic = true;
    test_world_reopen(t, &settings);
    assert_string_equal(backup(t, STR("mssql-instant0")), "ResourceNotFound.InstanceNotFound");
    assert_string_equal(backup(t, STR("mssql-dberror0")), "ResourceNotFound.InstanceNotFound");
    assert_null(t->call.injected.p);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, test_world_setup, test_world_teardown)

SUITE(magic)
{
    const struct CMUnitTest tests[] = {
        TEST(each_row_does_what_it_says),
        TEST(one_exists_in_every_region),
        TEST(it_makes_no_backups_by_itself),
        TEST(a_code_that_does_not_fit_is_not_answered),
        TEST(a_row_for_one_action_leaves_others_alone),
        TEST(lists_show_it_only_by_its_id),
        TEST(a_users_rule_comes_first),
        TEST(it_can_be_switched_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
