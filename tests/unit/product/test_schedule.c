/* Proves when automatic backups are made, of which instances, in which order with flows, and which of them
 * are left out when the clock jumps. */
#include "support/flow_fixture.h"

#include "core/journal.h"
#include "product/sqlserver/schedule.h"
#include "product/sqlserver/sqlserver.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define WHOLE "{\"InstanceId\":\"" TEST_INSTANCE "\"}"

/* Disables the two instances of the built-in world and adds others. */
static void only(struct test_world *t, const char *instances)
{
    assert_int_equal(savepoint_begin(t->world.db), 0);
    {
        SCOPED_STMT(s, t->world.db, "UPDATE instance SET next_backup_ms = :never");
        stmt_bind_i64(s, ":never", INT64_MAX);
        assert_int_equal(stmt_run(s), 0);
    }
    assert_int_equal(savepoint_release(t->world.db), 0);
    test_world_add_regions(
        t, arena_printf(&t->arena, "[{'region':'" TEST_REGION "','instances':[%s]}]", instances).p);
}

static void settle_at(struct test_world *t, int64_t ms)
{
    clock_freeze(&t->world.clock, TEST_NOW + ms);
    assert_int_equal(flow_settle(&t->world), 0);
}

/* The starts of all backups in the order of their flows, in hours since TEST_NOW. */
static const char *hours(struct test_world *t)
{
    SCOPED_STMT(s, t->world.db, "SELECT start_ms FROM backup ORDER BY flow");
    struct str all = STR("");
    int rc;
    while ((rc = stmt_step(s)) == 1) {
        int64_t since = stmt_i64(s, "start_ms") - TEST_NOW;
        assert_int_equal(since % HOUR, 0);
        all =
            arena_printf(&t->arena, "%.*s%s%lld", STR_ARG(all), all.n ? " " : "", (long long)(since / HOUR));
    }
    assert_int_equal(rc, 0);
    return arena_cstr(&t->arena, all);
}

/* --- times --- */

static void every_day_at_its_hour(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','backup_hour':3,'databases':[{'name':'a'}]}");
    settle_at(t, 3 * HOUR - 1);
    assert_string_equal(hours(t), "");
    settle_at(t, 3 * HOUR);
    assert_string_equal(hours(t), "3");
    settle_at(t, 3 * HOUR + DAY - 1);
    assert_string_equal(hours(t), "3");
    settle_at(t, 3 * HOUR + 2 * DAY);
    assert_string_equal(hours(t), "3 27 51");
}

/* 2026-01-01 is a Thursday: Friday is a day later, Sunday three, Friday again eight. */
static void on_the_days_of_the_week(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','backup_type':'weekly','backup_cycle':[7,5],'backup_hour':1,"
            "'backup_save_days':30,'databases':[{'name':'a'}]}");
    settle_at(t, 9 * DAY);
    assert_string_equal(hours(t), "25 73 193");
}

static void a_cycle_counts_only_for_weekly_backups(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','backup_cycle':[1],'databases':[{'name':'a'}]}");
    settle_at(t, 2 * DAY);
    assert_string_equal(hours(t), "24 48");
}

static void an_automatic_backup_is_a_scheduled_one(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','backup_model':'master_no_pkg','databases':[{'name':'a'},{'name':'b'},"
            "{'name':'new','status':1}]}");
    settle_at(t, DAY + 1234);
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM backup JOIN flow ON flow.id = flow WHERE way = 0"
                            " AND strategy = 0 AND storage_strategy = 0 AND backup.status = 1"
                            " AND single = 1 AND name = 'm_20260102000000' AND end_ms = backup.start_ms"
                            " AND kind = 'autobackup' AND outcome = 'success'"),
        1);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow_database WHERE name IN ('a', 'b')"),
                     2);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow_database"), 2);
}

static void a_simple_database_makes_it_fail(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','databases':[{'name':'a'},{'name':'b','simple_recovery':true}]}");
    settle_at(t, DAY);
    assert_int_equal(test_world_count(t, "SELECT status AS n FROM backup"), 2);
}

