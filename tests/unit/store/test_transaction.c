/* Proves that a transaction commits whole calls only, knows whether it has changes, and reports
 * lost calls. */
#include "support/store_fixture.h"

#include <signal.h>
#include <sys/resource.h>

static int setup_memory(void **state)
{
    int rc = store_setup(state);
    if (rc == 0)
        store_open_memory(*state);
    return rc;
}

static int setup_file(void **state)
{
    int rc = store_setup(state);
    if (rc == 0)
        store_open(*state);
    return rc;
}

static void a_transaction_commits_only_released_changes(void **state)
{
    struct store *st = *state;
    assert_int_equal(store_call(st->db, 1), 0);
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(store_insert_parent(st->db, 2), 0);
    savepoint_rollback(st->db);
    assert_int_equal(store_call(st->db, 3), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    assert_int_equal(store_count_parents(st->db), 2);
}

static void without_a_commit_all_changes_are_lost(void **state)
{
    struct store *st = *state;
    assert_int_equal(store_call(st->db, 1), 0);
    store_close(st);
    store_open(st);
    assert_int_equal(store_count_parents(st->db), 0);
}

static void savepoints_nest(void **state)
{
    struct store *st = *state;
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(store_insert_parent(st->db, 1), 0);
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(store_insert_parent(st->db, 2), 0);
    savepoint_rollback(st->db);
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(store_insert_parent(st->db, 3), 0);
    assert_int_equal(savepoint_release(st->db), 0);
    assert_int_equal(savepoint_release(st->db), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    assert_int_equal(store_count_parents(st->db), 2);

    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(store_call(st->db, 4), 0);
    savepoint_rollback(st->db);
    assert_false(transaction_dirty(st->db));
    assert_int_equal(transaction_commit(st->db), 0);
    assert_int_equal(store_count_parents(st->db), 2);
}

/* --- dirty --- */

static void only_remaining_changes_make_a_transaction_dirty(void **state)
{
    struct store *st = *state;
    assert_false(transaction_dirty(st->db)); /* the schema's own writes do not count */
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(store_insert_parent(st->db, 1), 0);
    assert_true(transaction_dirty(st->db));
    savepoint_rollback(st->db);
    assert_false(transaction_dirty(st->db));
    assert_int_equal(store_call(st->db, 1), 0);
    assert_true(transaction_dirty(st->db));
    assert_int_equal(savepoint_begin(st->db), 0);
    savepoint_rollback(st->db);
    assert_true(transaction_dirty(st->db));
    assert_int_equal(transaction_commit(st->db), 0);
    assert_false(transaction_dirty(st->db));
}

static void reading_or_changing_no_row_is_not_dirty(void **state)
{
    struct store *st = *state;
    assert_int_equal(savepoint_begin(st->db), 0);
    {
        SCOPED_STMT(s, st->db, "UPDATE parent SET n = 1 WHERE id = 77");
        assert_int_equal(stmt_run(s), 0);
    }
    assert_int_equal(store_count_parents(st->db), 0);
    assert_int_equal(savepoint_release(st->db), 0);
    assert_false(transaction_dirty(st->db));
    assert_int_equal(transaction_commit(st->db), 0);
}

static void a_commit_and_a_rollback_without_a_transaction_do_nothing(void **state)
{
    struct store *st = *state;
    assert_int_equal(transaction_commit(st->db), 0);
    savepoint_rollback(st->db);
    assert_int_equal(store_call(st->db, 1), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    savepoint_rollback(st->db);
    assert_int_equal(transaction_commit(st->db), 0);
    assert_int_equal(store_count_parents(st->db), 1);
}

/* --- failures that lose the transaction --- */

static int insert_later(struct db *db, int64_t parent)
{
    SCOPED_STMT(s, db, "INSERT INTO later VALUES(:parent)");
    stmt_bind_i64(s, ":parent", parent);
    return stmt_run(s);
}

static void a_commit_that_fails_loses_the_transaction(void **state)
{
    struct store *st = *state;
    assert_int_equal(store_call(st->db, 1), 0);
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(insert_later(st->db, 99), 0);
    assert_int_equal(savepoint_release(st->db), 0);
    assert_int_equal(transaction_commit(st->db), -1);
    assert_int_equal(db_fault(st->db), DB_CONSTRAINT);
    assert_false(transaction_dirty(st->db));
    assert_int_equal(store_count_parents(st->db), 0);
    assert_int_equal(store_call(st->db, 2), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    assert_int_equal(store_count_parents(st->db), 1);
}

static void limit_pages(struct db *db, bool limit)
{
    struct stmt *s = limit ? stmt_get(db, "PRAGMA max_page_count = 1") /* clipped to what there is */
                           : stmt_get(db, "PRAGMA max_page_count = 100000");
    assert_int_equal(stmt_step(s), 1);
    stmt_release(&s);
}

/* A full disk inside a statement of one row, for which SQLite rolls back all. */
static int fill(struct db *db)
{
    SCOPED_STMT(s, db, "INSERT INTO parent(name) VALUES(:name)");
    static char big[20000];
    memset(big, 'x', sizeof(big));
    stmt_bind_str(s, ":name", (struct str){big, sizeof(big)});
    return stmt_run(s);
}

static void a_full_disk_loses_the_calls_before_it(void **state)
{
    struct store *st = *state;
    assert_int_equal(store_call(st->db, 1), 0);
    limit_pages(st->db, true);
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(fill(st->db), -1);
    assert_int_equal(db_fault(st->db), DB_FULL);
    /* A handler that continues must not commit by itself. */
    assert_int_equal(store_insert_parent(st->db, 2), -1);
    assert_int_equal(savepoint_release(st->db), -1);
    savepoint_rollback(st->db);
    assert_true(transaction_lost(st->db));
    assert_true(transaction_dirty(st->db)); /* so that no server skips the commit, which reports it */
    assert_int_equal(store_call(st->db, 3), -1);
    assert_int_equal(db_fault(st->db), DB_FULL);
    assert_int_equal(transaction_commit(st->db), -1);
    assert_false(transaction_lost(st->db));
    assert_false(transaction_dirty(st->db));
    limit_pages(st->db, false);
    assert_int_equal(store_call(st->db, 4), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    assert_int_equal(store_count_parents(st->db), 1);
}

static void a_full_disk_without_released_changes_fails_one_call(void **state)
{
    struct store *st = *state;
    limit_pages(st->db, true);
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(store_count_parents(st->db), 0);
    assert_int_equal(savepoint_release(st->db), 0); /* a call that only read has nothing to lose */
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(fill(st->db), -1);
    savepoint_rollback(st->db);
    assert_int_equal(store_insert_parent(st->db, 2), -1); /* the outer call is not over */
    savepoint_rollback(st->db);
    assert_false(transaction_lost(st->db));
    limit_pages(st->db, false);
    assert_int_equal(store_call(st->db, 3), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    assert_int_equal(store_count_parents(st->db), 1);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* SQLite calls a file that may not grow an I/O error; to a user it is a full disk, at the commit as well as
 * before it. */
static void a_limit_on_the_files_size_is_a_full_disk(void **state)
{
    struct store *st = *state;
    struct stat log;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(stat(db_wal_path(st->db), &log), 0);
    limit_files((rlim_t)log.st_size + 5000); /* ends within a page */
    assert_int_equal(store_call(st->db, 1), 0);
    int committed = transaction_commit(st->db);
    limit_files(RLIM_INFINITY);
    assert_int_equal(committed, -1);
    assert_int_equal(db_fault(st->db), DB_FULL);
    assert_int_equal(store_count_parents(st->db), 0);
    assert_int_equal(store_call(st->db, 1), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    store_check_whole(st);
}

/* The owner rolls back only its own savepoint, not the one around it. */
static void a_release_that_fails_leaves_the_rollback_to_its_owner(void **state)
{
    struct store *st = *state;
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(store_insert_parent(st->db, 1), 0);
    assert_int_equal(savepoint_begin(st->db), 0);
    struct stmt *writing = stmt_get(st->db, "INSERT INTO parent(id) VALUES(2), (3) RETURNING id");
    assert_int_equal(stmt_step(writing), 1); /* SQLite does not release around a running statement */
    assert_int_equal(savepoint_release(st->db), -1);
    stmt_release(&writing);
    savepoint_rollback(st->db);
    assert_int_equal(savepoint_release(st->db), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    assert_int_equal(store_count_parents(st->db), 1);
}

/* --- other programs --- */

static void a_foreign_writer_blocks_writes_only(void **state)
{
    struct store *st = *state;
    sqlite3 *other = raw_open(st->path);
    raw_exec(other, "BEGIN IMMEDIATE");
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(store_count_parents(st->db), 0);
    assert_int_equal(savepoint_release(st->db), 0);
    assert_int_equal(store_call(st->db, 1), -1);
    assert_int_equal(db_fault(st->db), DB_BUSY);
    assert_false(transaction_lost(st->db));
    assert_int_equal(transaction_commit(st->db), 0);
    raw_exec(other, "INSERT INTO parent(id) VALUES(50)");
    raw_exec(other, "COMMIT");
    sqlite3_close(other);
    assert_int_equal(store_call(st->db, 1), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    assert_int_equal(store_count_parents(st->db), 2);
}

static void lose_database(const struct store *st)
{
    assert_int_equal(unlink(st->path), 0);
}

static void move_database(const struct store *st)
{
    char to[128];
    (void)snprintf(to, sizeof(to), "%s/elsewhere.db", st->folder);
    assert_int_equal(rename(st->path, to), 0);
}

static void lose_log(const struct store *st)
{
    assert_int_equal(unlink(db_wal_path(st->db)), 0);
}

static void replace_log(const struct store *st)
{
    char to[128];
    (void)snprintf(to, sizeof(to), "%s/elsewhere.db-wal", st->folder);
    assert_int_equal(rename(db_wal_path(st->db), to), 0);
    FILE *f = fopen(db_wal_path(st->db), "w");
    assert_non_null(f);
    (void)fclose(f);
}

static void check_gone(struct store *st, void (*lose)(const struct store *))
{
    assert_int_equal(store_call(st->db, 1), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    assert_false(db_moved(st->db));
    lose(st);
    assert_true(db_moved(st->db));
    assert_int_equal(store_call(st->db, 2), 0);
    assert_int_equal(transaction_commit(st->db), -1);
    assert_int_equal(db_fault(st->db), DB_GONE);
    assert_string_equal(db_message(st->db), "the database file was moved or removed");
    assert_int_equal(store_count_parents(st->db), 1);
    assert_int_equal(transaction_commit(st->db), 0);
}

static void a_removed_file_accepts_no_commit(void **state)
{
    check_gone(*state, lose_database);
}

static void a_moved_file_accepts_no_commit(void **state)
{
    check_gone(*state, move_database);
}

static void a_removed_log_accepts_no_commit(void **state)
{
    check_gone(*state, lose_log);
}

static void a_replaced_log_accepts_no_commit(void **state)
{
    check_gone(*state, replace_log);
}

static void memory_never_moves(void **state)
{
    struct store *st = *state;
    assert_false(db_moved(st->db));
    assert_null(db_wal_path(st->db));
}

SUITE(transaction)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_transaction_commits_only_released_changes, setup_memory,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(without_a_commit_all_changes_are_lost, setup_file, store_teardown),
        cmocka_unit_test_setup_teardown(savepoints_nest, setup_memory, store_teardown),
        cmocka_unit_test_setup_teardown(only_remaining_changes_make_a_transaction_dirty, setup_memory,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(reading_or_changing_no_row_is_not_dirty, setup_memory,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(a_commit_and_a_rollback_without_a_transaction_do_nothing,
                                        setup_memory, store_teardown),
        cmocka_unit_test_setup_teardown(a_commit_that_fails_loses_the_transaction, setup_memory,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_loses_the_calls_before_it, setup_memory, store_teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_without_released_changes_fails_one_call, setup_memory,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(a_limit_on_the_files_size_is_a_full_disk, setup_file, store_teardown),
        cmocka_unit_test_setup_teardown(a_release_that_fails_leaves_the_rollback_to_its_owner, setup_memory,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(a_foreign_writer_blocks_writes_only, setup_file, store_teardown),
        cmocka_unit_test_setup_teardown(a_removed_file_accepts_no_commit, setup_file, store_teardown),
        cmocka_unit_test_setup_teardown(a_moved_file_accepts_no_commit, setup_file, store_teardown),
        cmocka_unit_test_setup_teardown(a_removed_log_accepts_no_commit, setup_file, store_teardown),
        cmocka_unit_test_setup_teardown(a_replaced_log_accepts_no_commit, setup_file, store_teardown),
        cmocka_unit_test_setup_teardown(memory_never_moves, setup_memory, store_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
