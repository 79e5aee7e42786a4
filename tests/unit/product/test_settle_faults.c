/*
 * Proves that what falls due is applied exactly once and in order, whatever step of the disk fails, and also
 * when the program ends in between.
 *
 * A course of a day: a backup of the whole instance, a renaming and a dropping fall due, then each of two
 * instances makes its automatic backup. It is settled with the first, the second, ... step failing, and again
 * on a disk that is well.
 */
#include "support/failing_vfs.h"
#include "support/flow_fixture.h"

#include <sqlite3.h>
#include <unistd.h>

#include "product/sqlserver/sqlserver.h"

#define DAY INT64_C(86400000)
#define WHOLE "{\"InstanceId\":\"" TEST_INSTANCE "\"}"

enum { MOST_STEPS = 500 };

/* Each settled state is a sum of these, so that one number shows what has been applied. */
enum {
    RENAMED = 1,
    DROPPED = 2,
    BACKED_UP = 4,
    AUTOMATIC = 8,
    COMPLETE = RENAMED + DROPPED + BACKED_UP + 2 * AUTOMATIC
};

static int setup(void **state)
{
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

static void start(struct test_world *t, enum flow_kind kind, int64_t lasts_ms, struct flow_database database)
{
    const struct flow_plan plan = flow_fixture_plan(t, kind, 2);
    t->world.settings.flow_ms[kind] = lasts_ms;
    (void)flow_fixture_start(t, &plan, &database, 1);
}

static struct settings file_settings(struct test_world *t)
{
    struct settings s = test_world_settings();
    s.db_path = t->path;
    return s;
}

/* A new file, with the three flows on the disk and nothing of it in memory. */
static void begin(struct test_world *t)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    struct settings s = file_settings(t);
    world_done(&t->world);
    for (size_t i = 0; i < 4; i++)
        (void)unlink(arena_printf(&t->arena, "%s%s", t->path, suffixes[i]).p);
    test_world_open(t, &s);
    assert_string_equal(test_world_backup(t, WHOLE), "");
    start(t, FLOW_KIND_RENAMEDB, 3000,
          (struct flow_database){STR("orders"), STR("later"), DATABASE_EFFECT_RENAME});
    start(t, FLOW_KIND_DELETEDB, 4000,
          (struct flow_database){.name = STR("billing"), .effect = DATABASE_EFFECT_DROP});
    assert_int_equal(world_commit(&t->world), 0);
    clock_freeze(&t->world.clock, TEST_NOW + DAY + 1);
    SCOPED_STMT(q, t->world.db, "PRAGMA shrink_memory");
    assert_int_equal(stmt_step(q), 0);
}

/* What has been applied, by the state and not by the flows. */
static int64_t applied(struct test_world *t)
{
    return test_world_count(t, "SELECT (SELECT count(*) FROM database WHERE name = 'later' AND status = 2)"
                               " + 2 * (NOT EXISTS (SELECT 1 FROM database WHERE name = 'billing'))"
                               " + 4 * (SELECT count(*) FROM backup WHERE way = 1 AND status = 1)"
                               " + 8 * (SELECT count(*) FROM backup WHERE way = 0 AND status = 1) AS n");
}

/* The outcomes of the flows agree with the state, and each scheduled backup has its time moved on. */
static void assert_consistent(struct test_world *t)
{
    assert_int_equal(
        applied(t) & (RENAMED | DROPPED | BACKED_UP),
        test_world_count(t, "SELECT coalesce(sum(CASE kind WHEN 'renamedb' THEN 1 WHEN 'deletedb' THEN 2"
                            " WHEN 'backup' THEN 4 ELSE 0 END), 0) AS n FROM flow"
                            " WHERE outcome = 'success'"));
    assert_int_equal(
        applied(t) / AUTOMATIC,
        test_world_count(t, "SELECT count(*) AS n FROM instance WHERE next_backup_ms > 1767283200000"));
    assert_int_equal(applied(t) / AUTOMATIC,
                     test_world_count(t, "SELECT count(*) AS n FROM flow WHERE kind = 'autobackup'"));
}

