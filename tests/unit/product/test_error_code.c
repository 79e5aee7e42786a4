/* Proves which codes an action may answer, and that of several texts for one code the plain one is taken. */
#include "support/texts.h"

#include "core/registry.h"
#include "gen/products.h"
#include "gen/sqlserver.h"

static const struct action *action(const char *name)
{
    return action_find(&product_sqlserver, str_from(name));
}

static void declared_codes_are_found(void **state)
{
    const struct action *create = action("CreateBackup");
    (void)state;
    assert_int_equal(code_find(&all_products, create, STR("LimitExceeded.TooManyDB")),
                     ERR_LIMIT_EXCEEDED_TOO_MANY_DB);
    for (size_t i = 0; i < create->n_errors; i++)
        assert_int_not_equal(code_find(&all_products, create, error_table[create->errors[i]].code), ERR_NONE);
}

static void common_codes_are_found_for_every_action(void **state)
{
    (void)state;
    for (size_t i = 0; i < product_sqlserver.n_actions; i++)
        assert_int_equal(code_find(&all_products, &product_sqlserver.actions[i], STR("RequestLimitExceeded")),
                         ERR_REQUEST_LIMIT_EXCEEDED);
}

static void others_are_not(void **state)
{
    const struct action *status = action("DescribeFlowStatus");
    (void)state;
    assert_int_equal(code_find(&all_products, status, STR("LimitExceeded.TooManyDB")), ERR_NONE);
    assert_int_equal(code_find(&all_products, NULL, STR("LimitExceeded.TooManyDB")),
                     ERR_LIMIT_EXCEEDED_TOO_MANY_DB);
    assert_int_equal(code_find(&all_products, NULL, STR("Nothing")), ERR_NONE);
    assert_int_equal(code_find(&all_products, NULL, STR("")), ERR_NONE);
}

static void the_plain_text_is_taken(void **state)
{
    (void)state;
    assert_int_equal(code_find(&all_products, NULL, STR("UnsupportedOperation")), ERR_UNSUPPORTED_OPERATION);
    assert_int_equal(code_find(&all_products, NULL, STR("InvalidParameterValue")),
                     ERR_INVALID_PARAMETER_VALUE);
    assert_int_equal(code_find(&all_products, action("CreateBackup"), STR("InvalidParameter")),
                     ERR_INVALID_PARAMETER);
}

static void what_fits_is_declared_or_common(void **state)
{
    (void)state;
    assert_true(code_fits(action("CreateBackup"), ERR_LIMIT_EXCEEDED_TOO_MANY_DB));
    assert_false(code_fits(action("DescribeFlowStatus"), ERR_LIMIT_EXCEEDED_TOO_MANY_DB));
    assert_true(code_fits(action("DescribeFlowStatus"), ERR_REQUEST_LIMIT_EXCEEDED));
}

static void the_nearest_is_among_the_actions_own(void **state)
{
    struct suggestion suggestion;
    (void)state;
    suggest_init(&suggestion, STR("LimitExceeded.TooManyDBs"));
    code_offer(&all_products, action("CreateBackup"), &suggestion);
    assert_text(suggestion.best, "LimitExceeded.TooManyDB");
    suggest_init(&suggestion, STR("LimitExceeded.TooManyDBs"));
    code_offer(&all_products, action("DescribeFlowStatus"), &suggestion);
    assert_null(suggestion.best.p);
    suggest_init(&suggestion, STR("RequestLimitExceded"));
    code_offer(&all_products, NULL, &suggestion);
    assert_text(suggestion.best, "RequestLimitExceeded");
}

SUITE(error_code)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(declared_codes_are_found),
        cmocka_unit_test(common_codes_are_found_for_every_action),
        cmocka_unit_test(others_are_not),
        cmocka_unit_test(the_plain_text_is_taken),
        cmocka_unit_test(what_fits_is_declared_or_common),
        cmocka_unit_test(the_nearest_is_among_the_actions_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
