/* Proves that the journal's file has what the ring has, over restarts too, and that calls go on without it.
 */
#include "support/failing_step.h"
#include "support/test_world.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "core/journal.h"
#include "core/journal_file.h"
#include "gen/migrations.h"

static const char backup[] = "{\"InstanceId\":\"" TEST_INSTANCE "\"}";

static void open_journal(struct test_world *t, size_t calls)
{
    struct settings s = test_world_settings();
    s.journal_calls = calls;
    s.journal_bytes = LIMIT_JOURNAL_BYTES;
    s.journal_path = t->path;
    test_world_open(t, &s);
}

static void record(struct test_world *t, const char *action, const char *body)
{
    struct test_world_request r = test_world_post(action, body);
    (void)test_world_run(t, &r);
    call_record(&t->call, 200);
    assert_int_equal(world_commit(&t->world), 0);
}

/* Ends the world and looks into the file that it left. */
static struct db *look(struct test_world *t)
{
    struct str problem;
    struct db *db;
    world_done(&t->world);
    assert_int_equal(db_open(&t->arena, t->path, journal_migrations, n_journal_migrations, &db, &problem),
                     DB_OPEN_OK);
    return db;
}

/* And goes on with a world that has nothing to do with it. */
static void leave(struct test_world *t, struct db *db)
{
    struct settings s = test_world_settings();
    db_close(db);
    test_world_open(t, &s);
}

static void a_row_a_call(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10);
    record(t, "CreateBackup", "{\"InstanceId\":\"mssql-njj2mtpl\",\"Strategy\":1,\"DBNames\":[\"db1\"]}");
    record(t, "CreateBackup", "no json");
    struct db *db = look(t);
    {
        SCOPED_STMT(s, db, "SELECT * FROM v_requests ORDER BY serial");
        assert_int_equal(stmt_step(s), 1);
        assert_text(stmt_str(s, &t->arena, "action"), "CreateBackup");
        assert_text(stmt_str(s, &t->arena, "code"), "ok");
        assert_text(stmt_str(s, &t->arena, "params"),
                    "{\"InstanceId\":\"mssql-njj2mtpl\",\"Strategy\":1,\"DBNames\":[\"db1\"]}");
        assert_int_equal(stmt_i64(s, "flow_id"), 5293);
        assert_true(stmt_is_null(s, "failed_step"));
        assert_int_equal(stmt_step(s), 1);
        assert_text(stmt_str(s, &t->arena, "failed_step"), "decode");
        assert_true(stmt_is_null(s, "params"));
        assert_true(stmt_is_null(s, "flow_id"));
        assert_int_equal(stmt_step(s), 0);
    }
    leave(t, db);
}

static void it_is_bounded_over_restarts(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 3);
    for (int i = 0; i < 2; i++)
        record(t, "DescribeRegions", "{}");
    world_done(&t->world);
    open_journal(t, 3);
    for (int i = 0; i < 2; i++)
        record(t, "DescribeZones", "{}");
    struct db *db = look(t);
    {
        SCOPED_STMT(s, db, "SELECT count(*) AS n, sum(action = 'DescribeZones') AS zones FROM v_requests");
        assert_int_equal(stmt_step(s), 1);
        assert_int_equal(stmt_i64(s, "n"), 3);
        assert_int_equal(stmt_i64(s, "zones"), 2);
    }
    leave(t, db);
}

/* Calls that could not be written are not counted as rows, for which older ones would be deleted. A commit
 * into a file that was moved away fails after the rows were inserted. */
static void a_failed_write_costs_no_older_call(void **state)
{
    struct test_world *t = *state;
    char away[sizeof t->path + sizeof ".away"];
    (void)snprintf(away, sizeof away, "%s.away", t->path);
    open_journal(t, 4);
    for (int i = 0; i < 2; i++)
        record(t, "DescribeRegions", "{}");
    world_done(&t->world);
    open_journal(t, 4);
    assert_int_equal(rename(t->path, away), 0);
    for (int i = 0; i < 3; i++)
        record(t, "DescribeRegions", "{}");
    assert_int_equal(rename(away, t->path), 0);
    record(t, "DescribeZones", "{}");
    struct db *db = look(t);
    {
        SCOPED_STMT(s, db, "SELECT count(*) AS n, sum(action = 'DescribeZones') AS zones FROM v_requests");
        assert_int_equal(stmt_step(s), 1);
        assert_int_equal(stmt_i64(s, "n"), 3);
        assert_int_equal(stmt_i64(s, "zones"), 1);
    }
    leave(t, db);
}

static void what_the_ring_drops_is_dropped_there(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 2);
    for (int i = 0; i < 5; i++)
        record(t, "DescribeRegions", "{}");
    struct db *db = look(t);
    {
        SCOPED_STMT(s, db, "SELECT count(*) AS n FROM v_requests");
        assert_int_equal(stmt_step(s), 1);
        assert_int_equal(stmt_i64(s, "n"), 2);
    }
    leave(t, db);
}

