/* Proves which addresses the client takes, and what it reports when no server answers. */
#include "support/arena_fixture.h"

#include "cli/client.h"

static void an_address_has_an_authority(void **state)
{
    static const struct {
        const char *text, *authority;
    } rows[] = {
        {"http://127.0.0.1:8328", "127.0.0.1:8328"},
        {"http://127.0.0.1:8328/", "127.0.0.1:8328"},
        {"http://[::1]:80", "[::1]:80"},
        {"http://[::1]", "[::1]"},
        {"http://localhost", "localhost"},
        {"http://virga:65535", "virga:65535"},
    };
    struct client_address to;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(client_address_parse(&arena, str_from(rows[i].text), &to), 0);
        assert_text(to.authority, rows[i].authority);
        assert_null(to.socket);
    }
}

static void a_unix_socket_is_a_path(void **state)
{
    struct client_address to;
    (void)state;
    assert_int_equal(client_address_parse(&arena, STR("unix:/run/v.sock"), &to), 0);
    assert_string_equal(to.socket, "/run/v.sock");
    assert_text(to.authority, "localhost");
}

static void what_is_no_address_is_rejected(void **state)
{
    static const char *const texts[] = {"",           "127.0.0.1:80",   "https://a:1",    "http://",
                                        "http://:80", "http://a:",      "http://a:0",     "http://a:65536",
                                        "http://a:x", "http://[::1",    "http://[::1]80", "http://[]:80",
                                        "unix:",      "http://a:1/path"};
    struct client_address to;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (client_address_parse(&arena, str_from(texts[i]), &to) != -1)
            fail_msg("taken: %s", texts[i]);
}

static void an_upstream_may_have_tls(void **state)
{
    struct client_address to;
    (void)state;
    assert_int_equal(client_upstream_parse(&arena, STR("https://a.example.com"), &to), 0);
    assert_text(to.authority, "a.example.com");
    assert_true(to.tls && to.kept);
    assert_int_equal(client_upstream_parse(&arena, STR("http://127.0.0.1:80/"), &to), 0);
    assert_text(to.authority, "127.0.0.1:80");
    assert_false(to.tls);
    assert_int_equal(client_upstream_parse(&arena, STR("unix:/run/v.sock"), &to), -1);
    assert_int_equal(client_upstream_parse(&arena, STR("https://"), &to), -1);
    assert_int_equal(client_upstream_parse(&arena, STR("ftp://a"), &to), -1);
    assert_int_equal(client_upstream_parse(&arena, STR("https://a/path"), &to), -1);
}

static void a_missing_server_is_reported(void **state)
{
    struct client_address to;
    struct client_response response;
    struct request r = {.method = STR("GET"), .path = STR("/"), .body = STR("")};
    struct str problem;
    (void)state;
    assert_int_equal(client_address_parse(&arena, STR("unix:/nonexistent/socket"), &to), 0);
    assert_int_equal(client_send(&arena, &to, &r, 1000, &response, &problem), -1);
    assert_text(problem, "connect: No such file or directory");
    /* Port 1 of the own machine: nothing listens there. */
    assert_int_equal(client_address_parse(&arena, STR("http://127.0.0.1:1"), &to), 0);
    assert_int_equal(client_send(&arena, &to, &r, 1000, &response, &problem), -1);
    assert_text(problem, "connect: Connection refused");
}

SUITE(client)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_address_has_an_authority, setup, teardown),
        cmocka_unit_test_setup_teardown(a_unix_socket_is_a_path, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_address_is_rejected, setup, teardown),
        cmocka_unit_test_setup_teardown(an_upstream_may_have_tls, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_server_is_reported, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
