/* Proves that a table is written as JSON and read back with every value exact, or rejected with a reason. */
#include "support/store_fixture.h"

#include "store/snapshot.h"

static struct table_list tables(struct store *s)
{
    struct table_list list;
    assert_int_equal(tables_list(s->db, &s->a, &list), 0);
    return list;
}

/* The text of a table, written in parts of at least `part` bytes; *ret_parts counts them. */
static struct str written_in_parts(struct store *s, const char *name, size_t part, int *ret_parts)
{
    struct table_list list = tables(s);
    struct table_writer w;
    struct buf b;
    int rc = 1;
    buf_init(&b, &s->a, 64, 1 << 20);
    assert_int_equal(table_writer_open(&w, s->db, tables_find(&list, str_from(name)), &b), 0);
    for (*ret_parts = 0; rc == 1; ++*ret_parts)
        rc = table_writer_put(&w, &b, b.n + part);
    table_writer_close(&w);
    assert_int_equal(rc, 0);
    return buf_str(&b);
}

static struct str written(struct store *s, const char *name)
{
    int parts;
    return written_in_parts(s, name, 1 << 20, &parts);
}

/* The rows read into `parent`, or -1 with s->problem. */
static int64_t read_parents(struct store *s, const char *text)
{
    struct table_list list = tables(s);
    int64_t rows = 0;
    s->problem = (struct str){NULL, 0};
    assert_int_equal(savepoint_begin(s->db), 0);
    int rc = table_read(s->db, &s->a, tables_find(&list, STR("parent")), str_from(text), &rows, &s->problem);
    if (rc == 0)
        assert_int_equal(savepoint_release(s->db), 0);
    else
        savepoint_rollback(s->db);
    return rc == 0 ? rows : -1;
}

static void tables_are_listed_in_the_schemas_order(void **state)
{
    struct store *s = *state;
    store_open_memory(s);
    struct table_list list = tables(s);
    assert_int_equal(list.n, 3);
    assert_text(list.v[0].name, "parent");
    assert_text(list.v[1].name, "child");
    assert_text(list.v[2].name, "later");
    assert_int_equal(list.v[0].n_columns, 3);
    assert_text(list.v[0].columns[2], "n");
    assert_null(tables_find(&list, STR("Parent")));
}

static void a_written_table_is_read_back(void **state)
{
    static const char text[] =
        "{\"columns\":[\"id\",\"name\",\"n\"],\"rows\":[[-9223372036854775808,null,null],"
        "[1,\"a\\\"b\\n\xe4\xb8\xad\",9223372036854775807],[9007199254740993,\"\",0]]}";
    struct store *s = *state;
    store_open_memory(s);
    assert_text(written(s, "parent"), "{\"columns\":[\"id\",\"name\",\"n\"],\"rows\":[]}");
    assert_int_equal(read_parents(s, text), 3);
    assert_text(written(s, "parent"), text);
}

static void columns_may_be_missing_and_in_any_order(void **state)
{
    struct store *s = *state;
    store_open_memory(s);
    assert_int_equal(read_parents(s, "{\"rows\":[[5,2],[6,1]],\"columns\":[\"n\",\"id\"]}"), 2);
    assert_text(written(s, "parent"),
                "{\"columns\":[\"id\",\"name\",\"n\"],\"rows\":[[1,null,6],[2,null,5]]}");
}

static void a_wrong_text_is_reported(void **state)
{
    static const char *const bad[] = {"[]",
                                      "{}",
                                      "{\"columns\":[\"id\"]}",
                                      "{\"columns\":[\"id\"],\"rows\":{}}",
                                      "{\"columns\":[\"id\"],\"rows\":[[1],[1,2]]}",
                                      "{\"columns\":[\"id\"],\"rows\":[1]}",
                                      "{\"columns\":[\"id\"],\"rows\":[\"[1]\"]}",
                                      "{\"columns\":[\"id\",\"id\"],\"rows\":[]}",
                                      "{\"columns\":[\"id\\\") --\"],\"rows\":[]}",
                                      "{\"columns\":[1],\"rows\":[]}",
                                      "{\"columns\":[],\"rows\":[]}"};
    struct store *s = *state;
    store_open_memory(s);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(read_parents(s, bad[i]), -1);
        if (!str_starts(s->problem, STR("table parent: ")))
            fail_msg("%s: \"%.*s\"", bad[i], STR_ARG(s->problem));
    }
    assert_int_equal(store_count_parents(s->db), 0);
}

