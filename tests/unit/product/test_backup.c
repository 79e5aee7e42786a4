/* Proves what CreateBackup records, when it is rejected, and what the end of its flow changes. */
#include "support/test_world.h"

#include "product/sqlserver/sqlserver.h"

#define WHOLE "{\"InstanceId\":\"" TEST_INSTANCE "\"}"
#define OTHER "{\"InstanceId\":\"mssql-i1z41iwd\"}"
#define BUSY "ResourceUnavailable.InstanceStatusInvalid"
#define DB_BUSY "ResourceUnavailable.DBInvalidStatus"

/* Backs up the databases that the JSON text lists. */
static const char *back_up(struct test_world *t, const char *instance, const char *names)
{
    return test_world_backup(
        t,
        test_world_json(
            t, arena_printf(&t->arena, "{'InstanceId':'%s','Strategy':1,'DBNames':%s}", instance, names).p));
}

static const char *db1(struct test_world *t)
{
    return back_up(t, TEST_INSTANCE, "['db1']");
}

/* A text column of the backup of the last call. */
static struct str name_of(struct test_world *t)
{
    SCOPED_STMT(s, t->world.db, "SELECT name FROM backup WHERE flow = :flow");
    stmt_bind_i64(s, ":flow", test_world_flow_id(t));
    assert_int_equal(stmt_step(s), 1);
    return stmt_str(s, &t->arena, "name");
}

static void the_first_flow_is_the_documented_one(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    assert_text(t->call.answer,
                arena_printf(&t->arena, "{\"Response\":{\"FlowId\":5293,\"RequestId\":\"%.36s\"}}",
                             t->call.request_id)
                    .p);
    assert_string_equal(test_world_backup(t, OTHER), "");
    assert_int_equal(test_world_flow_id(t), 5294);
}

static void a_new_backup_is_running(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\",\"StorageStrategy\":1}"),
                        "");
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM backup WHERE flow = 5293 AND strategy = 0 AND"
                            " storage_strategy = 1 AND way = 1 AND status = 0 AND end_ms IS NULL AND"
                            " start_ms = 1767196800000"),
        1);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow_database WHERE flow = 5293"), 2);
}

static void it_succeeds_at_the_due_time(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(db1(t), "");
    clock_advance(&t->world.clock, TEST_FLOW_MS - 1);
    assert_int_equal(test_world_flow_state(t, 5293), FLOW_RUNNING);
    clock_advance(&t->world.clock, 10 * TEST_FLOW_MS);
    assert_int_equal(test_world_flow_state(t, 5293), FLOW_SUCCEEDED);
    assert_int_equal(test_world_count(t,
                                      "SELECT count(*) AS n FROM backup WHERE status = 1 AND strategy = 1 AND"
                                      " end_ms = 1767196802000"),
                     1);
}

static void without_duration_it_succeeds_at_once(void **state)
{
    struct test_world *t = *state;
    t->world.settings.flow_ms[FLOW_KIND_BACKUP] = 0;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM backup WHERE status = 1 AND end_ms = start_ms"), 1);
    assert_int_equal(test_world_flow_state(t, 5293), FLOW_SUCCEEDED);
    assert_string_equal(test_world_backup(t, WHOLE), "");
}

/* --- names --- */

static void a_name_that_is_given_is_kept(void **state)
{
    struct test_world *t = *state;
    const char *body = "{\"InstanceId\":\"" TEST_INSTANCE "\",\"BackupName\":\"before_upgrade\"}";
    assert_string_equal(test_world_backup(t, body), "");
    assert_text(name_of(t), "before_upgrade");
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_string_equal(test_world_backup(t, body), ""); /* a name can be used again */
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM backup WHERE name = 'before_upgrade'"),
                     2);
}

static void a_default_name_has_the_start_in_beijing(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    assert_text(name_of(t), TEST_INSTANCE "_20260101000000");
    clock_freeze(&t->world.clock, TEST_NOW - 1); /* the year before in Beijing, afternoon in UTC */
    assert_string_equal(test_world_backup(t, OTHER), "");
    assert_text(name_of(t), "mssql-i1z41iwd_20251231235959");
}

/* --- tasks at the same time --- */

static void a_whole_backup_needs_an_idle_instance(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(db1(t), "");
    assert_string_equal(test_world_backup(t, WHOLE), BUSY);
    assert_string_equal(test_world_backup(t, OTHER), ""); /* another instance */
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_string_equal(test_world_backup(t, WHOLE), "");
    assert_string_equal(test_world_backup(t, WHOLE), BUSY);
}

static void a_whole_backup_holds_every_database(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    assert_string_equal(db1(t), DB_BUSY);
    assert_string_equal(back_up(t, TEST_INSTANCE, "['db2']"), DB_BUSY);
}

static void backups_of_different_databases_run_together(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(db1(t), "");
    assert_string_equal(back_up(t, TEST_INSTANCE, "['db2']"), "");
    assert_string_equal(back_up(t, TEST_INSTANCE, "['db2','db1']"), DB_BUSY);
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_string_equal(back_up(t, TEST_INSTANCE, "['db2','db1']"), "");
}

static void at_most_five_tasks_run(void **state)
{
    struct test_world *t = *state;
    static const char *const names[] = {"['a']", "['b']", "['c']", "['d']", "['e']"};
    test_world_add_instance(t, "mssql-wide", "a,b,c,d,e,f");
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(back_up(t, "mssql-wide", names[i]), "");
        clock_advance(&t->world.clock, 100);
    }
    assert_string_equal(back_up(t, "mssql-wide", "['f']"), BUSY);
    assert_string_equal(back_up(t, "mssql-wide", "['none']"), BUSY); /* checked before the names */
    assert_string_equal(db1(t), "");
    clock_freeze(&t->world.clock, TEST_NOW + TEST_FLOW_MS); /* the first has ended */
    assert_string_equal(back_up(t, "mssql-wide", "['f']"), "");
    assert_string_equal(back_up(t, "mssql-wide", "['a']"), BUSY);
}

/* --- parameters --- */

static void chosen_databases_must_be_named(void **state)
{
    struct test_world *t = *state;
    const char *code = "InvalidParameter.InputIllegal";
    assert_string_equal(back_up(t, TEST_INSTANCE, "[]"), code);
    assert_string_equal(back_up(t, TEST_INSTANCE, "null"), code);
    assert_string_equal(back_up(t, "mssql-unknown", "[]"), code); /* checked before the instance */
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow"), 0);
}

static void a_whole_backup_ignores_names(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\",\"DBNames\":[\"none\"]}"),
                        "");
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM flow_database WHERE name IN ('db1', 'db2')"), 2);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow_database"), 2);
}

static void a_repeated_name_counts_once(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(back_up(t, TEST_INSTANCE, "['db1','db1']"), "");
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow_database"), 1);
}

static void a_rejected_backup_takes_no_flow_id(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(back_up(t, TEST_INSTANCE, "['none']"), "ResourceNotFound.DBNotFound");
    assert_string_equal(db1(t), "");
    assert_int_equal(test_world_flow_id(t), 5293);
}

SUITE(backup)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_flow_is_the_documented_one, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_new_backup_is_running, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(it_succeeds_at_the_due_time, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(without_duration_it_succeeds_at_once, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_name_that_is_given_is_kept, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_default_name_has_the_start_in_beijing, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_whole_backup_needs_an_idle_instance, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_whole_backup_holds_every_database, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(backups_of_different_databases_run_together, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(at_most_five_tasks_run, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(chosen_databases_must_be_named, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_whole_backup_ignores_names, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_repeated_name_counts_once, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_rejected_backup_takes_no_flow_id, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
