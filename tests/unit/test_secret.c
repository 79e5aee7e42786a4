/* Proves that each world has a secret of its own, keeps it as long as its file, and tells it in no document.
 */
#include "trial_call.h"

#include "core/state.h"

static void open_with(struct trial *t, uint64_t seed, bool seeded, const char *path)
{
    struct settings settings = trial_settings();
    settings.seeded = seeded;
    settings.seed = seed;
    settings.db_path = path;
    trial_reopen(t, &settings);
}

/* The world's, as it outlives the world. */
static struct str secret(struct trial *t)
{
    return arena_dup(&t->arena, t->world.secret);
}

static void a_seed_decides_it(void **state)
{
    struct trial *t = *state;
    struct str one = secret(t);
    assert_int_equal(one.n, 64);
    open_with(t, 2, true, NULL);
    assert_false(str_eq(one, secret(t)));
    open_with(t, 1, true, NULL);
    assert_true(str_eq(one, secret(t)));
}

static void without_a_seed_no_two_are_alike(void **state)
{
    struct trial *t = *state;
    open_with(t, 1, false, NULL);
    struct str one = secret(t);
    open_with(t, 1, false, NULL);
    assert_int_equal(one.n, 64);
    assert_false(str_eq(one, secret(t)));
}

static void a_file_keeps_it(void **state)
{
    struct trial *t = *state;
    open_with(t, 1, false, t->path);
    struct str one = secret(t);
    open_with(t, 1, true, t->path);
    assert_true(str_eq(one, secret(t)));
}

static void the_document_of_the_state_has_it_not(void **state)
{
    struct trial *t = *state;
    struct buf b;
    struct str why, before = secret(t);
    int64_t rows;
    buf_init(&b, &t->arena, 0, 1024 * 1024);
    assert_int_equal(db_savepoint(t->world.db), 0);
    assert_int_equal(state_write(&t->world, &b), 0);
    assert_null(memmem(b.p, b.n, "secret\"", 7));
    assert_null(memmem(b.p, b.n, before.p, before.n));
    assert_int_equal(state_replace(&t->world, &t->arena, buf_str(&b), &rows, &why), 0);
    assert_int_equal(db_keep(t->world.db), 0);
    assert_int_equal(trial_count(t, "SELECT count(*) AS n FROM world_secret"), 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, trial_setup, trial_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_seed_decides_it),
        CASE(without_a_seed_no_two_are_alike),
        CASE(a_file_keeps_it),
        CASE(the_document_of_the_state_has_it_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
