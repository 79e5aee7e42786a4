/* Proves the ids, names, sizes and groups of backup files, in both directions, and until which millisecond
 * backups are kept. */
#include "support/backup_fixture.h"

#include "product/sqlserver/backup.h"

/* --- ids --- */

static void an_id_names_a_flow_and_an_ordinal(void **state)
{
    static const struct backup_file_ref refs[] = {
        {1, 0}, {1, 1023}, {2, 0}, {5293, 0}, {5293, 7}, {999999, 99}, {INT64_C(1) << 40, 1}};
    (void)state;
    int64_t last = INT64_C(1) << 32; /* ids are above it and grow with the flow */
    for (size_t i = 0; i < 3; i++) {
        assert_true(backup_file_id(refs[i]) > last);
        last = backup_file_id(refs[i]);
    }
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++) {
        struct backup_file_ref back = {0, 0};
        assert_true(backup_file_ref(backup_file_id(refs[i]), &back));
        assert_int_equal(back.flow, refs[i].flow);
        assert_int_equal(back.ordinal, refs[i].ordinal);
    }
}

static void a_smaller_number_is_no_file(void **state)
{
    static const int64_t ids[] = {INT64_MIN, -1, 0, 5293, FILE_ID_BASE - 1};
    struct backup_file_ref ref;
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_false(backup_file_ref(ids[i], &ref));
    assert_true(backup_file_ref(FILE_ID_BASE, &ref));
    assert_true(backup_file_ref(INT64_MAX, &ref));
}

static void a_group_names_its_flow(void **state)
{
    struct test_world *t = *state;
    struct backup_row row = {.flow = 5293, .single = true};
    int64_t flow = 0;
    struct str id = backup_group_id(&t->arena, &row);
    assert_text(id, "10000000005293");
    assert_true(backup_group_flow(id, &flow));
    assert_int_equal(flow, 5293);
    row.single = false;
    assert_int_equal(backup_group_id(&t->arena, &row).n, 0);
    static const char *const none[] = {
        "", "5293", "x", "-10000000005293", "9999999999999", "99999999999999999999", "10000000005293 "};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(backup_group_flow(str_from(none[i]), &flow));
}

/* --- names --- */

static const char *name_of(struct test_world *t, enum backup_way way, enum backup_strategy strategy,
                           const char *database)
{
    const struct instance instance = {.port = 58001};
    const struct backup_row row = {.way = way,
                                   .strategy = strategy,
                                   .start_ms = TEST_NOW + 3723999, /* 01:02:03.999 */
                                   .database = str_from(database)};
    return arena_cstr(&t->arena, backup_file_name(&t->arena, &instance, &row));
}

static void names_have_two_forms(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(name_of(t, BACKUP_WAY_MANUAL, BACKUP_STRATEGY_INSTANCE, NULL),
                        "manual_instance_58001_20260101010203.bak.tar");
    assert_string_equal(name_of(t, BACKUP_WAY_SCHEDULED, BACKUP_STRATEGY_INSTANCE, NULL),
                        "autoed_instance_58001_20260101010203.bak.tar");
    assert_string_equal(name_of(t, BACKUP_WAY_MANUAL, BACKUP_STRATEGY_DATABASES, NULL),
                        "manual_specific_58001_20260101010203.bak.tar");
    assert_string_equal(name_of(t, BACKUP_WAY_MANUAL, BACKUP_STRATEGY_DATABASES, "db1"),
                        "manual_specific_58001_db1_2026_01_01010203.bak");
    assert_string_equal(name_of(t, BACKUP_WAY_SCHEDULED, BACKUP_STRATEGY_INSTANCE, "a_2026_01_01000000"),
                        "autoed_instance_58001_a_2026_01_01000000_2026_01_01010203.bak");
}

static void a_name_contains_its_start(void **state)
{
    static const char *const databases[] = {NULL, "db1", "x", "a_2025_12_31000000"};
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof databases / sizeof *databases; i++) {
        int64_t start = 0;
        const char *name = name_of(t, BACKUP_WAY_MANUAL, BACKUP_STRATEGY_DATABASES, databases[i]);
        assert_int_equal(backup_file_name_start(str_from(name), &start), 0);
        assert_int_equal(start, TEST_NOW + 3723000);
    }
}

static void other_names_are_rejected(void **state)
{
    static const char *const names[] = {
        "",
        ".bak",
        ".bak.tar",
        "2026010101020.bak.tar",
        "manual_instance_58001_20260101010203",
        "manual_instance_58001_20260101010203.tar",
        "manual_instance_58001_20261301010203.bak.tar",
        "manual_instance_58001_2026010101020x.bak.tar",
        "manual_instance_58001_20260101010203.bak",
        "manual_specific_58001_db1_2026_01_01010203.bak.tar",
        "manual_specific_58001_db1_2026-01-01010203.bak",
        "manual_specific_58001_db1_2026_02_30010203.bak",
        "manual_specific_58001_db1_2026_01_01240000.bak",
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int64_t start;
        if (backup_file_name_start(str_from(names[i]), &start) == 0)
            fail_msg("\"%s\" is read as the name of a file", names[i]);
    }
}

/* --- sizes --- */

