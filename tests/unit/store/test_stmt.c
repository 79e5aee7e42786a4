/* Proves that statements are found by their literal, return what was bound by name, and fail without harm. */
#include "support/store_fixture.h"

#include <signal.h>
#include <sys/resource.h>

static int setup(void **state)
{
    int rc = store_setup(state);
    if (rc == 0)
        store_open_memory(*state);
    return rc;
}

static void insert(struct db *db, int64_t id, struct str name, int64_t n)
{
    SCOPED_STMT(s, db, "INSERT INTO parent(id, name, n) VALUES(:id, :name, :n)");
    stmt_bind_i64(s, ":id", id);
    stmt_bind_str(s, ":name", name);
    stmt_bind_i64(s, ":n", n);
    assert_int_equal(stmt_run(s), 0);
}

static void values_come_back_as_they_were_bound(void **state)
{
    static const int64_t numbers[] = {0, -1, INT64_MAX, INT64_MIN};
    struct store *st = *state;
    assert_int_equal(savepoint_begin(st->db), 0);
    for (int i = 0; i < 4; i++)
        insert(st->db, i, STR("a\0b"), numbers[i]);
    assert_int_equal(savepoint_release(st->db), 0);
    SCOPED_STMT(s, st->db, "SELECT id, name, n FROM parent ORDER BY id");
    for (int i = 0; i < 4; i++) {
        assert_int_equal(stmt_step(s), 1);
        assert_int_equal(stmt_i64(s, "n"), numbers[i]);
        assert_int_equal(stmt_i64(s, "id"), i);
        assert_true(str_eq(stmt_str(s, &st->a, "name"), STR("a\0b")));
    }
    assert_int_equal(stmt_step(s), 0);
}

static void null_and_empty_are_two_things(void **state)
{
    struct store *st = *state;
    assert_int_equal(savepoint_begin(st->db), 0);
    insert(st->db, 1, (struct str){NULL, 0}, 0);
    insert(st->db, 2, STR(""), 0);
    assert_int_equal(savepoint_release(st->db), 0);
    SCOPED_STMT(s, st->db, "SELECT name FROM parent ORDER BY id");
    assert_int_equal(stmt_step(s), 1);
    assert_true(stmt_is_null(s, "name"));
    assert_null(stmt_str(s, &st->a, "name").p);
    assert_int_equal(stmt_i64(s, "name"), 0);
    assert_int_equal(stmt_step(s), 1);
    assert_false(stmt_is_null(s, "name"));
    assert_non_null(stmt_str(s, &st->a, "name").p);
    assert_int_equal(stmt_str(s, &st->a, "name").n, 0);
}

static void a_release_clears_the_bindings(void **state)
{
    struct store *st = *state;
    static const char sql[] = "SELECT :x AS x";
    for (int use = 0; use < 2; use++) {
        __attribute__((cleanup(stmt_release))) struct stmt *s = stmt_get(st->db, sql);
        if (use == 0)
            stmt_bind_i64(s, ":x", 7);
        assert_int_equal(stmt_step(s), 1);
        assert_int_equal(stmt_is_null(s, "x"), use == 1);
    }
}

static void a_run_statement_accepts_new_values(void **state)
{
    struct store *st = *state;
    assert_int_equal(savepoint_begin(st->db), 0);
    {
        SCOPED_STMT(s, st->db, "INSERT INTO parent(id, n) VALUES(:id, :n)");
        for (int64_t id = 1; id <= 3; id++) {
            stmt_bind_i64(s, ":id", id);
            id == 2 ? stmt_bind_null(s, ":n") : stmt_bind_i64(s, ":n", id);
            assert_int_equal(stmt_run(s), 0);
        }
    }
    assert_int_equal(savepoint_release(st->db), 0);
    SCOPED_STMT(s, st->db, "SELECT sum(n) AS n, count(*) - count(n) AS nulls FROM parent");
    assert_int_equal(stmt_step(s), 1);
    assert_int_equal(stmt_i64(s, "nulls"), 1);
    assert_int_equal(stmt_i64(s, "n"), 4);
}

/* The same name in two places may have two addresses; each must find its index, in any order. */
static void names_are_found_at_any_address(void **state)
{
    struct store *st = *state;
    static const char b_elsewhere[] = ":b", c_elsewhere[] = "c";
    SCOPED_STMT(s, st->db, "SELECT :a AS a, :b AS b, :c AS c");
    for (int round = 0; round < 3; round++) {
        stmt_bind_i64(s, ":c", 3);
        stmt_bind_i64(s, round % 2 ? b_elsewhere : ":b", 2);
        stmt_bind_i64(s, ":a", 1);
        assert_int_equal(stmt_step(s), 1);
        assert_int_equal(stmt_i64(s, round % 2 ? "c" : c_elsewhere), 3);
        assert_int_equal(stmt_i64(s, "a"), 1);
        assert_int_equal(stmt_i64(s, "b"), 2);
        assert_int_equal(stmt_step(s), 0);
        stmt_release(&s);
        s = stmt_get(st->db, "SELECT :a AS a, :b AS b, :c AS c");
    }
}