static void clearing_empties_it(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10);
    record(t, "DescribeRegions", "{}");
    assert_int_equal(journal_clear(t->world.journal), 1);
    record(t, "DescribeZones", "{}");
    struct db *db = look(t);
    {
        SCOPED_STMT(s, db, "SELECT action FROM v_requests");
        assert_int_equal(stmt_step(s), 1);
        assert_text(stmt_str(s, &t->arena, "action"), "DescribeZones");
        assert_int_equal(stmt_step(s), 0);
    }
    leave(t, db);
}

/* --- flows and backups --- */

static int64_t number(struct stmt *s)
{
    assert_int_equal(stmt_step(s), 1);
    return stmt_i64(s, "n");
}

/* The names of a view's columns, with commas. */
static struct str columns(struct test_world *t, struct db *db, const char *view)
{
    SCOPED_STMT(s, db, "SELECT group_concat(name) AS names FROM pragma_table_info(:view)");
    stmt_bind_str(s, ":view", str_from(view));
    assert_int_equal(stmt_step(s), 1);
    return arena_dup(&t->arena, stmt_str(s, &t->arena, "names"));
}

static void the_views_are_those_of_the_state(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10);
    struct str flows = columns(t, t->world.db, "v_flows"), backups = columns(t, t->world.db, "v_backups");
    struct db *db = look(t);
    assert_true(str_eq(columns(t, db, "v_flows"), flows));
    assert_true(str_eq(columns(t, db, "v_backups"), backups));
    leave(t, db);
}

static void a_flow_is_there_and_ends(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10);
    record(t, "CreateBackup", "{\"InstanceId\":\"mssql-njj2mtpl\",\"Strategy\":1,\"DBNames\":[\"db1\"]}");
    record(t, "CreateBackup", "{\"InstanceId\":\"mssql-njj2mtpl\",\"Strategy\":1,\"DBNames\":[\"db2\"]}");
    clock_advance(&t->world.clock, TEST_FLOW_MS - 1);
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(flow_finish(&t->world, 5293, true), 1);
    assert_int_equal(savepoint_release(t->world.db), 0);
    assert_int_equal(world_commit(&t->world), 0);
    struct db *db = look(t);
    {
        SCOPED_STMT(flows, db,
                    "SELECT count(*) AS n FROM v_flows WHERE databases = '[\"db1\"]' AND status = 'failure'");
        SCOPED_STMT(backups, db,
                    "SELECT count(*) AS n FROM v_backups WHERE status = 'failure' AND flow_id = 5293");
        SCOPED_STMT(running, db,
                    "SELECT count(*) AS n FROM v_backups WHERE status = 'running' AND end_ms IS NULL");
        assert_int_equal(number(flows), 1);
        assert_int_equal(number(backups), 1);
        assert_int_equal(number(running), 1);
    }
    leave(t, db);
}

/* The flows of an earlier run in memory are not this run's. */
static void a_start_begins_with_the_state_that_there_is(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10);
    record(t, "CreateBackup", "{\"InstanceId\":\"mssql-njj2mtpl\"}");
    world_done(&t->world);
    open_journal(t, 10);
    struct db *db = look(t);
    {
        SCOPED_STMT(flows, db, "SELECT count(*) AS n FROM v_flows");
        SCOPED_STMT(calls, db, "SELECT count(*) AS n FROM v_requests");
        assert_int_equal(number(flows), 0);
        assert_int_equal(number(calls), 1);
    }
    leave(t, db);
}

static void insert_flows(struct test_world *t, int64_t from, int64_t n)
{
    assert_int_equal(savepoint_begin(t->world.db), 0);
    {
        SCOPED_STMT(s, t->world.db,
                    "WITH RECURSIVE i(id) AS (VALUES (:from) UNION ALL SELECT id + 1 FROM i WHERE id < :last)"
                    " INSERT INTO flow (id, instance, kind, start_ms, due_ms, fails, outcome)"
                    " SELECT id, 1, 'createdb', 0, 0, 0, 'success' FROM i");
        stmt_bind_i64(s, ":from", from);
        stmt_bind_i64(s, ":last", from + n - 1);
        assert_int_equal(stmt_run(s), 0);
    }
    assert_int_equal(savepoint_release(t->world.db), 0);
    assert_int_equal(world_commit(&t->world), 0);
}

/* Many at once are copied again; then one more evicts the oldest. */
static void it_has_the_last_flows(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10);
    insert_flows(t, 1, LIMIT_JOURNAL_FLOWS + 5);
    insert_flows(t, LIMIT_JOURNAL_FLOWS + 6, 1);
    struct db *db = look(t);
    {
        SCOPED_STMT(count, db, "SELECT count(*) AS n FROM v_flows");
        SCOPED_STMT(first, db, "SELECT min(flow_id) AS n FROM v_flows");
        assert_int_equal(number(count), LIMIT_JOURNAL_FLOWS);
        assert_int_equal(number(first), 7);
    }
    leave(t, db);
}

