/* Proves that an absent filter is NULL in a statement, that lists pass through JSON unchanged, and that a
 * page is the rows of its place. */
#include "support/store_fixture.h"
#include "support/texts.h"

#include "core/page.h"

struct fixture {
    struct arena arena;
    struct db *db;
};

static int setup(void **state)
{
    static struct fixture f;
    struct str problem;
    arena_init(&f.arena);
    *state = &f;
    return db_open(&f.arena, NULL, NULL, 0, &f.db, &problem) == DB_OPEN_OK ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    db_close(f->db);
    arena_done(&f->arena);
    return 0;
}

static int64_t number_after(struct fixture *f, struct opt_i64 value)
{
    SCOPED_STMT(s, f->db, "SELECT coalesce(:x, -1) AS n");
    filter_i64(s, ":x", value);
    assert_int_equal(stmt_step(s), 1);
    return stmt_i64(s, "n");
}

static void numbers(void **state)
{
    assert_int_equal(number_after(*state, I64(0)), 0);
    assert_int_equal(number_after(*state, I64(INT64_MAX)), INT64_MAX);
    assert_int_equal(number_after(*state, (struct opt_i64){5, false}), -1);
}

static bool is_null_after(struct fixture *f, struct str value)
{
    SCOPED_STMT(s, f->db, "SELECT :x IS NULL AS n");
    filter_text(s, ":x", value);
    assert_int_equal(stmt_step(s), 1);
    return stmt_i64(s, "n") != 0;
}

static void texts(void **state)
{
    assert_true(is_null_after(*state, (struct str){NULL, 0}));
    assert_true(is_null_after(*state, STR("")));
    assert_false(is_null_after(*state, STR(" ")));
}

static int64_t found_in(struct fixture *f, struct str wanted, const struct str_list *list)
{
    SCOPED_STMT(
        s, f->db,
        "SELECT CASE WHEN :x IS NULL THEN -1 ELSE :wanted IN (SELECT value FROM json_each(:x)) END AS n");
    stmt_bind_str(s, ":wanted", wanted);
    filter_list(s, &f->arena, ":x", list);
    assert_int_equal(stmt_step(s), 1);
    return stmt_i64(s, "n");
}

static void lists(void **state)
{
    struct str odd[] = {STR("a\"b\\"), STR(""), STR("\n\x01"), STR("\xe4\xb8\xad"), STR("1")};
    struct str_list list = {odd, sizeof odd / sizeof *odd, true}, empty = {NULL, 0, true};
    for (size_t i = 0; i < list.n; i++)
        assert_int_equal(found_in(*state, odd[i], &list), 1);
    assert_int_equal(found_in(*state, STR("b"), &list), 0);
    assert_int_equal(found_in(*state, STR("a"), &empty), -1);
}

static void a_page_is_the_rows_of_its_place(void **state)
{
    static const struct {
        int64_t limit, offset;
        size_t n;
        int64_t first;
    } cases[] = {{3, 0, 3, 1}, {3, 3, 3, 4}, {3, 6, 1, 7}, {3, 7, 0, 0}, {100, 0, 7, 1}, {0, 0, 0, 0}};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct i64_list rows = {.set = true};
        SCOPED_STMT(s, f->db, "SELECT value FROM json_each('[1,2,3,4,5,6,7]')" PAGE_LIMIT);
        page_bind(s, cases[i].limit, cases[i].offset);
        while (stmt_step(s) == 1)
            *LIST_ADD(&f->arena, &rows) = stmt_i64(s, "value");
        assert_int_equal(rows.n, cases[i].n);
        for (size_t k = 0; k < rows.n; k++)
            assert_int_equal(rows.v[k], cases[i].first + (int64_t)k);
    }
}

static void the_count_is_the_number_of_the_row(void **state)
{
    struct fixture *f = *state;
    struct call c = {.arena = &f->arena};
    struct opt_i64 n = {0, false};
    SCOPED_STMT(s, f->db, "SELECT count(*) AS n FROM json_each('[1,2,3]')");
    assert_int_equal(page_count(&c, s, &n), 0);
    assert_true(n.set);
    assert_int_equal(n.v, 3);
}

SUITE(page)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(texts, setup, teardown),
        cmocka_unit_test_setup_teardown(lists, setup, teardown),
        cmocka_unit_test_setup_teardown(a_page_is_the_rows_of_its_place, setup, teardown),
        cmocka_unit_test_setup_teardown(the_count_is_the_number_of_the_row, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