static void one_text_may_be_in_use_twice(void **state)
{
    struct store *st = *state;
    static const char sql[] = "SELECT :x AS x UNION ALL SELECT :x + 1";
    struct stmt *outer = stmt_get(st->db, sql);
    struct stmt *inner = stmt_get(st->db, sql);
    assert_ptr_not_equal(outer, inner);
    stmt_bind_i64(outer, ":x", 10);
    stmt_bind_i64(inner, ":x", 20);
    assert_int_equal(stmt_step(outer), 1);
    assert_int_equal(stmt_step(inner), 1);
    assert_int_equal(stmt_i64(inner, "x"), 20);
    struct stmt *first = outer;
    stmt_release(&inner);
    assert_int_equal(stmt_step(outer), 1);
    assert_int_equal(stmt_i64(outer, "x"), 11);
    stmt_release(&outer);
    struct stmt *again = stmt_get(st->db, sql);
    assert_true(again == first || again == inner);
    stmt_release(&again);
}

/* Far past the table's first room, twice: the second round must find the statements of the first. */
static void many_statements_do_not_collide(void **state)
{
    enum { N = 300 };
    struct store *st = *state;
    static char texts[N][32];
    static struct stmt *first[N];
    for (int i = 0; i < N * 2; i++) {
        if (i < N)
            (void)snprintf(texts[i], sizeof(texts[i]), "SELECT %d AS n", i);
        struct stmt *s = stmt_get(st->db, texts[i % N]);
        if (i < N)
            first[i] = s;
        assert_ptr_equal(s, first[i % N]);
        assert_int_equal(stmt_step(s), 1);
        assert_int_equal(stmt_i64(s, "n"), i % N);
        stmt_release(&s);
    }
}

static void a_statement_that_cannot_be_prepared_is_harmless(void **state)
{
    struct store *st = *state;
    SCOPED_STMT(s, st->db, "SELECT x FROM nowhere");
    assert_null(s);
    assert_int_equal(db_fault(st->db), DB_OTHER);
    assert_string_equal(db_message(st->db), "no such table: nowhere");
    stmt_bind_i64(s, ":x", 1);
    stmt_bind_str(s, ":x", STR("x"));
    stmt_bind_null(s, ":x");
    assert_int_equal(stmt_step(s), -1);
    assert_int_equal(stmt_run(s), -1);
}

static void a_constraint_is_reported_by_its_kind(void **state)
{
    struct store *st = *state;
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(store_insert_child(st->db, 99), -1);
    assert_int_equal(db_fault(st->db), DB_CONSTRAINT);
    assert_string_equal(db_message(st->db), "FOREIGN KEY constraint failed");
    assert_int_equal(store_insert_parent(st->db, 1), 0);
    assert_int_equal(store_insert_parent(st->db, 1), -1);
    assert_int_equal(db_fault(st->db), DB_CONSTRAINT);
    savepoint_rollback(st->db);
}

/* A value longer than SQLite's limit (1 GB) fails at the bind; the step must return that failure. */
static void a_failed_bind_fails_the_step(void **state)
{
    struct store *st = *state;
    SCOPED_STMT(s, st->db, "SELECT :x AS x");
    stmt_bind_str(s, ":x", (struct str){"", SIZE_MAX / 2});
    stmt_bind_str(s, ":x", STR("fine"));
    assert_int_equal(stmt_step(s), -1);
    stmt_release(&s);
    s = stmt_get(st->db, "SELECT 1 AS x");
    assert_int_equal(stmt_step(s), 1);
}

/* --- bugs of the caller end the program --- */

static void write_outside_a_savepoint(struct db *db)
{
    (void)store_insert_parent(db, 1);
}

static void unknown_parameter(struct db *db)
{
    SCOPED_STMT(s, db, "SELECT :x AS x");
    stmt_bind_i64(s, ":y", 1);
}

static void unknown_column(struct db *db)
{
    SCOPED_STMT(s, db, "SELECT 1 AS x");
    (void)stmt_step(s);
    (void)stmt_i64(s, "y");
}

static void bugs_assert(void **state)
{
    static void (*const bugs[])(struct db *) = {write_outside_a_savepoint, unknown_parameter, unknown_column};
    struct store *st = *state;
    for (size_t i = 0; i < 3; i++) {
        pid_t child = fork();
        if (child == 0) {
            signal(SIGABRT, SIG_DFL);
            setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
            assert_non_null(freopen("/dev/null", "w", stderr));
            bugs[i](st->db);
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

SUITE(stmt)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_come_back_as_they_were_bound, setup, store_teardown),
        cmocka_unit_test_setup_teardown(null_and_empty_are_two_things, setup, store_teardown),
        cmocka_unit_test_setup_teardown(a_release_clears_the_bindings, setup, store_teardown),
        cmocka_unit_test_setup_teardown(a_run_statement_accepts_new_values, setup, store_teardown),
        cmocka_unit_test_setup_teardown(names_are_found_at_any_address, setup, store_teardown),
        cmocka_unit_test_setup_teardown(one_text_may_be_in_use_twice, setup, store_teardown),
        cmocka_unit_test_setup_teardown(many_statements_do_not_collide, setup, store_teardown),
        cmocka_unit_test_setup_teardown(a_statement_that_cannot_be_prepared_is_harmless, setup,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(a_constraint_is_reported_by_its_kind, setup, store_teardown),
        cmocka_unit_test_setup_teardown(a_failed_bind_fails_the_step, setup, store_teardown),
        cmocka_unit_test_setup_teardown(bugs_assert, setup, store_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
