/* Proves that a list of calls is sent in bounded pieces which together are the answer, and what a change of
 * the journal does to an answer that has begun. */
#include "support/test_world.h"

#include "control/list_stream.h"
#include "control/router.h"
#include "control/selection.h"
#include "wire/json.h"

#define HEAD "{\"requests\":["

static const char *const routes[] = {"/_virga/requests", "/_virga/requests.har"};

static void open_journal(struct test_world *t, size_t calls)
{
    struct settings s = test_world_settings();
    s.journal_calls = calls;
    s.journal_bytes = LIMIT_JOURNAL_BYTES;
    test_world_open(t, &s);
}

/* Records calls of an action, each with a body of so many bytes, which are 6 times as many in JSON. */
static void record(struct test_world *t, const char *action, size_t n, size_t body_bytes)
{
    char *body = arena_alloc(&t->arena, body_bytes + 1);
    memset(body, 1, body_bytes);
    body[body_bytes] = '\0';
    for (size_t i = 0; i < n; i++) {
        struct test_world_request r = test_world_post(action, body);
        (void)test_world_run(t, &r);
        call_record(&t->call, 200);
    }
}

/* Begins an answer; t->call has its first piece and its stream. */
static void ask(struct test_world *t, const char *path, const char *query)
{
    const char *type;
    call_init(&t->call, &t->world, &t->arena);
    t->call.request =
        (struct request){.method = STR("GET"), .path = str_from(path), .query = str_from(query)};
    assert_int_equal(control_run(&t->call, &type), 200);
}

static struct str rest(struct test_world *t)
{
    struct stream *stream = t->call.stream;
    return stream ? CONCAT(&t->arena, t->call.answer, test_world_text(t, stream)) : t->call.answer;
}

/* The list in the answer. */
static const struct node *list_in(struct test_world *t, struct str answer)
{
    struct node *tree;
    assert_int_equal(json_parse(&t->arena, answer, &tree, NULL), 0);
    const struct node *log = node_find(tree, STR("log")), *calls = node_find(tree, STR("requests"));
    return log ? node_find(log, STR("entries")) : calls ? calls : node_find(tree, STR("credentials"));
}

static size_t count(const struct node *list)
{
    size_t n = 0;
    for (const struct node *item = list->first; item; item = item->next)
        n++;
    return n;
}

static uint64_t serial(const struct node *call)
{
    return (uint64_t)node_find(call, STR("serial"))->number;
}

static void a_short_answer_is_whole(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10);
    ask(t, "/_virga/requests", "");
    assert_null(t->call.stream);
    assert_text(t->call.answer, HEAD "],\"total\":0,\"dropped\":0}");
    record(t, "CreateBackup", 2, 10);
    for (size_t i = 0; i < 2; i++) {
        ask(t, routes[i], "");
        assert_null(t->call.stream);
        assert_int_equal(count(list_in(t, t->call.answer)), 2);
    }
}

/* The largest item of this test is a call with all that the journal keeps of a body. */
static void a_long_answer_comes_in_bounded_pieces(void **state)
{
    enum { CALLS = 60, ITEM_MAX = 6 * LIMIT_JOURNAL_BODY + 16 * 1024 };
    struct test_world *t = *state;
    open_journal(t, CALLS);
    record(t, "CreateBackup", CALLS, LIMIT_JOURNAL_BODY);
    for (size_t i = 0; i < 2; i++) {
        struct buf text, piece;
        enum stream_result result = STREAM_MORE;
        buf_init(&text, &t->arena, 0, LIMIT_STATE);
        ask(t, routes[i], "limit=1000");
        assert_non_null(t->call.stream);
        assert_in_range(t->call.answer.n, LIMIT_PIECE, LIMIT_PIECE + ITEM_MAX);
        buf_put(&text, t->call.answer);
        for (size_t n = 0; result == STREAM_MORE; n++) {
            buf_init(&piece, &t->arena, 0, LIMIT_STATE);
            result = t->call.stream->next(t->call.stream, &piece);
            assert_in_range(piece.n, 1, LIMIT_PIECE + ITEM_MAX);
            assert_true(n < CALLS);
            buf_put(&text, buf_str(&piece));
        }
        assert_int_equal(result, STREAM_END);
        assert_int_equal(count(list_in(t, buf_str(&text))), CALLS);
    }
}

