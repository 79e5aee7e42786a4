/*
 * Proves that no failing step of the disk, at any moment, leaves half a schema or half a call, and that each
 * is reported by its kind.
 *
 * Each case is repeated with the first, the second, ... step failing, until a run passes in which none did.
 */
#include "support/failing_vfs.h"
#include "support/store_fixture.h"

enum { MOST_STEPS = 2000 };

struct disk {
    enum failing_steps steps;
    bool forever;
    int rc;
    enum db_fault fault;
};

static const struct disk disks[] = {
    {FAIL_WRITES, false, SQLITE_FULL, DB_FULL},         {FAIL_WRITES, true, SQLITE_FULL, DB_FULL},
    {FAIL_EVERYTHING, false, SQLITE_IOERR, DB_IO},      {FAIL_EVERYTHING, true, SQLITE_IOERR, DB_IO},
    {FAIL_EVERYTHING, true, SQLITE_NOTADB, DB_CORRUPT},
};
enum { N_DISKS = sizeof(disks) / sizeof(disks[0]) };

static void arm(const struct disk *disk, int nth)
{
    failing_vfs_arm((struct failing_plan){disk->steps, nth, disk->forever, disk->rc});
}

static void remove_files(const struct store *s)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", ".lock"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        char path[128];
        (void)snprintf(path, sizeof(path), "%s%s", s->path, suffixes[i]);
        (void)unlink(path);
    }
}

/* --- opening --- */

/* A file that failed to open must open when the disk works again, with the whole schema and its data. */
static void check_opens(struct store *s, int64_t parents)
{
    store_open(s);
    assert_int_equal(store_count_parents(s->db), parents);
    assert_int_equal(store_call(s->db, 1000), 0);
    assert_int_equal(transaction_commit(s->db), 0);
    store_close(s);
    store_check_whole(s);
}

/* How many steps failed. */
static int open_on(struct store *s, const struct disk *disk, int nth)
{
    arm(disk, nth);
    enum db_open_fault fault = store_open_steps(s, STORE_STEPS);
    int fired = failing_vfs_disarm();
    assert_true(fault == DB_OPEN_OK || fault == DB_OPEN_FAILED);
    assert_true(fired > 0 || fault == DB_OPEN_OK);
    assert_int_equal(s->db != NULL, fault == DB_OPEN_OK);
    if (fault == DB_OPEN_FAILED)
        assert_true(str_starts(s->problem, STR("cannot open ")));
    store_close(s);
    return fired;
}

static void a_new_file(void **state)
{
    struct store *s = *state;
    for (int d = 0; d < N_DISKS; d++) {
        int nth = 1;
        for (int fired = 1; fired > 0 && nth < MOST_STEPS; nth++) {
            remove_files(s);
            fired = open_on(s, &disks[d], nth);
            check_opens(s, 0);
        }
        assert_in_range(nth, 5, MOST_STEPS - 1);
    }
}

/* A file of the first version, with a call in it that only its log has, as after a kill. */
static void make_old_file(struct store *s)
{
    remove_files(s);
    pid_t child = fork();
    if (child == 0) {
        if (store_open_steps(s, 1) == DB_OPEN_OK && store_call(s->db, 1) == 0 &&
            transaction_commit(s->db) == 0)
            _exit(0);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void an_old_file(void **state)
{
    struct store *s = *state;
    for (int d = 0; d < N_DISKS; d++) {
        int nth = 1;
        for (int fired = 1; fired > 0 && nth < MOST_STEPS; nth++) {
            make_old_file(s);
            fired = open_on(s, &disks[d], nth);
            check_opens(s, 1);
        }
        assert_in_range(nth, 5, MOST_STEPS - 1);
    }
}

/* --- a transaction --- */

enum { CALLS = 3 };

/* A transaction of three calls; true when all of them may be answered as done. */
static bool write_transaction(struct db *db, enum db_fault *ret_fault)
{
    int released = 0;
    *ret_fault = DB_OK;
    for (int64_t id = 1; id <= CALLS; id++) {
        if (store_call(db, id) == 0)
            released++;
        else
            *ret_fault = db_fault(db);
    }
    if (transaction_commit(db) < 0) {
        *ret_fault = db_fault(db);
        released = 0;
    }
    return released == CALLS;
}

/* After a failed commit the calls may still be there, whole: its last write may have reached the disk. */
static void check_transaction(struct store *s, bool done)
{
    store_check_whole(s);
    store_open(s);
    int64_t parents = store_count_parents(s->db);
    store_close(s);
    if (done)
        assert_int_equal(parents, CALLS);
    else
        assert_in_range(parents, 0, CALLS);
}

static int transaction_on(struct store *s, const struct disk *disk, int nth)
{
    enum db_fault fault;
    remove_files(s);
    store_open(s);
    arm(disk, nth);
    bool done = write_transaction(s->db, &fault);
    int fired = failing_vfs_disarm();
    assert_true(fired > 0 || done);
    if (!done)
        assert_int_equal(fault, disk->fault);
    store_close(s);
    check_transaction(s, done);
    return fired;
}

static void a_transaction(void **state)
{
    struct store *s = *state;
    for (int d = 0; d < N_DISKS; d++) {
        int nth = 1;
        for (int fired = 1; fired > 0 && nth < MOST_STEPS; nth++)
            fired = transaction_on(s, &disks[d], nth);
        assert_in_range(nth, 5, MOST_STEPS - 1);
    }
}

/* The same database works after the fault, and counts right. */
static void a_transaction_after_a_failed_one(void **state)
{
    struct store *s = *state;
    enum db_fault fault;
    store_open(s);
    arm(&disks[1], 1);
    assert_false(write_transaction(s->db, &fault));
    assert_true(failing_vfs_disarm() > 0);
    assert_false(transaction_dirty(s->db));
    assert_int_equal(store_count_parents(s->db), 0);
    assert_true(write_transaction(s->db, &fault));
    store_close(s);
    check_transaction(s, true);
}

/* Past the cache, SQLite writes inside a statement and not only at the commit; the first calls
 * are lost then. */
static void a_transaction_larger_than_the_cache(void **state)
{
    enum { MANY = 40000 };
    struct store *s = *state;
    store_open(s);
    arm(&disks[1], 20);
    int64_t id = 1;
    while (id < MANY && store_call(s->db, id) == 0)
        id++;
    assert_in_range(id, CALLS, MANY - 1);
    assert_int_equal(db_fault(s->db), DB_FULL);
    assert_true(transaction_lost(s->db));
    assert_true(failing_vfs_disarm() > 0);
    assert_int_equal(store_call(s->db, id), -1);
    assert_int_equal(transaction_commit(s->db), -1);
    assert_int_equal(store_count_parents(s->db), 0);
    store_close(s);
    store_check_whole(s);
}

static int install(void **state)
{
    failing_vfs_install();
    return store_setup(state);
}

static int uninstall(void **state)
{
    int rc = store_teardown(state);
    failing_vfs_remove();
    return rc;
}

SUITE(store_faults)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_file, install, uninstall),
        cmocka_unit_test_setup_teardown(an_old_file, install, uninstall),
        cmocka_unit_test_setup_teardown(a_transaction, install, uninstall),
        cmocka_unit_test_setup_teardown(a_transaction_after_a_failed_one, install, uninstall),
        cmocka_unit_test_setup_teardown(a_transaction_larger_than_the_cache, install, uninstall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
