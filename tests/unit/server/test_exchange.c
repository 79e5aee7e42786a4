/* Proves that a reused exchange has nothing of its last request, that lists keep their order, and how targets
 * are split. */
#include "support/texts.h"

#include "server/exchange.h"

static struct exchange_pool pool;

static int setup(void **state)
{
    (void)state;
    pool = (struct exchange_pool){.free = NULL};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    exchange_pool_done(&pool);
    return 0;
}

static void assert_list(const struct exchange_list *list, struct exchange *const *expected, size_t n)
{
    const struct exchange *before = NULL, *at = list->first;
    for (size_t i = 0; i < n; i++, before = at, at = at->next) {
        assert_ptr_equal(at, expected[i]);
        assert_ptr_equal(at->prev, before);
    }
    assert_null(at);
    assert_ptr_equal(list->last, before);
}

static void a_list_keeps_its_order(void **state)
{
    struct exchange_list list = {NULL, NULL};
    struct exchange *x[3];
    (void)state;
    for (int i = 0; i < 3; i++)
        x[i] = exchange_take(&pool, STR("/"));
    exchange_list_insert(&list, x[2], NULL);
    exchange_list_insert(&list, x[0], NULL);
    exchange_list_insert(&list, x[1], x[0]);
    assert_list(&list, x, 3);
    exchange_list_remove(&list, x[1]); /* from the middle */
    assert_list(&list, (struct exchange *[]){x[0], x[2]}, 2);
    exchange_list_insert(&list, x[1], x[2]);
    exchange_list_remove(&list, x[0]);
    assert_list(&list, (struct exchange *[]){x[2], x[1]}, 2);
    exchange_list_remove(&list, x[1]);
    exchange_list_remove(&list, x[2]);
    assert_list(&list, NULL, 0);
    exchange_list_insert(&list, x[1], NULL); /* an emptied list is a list */
    assert_list(&list, &x[1], 1);
    for (int i = 0; i < 3; i++)
        exchange_give_back(&pool, x[i]);
}

static void a_pool_counts_and_reuses(void **state)
{
    (void)state;
    struct exchange *one = exchange_take(&pool, STR("/")), *two = exchange_take(&pool, STR("/"));
    assert_int_equal(pool.in_use, 2);
    assert_ptr_not_equal(one, two);
    exchange_give_back(&pool, one);
    assert_int_equal(pool.in_use, 1);
    assert_ptr_equal(exchange_take(&pool, STR("/")), one);
    exchange_give_back(&pool, one);
    exchange_give_back(&pool, two);
    assert_int_equal(pool.in_use, 0);
}

static void a_used_exchange_is_zeroed(void **state)
{
    char target[] = "/first";
    (void)state;
    struct exchange *x = exchange_take(&pool, str_from(target));
    target[1] = 'x';
    assert_text(x->target, "/first");
    body_put(&x->body, &pool.bodies, STR("the body of another"));
    exchange_add_header(x, STR("ETag"), STR("1"));
    x->state = EXCHANGE_ANSWERED;
    x->status = 404;
    x->ticket = 9;
    x->call.explanation.cause = STR("of another");
    x->call.changed = true;
    exchange_give_back(&pool, x);
    struct exchange *again = exchange_take(&pool, STR("/second"));
    assert_ptr_equal(again, x);
    assert_text(again->target, "/second");
    assert_text(body_str(&again->body), "");
    assert_int_equal(again->n_response_headers, 0);
    assert_null(again->call.explanation.cause.p);
    assert_false(again->call.changed);
    assert_null(again->owner);
    assert_int_equal(again->state, EXCHANGE_HEADERS);
    assert_int_equal(again->status, 200);
    assert_int_equal(again->ticket, 0);
    exchange_give_back(&pool, again);
}

static void a_body_stops_at_its_cap(void **state)
{
    static char part[1024 * 1024];
    (void)state;
    struct exchange *x = exchange_take(&pool, STR("/"));
    for (int i = 0; i < 10; i++)
        body_put(&x->body, &pool.bodies, (struct str){part, sizeof part});
    assert_false(x->body.over);
    assert_int_equal(body_str(&x->body).n, LIMIT_BODY_V3);
    body_put(&x->body, &pool.bodies, (struct str){part, sizeof part});
    assert_true(x->body.over);
    exchange_give_back(&pool, x);
}

struct split {
    const char *target, *authority, *path, *query;
};

static void assert_split(const struct split *s)
{
    struct request r = {.n_headers = 0};
    exchange_split_target(str_from(s->target), &r);
    if (s->authority)
        assert_text(r.authority, s->authority);
    else
        assert_null(r.authority.p);
    assert_text(r.path, s->path);
    assert_text(r.query, s->query);
}

static void targets_are_split(void **state)
{
    static const struct split cases[] = {
        {"/", NULL, "/", ""},
        {"", NULL, "", ""},
        {"*", NULL, "*", ""},
        {"/?", NULL, "/", ""},
        {"/a%20b?c=%26&d=/?e", NULL, "/a%20b", "c=%26&d=/?e"},
        {"/?u=http://x/y", NULL, "/", "u=http://x/y"},
        {"http://sqlserver.tencentcloudapi.com/?a=1", "sqlserver.tencentcloudapi.com", "/", "a=1"},
        {"HTTPS://host:8328/p", "host:8328", "/p", ""},
        {"http://host", "host", "", ""},
        {"http://host?a=/b", "host", "", "a=/b"},
        {"http://[::1]:80/x", "[::1]:80", "/x", ""},
        {"http:/host/", NULL, "http:/host/", ""},
        {"ftp://host/", NULL, "ftp://host/", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_split(&cases[i]);
}

SUITE(exchange)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_list_keeps_its_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pool_counts_and_reuses, setup, teardown),
        cmocka_unit_test_setup_teardown(a_used_exchange_is_zeroed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_stops_at_its_cap, setup, teardown),
        cmocka_unit_test_setup_teardown(targets_are_split, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
