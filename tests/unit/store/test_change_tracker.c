/* Proves that every change of a tracked table is recorded by its row, up to a limit, also when it is rolled
 * back. */
#include "support/store_fixture.h"

#include "store/change_tracker.h"

static const struct tracked_table tracked_table[] = {{"parent", "id"}, {"child", "parent"}};

static void open_tracked(struct store *s, struct change_tracker *t)
{
    store_open_memory(s);
    assert_int_equal(change_tracker_start(t, s->db, tracked_table, 2), 0);
    assert_int_equal(t->n, 0);
}

/* One statement in a savepoint of its own. */
#define CHANGE(s, sql)                                                                                       \
    do {                                                                                                     \
        assert_int_equal(savepoint_begin((s)->db), 0);                                                       \
        {                                                                                                    \
            SCOPED_STMT(change, (s)->db, sql);                                                               \
            assert_int_equal(stmt_run(change), 0);                                                           \
        }                                                                                                    \
        assert_int_equal(savepoint_release((s)->db), 0);                                                     \
    } while (0)

static void each_kind_of_change_is_recorded(void **state)
{
    static struct change_tracker t;
    struct store *s = *state;
    open_tracked(s, &t);
    CHANGE(s, "INSERT INTO parent (id, name) VALUES (7, 'a'), (9, 'b')");
    CHANGE(s, "UPDATE parent SET name = 'c' WHERE id = 7");
    CHANGE(s, "DELETE FROM parent WHERE id = 9");
    assert_int_equal(t.n, 4);
    assert_memory_equal(t.rows, ((int64_t[]){7, 9, 7, 9}), 4 * sizeof t.rows[0]);
    change_tracker_clear(&t);
    CHANGE(s, "INSERT INTO child (id, parent, name) VALUES (1, 7, 'x'), (2, 7, 'y')");
    assert_int_equal(t.n, 1);       /* a row that repeats at once is recorded once */
    CHANGE(s, "DELETE FROM child"); /* changes two rows */
    assert_int_equal(t.n, 1);
    assert_int_equal(t.rows[0], 7);
}

static void other_tables_are_not_recorded(void **state)
{
    static struct change_tracker t;
    struct store *s = *state;
    open_tracked(s, &t);
    CHANGE(s, "INSERT INTO later (parent) VALUES (NULL)");
    assert_int_equal(t.n, 0);
}

static void a_change_that_is_rolled_back_stays_recorded(void **state)
{
    static struct change_tracker t;
    struct store *s = *state;
    open_tracked(s, &t);
    assert_int_equal(savepoint_begin(s->db), 0);
    {
        SCOPED_STMT(change, s->db, "INSERT INTO parent (id) VALUES (3)");
        assert_int_equal(stmt_run(change), 0);
    }
    savepoint_rollback(s->db);
    assert_int_equal(t.n, 1);
    assert_false(transaction_dirty(s->db));
}

static void changes_past_the_limit_set_over(void **state)
{
    static struct change_tracker t;
    struct store *s = *state;
    open_tracked(s, &t);
    CHANGE(s, "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 4096)"
              " INSERT INTO parent (id) SELECT i FROM n");
    assert_int_equal(t.n, LIMIT_TRACKED_ROWS);
    assert_false(t.over);
    CHANGE(s, "INSERT INTO parent (id) VALUES (5000)");
    assert_int_equal(t.n, LIMIT_TRACKED_ROWS);
    assert_true(t.over);
    change_tracker_clear(&t);
    assert_false(t.over);
}

static void a_missing_table_is_rejected(void **state)
{
    static const struct tracked_table nothing[] = {{"nothing", "id"}};
    static struct change_tracker t;
    struct store *s = *state;
    store_open_memory(s);
    assert_int_equal(change_tracker_start(&t, s->db, nothing, 1), -1);
    assert_non_null(strstr(db_message(s->db), "nothing"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, store_setup, store_teardown)

SUITE(change_tracker)
{
    const struct CMUnitTest tests[] = {
        TEST(each_kind_of_change_is_recorded),
        TEST(other_tables_are_not_recorded),
        TEST(a_change_that_is_rolled_back_stays_recorded),
        TEST(changes_past_the_limit_set_over),
        TEST(a_missing_table_is_rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
