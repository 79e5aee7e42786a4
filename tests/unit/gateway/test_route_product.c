/* Proves which product a call is for, by its host, its version and its action; with the toy products. */
#include "support/test_world.h"
#include "support/toy_product.h"

#include "gateway/route.h"

/* A call to that host. */
static const char *product_of(struct test_world *t, const char *host, const char *version, const char *action)
{
    struct header *headers = ARENA_NEW(&t->arena, struct header);
    *headers = (struct header){STR("Host"), str_from(host)};
    call_init(&t->call, &t->world, &t->arena);
    t->call.request = (struct request){.headers = headers, .n_headers = 1};
    t->call.common = (struct common){.version = str_from(version), .action = str_from(action)};
    t->call.product = route_product(&t->call);
    return arena_cstr(&t->arena, t->call.product->name);
}

static void a_host_of_the_cloud_names_it(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(product_of(t, "other.tencentcloudapi.com", "2020-01-01", "MakeThing"), "other");
    assert_string_equal(product_of(t, "toy.ap-guangzhou.tencentcloudapi.com", "2021-01-01", "x"), "toy");
    assert_false(hosts_name_other_product(&t->call));
    assert_string_equal(product_of(t, "third.tencentcloudapi.com", "2021-01-01", "ReadThing"), "toy");
    assert_true(hosts_name_other_product(&t->call));
}

static void elsewhere_the_version_does(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(product_of(t, "127.0.0.1:8328", "2021-01-01", "ReadThing"), "other");
    assert_string_equal(product_of(t, "127.0.0.1:8328", "2021-01-01", "NoAction"), "other");
    assert_string_equal(product_of(t, "other.localhost:8328", "2020-01-01", "ReadThing"), "toy");
    assert_string_equal(product_of(t, "127.0.0.1:8328", "1999-01-01", "ReadThing"), "toy");
    assert_string_equal(product_of(t, "127.0.0.1:8328", "", ""), "toy");
    assert_false(hosts_name_other_product(&t->call));
}

static void the_scope_has_the_name_of_the_product(void **state)
{
    struct test_world *t = *state;
    (void)product_of(t, "127.0.0.1:8328", "2021-01-01", "ReadThing");
    assert_true(hosts_allow_service(&t->call, STR("other")));
    assert_true(hosts_allow_service(&t->call, STR("127")));
    assert_false(hosts_allow_service(&t->call, STR("toy")));
    t->world.settings.strict = true;
    assert_false(hosts_allow_service(&t->call, STR("127")));
}

static void official_names_are_those_of_the_product(void **state)
{
    struct test_world *t = *state;
    struct hosts hosts;
    (void)product_of(t, "localhost", "2021-01-01", "ReadThing");
    hosts_candidates(&t->call, &hosts);
    assert_int_equal(hosts.n, 4);
    assert_text(hosts.name[0], "localhost");
    assert_text(hosts.name[1], "other.tencentcloudapi.com");
    assert_text(hosts.name[3], "other.internal.tencentcloudapi.com");
}

SUITE(route_product)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_host_of_the_cloud_names_it, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(elsewhere_the_version_does, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(the_scope_has_the_name_of_the_product, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(official_names_are_those_of_the_product, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
