/*
 * Proves that a call answers a failing store with the fitting code, and that what was answered as done, and
 * nothing else, is there afterwards.
 *
 * Each case is repeated with the first, the second, ... step of the disk failing, until a run passes in which
 * none did. A batch is what the server commits at once: calls, one commit, then the calls' answers.
 */
#include "support/failing_vfs.h"
#include "support/test_world.h"

#include <sqlite3.h>
#include <unistd.h>

#include "gateway/pipeline.h"

#define WHOLE "{\"InstanceId\":\"" TEST_INSTANCE "\"}"
#define OTHER "{\"InstanceId\":\"mssql-i1z41iwd\"}"

enum { MOST_STEPS = 500, BATCH_MAX = 4 };

struct disk {
    enum failing_steps steps;
    bool forever;
    int rc;
    const char *code;
};

static const struct disk disks[] = {
    {FAIL_WRITES, false, SQLITE_FULL, "InternalError.DBError"},
    {FAIL_WRITES, true, SQLITE_FULL, "InternalError.DBError"},
    {FAIL_EVERYTHING, false, SQLITE_IOERR, "InternalError.SystemError"},
    {FAIL_EVERYTHING, true, SQLITE_IOERR, "InternalError.SystemError"},
    {FAIL_EVERYTHING, true, SQLITE_CORRUPT, "InternalError.SystemError"},
};
enum { N_DISKS = sizeof disks / sizeof disks[0] };

/* Calls that share one commit, as in the server. */
struct batch {
    struct call calls[BATCH_MAX];
    size_t n;
};

/* Where calls failed, so that a test can assert that both occurred. */
static size_t failed_inside, failed_at_commit;

static int setup(void **state)
{
    failed_inside = failed_at_commit = 0;
    failing_vfs_install();
    return test_world_setup_file(state);
}

static int teardown(void **state)
{
    (void)failing_vfs_disarm();
    int rc = test_world_teardown(state);
    failing_vfs_remove();
    return rc;
}

/* --- a batch --- */

static void batch_call(struct test_world *t, struct batch *batch, const char *body)
{
    (void)test_world_backup(t, body);
    assert_true(batch->n < BATCH_MAX);
    batch->calls[batch->n++] = t->call;
}

/* Commits; -1 when the commit failed, and with it every call that changed something. */
static int batch_commit(struct test_world *t, struct batch *batch)
{
    if (world_commit(&t->world) == 0)
        return 0;
    for (size_t i = 0; i < batch->n; i++)
        if (batch->calls[i].changed)
            pipeline_lost(&batch->calls[i], db_fault(t->world.db), db_message(t->world.db));
    return -1;
}

static void check_failed(const struct call *c, const char *code)
{
    assert_text(error_table[c->error].code, code);
    if (strcmp(c->failed_step, "handle") == 0)
        failed_inside++;
    else
        failed_at_commit++;
}

/* How many are done; the others failed with the disk's code. */
static int64_t done(const struct batch *batch, const char *code)
{
    int64_t n = 0;
    for (size_t i = 0; i < batch->n; i++) {
        if (batch->calls[i].error == ERR_NONE)
            n++;
        else
            check_failed(&batch->calls[i], code);
    }
    return n;
}

/* Backups with flows and databases that belong together, seen by a connection of its own. */
static int64_t whole_backups(const struct test_world *t)
{
    sqlite3 *lite;
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_open(t->path, &lite), SQLITE_OK);
    const char *sql =
        "SELECT count(*), (SELECT count(*) FROM flow), (SELECT count(*) FROM flow_database) FROM backup"
        " JOIN flow ON flow.id = backup.flow";
    assert_int_equal(sqlite3_prepare_v2(lite, sql, -1, &q, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(q, 0);
    assert_int_equal(sqlite3_column_int64(q, 1), n);
    assert_int_equal(sqlite3_column_int64(q, 2), 2 * n); /* each instance has two databases */
    sqlite3_finalize(q);
    sqlite3_close(lite);
    return n;
}

/* What has been read is forgotten, so that the next statements go to the disk. */
static void forget_pages(struct test_world *t)
{
    SCOPED_STMT(s, t->world.db, "PRAGMA shrink_memory");
    assert_int_equal(stmt_step(s), 0);
}

/* Opens the world on an empty file, as after its first start. */
static void restart_empty(struct test_world *t)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    struct settings s = test_world_settings();
    s.db_path = t->path;
    world_done(&t->world);
    for (size_t i = 0; i < 4; i++)
        (void)unlink(arena_printf(&t->arena, "%s%s", t->path, suffixes[i]).p);
    test_world_open(t, &s);
    forget_pages(t);
}

/* Runs one batch with the nth step of the disk failing; returns how many steps failed. */
static int run_on(struct test_world *t, const struct disk *disk, int nth,
                  void (*calls)(struct test_world *, struct batch *))
{
    struct batch batch = {.n = 0};
    restart_empty(t);
    failing_vfs_arm((struct failing_plan){disk->steps, nth, disk->forever, disk->rc});
    calls(t, &batch);
    (void)batch_commit(t, &batch);
    int fired = failing_vfs_disarm();
    int64_t n = done(&batch, disk->code);
    if (fired == 0)
        assert_int_equal(n, batch.n);
    assert_int_equal(whole_backups(t), n);
    return fired;
}

