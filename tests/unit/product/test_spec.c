/* Proves which sizes an instance of each type is sold with, and what is a start of a maintenance window. */
#include "support/test_world.h"

#include "core/registry.h"
#include "product/sqlserver/instance.h"
#include "product/sqlserver/spec.h"

/* Whether the size is on sale; a call is only failed with IllegalSpec. */
static bool sold(struct test_world *t, const char *type, int64_t cpu, int64_t memory, int64_t storage)
{
    struct instance_spec spec = {str_from(type), cpu, memory, storage};
    t->call.error = ERR_NONE; /* each size is a call of its own */
    int rc = instance_spec_check(&t->call, &spec);
    assert_int_equal(t->call.error, rc == 0 ? ERR_NONE : ERR_INVALID_PARAMETER_VALUE_ILLEGAL_SPEC);
    return rc == 0;
}

static void every_type_is_sold_in_its_ranges(void **state)
{
    struct test_world *t = *state;
    static const char *const types[] = {"HA", "MultiHA", "RO", "SI", "BI", "cvmHA", "cvmMultiHA", "cvmRO"};
    call_init(&t->call, &t->world, &t->arena);
    t->call.action = registry_find_action(t->world.registry, STR("CreateDBInstances"));
    assert_int_equal(spec_types_n, sizeof types / sizeof *types);
    for (size_t i = 0; i < spec_types_n; i++) {
        bool local = spec_type_find(str_from(types[i]))->local_disk;
        assert_true(sold(t, types[i], 1, 2, 10));
        assert_true(sold(t, types[i], 2, 32, 3000));
        assert_int_equal(sold(t, types[i], 2, 4, 32000), !local);
        assert_false(sold(t, types[i], 2, 4, 0));
        assert_false(sold(t, types[i], 2, 4, 15));
        assert_false(sold(t, types[i], 2, 4, 32010));
        assert_false(sold(t, types[i], 0, 4, 10));
        assert_false(sold(t, types[i], 129, 256, 10));
        assert_false(sold(t, types[i], 2, 33, 10));
        assert_false(sold(t, types[i], 8, 4, 10));
        assert_false(sold(t, types[i], 1, 1, 10));
        assert_false(sold(t, types[i], 128, 1025, 10));
    }
    assert_null(spec_type_find(STR("ha")));
}

static void cores_of_local_disks_follow_from_the_memory(void **state)
{
    (void)state;
    assert_int_equal(spec_local_cores(2), 1);
    assert_int_equal(spec_local_cores(8), 1);
    assert_int_equal(spec_local_cores(16), 2);
    assert_int_equal(spec_local_cores(128), 16);
}

static void a_window_starts_at_a_time_of_the_day(void **state)
{
    static const char *const wrong[] = {"",      "0:00",  "00:0",  "24:00",  "00:60",
                                        "00-00", "aa:00", "00:a0", "00:000", "-1:00"};
    int64_t ms = -1;
    (void)state;
    assert_int_equal(maintenance_parse(STR("00:00"), &ms), 0);
    assert_int_equal(ms, 0);
    assert_int_equal(maintenance_parse(STR("23:59"), &ms), 0);
    assert_int_equal(ms, (23 * 60 + 59) * 60000);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(maintenance_parse(str_from(wrong[i]), &ms), -1);
}

SUITE(spec)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_type_is_sold_in_its_ranges, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test(cores_of_local_disks_follow_from_the_memory),
        cmocka_unit_test(a_window_starts_at_a_time_of_the_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
