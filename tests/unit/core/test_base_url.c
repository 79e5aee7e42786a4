/* Proves which texts are a host with an optional port, and which are a URL of a server. */
#include "support/texts.h"

#include "core/base_url.h"

static void a_host_may_have_a_port(void **state)
{
    static const char *const hosts[] = {"a",          "virga-1.test", "a_b.c:1",     "127.0.0.1:65535",
                                        "[::1]:8328", "[::1]",        "[fd00::1]:1", "[::ffff:10.0.0.1]"};
    static const char *const others[] = {"",     ":1",   "a:",    "a:b", "a:123456", "a b", "a/", "[]",
                                         "[]:1", "[::1", "[x]:1", "::1", "a:1:2",    "a'b", "\"", "[::1]x"};
    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        if (!base_url_has_host(str_from(hosts[i])))
            fail_msg("%s is no host", hosts[i]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (base_url_has_host(str_from(others[i])))
            fail_msg("%s is a host", others[i]);
}

static void a_url_has_a_scheme_and_no_path(void **state)
{
    static const char *const others[] = {"",           "a",           "ftp://a",       "http://",
                                         "http://a/b", "http://a//",  "HTTP://a",      "http://a?b",
                                         "https:///",  "http://a b/", "http://u@a:80", "http://a#b"};
    struct str url;
    (void)state;
    assert_int_equal(base_url_parse(STR("http://127.0.0.1:8328"), &url), 0);
    assert_text(url, "http://127.0.0.1:8328");
    assert_int_equal(base_url_parse(STR("https://virga.test/"), &url), 0);
    assert_text(url, "https://virga.test");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (base_url_parse(str_from(others[i]), &url) == 0)
            fail_msg("%s is a URL", others[i]);
}

SUITE(base_url)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_may_have_a_port),
        cmocka_unit_test(a_url_has_a_scheme_and_no_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