static void run_on_every_disk(struct test_world *t, void (*calls)(struct test_world *, struct batch *))
{
    for (int d = 0; d < N_DISKS; d++) {
        int nth = 1;
        while (run_on(t, &disks[d], nth, calls) > 0 && nth < MOST_STEPS) {
            arena_reset(&t->arena);
            nth++;
        }
        assert_in_range(nth, 2, MOST_STEPS - 1);
    }
    assert_true(failed_inside > 0 && failed_at_commit > 0);
}

static void one_call(struct test_world *t, struct batch *batch)
{
    batch_call(t, batch, WHOLE);
}

static void every_step_of_a_call_may_fail(void **state)
{
    run_on_every_disk(*state, one_call);
}

static void two_calls(struct test_world *t, struct batch *batch)
{
    batch_call(t, batch, WHOLE);
    forget_pages(t);
    batch_call(t, batch, OTHER);
}

static void every_step_of_a_batch_may_fail(void **state)
{
    run_on_every_disk(*state, two_calls);
}

/* --- single moments --- */

static void arm(int rc)
{
    failing_vfs_arm((struct failing_plan){FAIL_EVERYTHING, 1, true, rc});
}

static void a_disk_error_takes_the_calls_before_it(void **state)
{
    struct test_world *t = *state;
    struct batch batch = {.n = 0};
    batch_call(t, &batch, WHOLE);
    assert_int_equal(batch.calls[0].error, ERR_NONE);
    forget_pages(t);
    arm(SQLITE_IOERR);
    batch_call(t, &batch, OTHER);
    assert_true(failing_vfs_disarm() > 0);
    assert_true(transaction_lost(t->world.db));
    assert_false(batch.calls[1].changed);
    batch_call(t, &batch, OTHER); /* the disk works again, but the batch is not over */
    assert_int_equal(batch_commit(t, &batch), -1);
    assert_int_equal(done(&batch, "InternalError.SystemError"), 0);
    assert_int_equal(whole_backups(t), 0);
    batch.n = 0;
    batch_call(t, &batch, WHOLE);
    assert_int_equal(batch_commit(t, &batch), 0);
    assert_int_equal(done(&batch, ""), 1);
    assert_int_equal(whole_backups(t), 1);
}

static void a_file_locked_elsewhere_makes_no_flow(void **state)
{
    struct test_world *t = *state;
    struct batch batch = {.n = 0};
    sqlite3 *other;
    assert_int_equal(sqlite3_open(t->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    batch_call(t, &batch, WHOLE);
    batch_call(t, &batch, OTHER);
    assert_int_equal(batch_commit(t, &batch), 0);
    assert_int_equal(done(&batch, "InternalError.CreateFlowFailed"), 0);
    assert_int_equal(test_world_flow_state(t, 5293), -1); /* reading still works */
    test_world_assert_failed(t, "handle", "InvalidParameter");
    sqlite3_close(other);
    batch.n = 0;
    batch_call(t, &batch, WHOLE);
    assert_int_equal(batch_commit(t, &batch), 0);
    assert_int_equal(done(&batch, ""), 1);
    assert_int_equal(whole_backups(t), 1);
}

static void a_file_that_is_gone_keeps_nothing(void **state)
{
    struct test_world *t = *state;
    struct batch batch = {.n = 0};
    assert_int_equal(unlink(t->path), 0);
    batch_call(t, &batch, WHOLE);
    assert_int_equal(batch.calls[0].error, ERR_NONE);
    assert_int_equal(batch_commit(t, &batch), -1);
    assert_int_equal(done(&batch, "InternalError.SystemError"), 0);
    assert_string_equal(batch.calls[0].failed_step, "durable");
}

/* A read in the lost batch sees the flow ended; the flow must not stay running for ever after it. */
static void what_a_lost_batch_settled_is_settled_again(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    assert_int_equal(world_commit(&t->world), 0);
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    failing_vfs_arm((struct failing_plan){FAIL_WRITES, 1, true, SQLITE_FULL});
    assert_int_equal(test_world_flow_state(t, 5293), FLOW_SUCCEEDED);
    assert_int_equal(world_commit(&t->world), -1);
    assert_true(failing_vfs_disarm() > 0);
    assert_int_equal(test_world_flow_state(t, 5293), FLOW_SUCCEEDED);
    assert_int_equal(world_commit(&t->world), 0);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM backup WHERE status = 1"), 1);
}

/* A world that cannot be filled says so, whatever step of the disk fails; and is as it was. */
static void every_step_of_a_start_may_fail(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    s.db_path = t->path;
    int fired = 1;
    for (int nth = 1; fired > 0; nth++) {
        struct str problem;
        assert_in_range(nth, 1, MOST_STEPS);
        world_done(&t->world);
        failing_vfs_arm((struct failing_plan){FAIL_EVERYTHING, nth, true, SQLITE_IOERR});
        enum world_fault fault = test_world_try_open(t, &s, &problem);
        fired = failing_vfs_disarm();
        if (fired > 0 && fault != WORLD_OK)
            assert_true(fault == WORLD_DB_FAILED && problem.n > 0);
        if (fired == 0)
            assert_int_equal(fault, WORLD_OK);
    }
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM instance"), 2);
}

SUITE(call_faults)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_step_of_a_call_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(every_step_of_a_batch_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(a_disk_error_takes_the_calls_before_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_locked_elsewhere_makes_no_flow, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_gone_keeps_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_lost_batch_settled_is_settled_again, setup, teardown),
        cmocka_unit_test_setup_teardown(every_step_of_a_start_may_fail, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
