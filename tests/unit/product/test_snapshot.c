/* Proves that a state is replaced whole or not at all, in the store and in what the world remembers of it. */
#include "support/test_world.h"

#include <stdio.h>

#include "core/snapshot.h"
#include "core/test_account.h"

#define WHOLE "{\"InstanceId\":\"" TEST_INSTANCE "\"}"

static struct str written(struct test_world *t)
{
    struct stream *stream;
    assert_int_equal(state_stream(&t->world, &t->arena, &stream), STATE_OK);
    return test_world_text(t, stream);
}

/* 0, or -1 with the reason in *why. */
static int replace(struct test_world *t, struct str text, struct str *problem)
{
    int64_t rows;
    return state_replace(&t->world, &t->arena, text, &rows, problem);
}

static void it_comes_back_exactly(void **state)
{
    struct test_world *t = *state;
    struct str problem;
    struct test_account g;
    assert_int_equal(test_account_create(&t->world, &t->arena, NULL, &g, &problem), 0);
    assert_string_equal(test_world_backup(t, WHOLE), "");
    int64_t flow = test_world_flow_id(t);
    struct str text = written(t);
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_int_equal(test_world_flow_state(t, flow), FLOW_SUCCEEDED);
    clock_advance(&t->world.clock, -TEST_FLOW_MS);
    assert_int_equal(replace(t, text, &problem), 0);
    assert_true(str_eq(written(t), text));
    assert_int_equal(test_world_flow_state(t, flow), FLOW_RUNNING);
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_int_equal(test_world_flow_state(t, flow), FLOW_SUCCEEDED);
}

static void credentials_come_and_go_with_it(void **state)
{
    struct test_world *t = *state;
    struct str problem, before = written(t);
    struct test_account g;
    assert_int_equal(test_account_create(&t->world, &t->arena, NULL, &g, &problem), 0);
    struct str after = written(t);
    assert_int_equal(replace(t, before, &problem), 0);
    assert_null(accounts_find_credential(&t->world.accounts, g.secret_id));
    assert_int_equal(replace(t, after, &problem), 0);
    assert_non_null(accounts_find_credential(&t->world.accounts, g.secret_id));
    assert_non_null(accounts_find_credential(&t->world.accounts, STR(TEST_ID)));
}

/* The disk refuses the commit: everything is as before, also in memory. */
static void a_lost_batch_takes_it_back(void **state)
{
    struct test_world *t = *state;
    struct str problem, empty = written(t);
    struct test_account g;
    assert_int_equal(test_account_create(&t->world, &t->arena, NULL, &g, &problem), 0);
    assert_string_equal(test_world_backup(t, WHOLE), "");
    assert_int_equal(world_commit(&t->world), 0);
    struct str full = written(t);
    assert_int_equal(replace(t, empty, &problem), 0);
    assert_null(accounts_find_credential(&t->world.accounts, g.secret_id));
    assert_int_equal(rename(t->path, arena_printf(&t->arena, "%s.away", t->path).p), 0);
    assert_int_equal(world_commit(&t->world), -1);
    assert_int_equal(rename(arena_printf(&t->arena, "%s.away", t->path).p, t->path), 0);
    assert_true(str_eq(written(t), full));
    assert_non_null(accounts_find_credential(&t->world.accounts, g.secret_id));
}

/* What was committed before it is in the document, and what is committed while it is sent is not. */
static void a_document_is_the_state_of_one_moment(void **state)
{
    struct test_world *t = *state;
    struct stream *stream;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    struct str before = written(t);
    assert_int_equal(state_stream(&t->world, &t->arena, &stream), STATE_OK);
    assert_int_equal(world_commit(&t->world), 0);
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_string_equal(test_world_backup(t, WHOLE), "");
    assert_int_equal(world_commit(&t->world), 0);
    assert_true(str_eq(test_world_text(t, stream), before));
    assert_false(str_eq(written(t), before));
}