static void a_value_that_a_table_rejects_is_a_failure_of_the_store(void **state)
{
    struct store *s = *state;
    store_open_memory(s);
    assert_int_equal(read_parents(s, "{\"columns\":[\"id\"],\"rows\":[[1],[1]]}"), -1);
    assert_null(s->problem.p);
    assert_int_equal(db_fault(s->db), DB_CONSTRAINT);
    assert_int_equal(store_count_parents(s->db), 0);
}

static void all_tables_are_emptied_despite_references(void **state)
{
    struct store *s = *state;
    store_open_memory(s);
    assert_int_equal(store_call(s->db, 1), 0);
    struct table_list list = tables(s);
    assert_int_equal(savepoint_begin(s->db), 0);
    assert_int_equal(tables_clear(s->db, &list), 0);
    assert_int_equal(savepoint_release(s->db), 0);
    assert_text(written(s, "child"), "{\"columns\":[\"id\",\"parent\",\"name\",\"body\"],\"rows\":[]}");
}

static void dangling_references_are_counted(void **state)
{
    struct store *s = *state;
    store_open_memory(s);
    assert_int_equal(savepoint_begin(s->db), 0);
    assert_int_equal(foreign_keys_defer(s->db), 0);
    assert_int_equal(store_insert_child(s->db, 7), 0);
    assert_int_equal(foreign_keys_check(s->db), 1);
    assert_int_equal(store_insert_parent(s->db, 7), 0);
    assert_int_equal(foreign_keys_check(s->db), 0);
    assert_int_equal(foreign_keys_enforce(s->db), 0);
    assert_int_equal(savepoint_release(s->db), 0);
    assert_int_equal(savepoint_begin(s->db), 0);
    assert_int_equal(store_insert_child(s->db, 8), -1);
    savepoint_rollback(s->db);
    assert_int_equal(transaction_commit(s->db), 0);
}

static void a_table_is_written_in_parts(void **state)
{
    struct store *s = *state;
    int parts;
    store_open_memory(s);
    assert_int_equal(read_parents(s, "{\"columns\":[\"id\"],\"rows\":[[1],[2],[3]]}"), 3);
    struct str whole = written(s, "parent");
    assert_true(str_eq(written_in_parts(s, "parent", 1, &parts), whole));
    assert_int_equal(parts, 4); /* a row each, and the end */
}

static void a_text_that_does_not_fit_sets_over(void **state)
{
    struct store *s = *state;
    struct table_writer w;
    struct buf b;
    store_open_memory(s);
    assert_int_equal(read_parents(s, "{\"columns\":[\"id\"],\"rows\":[[1],[2]]}"), 2);
    struct table_list list = tables(s);
    buf_init(&b, &s->a, 0, 50);
    assert_int_equal(table_writer_open(&w, s->db, &list.v[0], &b), 0);
    assert_int_equal(table_writer_put(&w, &b, SIZE_MAX), 1);
    table_writer_close(&w);
    assert_true(b.over);
}

SUITE(snapshot_tables)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tables_are_listed_in_the_schemas_order, store_setup, store_teardown),
        cmocka_unit_test_setup_teardown(a_written_table_is_read_back, store_setup, store_teardown),
        cmocka_unit_test_setup_teardown(columns_may_be_missing_and_in_any_order, store_setup, store_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_text_is_reported, store_setup, store_teardown),
        cmocka_unit_test_setup_teardown(a_value_that_a_table_rejects_is_a_failure_of_the_store, store_setup,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(all_tables_are_emptied_despite_references, store_setup,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(dangling_references_are_counted, store_setup, store_teardown),
        cmocka_unit_test_setup_teardown(a_table_is_written_in_parts, store_setup, store_teardown),
        cmocka_unit_test_setup_teardown(a_text_that_does_not_fit_sets_over, store_setup, store_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
