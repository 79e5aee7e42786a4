/* Proves that regions and zones are those of the schema, each once and with a number of its own. */
#include "support/test_world.h"

#include "gen/sqlserver.h"

static void every_region_is_listed(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("DescribeRegions", "{}");
    assert_string_equal(test_world_run(t, &r), "");
    const struct describe_regions_out *out = t->call.out;
    assert_int_equal(out->total_count.v, product_sqlserver.n_regions);
    assert_int_equal(out->region_set.n, product_sqlserver.n_regions);
    for (size_t i = 0; i < out->region_set.n; i++) {
        assert_true(product_has_region(&product_sqlserver, out->region_set.v[i].region));
        assert_text(out->region_set.v[i].region_state, "AVAILABLE");
        if (i > 0)
            assert_true(out->region_set.v[i - 1].region_id.v < out->region_set.v[i].region_id.v);
    }
    assert_text(out->region_set.v[0].region_name, "Guangzhou");
}

static void every_zone_of_every_region_is_listed(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("DescribeZones", "{}");
    for (size_t i = 0; i < product_sqlserver.n_regions; i++) {
        const struct region *region = &product_sqlserver.regions[i];
        r.region = arena_cstr(&t->arena, region->name);
        assert_string_equal(test_world_run(t, &r), "");
        const struct describe_zones_out *out = t->call.out;
        assert_int_equal(out->total_count.v, region->n_zones * SQLSERVER_SPECS);
        assert_int_equal(out->zone_set.n, out->total_count.v);
        for (size_t row = 0; row < out->zone_set.n; row++)
            assert_true(str_starts(out->zone_set.v[row].zone, region->name));
        clock_advance(&t->world.clock, 1000);
    }
}

/* Documented: ap-guangzhou-3 is 100003 and ap-guangzhou-6 is 100006. */
static void zones_have_the_documented_numbers(void **state)
{
    const struct region *region = product_find_region(&product_sqlserver, STR("ap-guangzhou"));
    (void)state;
    assert_int_equal(region->id, 1);
    assert_text(region->short_name, "gz");
    for (size_t i = 0; i < region->n_zones; i++)
        assert_int_equal(region->zones[i].id,
                         100000 + region->zones[i].name.p[region->zones[i].name.n - 1] - '0');
}

static void names_are_in_the_callers_language(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("DescribeZones", "{}");
    r.language = "zh-CN";
    assert_string_equal(test_world_run(t, &r), "");
    assert_text(((const struct describe_zones_out *)t->call.out)->zone_set.v[0].zone_name,
                "\xe5\xb9\xbf\xe5\xb7\x9e\xe4\xb8\x89\xe5\x8c\xba");
}

SUITE(region)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_region_is_listed, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(every_zone_of_every_region_is_listed, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(zones_have_the_documented_numbers, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(names_are_in_the_callers_language, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
