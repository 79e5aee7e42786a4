/*
 * Proves that a call answers a failing store with the fitting code, and that what was answered as done, and
 * nothing else, is there afterwards.
 *
 * Each case is repeated with the first, the second, ... step of the disk failing, until a run passes in which
 * none did. A turn is what the server makes of it: calls, one commit, and the calls' answers after it.
 */
#include "support/failing_vfs.h"
#include "support/test_world.h"

#include <sqlite3.h>
#include <unistd.h>

#include "gateway/pipeline.h"

#define WHOLE "{\"InstanceId\":\"" TEST_INSTANCE "\"}"
#define OTHER "{\"InstanceId\":\"mssql-i1z41iwd\"}"

enum { MOST_STEPS = 500, TURN_MAX = 4 };

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

/* The calls of a turn that wait for its commit, as the server keeps them. */
struct turn {
    struct call calls[TURN_MAX];
    size_t n;
};

/* Where calls failed, so that a test can tell that it has met both. */
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

/* --- a turn --- */

static void turn_call(struct test_world *t, struct turn *turn, const char *body)
{
    (void)test_world_backup(t, body);
    assert_true(turn->n < TURN_MAX);
    turn->calls[turn->n++] = t->call;
}

/* The commit; -1 when it took the changed calls with it. */
static int transaction_end(struct test_world *t, struct turn *turn)
{
    if (world_commit(&t->world) == 0)
        return 0;
    for (size_t i = 0; i < turn->n; i++)
        if (turn->calls[i].changed)
            pipeline_lost(&turn->calls[i], db_fault(t->world.db), db_message(t->world.db));
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
static int64_t done(const struct turn *turn, const char *code)
{
    int64_t n = 0;
    for (size_t i = 0; i < turn->n; i++) {
        if (turn->calls[i].error == ERR_NONE)
            n++;
        else
            check_failed(&turn->calls[i], code);
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

/* A world as after its first start. */
static void start_anew(struct test_world *t)
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

/* Runs one turn with the nth step failing; how many failed. */
static int run_on(struct test_world *t, const struct disk *disk, int nth,
                  void (*calls)(struct test_world *, struct turn *))
{
    struct turn turn = {.n = 0};
    start_anew(t);
    failing_vfs_arm((struct failing_plan){disk->steps, nth, disk->forever, disk->rc});
    calls(t, &turn);
    (void)transaction_end(t, &turn);
    int fired = failing_vfs_disarm();
    int64_t n = done(&turn, disk->code);
    if (fired == 0)
        assert_int_equal(n, turn.n);
    assert_int_equal(whole_backups(t), n);
    return fired;
}

static void run_on_every_disk(struct test_world *t, void (*calls)(struct test_world *, struct turn *))
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

static void one_call(struct test_world *t, struct turn *turn)
{
    turn_call(t, turn, WHOLE);
}

static void every_step_of_a_call_may_fail(void **state)
{
    run_on_every_disk(*state, one_call);
}

static void two_calls(struct test_world *t, struct turn *turn)
{
    turn_call(t, turn, WHOLE);
    forget_pages(t);
    turn_call(t, turn, OTHER);
}

static void every_step_of_a_turn_may_fail(void **state)
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
    struct turn turn = {.n = 0};
    turn_call(t, &turn, WHOLE);
    assert_int_equal(turn.calls[0].error, ERR_NONE);
    forget_pages(t);
    arm(SQLITE_IOERR);
    turn_call(t, &turn, OTHER);
    assert_true(failing_vfs_disarm() > 0);
    assert_true(transaction_lost(t->world.db));
    assert_false(turn.calls[1].changed);
    turn_call(t, &turn, OTHER); /* the disk is well again, but the turn is not over */
    assert_int_equal(transaction_end(t, &turn), -1);
    assert_int_equal(done(&turn, "InternalError.SystemError"), 0);
    assert_int_equal(whole_backups(t), 0);
    turn.n = 0;
    turn_call(t, &turn, WHOLE);
    assert_int_equal(transaction_end(t, &turn), 0);
    assert_int_equal(done(&turn, ""), 1);
    assert_int_equal(whole_backups(t), 1);
}

static void a_file_locked_elsewhere_makes_no_flow(void **state)
{
    struct test_world *t = *state;
    struct turn turn = {.n = 0};
    sqlite3 *other;
    assert_int_equal(sqlite3_open(t->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    turn_call(t, &turn, WHOLE);
    turn_call(t, &turn, OTHER);
    assert_int_equal(transaction_end(t, &turn), 0);
    assert_int_equal(done(&turn, "InternalError.CreateFlowFailed"), 0);
    assert_int_equal(test_world_flow_state(t, 5293), -1); /* reading goes on */
    test_world_assert_failed(t, "handle", "InvalidParameter");
    sqlite3_close(other);
    turn.n = 0;
    turn_call(t, &turn, WHOLE);
    assert_int_equal(transaction_end(t, &turn), 0);
    assert_int_equal(done(&turn, ""), 1);
    assert_int_equal(whole_backups(t), 1);
}

static void a_file_that_is_gone_keeps_nothing(void **state)
{
    struct test_world *t = *state;
    struct turn turn = {.n = 0};
    assert_int_equal(unlink(t->path), 0);
    turn_call(t, &turn, WHOLE);
    assert_int_equal(turn.calls[0].error, ERR_NONE);
    assert_int_equal(transaction_end(t, &turn), -1);
    assert_int_equal(done(&turn, "InternalError.SystemError"), 0);
    assert_string_equal(turn.calls[0].failed_step, "durable");
}

/* Whoever asks in the turn that is lost sees the flow done; it must not be running for ever after. */
static void what_a_lost_turn_settled_is_settled_again(void **state)
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
        cmocka_unit_test_setup_teardown(every_step_of_a_turn_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(a_disk_error_takes_the_calls_before_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_locked_elsewhere_makes_no_flow, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_gone_keeps_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_lost_turn_settled_is_settled_again, setup, teardown),
        cmocka_unit_test_setup_teardown(every_step_of_a_start_may_fail, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
