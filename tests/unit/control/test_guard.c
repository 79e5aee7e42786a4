/* Proves which Host, Origin and token the control API accepts. */
#include "support/test_world.h"

#include "control/guard.h"
#include "control/router.h"

#define TOKEN "a-token"

enum { HEADERS = 5 };

/* The parts of a request that the guard looks at; NULL: without that header. */
struct attempt {
    const char *path, *host, *origin, *site, *authorization, *token, *authority;
    bool tls, by_socket;
};

static void add_header(struct header *headers, size_t *n, const char *name, const char *value)
{
    if (value)
        headers[(*n)++] = (struct header){str_from(name), str_from(value)};
}

/* True when the guard lets the request through. */
static bool authorized(struct test_world *t, const struct attempt *v)
{
    struct header headers[HEADERS];
    size_t n = 0;
    struct control k = {.call = &t->call, .status = HTTP_OK};
    call_init(&t->call, &t->world, &t->arena);
    add_header(headers, &n, "host", v->host);
    add_header(headers, &n, "ORIGIN", v->origin);
    add_header(headers, &n, "sec-fetch-site", v->site);
    add_header(headers, &n, "Authorization", v->authorization);
    add_header(headers, &n, "x-virga-token", v->token);
    t->call.request = (struct request){.method = STR("GET"),
                                       .path = str_from(v->path ? v->path : "/_virga/clock"),
                                       .authority = str_from(v->authority),
                                       .peer = v->by_socket ? (struct str){NULL, 0} : STR("\x7f\0\0\1"),
                                       .tls = v->tls,
                                       .headers = headers,
                                       .n_headers = n};
    bool in = guard_check(&k) == 0;
    assert_int_equal(k.status, in ? HTTP_OK : HTTP_FORBIDDEN);
    assert_true(in || (k.error.n > 0 && k.hint.n > 0));
    return in;
}

#define AUTHORIZED(t, ...) authorized((t), &(struct attempt){__VA_ARGS__})

static void only_its_own_names_are_hosts(void **state)
{
    static const char *const own[] = {"localhost", "LocalHost:1", "127.0.0.1:8328",
                                      "[::1]",     "[::1]:8328",  "a.localhost:1"};
    static const char *const foreign[] = {
        "",        "evil.example", "localhost.", "127.0.0.10", "[::1",
        "::1",     ".localhost",   "xlocalhost", "[::11]",     "localhost evil",
        "0.0.0.0", "127.0.0.1x",   "[::1]x.evil"};
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!AUTHORIZED(t, .host = own[i]))
            fail_msg("%s was rejected", own[i]);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (AUTHORIZED(t, .host = foreign[i]))
            fail_msg("%s was accepted", foreign[i]);
    assert_false(AUTHORIZED(t, .host = NULL));
}

static void the_option_names_it_too(void **state)
{
    struct test_world *t = *state;
    t->world.settings.host = STR("127.0.0.2");
    assert_true(AUTHORIZED(t, .host = "127.0.0.2:99"));
    t->world.settings.host = STR("fd00::1");
    assert_true(AUTHORIZED(t, .host = "[FD00::1]:99"));
    assert_false(AUTHORIZED(t, .host = "fd00::1"));
}

static void the_targets_authority_counts(void **state)
{
    struct test_world *t = *state;
    assert_false(AUTHORIZED(t, .host = "localhost", .authority = "evil.example"));
    assert_true(AUTHORIZED(t, .host = "evil.example", .authority = "localhost:1"));
}

static void an_origin_must_be_the_same(void **state)
{
    struct test_world *t = *state;
    assert_true(AUTHORIZED(t, .host = "localhost:1", .origin = "http://localhost:1"));
    assert_true(AUTHORIZED(t, .host = "localhost:1", .origin = "https://localhost:1", .tls = true));
    assert_false(AUTHORIZED(t, .host = "localhost:1", .origin = "https://localhost:1"));
    assert_false(AUTHORIZED(t, .host = "localhost:1", .origin = "http://localhost:2"));
    assert_false(AUTHORIZED(t, .host = "localhost:1", .origin = "http://localhost"));
    assert_false(AUTHORIZED(t, .host = "localhost:1", .origin = "null"));
    assert_false(AUTHORIZED(t, .host = "localhost:1", .origin = ""));
    assert_false(
        AUTHORIZED(t, .path = "/_virga/health", .host = "localhost:1", .origin = "http://evil.example"));
}

