/* Proves under which names a client may have signed, which services a scope may name, and by which region
 * calls are counted. */
#include "support/test_world.h"

#include "gateway/route.h"

/* A call of which only the host's side is filled in. */
static struct call *call_to(struct test_world *t, const char *host, const char *authority, const char *region)
{
    struct test_world_request r = test_world_post("CreateBackup", "{}");
    r.host = host;
    r.signed_host = "unused";
    r.authority = authority;
    test_world_prepare(t, &r);
    t->call.common.region = str_from(region);
    return &t->call;
}

/* All candidates in order, with commas between them. */
static const char *candidates(struct test_world *t, const struct call *c)
{
    struct hosts hosts;
    struct str all = STR("");
    hosts_candidates(c, &hosts);
    for (size_t i = 0; i < hosts.n; i++)
        all = arena_printf(&t->arena, "%.*s%s%.*s", STR_ARG(all), i ? "," : "", STR_ARG(hosts.name[i]));
    return all.p;
}

#define OFFICIAL                                                                                             \
    "sqlserver.tencentcloudapi.com,sqlserver.ap-shanghai.tencentcloudapi.com,"                               \
    "sqlserver.intl.tencentcloudapi.com,sqlserver.internal.tencentcloudapi.com"

static void the_host_as_sent_comes_first(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(candidates(t, call_to(t, "127.0.0.1:8328", NULL, "ap-shanghai")),
                        "127.0.0.1:8328,127.0.0.1," OFFICIAL);
    assert_string_equal(candidates(t, call_to(t, "[::1]:8328", NULL, "ap-shanghai")),
                        "[::1]:8328,[::1]," OFFICIAL);
    assert_string_equal(candidates(t, call_to(t, "http://127.0.0.1:18080", NULL, "ap-shanghai")),
                        "http://127.0.0.1:18080,http://127.0.0.1," OFFICIAL);
}

static void without_a_port_nothing_is_removed(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(candidates(t, call_to(t, "[::1]", NULL, "ap-shanghai")), "[::1]," OFFICIAL);
    assert_string_equal(candidates(t, call_to(t, "host:", NULL, "ap-shanghai")), "host:," OFFICIAL);
    assert_string_equal(candidates(t, call_to(t, "8328", NULL, "ap-shanghai")), "8328," OFFICIAL);
    assert_string_equal(candidates(t, call_to(t, "host:80a", NULL, "ap-shanghai")), "host:80a," OFFICIAL);
}

static void a_proxy_target_is_a_candidate(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(candidates(t, call_to(t, "127.0.0.1", "other.example:80", "ap-shanghai")),
                        "127.0.0.1,other.example:80," OFFICIAL);
}

static void no_candidate_comes_twice(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(candidates(t, call_to(t, TEST_HOST, TEST_HOST, "ap-shanghai")), OFFICIAL);
}

static void an_unknown_region_makes_no_name(void **state)
{
    struct test_world *t = *state;
    const char *three = "sqlserver.tencentcloudapi.com,sqlserver.intl.tencentcloudapi.com,"
                        "sqlserver.internal.tencentcloudapi.com";
    assert_string_equal(candidates(t, call_to(t, NULL, NULL, "evil.example")), three);
    assert_string_equal(candidates(t, call_to(t, NULL, NULL, NULL)), three);
}

static bool allows(struct test_world *t, const char *host, const char *service)
{
    return hosts_allow_service(call_to(t, host, NULL, TEST_REGION), str_from(service));
}

static void a_service_is_the_product_or_part_of_the_host(void **state)
{
    struct test_world *t = *state;
    assert_true(allows(t, TEST_HOST, "sqlserver"));
    assert_true(allows(t, NULL, "sqlserver"));
    assert_true(allows(t, "127.0.0.1:8328", "127"));
    assert_true(allows(t, "localhost:8328", "localhost:8328"));
    assert_false(allows(t, "127.0.0.1:8328", "128"));
    assert_false(allows(t, "127.0.0.1:8328", "12"));
    assert_false(allows(t, TEST_HOST, "cvm"));
    assert_false(allows(t, TEST_HOST, "SQLSERVER"));
    assert_false(allows(t, TEST_HOST, ""));
}

static const char *access_region(struct test_world *t, const char *host, const char *authority)
{
    return arena_cstr(&t->arena, hosts_access_region(call_to(t, host, authority, TEST_REGION)));
}

static void the_access_region_is_the_hosts_label(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(access_region(t, "sqlserver.ap-shanghai.tencentcloudapi.com", NULL), "ap-shanghai");
    assert_string_equal(access_region(t, "127.0.0.1", "sqlserver.ap-tokyo.tencentcloudapi.com"), "ap-tokyo");
    assert_string_equal(access_region(t, TEST_HOST, NULL), "");
    assert_string_equal(access_region(t, "sqlserver.intl.tencentcloudapi.com", NULL), "");
    assert_string_equal(access_region(t, "127.0.0.1:8328", NULL), "");
    assert_string_equal(access_region(t, "localhost", NULL), "");
    assert_string_equal(access_region(t, NULL, NULL), "");
}

static void strict_leaves_what_was_sent(void **state)
{
    struct test_world *t = *state;
    t->world.settings.strict = true;
    assert_string_equal(candidates(t, call_to(t, "127.0.0.1:8328", "other.example", "ap-shanghai")),
                        "127.0.0.1:8328");
    assert_string_equal(candidates(t, call_to(t, NULL, NULL, "ap-shanghai")), "");
    assert_true(allows(t, "127.0.0.1:8328", "sqlserver"));
    assert_false(allows(t, "127.0.0.1:8328", "127"));
    assert_false(allows(t, "localhost:8328", "localhost:8328"));
}

static bool is_other(struct test_world *t, const char *host, const char *authority)
{
    return hosts_name_other_product(call_to(t, host, authority, TEST_REGION));
}

static void only_the_clouds_domain_names_products(void **state)
{
    struct test_world *t = *state;
    assert_true(is_other(t, "cvm.tencentcloudapi.com", NULL));
    assert_true(is_other(t, "cvm.ap-tokyo.tencentcloudapi.com:80", NULL));
    assert_true(is_other(t, "https://cvm.tencentcloudapi.com/", NULL));
    assert_true(is_other(t, TEST_HOST, "cvm.tencentcloudapi.com"));
    assert_true(is_other(t, "sqlserver2.tencentcloudapi.com", NULL));
    assert_false(is_other(t, "cvm.tencentcloudapi.com", TEST_HOST));
    assert_false(is_other(t, "http://" TEST_HOST ":80/", NULL));
    assert_false(is_other(t, "sqlserver.intl.tencentcloudapi.com", NULL));
    assert_false(is_other(t, "cvm.nottencentcloudapi.com", NULL));
    assert_false(is_other(t, "tencentcloudapi.com", NULL));
    assert_false(is_other(t, "127.0.0.1:8328", NULL));
    assert_false(is_other(t, NULL, NULL));
}

SUITE(hosts)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_host_as_sent_comes_first, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(without_a_port_nothing_is_removed, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_proxy_target_is_a_candidate, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(no_candidate_comes_twice, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(strict_leaves_what_was_sent, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(only_the_clouds_domain_names_products, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(an_unknown_region_makes_no_name, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_service_is_the_product_or_part_of_the_host, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_access_region_is_the_hosts_label, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