/* In order: the renaming before the dropping, and the automatic backup sees both. */
static void assert_complete(struct test_world *t)
{
    assert_int_equal(applied(t), COMPLETE);
    assert_consistent(t);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow_database JOIN backup USING (flow)"
                                         " WHERE way = 0 AND flow_database.name IN ('db1', 'db2', 'later')"),
                     3);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow_database JOIN backup USING (flow)"
                                         " WHERE way = 0"),
                     3);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM flow WHERE outcome IS NULL"), 0);
    assert_int_equal(t->world.next_due_ms, TEST_NOW + 2 * DAY);
}

struct disk {
    enum failing_steps steps;
    bool forever;
    int rc;
};

static const struct disk disks[] = {
    {FAIL_WRITES, false, SQLITE_FULL},
    {FAIL_WRITES, true, SQLITE_FULL},
    {FAIL_EVERYTHING, false, SQLITE_IOERR},
    {FAIL_EVERYTHING, true, SQLITE_IOERR},
};

/* Runs one failing batch, then one that succeeds; returns how many steps failed. */
static int run_on(struct test_world *t, const struct disk *disk, int nth)
{
    begin(t);
    failing_vfs_arm((struct failing_plan){disk->steps, nth, disk->forever, disk->rc});
    int settled = flow_settle(&t->world), committed = world_commit(&t->world);
    int fired = failing_vfs_disarm();
    if (fired == 0)
        assert_true(settled == 0 && committed == 0);
    assert_consistent(t);
    if (committed != 0)
        assert_int_equal(applied(t), 0);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(world_commit(&t->world), 0);
    assert_complete(t);
    return fired;
}

static void every_step_of_a_settle_may_fail(void **state)
{
    struct test_world *t = *state;
    for (size_t d = 0; d < sizeof disks / sizeof *disks; d++) {
        int nth = 1;
        while (run_on(t, &disks[d], nth) > 0 && nth < MOST_STEPS) {
            arena_reset(&t->arena);
            nth++;
        }
        assert_in_range(nth, 2, MOST_STEPS - 1);
    }
}

/* --- the program ends in between --- */

static void reopen(struct test_world *t, int64_t ms)
{
    struct settings s = file_settings(t);
    s.clock_ms = TEST_NOW + ms;
    test_world_reopen(t, &s);
}

static void a_start_settles_what_became_due_meanwhile(void **state)
{
    struct test_world *t = *state;
    begin(t);
    reopen(t, DAY);
    assert_int_equal(applied(t), 0);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_complete(t);
}

static void what_was_settled_is_not_settled_again(void **state)
{
    struct test_world *t = *state;
    begin(t);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(world_commit(&t->world), 0);
    reopen(t, DAY + 1);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_complete(t);
}

static void a_settle_that_was_not_committed_happens_again(void **state)
{
    struct test_world *t = *state;
    begin(t);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_complete(t);
    reopen(t, DAY + 1); /* without a commit, as a kill would */
    assert_int_equal(applied(t), 0);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_complete(t);
}

static void half_of_it_before_and_half_after(void **state)
{
    struct test_world *t = *state;
    begin(t);
    clock_freeze(&t->world.clock, TEST_NOW + 3500);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(applied(t), RENAMED + BACKED_UP);
    assert_int_equal(world_commit(&t->world), 0);
    reopen(t, DAY - 1);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(applied(t), RENAMED + BACKED_UP + DROPPED);
    assert_int_equal(world_commit(&t->world), 0);
    reopen(t, DAY);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_complete(t);
}

SUITE(settle_faults)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_step_of_a_settle_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(a_start_settles_what_became_due_meanwhile, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_settled_is_not_settled_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_settle_that_was_not_committed_happens_again, setup, teardown),
        cmocka_unit_test_setup_teardown(half_of_it_before_and_half_after, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
