/* Proves that the attributes are those of the instance, and that only its owner can read them. */
#include "support/test_world.h"

#include "gen/sqlserver.h"

static const struct describe_db_instances_attribute_out *ask(struct test_world *t, const char *body)
{
    struct test_world_request r = test_world_post("DescribeDBInstancesAttribute", body);
    assert_string_equal(test_world_run(t, &r), "");
    return t->call.out;
}

static void change(struct test_world *t, struct stmt *s)
{
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(stmt_run(s), 0);
    stmt_release(&s);
    assert_int_equal(savepoint_release(t->world.db), 0);
}

static void archive_backups_come_from_the_store(void **state)
{
    struct test_world *t = *state;
    const struct describe_db_instances_attribute_out *out = ask(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}");
    assert_text(out->regular_backup_enable, "disable");
    change(t, stmt_get(t->world.db,
                       "UPDATE instance SET regular_enable = 1, regular_save_days = 90, regular_counts = 2,"
                       " regular_strategy = 'years', regular_start = '2026-02-01' WHERE id = 1"));
    out = ask(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}");
    assert_text(out->regular_backup_enable, "enable");
    assert_int_equal(out->regular_backup_save_days.v, 90);
    assert_int_equal(out->regular_backup_counts.v, 2);
    assert_text(out->regular_backup_strategy, "years");
    assert_text(out->regular_backup_start_time, "2026-02-01");
}

static void tde_of_the_instance_comes_from_the_store(void **state)
{
    struct test_world *t = *state;
    assert_text(ask(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}")->tde_config->encryption, "disable");
    change(t, stmt_get(t->world.db, "UPDATE instance SET tde = 1 WHERE id = 1"));
    assert_text(ask(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}")->tde_config->encryption, "enable");
    assert_text(ask(t, "{\"InstanceId\":\"mssql-i1z41iwd\"}")->tde_config->encryption, "disable");
}

static void an_instance_of_another_region_is_not_found(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r =
        test_world_post("DescribeDBInstancesAttribute", "{\"InstanceId\":\"" TEST_INSTANCE "\"}");
    r.region = "ap-shanghai";
    assert_string_equal(test_world_run(t, &r), "ResourceNotFound.InstanceNotFound");
}

SUITE(instance_attribute)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(archive_backups_come_from_the_store, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(tde_of_the_instance_comes_from_the_store, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(an_instance_of_another_region_is_not_found, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
