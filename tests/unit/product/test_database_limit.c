/* Proves how many databases each type of instance may have, with the table of the documentation (238/2021).
 */
#include "support/texts.h"

#include "product/sqlserver/database.h"

static const int64_t cores[] = {1, 2, 4, 8, 12, 16, 24, 32, 128};
enum { CORES = sizeof cores / sizeof *cores };

static void check(const char *type, const char *version, const int64_t expected[CORES])
{
    for (size_t i = 0; i < CORES; i++) {
        struct server_size host = {str_from(type), str_from(version), cores[i]};
        if (database_limit(&host) != expected[i])
            fail_msg("%s %s, %d cores: %d instead of %d", type, version, (int)cores[i],
                     (int)database_limit(&host), (int)expected[i]);
    }
}

static void two_nodes_up_to_2016(void **state)
{
    static const int64_t expected[CORES] = {70, 136, 160, 193, 218, 240, 275, 300, 300};
    static const char *const versions[] = {"2012SP3", "2014SP2", "2016SP1"};
    (void)state;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        check("HA", versions[i], expected);
        check("cvmHA", versions[i], expected);
    }
}

static void two_nodes_since_2017(void **state)
{
    static const int64_t expected[CORES] = {70, 176, 200, 233, 258, 280, 315, 340, 340};
    static const char *const versions[] = {"2017", "2019", "2022"};
    (void)state;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        check("cvmHA", versions[i], expected);
        check("cvmMultiHA", versions[i], expected);
    }
}

static void version_2008_has_70(void **state)
{
    static const int64_t expected[CORES] = {70, 70, 70, 70, 70, 70, 70, 70, 70};
    (void)state;
    check("HA", "2008R2", expected);
}

static void a_single_node_has_hundreds(void **state)
{
    static const int64_t expected[CORES] = {100, 100, 200, 200, 300, 400, 400, 400, 400};
    (void)state;
    check("SI", "2017", expected);
    check("SI", "2008R2", expected);
    check("BI", "2019", expected);
}

/* A state file that was edited by hand may have any number of cores. */
static void impossible_cores_have_a_limit_too(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct server_size host = {STR("cvmHA"), STR("2017"), i ? INT64_MAX : INT64_MIN};
        assert_int_equal(database_limit(&host), i ? 340 : 70);
        host.instance_type = STR("SI");
        assert_int_equal(database_limit(&host), i ? 400 : 100);
    }
}

SUITE(database_limit)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_nodes_up_to_2016),
        cmocka_unit_test(two_nodes_since_2017),
        cmocka_unit_test(version_2008_has_70),
        cmocka_unit_test(a_single_node_has_hundreds),
        cmocka_unit_test(impossible_cores_have_a_limit_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
