/* Proves where the client connects to, and that only whole answers are answers. */
#include "support/arena_fixture.h"

#include "cli/client.h"

static void an_address_has_host_port_and_authority(void **state)
{
    static const struct {
        const char *text, *host, *port, *authority;
    } rows[] = {
        {"http://127.0.0.1:8328", "127.0.0.1", "8328", "127.0.0.1:8328"},
        {"http://127.0.0.1:8328/", "127.0.0.1", "8328", "127.0.0.1:8328"},
        {"http://[::1]:80", "::1", "80", "[::1]:80"},
        {"http://[::1]", "::1", "80", "[::1]"},
        {"http://localhost", "localhost", "80", "localhost"},
        {"http://virga:65535", "virga", "65535", "virga:65535"},
    };
    struct client_address to;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(client_address_parse(&arena, str_from(rows[i].text), &to), 0);
        assert_string_equal(to.host, rows[i].host);
        assert_string_equal(to.port, rows[i].port);
        assert_text(to.authority, rows[i].authority);
        assert_null(to.path);
    }
}

static void a_unix_socket_is_a_path(void **state)
{
    struct client_address to;
    (void)state;
    assert_int_equal(client_address_parse(&arena, STR("unix:/run/v.sock"), &to), 0);
    assert_string_equal(to.path, "/run/v.sock");
    assert_null(to.host);
    assert_text(to.authority, "localhost");
}

static void what_is_no_address_is_refused(void **state)
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

static void the_body_is_what_the_length_says(void **state)
{
    struct client_answer answer;
    (void)state;
    assert_int_equal(
        client_parse(&arena, STR("HTTP/1.1 409 Conflict\r\ncontent-length:  2\r\nX: y\r\n\r\n{}"), &answer),
        0);
    assert_int_equal(answer.status, 409);
    assert_text(answer.body, "{}");
    assert_int_equal(client_parse(&arena, STR("HTTP/1.1 200 OK\r\n\r\nto the end"), &answer), 0);
    assert_text(answer.body, "to the end");
}

static void chunks_are_joined(void **state)
{
    struct client_answer answer;
    (void)state;
    assert_int_equal(client_parse(&arena,
                                  STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
                                      "3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n"),
                                  &answer),
                     0);
    assert_text(answer.body, "abc0123456789");
}

static void an_answer_that_is_cut_is_none(void **state)
{
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    static const char *const texts[] = {
        "",
        "HTTP/1.1 200 OK",
        "HTTP/1.1 200 OK\r\nA: b\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        CHUNKED,
        CHUNKED "5\r\nabc",
        CHUNKED "3\r\nabc\r\n",
        CHUNKED "3\r\nabcd\r\n0\r\n\r\n",
        CHUNKED "x\r\n",
        CHUNKED "fffffffff\r\nabc\r\n",
    };
    struct client_answer answer;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (client_parse(&arena, str_from(texts[i]), &answer) != -1)
            fail_msg("taken: %s", texts[i]);
}

static void nobody_there_is_said(void **state)
{
    struct client_address to;
    struct client_answer answer;
    struct request r = {.method = STR("GET"), .path = STR("/"), .body = STR("")};
    struct str problem;
    (void)state;
    assert_int_equal(client_address_parse(&arena, STR("unix:/nonexistent/socket"), &to), 0);
    assert_int_equal(client_send(&arena, &to, &r, 1000, &answer, &problem), -1);
    assert_text(problem, "connect: No such file or directory");
    /* Port 1 of the own machine: nothing listens there. */
    assert_int_equal(client_address_parse(&arena, STR("http://127.0.0.1:1"), &to), 0);
    assert_int_equal(client_send(&arena, &to, &r, 1000, &answer, &problem), -1);
    assert_text(problem, "connect: Connection refused");
}

SUITE(client)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_address_has_host_port_and_authority, setup, teardown),
        cmocka_unit_test_setup_teardown(a_unix_socket_is_a_path, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_address_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(the_body_is_what_the_length_says, setup, teardown),
        cmocka_unit_test_setup_teardown(chunks_are_joined, setup, teardown),
        cmocka_unit_test_setup_teardown(an_answer_that_is_cut_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_there_is_said, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
