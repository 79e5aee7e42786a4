/* Proves that a copy is the database as it was at one moment, whatever changes while it is made. */
#include "support/store_fixture.h"

#include "store/copy.h"

enum { ROWS = 4000, STEP = 64 * 1024 };

static void insert(struct db *db, const char *name, int rows)
{
    SCOPED_STMT(s, db,
                "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < :rows)"
                " INSERT INTO parent (name, n) SELECT :name || hex(zeroblob(100)), n FROM i");
    stmt_bind_i64(s, ":rows", rows);
    stmt_bind_str(s, ":name", str_from(name));
    assert_int_equal(savepoint_begin(db), 0);
    assert_int_equal(stmt_run(s), 0);
    assert_int_equal(savepoint_release(db), 0);
}

static int64_t count(struct db *db, const char *name)
{
    SCOPED_STMT(s, db, "SELECT count(*) AS n FROM parent WHERE name GLOB :name || '*'");
    stmt_bind_str(s, ":name", str_from(name));
    assert_int_equal(stmt_step(s), 1);
    return stmt_i64(s, "n");
}

static void commit(struct db *db)
{
    assert_int_equal(transaction_commit(db), 0);
}

static void begin(struct store *s, bool file, struct copying *c)
{
    if (file)
        store_open(s);
    else
        store_open_memory(s);
    insert(s->db, "old", ROWS);
    commit(s->db);
    assert_int_equal(copying_begin(c, s->db), 0);
}

/* Returns how many steps the rest of the copy takes. */
static int finish(struct copying *c)
{
    int steps = 1, rc;
    while ((rc = copying_step(c, STEP)) == 1)
        steps++;
    assert_int_equal(rc, 0);
    assert_false(c->more);
    return steps;
}

static void assert_whole(struct db *copy)
{
    SCOPED_STMT(s, copy, "SELECT 1 FROM pragma_integrity_check WHERE integrity_check = 'ok'");
    assert_int_equal(stmt_step(s), 1);
}

static void it_is_made_in_steps(void **state)
{
    struct store *s = *state;
    for (int file = 0; file <= 1; file++) {
        struct copying c;
        begin(s, file, &c);
        const size_t bytes = db_copy_bytes(s->db);
        assert_in_range(finish(&c), bytes / STEP / 2, bytes / STEP + 1);
        assert_int_equal(count(c.copy, "old"), ROWS);
        assert_whole(c.copy);
        copying_done(&c);
        store_close(s);
    }
}

/* What is committed before the last step is in it; what was undone, and what comes later, is not. */
static void it_is_the_state_of_its_last_step(void **state)
{
    struct store *s = *state;
    for (int file = 0; file <= 1; file++) {
        struct copying c;
        begin(s, file, &c);
        assert_int_equal(copying_step(&c, STEP), 1);
        insert(s->db, "new", 100);
        commit(s->db);
        assert_int_equal(savepoint_begin(s->db), 0);
        insert(s->db, "undone", ROWS);
        savepoint_rollback(s->db);
        commit(s->db);
        (void)finish(&c);
        insert(s->db, "late", 100);
        commit(s->db);
        assert_int_equal(count(c.copy, "old"), ROWS);
        assert_int_equal(count(c.copy, "new"), 100);
        assert_int_equal(count(c.copy, "undone") + count(c.copy, "late"), 0);
        assert_whole(c.copy);
        copying_done(&c);
        store_close(s);
    }
}

/* Also the client that goes while its copy is made; the database is closed without an error then. */
static void an_incomplete_one_leaves_nothing(void **state)
{
    struct store *s = *state;
    struct copying c;
    begin(s, true, &c);
    assert_int_equal(copying_step(&c, STEP), 1);
    copying_done(&c);
    assert_null(c.copy);
    insert(s->db, "new", 1);
    commit(s->db);
}

SUITE(copy)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_made_in_steps, store_setup, store_teardown),
        cmocka_unit_test_setup_teardown(it_is_the_state_of_its_last_step, store_setup, store_teardown),
        cmocka_unit_test_setup_teardown(an_incomplete_one_leaves_nothing, store_setup, store_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
