/* Proves that the settings of databases follow from the store, newest first, and end at the limit. */
#include "support/test_world.h"

#include "gen/sqlserver.h"

static const struct describe_dbs_normal_out *ask(struct test_world *t)
{
    struct test_world_request r =
        test_world_post("DescribeDBsNormal", test_world_json(t, "{'InstanceId':'" TEST_INSTANCE "'}"));
    clock_advance(&t->world.clock, 1000); /* past the limit of calls a second */
    assert_string_equal(test_world_run(t, &r), "");
    return t->call.out;
}

static void edit(struct db *db, struct stmt *taken)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = taken;
    assert_int_equal(savepoint_begin(db), 0);
    assert_int_equal(stmt_run(s), 0);
    assert_int_equal(savepoint_release(db), 0);
}
#define EDIT(state, sql)                                                                                     \
    edit(((struct test_world *)*(state))->world.db,                                                          \
         stmt_get(((struct test_world *)*(state))->world.db, "" sql))

static void newest_first(void **state)
{
    EDIT(state, "UPDATE database SET created_ms = created_ms + 123 WHERE name = 'db2'");
    const struct describe_dbs_normal_out *out = ask(*state);
    assert_int_equal(out->total_count.v, 2);
    assert_int_equal(out->db_list.n, 2);
    assert_text(out->db_list.v[0].name, "db2");
    assert_text(out->db_list.v[0].create_time, "2026-01-01 00:00:00.123");
    assert_text(out->db_list.v[1].name, "db1");
}

static void what_is_kept(void **state)
{
    EDIT(state, "UPDATE database SET encrypted = 1, simple_recovery = 1, charset = 'Latin1_General_BIN'"
                " WHERE name = 'db1'");
    const struct db_normal_detail *list = ask(*state)->db_list.v;
    assert_text(list[0].is_encrypted, "1");
    assert_text(list[0].recovery_model_desc, "SIMPLE");
    assert_text(list[0].collation_name, "Latin1_General_BIN");
    assert_text(list[1].is_encrypted, "0");
    assert_text(list[1].recovery_model_desc, "FULL");
}

static void databases_that_are_not_on_the_server_are_left_out(void **state)
{
    EDIT(state, "UPDATE database SET status = CASE name WHEN 'db1' THEN 1 ELSE -1 END");
    const struct describe_dbs_normal_out *out = ask(*state);
    assert_int_equal(out->total_count.v, 0);
    assert_int_equal(out->db_list.n, 0);
}

/* Only a state that was edited by hand has so many. */
static void the_answer_is_cut(void **state)
{
    EDIT(state, "WITH RECURSIVE i (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM i WHERE n < 1030)"
                " INSERT INTO database (instance, name, status, charset, remark, simple_recovery, created_ms)"
                " SELECT (SELECT id FROM instance WHERE instance_id = '" TEST_INSTANCE "'),"
                " 'more' || n, 2, 'Latin1_General_BIN', '', 0, 0 FROM i");
    const struct describe_dbs_normal_out *out = ask(*state);
    assert_int_equal(out->total_count.v, 1032);
    assert_int_equal(out->db_list.n, 1024);
}

SUITE(database_settings)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(newest_first, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_is_kept, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(databases_that_are_not_on_the_server_are_left_out, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_answer_is_cut, test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
