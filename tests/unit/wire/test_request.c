/* Proves that a header is found whatever the case of its name, and that an absent one is not an empty one. */
#include "support/suite.h"

#include "wire/request.h"

static const struct header headers[] = {
    {STR_INIT("Host"), STR_INIT("sqlserver.tencentcloudapi.com")},
    {STR_INIT("X-Tc-Action"), STR_INIT("CreateBackup")},
    {STR_INIT("X-TC-Region"), STR_INIT("")},
    {STR_INIT("x-tc-action"), STR_INIT("DeleteBackup")},
};
static const struct request request = {.headers = headers, .n_headers = 4};

static void assert_header(struct str name, struct str expected)
{
    const struct str value = request_header(&request, name);

    assert_non_null(value.p);
    assert_int_equal(value.n, expected.n);
    assert_memory_equal(value.p, expected.p, expected.n);
}

static void a_name_is_found_in_any_case(void **state)
{
    (void)state;
    assert_header(STR("host"), STR("sqlserver.tencentcloudapi.com"));
    assert_header(STR("HOST"), STR("sqlserver.tencentcloudapi.com"));
    assert_header(STR("X-TC-Region"), STR(""));
}

static void of_a_repeated_header_the_first_counts(void **state)
{
    (void)state;
    assert_header(STR("X-TC-Action"), STR("CreateBackup"));
    assert_header(STR("x-tc-action"), STR("CreateBackup"));
}

static void an_absent_header_is_null_and_a_prefix_is_not_enough(void **state)
{
    static const struct str absent[] = {STR_INIT("X-TC-Token"), STR_INIT("Hos"), STR_INIT("Hosts"),
                                        STR_INIT("")};
    const struct request empty = {.headers = NULL, .n_headers = 0};

    (void)state;
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
        assert_null(request_header(&request, absent[i]).p);
    assert_null(request_header(&empty, STR("Host")).p);
}

static void an_empty_value_is_a_value(void **state)
{
    (void)state;
    assert_non_null(request_header(&request, STR("x-tc-region")).p);
    assert_int_equal(request_header(&request, STR("x-tc-region")).n, 0);
}

SUITE(request)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_found_in_any_case),
        cmocka_unit_test(of_a_repeated_header_the_first_counts),
        cmocka_unit_test(an_absent_header_is_null_and_a_prefix_is_not_enough),
        cmocka_unit_test(an_empty_value_is_a_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
