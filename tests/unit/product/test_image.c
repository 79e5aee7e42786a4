/* Proves that a database in memory, which is made from an image, has what the steps of the schema make in a
 * file. */
#include "support/texts.h"

#include "gen/migrations.h"
#include "store/db.h"

enum { STEPS_MAX = 100 };

static struct arena arena;

/* Every object of the schema and the version, one a line. */
static struct str schema_of(struct db *db)
{
    struct str text = STR("");
    SCOPED_STMT(objects, db,
                "SELECT type, name, tbl_name, coalesce(sql, '') AS sql FROM sqlite_schema ORDER BY name");
    while (stmt_step(objects) == 1)
        text = CONCAT(&arena, text, stmt_str(objects, &arena, "type"), STR(" "),
                      stmt_str(objects, &arena, "name"), STR(" "), stmt_str(objects, &arena, "tbl_name"),
                      STR(" "), stmt_str(objects, &arena, "sql"), STR("\n"));
    SCOPED_STMT(version, db, "PRAGMA user_version");
    assert_int_equal(stmt_step(version), 1);
    return CONCAT(&arena, text,
                  arena_printf(&arena, "version %lld", (long long)stmt_i64(version, "user_version")));
}

static struct db *open_with(const struct migration *steps)
{
    struct db *db;
    struct str problem;
    assert_int_equal(db_open(&arena, NULL, steps, n_migrations, &db, &problem), DB_OPEN_OK);
    return db;
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void the_image_has_the_tables_of_the_steps(void **state)
{
    struct migration steps[STEPS_MAX];
    (void)state;
    assert_in_range(n_migrations, 1, STEPS_MAX);
    memcpy(steps, migrations, n_migrations * sizeof steps[0]);
    steps[n_migrations - 1].image = NULL;
    struct db *image = open_with(migrations), *made = open_with(steps);
    assert_non_null(migrations[n_migrations - 1].image);
    assert_text(schema_of(image), arena_cstr(&arena, schema_of(made)));
    db_close(image);
    db_close(made);
}

static void the_image_is_sound_and_has_no_rows(void **state)
{
    (void)state;
    struct db *db = open_with(migrations);
    {
        SCOPED_STMT(check, db, "PRAGMA integrity_check");
        assert_int_equal(stmt_step(check), 1);
        assert_text(stmt_str(check, &arena, "integrity_check"), "ok");
        SCOPED_STMT(rows, db, "SELECT (SELECT count(*) FROM instance) + (SELECT count(*) FROM flow) AS n");
        assert_int_equal(stmt_step(rows), 1);
        assert_int_equal(stmt_i64(rows, "n"), 0);
    }
    db_close(db);
}

SUITE(image)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_image_has_the_tables_of_the_steps, setup, teardown),
        cmocka_unit_test_setup_teardown(the_image_is_sound_and_has_no_rows, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
