/* Proves that a database opens with the current schema, or not at all, with its reason and
 * without a change. */
#include "support/store_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>

/* --- a disk that fails --- */

static size_t failing_read; /* the size of reads that fail */

/* In place of the C library's, for the store and SQLite. */
ssize_t pread(int fd, void *to, size_t n, off_t at)
{
    if (n != failing_read)
        return syscall(SYS_pread64, fd, to, n, at);
    errno = EIO;
    return -1;
}

/* --- bytes of a file --- */

static struct str slurp(struct store *st, const char *path)
{
    static char bytes[1 << 17];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, sizeof(bytes), f);
    (void)fclose(f);
    return arena_dup(&st->a, (struct str){bytes, n});
}

static void spill(const char *path, struct str text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
    assert_int_equal(fclose(f), 0);
}

static void check_only_the_file(const struct store *st)
{
    assert_true(store_has(st, ""));
    assert_false(store_has(st, "-wal"));
    assert_false(store_has(st, "-shm"));
    assert_false(store_has(st, "-journal"));
    assert_false(store_has(st, ".lock"));
}

static void assert_has(struct store *st, struct str text, const char *part)
{
    const char *whole = arena_cstr(&st->a, text);
    if (!strstr(whole, part))
        fail_msg("\"%s\" is not in \"%s\"", part, whole);
}

/* --- a process that uses the database and is killed --- */

static void child_main(struct store *st, size_t n_steps, int ready)
{
    enum db_open_fault fault = store_open_steps(st, n_steps);
    if (fault == DB_OPEN_OK && store_call(st->db, 1) == 0 && transaction_commit(st->db) == 0 &&
        store_call(st->db, 2) == 0)
        (void)!write(ready, "r", 1); /* the second call waits for its commit */
    for (;;)
        pause();
}

static pid_t start_child(struct store *st, size_t n_steps)
{
    int ends[2];
    char letter;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0)
        child_main(st, n_steps, ends[1]);
    assert_int_equal(read(ends[0], &letter, 1), 1);
    close(ends[0]);
    close(ends[1]);
    return child;
}