/* --- instances --- */

static void an_instance_with_nothing_to_back_up_is_skipped(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'empty'},{'instance_id':'off','status':9,'databases':[{'name':'a'}]}");
    settle_at(t, 3 * DAY);
    assert_string_equal(hours(t), "");
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow"), 0);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + 4 * DAY);
}

static void instances_of_one_time_follow_each_other(void **state)
{
    struct test_world *t = *state;
    settle_at(t, DAY);
    assert_string_equal(hours(t), "24 24");
    assert_int_equal(test_world_count(t, "SELECT instance AS n FROM backup WHERE flow = 5293"), 1);
    assert_int_equal(test_world_count(t, "SELECT instance AS n FROM backup WHERE flow = 5294"), 2);
    settle_at(t, 2 * DAY);
    assert_string_equal(hours(t), "24 24 48 48");
}

static void a_world_without_instances_never_backs_up(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    s.world_path = test_world_write(t, "world.json",
                                    test_world_json(t, "{'version':1,'accounts':[{'uin':'1','credentials':["
                                                       "{'secret_id':'a','secret_key':'b'}]}]}"));
    test_world_reopen(t, &s);
    int64_t next = 0;
    assert_int_equal(schedule_next(&t->world, &next), 0);
    assert_true(next == INT64_MAX);
    settle_at(t, 100 * DAY);
    assert_true(t->world.next_due_ms == INT64_MAX);
}

/* --- in order with flows --- */

static void start_renaming(struct test_world *t, int64_t lasts_ms)
{
    const struct flow_database database = {STR("db1"), STR("later"), DATABASE_EFFECT_RENAME};
    const struct flow_plan plan = flow_fixture_plan(t, FLOW_KIND_RENAMEDB, 1);
    t->world.settings.flow_ms[FLOW_KIND_RENAMEDB] = lasts_ms;
    (void)flow_fixture_start(t, &plan, &database, 1);
}

/* How many backups hold a database. */
static int64_t backups_of(struct test_world *t, const char *name)
{
    SCOPED_STMT(
        s, t->world.db,
        "SELECT count(*) AS n FROM flow_database JOIN backup USING (flow) WHERE flow_database.name = :name");
    stmt_bind_str(s, ":name", str_from(name));
    assert_int_equal(stmt_step(s), 1);
    return stmt_i64(s, "n");
}

/* While db1 gets its name, it is not in normal status, and a backup does not contain it. */
static void a_flow_that_ends_at_the_same_time_ends_before(void **state)
{
    struct test_world *t = *state;
    start_renaming(t, 2 * DAY);
    settle_at(t, 5 * DAY);
    assert_int_equal(backups_of(t, "db1"), 0);
    assert_int_equal(backups_of(t, "db2"), 5);
    assert_int_equal(backups_of(t, "later"), 4);
}

static void a_flow_that_ends_later_ends_after(void **state)
{
    struct test_world *t = *state;
    start_renaming(t, 2 * DAY + 1);
    settle_at(t, 5 * DAY);
    assert_int_equal(backups_of(t, "db2"), 5);
    assert_int_equal(backups_of(t, "later"), 3);
}

static void a_backup_with_a_duration_ends_in_order(void **state)
{
    struct test_world *t = *state;
    t->world.settings.flow_ms[FLOW_KIND_AUTOBACKUP] = HOUR;
    settle_at(t, DAY + HOUR - 1);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM backup WHERE status = 0"), 2);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + DAY + HOUR);
    settle_at(t, 3 * DAY);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM backup WHERE status = 1"
                                         " AND end_ms = start_ms + 3600000"),
                     4);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM backup WHERE status = 0"), 2);
}