static void beyond_this_machine_a_token_is_demanded(void **state)
{
    struct test_world *t = *state;
    t->world.exposed = true;
    t->world.settings.control_token = STR(TOKEN);
    assert_false(AUTHORIZED(t, .host = "localhost"));
    assert_false(AUTHORIZED(t, .host = "localhost", .token = TOKEN "x"));
    assert_false(AUTHORIZED(t, .host = "localhost", .token = "a-toke"));
    assert_false(AUTHORIZED(t, .host = "localhost", .token = ""));
    assert_false(AUTHORIZED(t, .host = "localhost", .authorization = TOKEN));
    assert_false(AUTHORIZED(t, .host = "localhost", .authorization = "Bearer"));
    assert_false(AUTHORIZED(t, .host = "localhost", .authorization = "Bearer x", .token = TOKEN));
    assert_true(AUTHORIZED(t, .host = "any.name", .token = TOKEN));
    assert_true(AUTHORIZED(t, .host = "any.name", .authorization = "bearer " TOKEN));
    assert_false(AUTHORIZED(t, .host = "any.name", .token = TOKEN, .origin = "http://evil.example"));
    assert_true(AUTHORIZED(t, .host = "any.name", .path = "/_virga/health"));
}

static void without_one_it_is_closed(void **state)
{
    struct test_world *t = *state;
    t->world.exposed = true;
    assert_false(AUTHORIZED(t, .host = "localhost"));
    assert_false(AUTHORIZED(t, .host = "localhost", .token = ""));
    assert_false(AUTHORIZED(t, .host = "localhost", .path = "/_virga/healthy"));
    assert_true(AUTHORIZED(t, .host = "localhost", .path = "/_virga/health"));
}

static void the_socket_is_this_users(void **state)
{
    struct test_world *t = *state;
    t->world.exposed = true;
    t->world.settings.control_token = STR(TOKEN);
    assert_true(AUTHORIZED(t, .by_socket = true));
    assert_true(AUTHORIZED(t, .by_socket = true, .host = "anything"));
}

/* A client without access does not learn which paths exist. */
static void a_page_of_another_site_has_no_access(void **state)
{
    struct test_world *t = *state;
    assert_true(AUTHORIZED(t, .host = "localhost", .site = "same-origin"));
    assert_true(AUTHORIZED(t, .host = "localhost", .site = "none"));
    assert_false(AUTHORIZED(t, .host = "localhost", .site = "cross-site"));
    assert_false(AUTHORIZED(t, .host = "localhost", .site = "same-site"));
    assert_false(AUTHORIZED(t, .host = "localhost", .site = ""));
    assert_false(AUTHORIZED(t, .host = "localhost", .site = "same-origin", .origin = "http://evil.example"));
}

static bool is_foreign(struct test_world *t, const char *site, const char *origin)
{
    struct header headers[HEADERS];
    size_t n = 0;
    add_header(headers, &n, "Host", "localhost:1");
    add_header(headers, &n, "Sec-Fetch-Site", site);
    add_header(headers, &n, "Origin", origin);
    return guard_is_foreign_page(&t->arena, &(struct request){.headers = headers, .n_headers = n});
}

static void what_a_browser_says_of_a_page(void **state)
{
    struct test_world *t = *state;
    assert_false(is_foreign(t, NULL, NULL));
    assert_false(is_foreign(t, NULL, "http://localhost:1"));
    assert_true(is_foreign(t, NULL, "https://localhost:1"));
    assert_true(is_foreign(t, NULL, "null"));
    assert_true(is_foreign(t, "same-site", "http://localhost:1"));
    assert_true(is_foreign(t, "cross-site", NULL));
    assert_false(is_foreign(t, "same-origin", "http://localhost:3000")); /* a proxy forwards it */
    assert_false(is_foreign(t, "none", NULL));
}

static void the_guard_comes_first(void **state)
{
    const char *type;
    struct test_world *t = *state;
    (void)AUTHORIZED(t, .host = "evil.example");
    t->call.request.path = STR("/_virga/nothing");
    t->call.request.n_headers = 0;
    assert_int_equal(control_run(&t->call, &type), HTTP_FORBIDDEN);
    assert_true(str_starts(t->call.answer, STR("{\"error\":{\"code\":\"forbidden\"")));
}

SUITE(guard)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_its_own_names_are_hosts, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(the_option_names_it_too, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(the_targets_authority_counts, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(an_origin_must_be_the_same, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(beyond_this_machine_a_token_is_demanded, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(without_one_it_is_closed, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(the_socket_is_this_users, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_page_of_another_site_has_no_access, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(what_a_browser_says_of_a_page, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(the_guard_comes_first, test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