static void kill_child(pid_t child)
{
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

/* --- opening that succeeds --- */

static void a_new_file_has_the_application_id_and_is_private(void **state)
{
    struct store *st = *state;
    struct stat file;
    const char *folder = arena_printf(&st->a, "%s/b", st->folder).p;
    assert_int_equal(mkdir(folder, 0700), 0);
    (void)snprintf(st->path, sizeof(st->path), "%s//v.db", folder);
    store_open(st);
    assert_int_equal(stat(st->path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    (void)snprintf(st->path, sizeof(st->path), "%s/v.db", folder);
    sqlite3 *lite = raw_open(st->path);
    assert_int_equal(raw_i64(lite, "SELECT application_id FROM pragma_application_id"), 0x76697267);
    assert_int_equal(raw_i64(lite, "SELECT user_version FROM pragma_user_version"), STORE_STEPS);
    sqlite3_close(lite);
    assert_string_equal(db_wal_path(st->db) + strlen(db_wal_path(st->db)) - 11, "/b/v.db-wal");
    assert_int_equal(access(db_wal_path(st->db), F_OK), 0);
}

static void a_close_leaves_one_file_that_opens_again(void **state)
{
    struct store *st = *state;
    for (int64_t round = 1; round <= 3; round++) {
        store_open(st);
        assert_int_equal(store_count_parents(st->db), round - 1);
        assert_int_equal(store_call(st->db, round), 0);
        assert_int_equal(transaction_commit(st->db), 0);
        store_close(st);
        check_only_the_file(st);
    }
    store_check_whole(st);
}

static void memory_has_the_same_schema(void **state)
{
    struct store *st = *state;
    store_open_memory(st);
    assert_int_equal(store_call(st->db, 1), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    assert_int_equal(store_count_parents(st->db), 1);
}

static void foreign_keys_are_on(void **state)
{
    struct store *st = *state;
    store_open(st);
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(store_insert_child(st->db, 5), -1);
    savepoint_rollback(st->db);
}

static void an_empty_file_is_accepted(void **state)
{
    struct store *st = *state;
    spill(st->path, STR(""));
    store_open(st);
}

/* "file:..." is a name like another, not a URI. */
static void a_name_is_never_a_uri(void **state)
{
    struct store *st = *state;
    assert_int_equal(chdir(st->folder), 0);
    struct str problem;
    assert_int_equal(db_open(&st->a, "file:x?mode=memory", store_steps, STORE_STEPS, &st->db, &problem),
                     DB_OPEN_OK);
    assert_int_equal(access("file:x?mode=memory", F_OK), 0);
}

/* --- migrations --- */

static void an_old_file_gets_the_new_steps(void **state)
{
    struct store *st = *state;
    assert_int_equal(store_open_steps(st, 1), DB_OPEN_OK);
    assert_int_equal(store_call(st->db, 1), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    store_close(st);
    store_open(st);
    assert_int_equal(store_count_parents(st->db), 1);
    SCOPED_STMT(s, st->db, "SELECT count(*) AS n FROM later");
    assert_int_equal(stmt_step(s), 1);
}

static void check_step_is_rejected(struct store *st, const char *sql, const char *sentence)
{
    struct migration steps[] = {store_steps[0], {"0002_bad", sql, NULL}};
    assert_int_equal(store_open_steps(st, 1), DB_OPEN_OK);
    assert_int_equal(store_call(st->db, 1), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    store_close(st);
    assert_int_equal(db_open(&st->a, st->path, steps, 2, &st->db, &st->problem), DB_OPEN_FAILED);
    assert_null(st->db);
    assert_has(st, st->problem, sentence);
    assert_int_equal(store_open_steps(st, 1), DB_OPEN_OK);
    assert_int_equal(store_count_parents(st->db), 1);
    SCOPED_STMT(s, st->db,
                "SELECT (SELECT count(*) FROM sqlite_schema WHERE name = 'half') AS half, user_version"
                " FROM pragma_user_version");
    assert_int_equal(stmt_step(s), 1);
    assert_int_equal(stmt_i64(s, "half"), 0);
    assert_int_equal(stmt_i64(s, "user_version"), 1);
}

static void a_bad_step_changes_nothing(void **state)
{
    check_step_is_rejected(*state, "CREATE TABLE half(x); CREATE TABLE parent(x);",
                           "schema step 0002_bad: table parent already exists");
}

static void a_step_may_not_leave_dangling_references(void **state)
{
    check_step_is_rejected(*state, "CREATE TABLE half(x); DELETE FROM parent;",
                           "leave 3 dangling references");
}

/* As SQLite's manual rebuilds a table: with foreign keys on, the DROP would take the children with it or
 * fail. */
static void a_step_may_rebuild_a_table(void **state)
{
    struct store *st = *state;
    const struct migration steps[] = {
        store_steps[0],
        {"0002_rebuild",
         "CREATE TABLE parent2(id INTEGER PRIMARY KEY, name TEXT, n INTEGER, extra TEXT);"
         "INSERT INTO parent2 SELECT id, name, n, 'x' FROM parent;"
         "DROP TABLE parent; ALTER TABLE parent2 RENAME TO parent;",
         NULL}};
    assert_int_equal(store_open_steps(st, 1), DB_OPEN_OK);
    assert_int_equal(store_call(st->db, 1), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    store_close(st);
    assert_int_equal(db_open(&st->a, st->path, steps, 2, &st->db, &st->problem), DB_OPEN_OK);
    assert_int_equal(store_call(st->db, 2), 0);
    assert_int_equal(transaction_commit(st->db), 0);
    store_close(st);
    store_check_whole(st);
}

/* --- files that must not be changed --- */

static void check_rejected(struct store *st, size_t n_steps, enum db_open_fault expected)
{
    struct str before = slurp(st, st->path);
    assert_int_equal(store_open_steps(st, n_steps), expected);
    assert_null(st->db);
    assert_has(st, st->problem, st->path);
    struct str after = slurp(st, st->path);
    assert_true(str_eq(before, after));
}

static void a_newer_file_is_not_changed(void **state)
{
    struct store *st = *state;
    store_open(st);
    store_close(st);
    check_rejected(st, 1, DB_OPEN_NEWER);
    assert_has(st, st->problem, "its schema is version 2, this program knows 1");
    check_only_the_file(st);
}

/* Killed before its first checkpoint, only the log knows the version. */
static void a_newer_version_in_the_log_is_seen(void **state)
{
    struct store *st = *state;
    kill_child(start_child(st, 2));
    check_rejected(st, 1, DB_OPEN_NEWER);
    assert_true(store_has(st, "-wal"));
    store_open(st);
    assert_int_equal(store_count_parents(st->db), 1);
}

static void a_foreign_file_is_not_changed(void **state)
{
    static const struct str texts[] = {
        STR_INIT("x"),
        STR_INIT("SQLite format 3"),
        STR_INIT("A text that is longer than the head of a database, which has a hundred bytes, and that has"
                 " nothing of a database in it at all."),
    };
    struct store *st = *state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        spill(st->path, texts[i]);
        check_rejected(st, STORE_STEPS, DB_OPEN_FOREIGN);
        check_only_the_file(st);
    }
}

static void a_foreign_database_is_not_changed(void **state)
{
    struct store *st = *state;
    sqlite3 *lite = raw_open(st->path);
    raw_exec(lite, "PRAGMA journal_mode = WAL; CREATE TABLE theirs(x); PRAGMA application_id = 7;");
    sqlite3_close(lite);
    check_rejected(st, STORE_STEPS, DB_OPEN_FOREIGN);
    check_only_the_file(st);
}

static void an_error_of_the_system_is_reported(void **state)
{
    struct store *st = *state;
    assert_int_equal(mkdir(st->path, 0700), 0);
    assert_int_equal(store_open_steps(st, STORE_STEPS), DB_OPEN_FAILED);
    assert_has(st, st->problem, "it is a directory");
    check_only_the_file(st);
    assert_int_equal(rmdir(st->path), 0);
    spill(st->path, STR("in the way"));
    struct str problem;
    const char *below = arena_printf(&st->a, "%s/v.db", st->path).p;
    assert_int_equal(db_open(&st->a, below, store_steps, STORE_STEPS, &st->db, &problem), DB_OPEN_FAILED);
    assert_has(st, problem, strerror(ENOTDIR));
    assert_int_equal(db_open(&st->a, "", store_steps, STORE_STEPS, &st->db, &problem), DB_OPEN_FAILED);
}

static void a_damaged_database_is_reported(void **state)
{
    struct store *st = *state;
    store_open(st);
    store_close(st);
    struct str bytes = slurp(st, st->path);
    memset((char *)(uintptr_t)bytes.p + 100, 0xff, bytes.n - 100);
    spill(st->path, bytes);
    enum db_open_fault fault = store_open_steps(st, STORE_STEPS);
    if (fault == DB_OPEN_OK) { /* the version was still to be read; the tables are not */
        assert_int_equal(store_count_parents(st->db), -1);
        assert_int_equal(db_fault(st->db), DB_CORRUPT);
        return;
    }
    assert_int_equal(fault, DB_OPEN_FAILED);
    assert_has(st, st->problem, "malformed");
}

static void a_file_that_cannot_be_read(void **state)
{
    struct store *st = *state;
    store_open(st);
    store_close(st);
    failing_read = 100; /* the head of a file of SQLite */
    enum db_open_fault fault = store_open_steps(st, STORE_STEPS);
    failing_read = 0;
    assert_int_equal(fault, DB_OPEN_FAILED);
    assert_has(st, st->problem, strerror(EIO));
    check_only_the_file(st);
    store_open(st);
}

/* --- the lock --- */

static void check_locked(struct store *st, const char *path, pid_t child)
{
    char sentence[48];
    (void)snprintf(sentence, sizeof(sentence), "is in use by process %ld", (long)child);
    assert_int_equal(db_open(&st->a, path, store_steps, STORE_STEPS, &st->db, &st->problem), DB_OPEN_LOCKED);
    assert_null(st->db);
    assert_has(st, st->problem, sentence);
}

static void a_second_process_is_excluded(void **state)
{
    struct store *st = *state;
    pid_t child = start_child(st, STORE_STEPS);
    const char *link = arena_printf(&st->a, "%s/link.db", st->folder).p;
    assert_int_equal(symlink("v.db", link), 0);
    check_locked(st, st->path, child);
    check_locked(st, link, child);
    kill_child(child);
    assert_int_equal(access(link, F_OK), 0);
    store_open(st);
}

static void a_lock_of_another_program_is_named(void **state)
{
    struct store *st = *state;
    store_open(st);
    store_close(st);
    sqlite3 *other = raw_open(st->path);
    raw_exec(other, "BEGIN IMMEDIATE");
    assert_int_equal(store_open_steps(st, STORE_STEPS), DB_OPEN_LOCKED);
    assert_string_equal(arena_cstr(&st->a, st->problem),
                        arena_printf(&st->a, "%s is locked by another program", st->path).p);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    store_open(st);
}

/* What was committed is there, what was not is not, and the dead holder's lock file is no obstacle. */
static void a_killed_writer_leaves_whole_calls(void **state)
{
    struct store *st = *state;
    kill_child(start_child(st, STORE_STEPS));
    assert_true(store_has(st, ".lock"));
    store_open(st);
    assert_int_equal(store_count_parents(st->db), 1);
    store_close(st);
    check_only_the_file(st);
    store_check_whole(st);
}

/* The holder of an old lock file does not own a new one at the same path. */
static void a_close_removes_only_its_own_lock_file(void **state)
{
    struct store *st = *state;
    const char *lock = arena_printf(&st->a, "%s.lock", st->path).p;
    store_open(st);
    assert_int_equal(unlink(lock), 0);
    spill(lock, STR("another's"));
    store_close(st);
    assert_true(store_has(st, ".lock"));
}

/* Links of both kinds, a FIFO, a folder, a file of another program: rejected with a message, and
 * not changed. */
static void a_file_that_is_not_a_lock_file_is_not_changed(void **state)
{
    struct store *st = *state;
    const char *lock = arena_printf(&st->a, "%s.lock", st->path).p;
    const char *precious = arena_printf(&st->a, "%s/precious", st->folder).p;
    for (int i = 0; i < 5; i++) {
        spill(precious, STR("precious"));
        int made = i == 0   ? symlink(precious, lock)
                   : i == 1 ? link(precious, lock)
                   : i == 2 ? mkfifo(lock, 0600)
                   : i == 3 ? mkdir(lock, 0700)
                            : rename(precious, lock);
        assert_int_equal(made, 0);
        assert_int_equal(store_open_steps(st, STORE_STEPS), DB_OPEN_FAILED);
        assert_has(st, st->problem, i == 3 ? "directory" : "v.db.lock is not a lock file");
        assert_text(slurp(st, i < 4 ? precious : lock), "precious");
        assert_int_equal(remove(lock), 0);
    }
}

/* A user removes it as a leftover while its owner runs: the owner continues, and no second process starts. */
static void a_removed_lock_file_lets_no_second_process_in(void **state)
{
    struct store *st = *state;
    store_open(st);
    struct db *first = st->db;
    assert_int_equal(unlink(arena_printf(&st->a, "%s.lock", st->path).p), 0);
    assert_int_equal(store_open_steps(st, STORE_STEPS), DB_OPEN_LOCKED);
    assert_has(st, st->problem, "is in use by another process");
    st->db = first;
    assert_int_equal(store_call(first, 1), 0);
    assert_int_equal(transaction_commit(first), 0);
    store_close(st);
    store_open(st);
    assert_int_equal(store_count_parents(st->db), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_setup, store_teardown)

SUITE(db)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_file_has_the_application_id_and_is_private),
        TEST(a_close_leaves_one_file_that_opens_again),
        TEST(memory_has_the_same_schema),
        TEST(foreign_keys_are_on),
        TEST(an_empty_file_is_accepted),
        TEST(a_name_is_never_a_uri),
        TEST(an_old_file_gets_the_new_steps),
        TEST(a_bad_step_changes_nothing),
        TEST(a_step_may_not_leave_dangling_references),
        TEST(a_step_may_rebuild_a_table),
        TEST(a_newer_file_is_not_changed),
        TEST(a_newer_version_in_the_log_is_seen),
        TEST(a_foreign_file_is_not_changed),
        TEST(a_foreign_database_is_not_changed),
        TEST(an_error_of_the_system_is_reported),
        TEST(a_damaged_database_is_reported),
        TEST(a_file_that_cannot_be_read),
        TEST(a_second_process_is_excluded),
        TEST(a_lock_of_another_program_is_named),
        TEST(a_killed_writer_leaves_whole_calls),
        TEST(a_close_removes_only_its_own_lock_file),
        TEST(a_file_that_is_not_a_lock_file_is_not_changed),
        TEST(a_removed_lock_file_lets_no_second_process_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