/* Documented: no manual backup while the automatic one runs. Afterwards one is accepted. */
static void no_manual_backup_meanwhile(void **state)
{
    struct test_world *t = *state;
    const char *code = "ResourceUnavailable.InstanceStatusInvalid";
    t->world.settings.flow_ms[FLOW_KIND_AUTOBACKUP] = HOUR;
    settle_at(t, DAY);
    assert_string_equal(test_world_backup(t, WHOLE), code);
    assert_string_equal(
        test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\",\"Strategy\":1,\"DBNames\":[\"db1\"]}"),
        code);
    clock_advance(&t->world.clock, HOUR);
    assert_string_equal(test_world_backup(t, WHOLE), "");
}

/* --- a clock that jumps --- */

static void years_make_only_backups_that_are_still_kept(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','backup_save_days':3,'databases':[{'name':'a'}]}");
    settle_at(t, 3650 * DAY);
    /* the one of three days ago has expired in this millisecond */
    assert_string_equal(hours(t), "87552 87576 87600");
    assert_int_equal(t->world.next_due_ms, TEST_NOW + 3651 * DAY);
}

/* The first one, a day after the start, is due for as long as it would be kept. */
static void the_first_one_is_made_until_it_would_have_expired(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','backup_save_days':3650,'databases':[{'name':'a'}]}");
    settle_at(t, 367 * DAY);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM backup"), 366);
    assert_int_equal(test_world_count(t, "SELECT min(start_ms) AS n FROM backup"), TEST_NOW + 2 * DAY);
}

static void one_millisecond_before_it_is_made(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','backup_save_days':3650,'databases':[{'name':'a'}]}");
    settle_at(t, 367 * DAY - 1);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM backup"), 366);
    assert_int_equal(test_world_count(t, "SELECT min(start_ms) AS n FROM backup"), TEST_NOW + DAY);
}

static void a_century_makes_those_of_a_year(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','backup_save_days':3650,'databases':[{'name':'a'}]}");
    settle_at(t, 36500 * DAY);
    SCOPED_STMT(s, t->world.db, "SELECT count(*) AS n FROM backup");
    assert_int_equal(stmt_step(s), 1);
    assert_int_equal(stmt_i64(s, "n"), 366);
}

static void the_oldest_that_is_kept_is_made(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','backup_save_days':3,'databases':[{'name':'a'}]}");
    settle_at(t, 3650 * DAY - 1);
    assert_string_equal(hours(t), "87528 87552 87576");
}

static void the_end_of_the_calendar_does_no_harm(void **state)
{
    struct test_world *t = *state;
    clock_freeze(&t->world.clock, INT64_MAX);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_true(t->world.next_due_ms > world_now_ms(&t->world));
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM backup"), 14);
}

static void a_clock_moved_back_makes_none_twice(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','databases':[{'name':'a'}]}");
    settle_at(t, 2 * DAY);
    settle_at(t, 0);
    settle_at(t, 2 * DAY + HOUR);
    assert_string_equal(hours(t), "24 48");
    settle_at(t, 3 * DAY);
    assert_string_equal(hours(t), "24 48 72");
}

/* --- a changed schedule --- */

static void reset(struct test_world *t, int64_t instance, int64_t hour)
{
    assert_int_equal(savepoint_begin(t->world.db), 0);
    {
        SCOPED_STMT(s, t->world.db, "UPDATE instance SET backup_hour = :hour WHERE id = :id");
        stmt_bind_i64(s, ":hour", hour);
        stmt_bind_i64(s, ":id", instance);
        assert_int_equal(stmt_run(s), 0);
    }
    assert_int_equal(schedule_reset(&t->world, instance), 0);
    assert_int_equal(savepoint_release(t->world.db), 0);
}

static void a_new_schedule_counts_from_now(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','databases':[{'name':'a'}]}");
    clock_freeze(&t->world.clock, TEST_NOW + 5 * HOUR);
    reset(t, 3, 6);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + 6 * HOUR);
    reset(t, 3, 5); /* that hour has just begun, so the next one is tomorrow */
    assert_int_equal(t->world.next_due_ms, TEST_NOW + DAY + 5 * HOUR);
    settle_at(t, 2 * DAY);
    assert_string_equal(hours(t), "29");
}