static void a_size_follows_from_the_databases(void **state)
{
    struct test_world *t = *state;
    struct instance m = backup_fixture(t, "master_no_pkg");
    struct backup_row whole, one = backup_fixture_file(t, &m, 0), two = backup_fixture_file(t, &m, 1);
    assert_int_equal(backup_find(&t->call, &m, 5293, &whole), 1);
    assert_in_range((uintmax_t)backup_file_kb(&one), 8, 39);
    assert_in_range((uintmax_t)backup_file_kb(&two), 8, 39);
    assert_int_equal(backup_file_kb(&one) + backup_file_kb(&two), backup_file_kb(&whole));
}

/* --- finding --- */

static void a_backup_is_found_with_its_databases(void **state)
{
    struct test_world *t = *state;
    struct instance m = backup_fixture(t, "master_pkg"), other = {.row = 1, .keep_ms = m.keep_ms};
    struct backup_row row;
    assert_int_equal(backup_find(&t->call, &m, 5293, &row), 1);
    assert_text(row.name, "mine");
    assert_int_equal(row.databases.n, 2);
    assert_text(row.databases.v[0], "db1");
    assert_text(row.databases.v[1], "orders");
    assert_int_equal(row.end_ms - row.start_ms, TEST_FLOW_MS);
    assert_int_equal(backup_find(&t->call, &m, 5294, &row), 0);
    assert_int_equal(backup_find(&t->call, &other, 5293, &row), 0);
}

static void an_archive_is_one_file(void **state)
{
    struct test_world *t = *state;
    struct instance m = backup_fixture(t, "slave_pkg");
    struct backup_row row = backup_fixture_file(t, &m, 0);
    assert_null(row.database.p);
    assert_int_equal(row.databases.n, 2);
    assert_int_equal(backup_find_file(&t->call, &m, backup_file_id((struct backup_file_ref){5293, 1}), &row),
                     0);
    assert_int_equal(backup_find_file(&t->call, &m, 5293, &row), 0);
}

static void each_database_has_a_single_file(void **state)
{
    struct test_world *t = *state;
    struct instance m = backup_fixture(t, "slave_no_pkg");
    struct backup_row row = backup_fixture_file(t, &m, 1);
    assert_text(row.database, "orders");
    assert_int_equal(row.ordinal, 1);
    assert_int_equal(row.databases.n, 1);
    assert_text(backup_fixture_file(t, &m, 0).database, "db1");
    assert_int_equal(backup_find_file(&t->call, &m, backup_file_id((struct backup_file_ref){5293, 2}), &row),
                     0);
}

static void only_a_backup_that_succeeded_has_files(void **state)
{
    struct test_world *t = *state;
    struct instance m = backup_fixture(t, "master_pkg");
    struct backup_row row;
    int64_t id = backup_file_id((struct backup_file_ref){5294, 0});
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"m\"}"), "");
    assert_int_equal(backup_find(&t->call, &m, 5294, &row), 1);
    assert_int_equal(backup_find_file(&t->call, &m, id, &row), 0);
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_int_equal(test_world_flow_state(t, 5294), FLOW_SUCCEEDED);
    assert_int_equal(backup_find_file(&t->call, &m, id, &row), 1);
}

/* --- retention --- */

static void a_backup_is_kept_to_the_millisecond(void **state)
{
    struct test_world *t = *state;
    struct instance m = backup_fixture(t, "master_pkg");
    struct backup_row row;
    int64_t id = backup_file_id((struct backup_file_ref){5293, 0});
    clock_freeze(&t->world.clock, TEST_NOW + m.keep_ms - 1);
    assert_int_equal(backup_find(&t->call, &m, 5293, &row), 1);
    assert_int_equal(backup_find_file(&t->call, &m, id, &row), 1);
    clock_advance(&t->world.clock, 1);
    assert_int_equal(backup_find(&t->call, &m, 5293, &row), 0);
    assert_int_equal(backup_find_file(&t->call, &m, id, &row), 0);
    m.keep_ms += 1; /* a longer retention brings it back */
    assert_int_equal(backup_find(&t->call, &m, 5293, &row), 1);
}

static void with_the_instance_it_is_always_kept(void **state)
{
    struct test_world *t = *state;
    struct instance m = backup_fixture(t, "master_pkg");
    struct backup_row row;
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"m\",\"StorageStrategy\":1}"), "");
    clock_advance(&t->world.clock, 1000 * m.keep_ms);
    assert_int_equal(backup_find(&t->call, &m, 5293, &row), 0);
    assert_int_equal(backup_find(&t->call, &m, 5294, &row), 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, test_world_setup, test_world_teardown)

SUITE(backup_file)
{
    const struct CMUnitTest tests[] = {
        CASE(an_id_names_a_flow_and_an_ordinal),
        CASE(a_smaller_number_is_no_file),
        CASE(a_group_names_its_flow),
        CASE(names_have_two_forms),
        CASE(a_name_contains_its_start),
        CASE(other_names_are_rejected),
        CASE(a_size_follows_from_the_databases),
        CASE(a_backup_is_found_with_its_databases),
        CASE(an_archive_is_one_file),
        CASE(each_database_has_a_single_file),
        CASE(only_a_backup_that_succeeded_has_files),
        CASE(a_backup_is_kept_to_the_millisecond),
        CASE(with_the_instance_it_is_always_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
