/* Proves that every change of a watched table is noted by its row, an undone one too, up to a limit. */
#include "support/store_fixture.h"

#include "store/change_tracker.h"

static const struct tracked_table tracked_table[] = {{"parent", "id"}, {"child", "parent"}};

static void open_watched(struct store *s, struct change_tracker *w)
{
    store_open_memory(s);
    assert_int_equal(change_tracker_start(w, s->db, tracked_table, 2), 0);
    assert_int_equal(w->n, 0);
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

static void each_kind_of_change_is_noted(void **state)
{
    static struct change_tracker w;
    struct store *s = *state;
    open_watched(s, &w);
    CHANGE(s, "INSERT INTO parent (id, name) VALUES (7, 'a'), (9, 'b')");
    CHANGE(s, "UPDATE parent SET name = 'c' WHERE id = 7");
    CHANGE(s, "DELETE FROM parent WHERE id = 9");
    assert_int_equal(w.n, 4);
    assert_memory_equal(w.rows, ((int64_t[]){7, 9, 7, 9}), 4 * sizeof w.rows[0]);
    change_tracker_clear(&w);
    CHANGE(s, "INSERT INTO child (id, parent, name) VALUES (1, 7, 'x'), (2, 7, 'y')");
    assert_int_equal(w.n, 1);       /* one row twice in turn is noted once */
    CHANGE(s, "DELETE FROM child"); /* all at once is each of them */
    assert_int_equal(w.n, 1);
    assert_int_equal(w.rows[0], 7);
}

static void other_tables_are_not(void **state)
{
    static struct change_tracker w;
    struct store *s = *state;
    open_watched(s, &w);
    CHANGE(s, "INSERT INTO later (parent) VALUES (NULL)");
    assert_int_equal(w.n, 0);
}

static void an_undone_change_stays_noted(void **state)
{
    static struct change_tracker w;
    struct store *s = *state;
    open_watched(s, &w);
    assert_int_equal(savepoint_begin(s->db), 0);
    {
        SCOPED_STMT(change, s->db, "INSERT INTO parent (id) VALUES (3)");
        assert_int_equal(stmt_run(change), 0);
    }
    savepoint_rollback(s->db);
    assert_int_equal(w.n, 1);
    assert_false(transaction_dirty(s->db));
}

static void past_the_limit_it_says_so(void **state)
{
    static struct change_tracker w;
    struct store *s = *state;
    open_watched(s, &w);
    CHANGE(s, "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 4096)"
              " INSERT INTO parent (id) SELECT i FROM n");
    assert_int_equal(w.n, LIMIT_TRACKED_ROWS);
    assert_false(w.over);
    CHANGE(s, "INSERT INTO parent (id) VALUES (5000)");
    assert_int_equal(w.n, LIMIT_TRACKED_ROWS);
    assert_true(w.over);
    change_tracker_clear(&w);
    assert_false(w.over);
}

static void a_table_that_is_not_there_is_refused(void **state)
{
    static const struct tracked_table nothing[] = {{"nothing", "id"}};
    static struct change_tracker w;
    struct store *s = *state;
    store_open_memory(s);
    assert_int_equal(change_tracker_start(&w, s->db, nothing, 1), -1);
    assert_non_null(strstr(db_message(s->db), "nothing"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, store_setup, store_teardown)

SUITE(change_tracker)
{
    const struct CMUnitTest tests[] = {
        TEST(each_kind_of_change_is_noted),         TEST(other_tables_are_not),
        TEST(an_undone_change_stays_noted),         TEST(past_the_limit_it_says_so),
        TEST(a_table_that_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