static void a_reset_leaves_what_is_due_before(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    reset(t, 2, 6);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + TEST_FLOW_MS);
}

static void an_unknown_instance_has_no_schedule(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(schedule_reset(&t->world, 99), -1);
}

/* With the rows of its files. One that is a millisecond younger is kept, also by the longer retention. */
static void a_longer_retention_deletes_what_has_expired(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','backup_save_days':3,'databases':[{'name':'a'}]}");
    clock_freeze(&t->world.clock, TEST_NOW + HOUR);
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"m\"}"), "");
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"m\"}"), "");
    clock_freeze(&t->world.clock, TEST_NOW + HOUR + 3 * DAY);
    struct test_world_request r =
        test_world_post("ModifyBackupStrategy", "{\"InstanceId\":\"m\",\"BackupSaveDays\":30}");
    assert_string_equal(test_world_run(t, &r), "");
    assert_int_equal(test_world_count(t, "SELECT min(start_ms) AS n FROM backup"),
                     TEST_NOW + HOUR + TEST_FLOW_MS);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow_database"
                                         " WHERE flow NOT IN (SELECT flow FROM backup)"),
                     0);
    assert_int_equal(test_world_count(t, "SELECT count(DISTINCT flow) AS n FROM flow_database"), 4);
}

/* No id is left: the backups are left out each time, and everything else that is due happens. */
static void one_that_cannot_be_stored_is_left_out(void **state)
{
    struct test_world *t = *state;
    only(t, "{'instance_id':'m','databases':[{'name':'a'}]}");
    t->world.next_flow_id = FLOW_ID_MAX + 1;
    settle_at(t, 2 * DAY);
    assert_string_equal(hours(t), "");
    assert_int_equal(t->world.next_due_ms, TEST_NOW + 3 * DAY);
    assert_null(journal_change_after(t->world.journal, 0));
}

/* Ended by hand, one after the other, each instance on its own. */
static void the_next_one_waits_for_the_one_before(void **state)
{
    struct test_world *t = *state;
    t->world.settings.flow_ms[FLOW_KIND_AUTOBACKUP] = FLOW_BY_HAND;
    settle_at(t, 5 * DAY);
    assert_string_equal(hours(t), "24 24");
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(flow_finish(&t->world, 5293, false), 1);
    assert_int_equal(savepoint_release(t->world.db), 0);
    settle_at(t, 7 * DAY);
    assert_string_equal(hours(t), "24 24 144");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, test_world_setup, test_world_teardown)

SUITE(schedule)
{
    const struct CMUnitTest tests[] = {
        CASE(every_day_at_its_hour),
        CASE(on_the_days_of_the_week),
        CASE(a_cycle_counts_only_for_weekly_backups),
        CASE(an_automatic_backup_is_a_scheduled_one),
        CASE(a_simple_database_makes_it_fail),
        CASE(an_instance_with_nothing_to_back_up_is_skipped),
        CASE(instances_of_one_time_follow_each_other),
        CASE(a_world_without_instances_never_backs_up),
        CASE(a_flow_that_ends_at_the_same_time_ends_before),
        CASE(a_flow_that_ends_later_ends_after),
        CASE(a_backup_with_a_duration_ends_in_order),
        CASE(no_manual_backup_meanwhile),
        CASE(years_make_only_backups_that_are_still_kept),
        CASE(the_first_one_is_made_until_it_would_have_expired),
        CASE(one_millisecond_before_it_is_made),
        CASE(a_century_makes_those_of_a_year),
        CASE(the_oldest_that_is_kept_is_made),
        CASE(the_end_of_the_calendar_does_no_harm),
        CASE(a_clock_moved_back_makes_none_twice),
        CASE(a_new_schedule_counts_from_now),
        CASE(a_reset_leaves_what_is_due_before),
        CASE(an_unknown_instance_has_no_schedule),
        CASE(a_longer_retention_deletes_what_has_expired),
        CASE(one_that_cannot_be_stored_is_left_out),
        CASE(the_next_one_waits_for_the_one_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