static void a_piece_is_not_much_larger_than_its_limit(void **state)
{
    enum { ROW_MAX = 64 };
    struct test_world *t = *state;
    struct stream *stream;
    struct buf piece;
    size_t n = 0;
    bool more;
    SCOPED_STMT(s, t->world.db,
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
                " INSERT INTO account SELECT 'many' || i FROM n");
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(stmt_run(s), 0);
    assert_int_equal(savepoint_release(t->world.db), 0);
    assert_int_equal(state_stream(&t->world, &t->arena, &stream), STATE_OK);
    do {
        buf_init(&piece, &t->arena, 0, LIMIT_STATE);
        n++;
        more = stream->next(stream, &piece) == STREAM_MORE;
        assert_in_range(piece.n, 1, LIMIT_PIECE + ROW_MAX);
    } while (more);
    stream->done(stream);
    assert_in_range(n, 20000 * sizeof "[\"many1\"]," / (LIMIT_PIECE + ROW_MAX), 100);
}

/* A piece that does not fit ends the document: what follows would be read as all of it. */
static void a_document_that_has_no_room_is_broken(void **state)
{
    struct test_world *t = *state;
    struct stream *stream;
    struct buf piece;
    assert_int_equal(state_stream(&t->world, &t->arena, &stream), STATE_OK);
    buf_init(&piece, &t->arena, 0, 16);
    enum stream_result result = stream->next(stream, &piece);
    if (result == STREAM_MORE) /* the first one was empty */
        result = stream->next(stream, &piece);
    assert_true(piece.over);
    assert_int_equal(result, STREAM_BROKEN);
    stream->done(stream);
}

static void copies_have_a_limit_together(void **state)
{
    struct test_world *t = *state;
    struct stream *one, *two;
    assert_int_equal(state_stream(&t->world, &t->arena, &one), STATE_OK);
    const size_t copy = t->world.state_copies;
    assert_true(copy > 0);
    t->world.state_copies = LIMIT_STATE_COPIES - copy + 1;
    assert_int_equal(state_stream(&t->world, &t->arena, &two), STATE_BUSY);
    t->world.state_copies = LIMIT_STATE_COPIES - copy;
    assert_int_equal(state_stream(&t->world, &t->arena, &two), STATE_OK);
    assert_int_equal(t->world.state_copies, LIMIT_STATE_COPIES);
    one->done(one);
    two->done(two);
    assert_int_equal(t->world.state_copies, LIMIT_STATE_COPIES - 2 * copy);
}

/* To SQLite a NUL is the end of a text. */
static void what_follows_a_nul_is_not_ignored(void **state)
{
    struct test_world *t = *state;
    const struct str nul = {"\0 ", 2};
    struct str problem, text = written(t);
    assert_int_equal(replace(t, CONCAT(&t->arena, text, STR(" ")), &problem), 0);
    assert_int_equal(replace(t, CONCAT(&t->arena, text, nul), &problem), -1);
    assert_text(problem, "the document is not JSON in UTF-8");
}

static void a_newer_one_is_rejected_whole(void **state)
{
    static const char *const newer[] = {
        "{\"format\":\"virga-state\",\"version\":2,\"schema\":1,\"next_flow_id\":1,\"tables\":{}}",
        "{\"format\":\"virga-state\",\"version\":1,\"schema\":1000,\"next_flow_id\":1,\"tables\":{}}",
        "{\"format\":\"virga-state\",\"version\":9,\"what\":\"else\"}"};
    struct test_world *t = *state;
    struct str problem, before = written(t);
    for (size_t i = 0; i < sizeof newer / sizeof *newer; i++) {
        assert_int_equal(replace(t, str_from(newer[i]), &problem), -1);
        assert_non_null(problem.p);
        assert_true(str_eq(written(t), before));
    }
}

static void one_without_rows_is_a_state(void **state)
{
    struct test_world *t = *state;
    struct str problem;
    assert_int_equal(replace(t,
                             STR("{\"format\":\"virga-state\",\"version\":1,\"schema\":1,\"next_flow_id\":77,"
                                 "\"tables\":{}}"),
                             &problem),
                     0);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM account"), 0);
    assert_int_equal(t->world.next_flow_id, 77);
    assert_string_not_equal(test_world_backup(t, WHOLE), "");
}

SUITE(snapshot)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_comes_back_exactly, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(credentials_come_and_go_with_it, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_lost_batch_takes_it_back, test_world_setup_file,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_document_is_the_state_of_one_moment, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_document_is_the_state_of_one_moment, test_world_setup_file,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_piece_is_not_much_larger_than_its_limit, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_document_that_has_no_room_is_broken, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(copies_have_a_limit_together, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_follows_a_nul_is_not_ignored, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_newer_one_is_rejected_whole, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(one_without_rows_is_a_state, test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