static void a_backup_goes_with_its_flow(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10);
    assert_string_equal(test_world_backup(t, backup), "");
    int64_t flow = test_world_flow_id(t);
    insert_flows(t, flow + 1, LIMIT_JOURNAL_FLOWS - 1);
    insert_flows(t, flow + LIMIT_JOURNAL_FLOWS, 1);
    struct db *db = look(t);
    {
        SCOPED_STMT(first, db, "SELECT min(flow_id) AS n FROM v_flows");
        SCOPED_STMT(backups, db, "SELECT count(*) AS n FROM v_backups");
        assert_int_equal(number(first), flow + 1);
        assert_int_equal(number(backups), 0);
    }
    leave(t, db);
}

/* Of a state that was there before: they are in the file when the start is over. */
static void it_has_the_flows_of_the_state_at_once(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    sqlite3 *lite;
    sqlite3_stmt *flows;
    s.db_path = arena_printf(&t->arena, "%s/state.db", t->folder).p;
    test_world_open(t, &s);
    assert_string_equal(test_world_backup(t, backup), "");
    assert_int_equal(world_commit(&t->world), 0);
    s.journal_path = t->path;
    test_world_reopen(t, &s);
    assert_int_equal(sqlite3_open(t->path, &lite), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(lite, "SELECT count(*) FROM v_flows", -1, &flows, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(flows), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int64(flows, 0), 1);
    sqlite3_finalize(flows);
    sqlite3_close(lite);
}

/* Writes the journal with its nth statement failing. The log must name the cause: standard error is a file
 * meanwhile. */
static bool write_fails_at(struct test_world *t, int nth)
{
    FILE *log = tmpfile();
    char text[256] = "";
    const int real_stderr = dup(STDERR_FILENO);
    assert_true(log && dup2(fileno(log), STDERR_FILENO) == STDERR_FILENO);
    log_setup(LOG_TEXT, LOG_WARN);
    failing_step_arm(nth, SQLITE_IOERR);
    journal_file_write(t->world.journal->file, t->world.journal);
    bool failed = failing_step_disarm();
    log_flush();
    log_setup(LOG_TEXT, LOG_ERROR + 1);
    assert_int_equal(dup2(real_stderr, STDERR_FILENO), STDERR_FILENO);
    assert_true(pread(fileno(log), text, sizeof text - 1, 0) >= 0);
    assert_int_equal(strstr(text, "cannot be written: ") != NULL, failed);
    assert_null(strstr(text, ": ;"));
    (void)close(real_stderr);
    (void)fclose(log);
    return failed;
}

/* Writes a call and its flow with the nth statement failing, and a second call; whether there was such a
 * statement. The file then has the flow and the second call, and the first unless its writing failed. */
static bool fails_at(struct test_world *t, int nth)
{
    (void)unlink(t->path);
    open_journal(t, 10);
    assert_string_equal(test_world_backup(t, backup), "");
    call_record(&t->call, 200);
    bool failed = write_fails_at(t, nth);
    record(t, "DescribeRegions", "{}");
    struct db *db = look(t);
    {
        SCOPED_STMT(flows, db, "SELECT count(*) AS n FROM v_flows");
        SCOPED_STMT(backups, db, "SELECT count(*) AS n FROM v_backups");
        SCOPED_STMT(calls, db, "SELECT count(*) AS n FROM v_requests");
        SCOPED_STMT(second, db, "SELECT count(*) AS n FROM v_requests WHERE action = 'DescribeRegions'");
        assert_int_equal(number(flows), 1);
        assert_int_equal(number(backups), 1);
        assert_int_equal(number(calls), failed ? 1 : 2);
        assert_int_equal(number(second), 1);
    }
    db_close(db);
    return failed;
}

static void every_statement_may_fail(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    int nth = 1;
    while (fails_at(t, nth))
        assert_in_range(++nth, 1, 100);
    assert_true(nth > 5);
    test_world_open(t, &s);
}

static void a_file_of_something_else_is_rejected(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    struct str problem;
    s.journal_path = test_world_write(t, "other.db", "this is no database of ours");
    assert_int_equal(test_world_try_open(t, &s, &problem), WORLD_DB_FOREIGN);
    assert_non_null(strstr(arena_cstr(&t->arena, problem), "is not a virga database"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, test_world_setup_folder, test_world_teardown)

SUITE(journal_file)
{
    const struct CMUnitTest tests[] = {
        TEST(a_row_a_call),
        TEST(it_is_bounded_over_restarts),
        TEST(a_failed_write_costs_no_older_call),
        TEST(what_the_ring_drops_is_dropped_there),
        TEST(clearing_empties_it),
        TEST(the_views_are_those_of_the_state),
        TEST(a_flow_is_there_and_ends),
        TEST(a_start_begins_with_the_state_that_there_is),
        TEST(it_has_the_last_flows),
        TEST(a_backup_goes_with_its_flow),
        TEST(it_has_the_flows_of_the_state_at_once),
        TEST(every_statement_may_fail),
        TEST(a_file_of_something_else_is_rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