static void calls_that_are_dropped_meanwhile_are_skipped(void **state)
{
    struct test_world *t = *state;
    uint64_t last = 0;
    open_journal(t, 30);
    record(t, "CreateBackup", 30, LIMIT_JOURNAL_BODY);
    ask(t, "/_virga/requests", "");
    struct call answer = t->call;
    record(t, "DescribeRegions", 20, 10);
    t->call = answer;
    const struct node *list = list_in(t, rest(t));
    for (const struct node *call = list->first; call; last = serial(call), call = call->next) {
        assert_true(serial(call) > last);
        assert_text(node_find(call, STR("action"))->text, "CreateBackup");
    }
    assert_int_equal(last, 30);
    assert_int_equal(count(list), 1 + 10); /* one in the first piece, then the youngest ten */
}

static void an_answer_ends_when_the_journal_is_emptied(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 30);
    record(t, "CreateBackup", 30, LIMIT_JOURNAL_BODY);
    ask(t, "/_virga/requests", "");
    (void)journal_clear(t->world.journal);
    assert_int_equal(count(list_in(t, rest(t))), 1);
}

/* --- credentials --- */

/* By SecretId, in bounded pieces, and as they were at the time of the request. */
static void many_credentials_come_in_pieces(void **state)
{
    enum { MANY = 2000 };
    struct test_world *t = *state;
    struct accounts *all = &t->world.accounts;
    open_journal(t, 1);
    for (int i = MANY; i-- > 0;) {
        struct str id = arena_printf(&t->arena, "many%04d", i);
        assert_int_equal(accounts_add_credential(all, all->first->account, id, STR("key")), 0);
        accounts_set_test_account(all, id);
    }
    ask(t, "/_virga/credentials", "");
    assert_in_range(t->call.answer.n, LIMIT_PIECE, LIMIT_PIECE + 256);
    accounts_drop_test_accounts(all);
    const struct node *list = list_in(t, rest(t));
    assert_int_equal(count(list), 1 + MANY);
    const struct node *second = list->first->next;
    assert_text(node_find(second, STR("secret_id"))->text, "many0000");
    ask(t, "/_virga/credentials", "");
    assert_int_equal(count(list_in(t, rest(t))), 1);
}

/* --- selections --- */

/* The serial numbers of the calls that a query selects, with so many examined at a time. */
static const char *selected(struct test_world *t, const struct get_requests_query *query, size_t budget)
{
    struct control k = {.call = &t->call, .status = HTTP_OK};
    struct selection s;
    const struct journal_entry *e;
    enum list_result result;
    struct buf text;
    buf_init(&text, &t->arena, 0, LIMIT_LOG_LINE);
    assert_int_equal(selection_init(&s, &k, query), 0);
    do {
        size_t left = budget;
        while ((result = selection_next(&s, &t->arena, &left, &e)) == LIST_ITEM)
            buf_printf(&text, "%llu ", (unsigned long long)e->serial);
        assert_true(result == LIST_END || left == 0);
    } while (result == LIST_PAUSE);
    return arena_cstr(&t->arena, buf_str(&text));
}

static void a_search_continues_where_it_was_interrupted(void **state)
{
    static const size_t budgets[] = {1, 2, 3, 7, 100};
    struct test_world *t = *state;
    open_journal(t, 20);
    for (size_t i = 0; i < 4; i++) { /* 1 to 3 are CreateBackup, 4 is DescribeRegions, and so on */
        record(t, "CreateBackup", 3, 10);
        record(t, "DescribeRegions", 1, 10);
    }
    struct get_requests_query all = {.limit = I64(100)},
                              some = {.action = STR("DescribeRegions"), .limit = I64(3)},
                              since = {.since = str_from("0"), .limit = I64(2)},
                              none = {.action = STR("None"), .limit = I64(1)};
    for (size_t i = 0; i < sizeof budgets / sizeof budgets[0]; i++) {
        assert_string_equal(selected(t, &all, budgets[i]), "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 ");
        assert_string_equal(selected(t, &some, budgets[i]), "8 12 16 ");
        assert_string_equal(selected(t, &since, budgets[i]), "15 16 ");
        assert_string_equal(selected(t, &none, budgets[i]), "");
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, test_world_setup_folder, test_world_teardown)

SUITE(list_stream)
{
    const struct CMUnitTest tests[] = {
        CASE(a_short_answer_is_whole),
        CASE(a_long_answer_comes_in_bounded_pieces),
        CASE(calls_that_are_dropped_meanwhile_are_skipped),
        CASE(an_answer_ends_when_the_journal_is_emptied),
        CASE(many_credentials_come_in_pieces),
        CASE(a_search_continues_where_it_was_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
