/* Proves that each world has a secret of its own, keeps it as long as its file, and writes it into no
 * document.
 */
#include "support/test_world.h"

#include "core/snapshot.h"

static void open_with(struct test_world *t, uint64_t seed, bool seeded, const char *path)
{
    struct settings settings = test_world_settings();
    settings.seeded = seeded;
    settings.seed = seed;
    settings.db_path = path;
    test_world_reopen(t, &settings);
}

/* The world's, as it outlives the world. */
static struct str secret(struct test_world *t)
{
    return arena_dup(&t->arena, t->world.secret);
}

static void a_seed_decides_it(void **state)
{
    struct test_world *t = *state;
    struct str one = secret(t);
    assert_int_equal(one.n, 64);
    open_with(t, 2, true, NULL);
    assert_false(str_eq(one, secret(t)));
    open_with(t, 1, true, NULL);
    assert_true(str_eq(one, secret(t)));
}

static void without_a_seed_no_two_are_alike(void **state)
{
    struct test_world *t = *state;
    open_with(t, 1, false, NULL);
    struct str one = secret(t);
    open_with(t, 1, false, NULL);
    assert_int_equal(one.n, 64);
    assert_false(str_eq(one, secret(t)));
}

static void a_file_keeps_it(void **state)
{
    struct test_world *t = *state;
    open_with(t, 1, false, t->path);
    struct str one = secret(t);
    open_with(t, 1, true, t->path);
    assert_true(str_eq(one, secret(t)));
}

static void the_document_of_the_state_has_it_not(void **state)
{
    struct test_world *t = *state;
    struct stream *stream;
    struct str problem, before = secret(t);
    int64_t rows;
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(state_stream(&t->world, &t->arena, &stream), STATE_OK);
    struct str text = test_world_text(t, stream);
    assert_null(memmem(text.p, text.n, "secret\"", 7));
    assert_null(memmem(text.p, text.n, before.p, before.n));
    assert_int_equal(state_replace(&t->world, &t->arena, text, &rows, &problem), 0);
    assert_int_equal(savepoint_release(t->world.db), 0);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM world_secret"), 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, test_world_setup, test_world_teardown)

SUITE(world_secret)
{
    const struct CMUnitTest tests[] = {
        CASE(a_seed_decides_it),
        CASE(without_a_seed_no_two_are_alike),
        CASE(a_file_keeps_it),
        CASE(the_document_of_the_state_has_it_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
