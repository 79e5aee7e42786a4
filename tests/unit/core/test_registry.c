/* Proves that actions and kinds of flow of several products are numbered together and found by name. */
#include "support/test_world.h"
#include "support/toy_product.h"

static const struct registry *registry(void)
{
    return test_registry;
}

static void actions_are_numbered_in_the_order_of_the_products(void **state)
{
    (void)state;
    assert_int_equal(registry_n_actions(registry()), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(registry_row(registry(), registry_action_at(registry(), i)), i);
    assert_int_equal(registry_row(registry(), NULL), 3);
    assert_text(registry_action_at(registry(), 2)->name, "ReadThing");
    assert_text(registry_product_of(registry(), registry_action_at(registry(), 1))->name, "toy");
    assert_text(registry_product_of(registry(), registry_action_at(registry(), 2))->name, "other");
}

static void an_action_of_two_products_is_that_of_the_first(void **state)
{
    (void)state;
    assert_int_equal(registry_row(registry(), registry_find_action(registry(), STR("ReadThing"))), 1);
    assert_null(registry_find_action(registry(), STR("readThing")));
}

static void products_are_found_by_name_and_by_version(void **state)
{
    (void)state;
    assert_ptr_equal(registry_find(registry(), STR("toy")), &toy_product);
    assert_null(registry_find(registry(), STR("Toy")));
    assert_ptr_equal(registry_default(registry()), &toy_product);
    assert_ptr_equal(registry_find_version(registry(), STR("2020-01-01"), STR("")), &toy_product);
    assert_text(registry_find_version(registry(), STR("2021-01-01"), STR("MakeThing"))->name, "other");
    assert_null(registry_find_version(registry(), STR("2022-01-01"), STR("ReadThing")));
}

static void kinds_of_flow_are_numbered_too(void **state)
{
    (void)state;
    assert_int_equal(registry_n_flow_types(registry()), TOY_FLOW_TYPES);
    assert_int_equal(registry_flow_row(registry(), &toy_flow_types[TOY_QUICK]), TOY_QUICK);
    assert_ptr_equal(registry_flow_type_at(registry(), TOY_SLOW), &toy_flow_types[TOY_SLOW]);
}

static void a_limit_is_for_each_products_action_of_the_name(void **state)
{
    struct test_world *t = *state;
    const struct limit_setting limit = {STR("ReadThing"), 7};
    t->world.settings.limits = &limit;
    t->world.settings.n_limits = 1;
    world_set_limits(&t->world);
    const int64_t expected[] = {5, 7, 7};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(t->world.limits[i], expected[i]);
}

SUITE(registry)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_are_numbered_in_the_order_of_the_products),
        cmocka_unit_test(an_action_of_two_products_is_that_of_the_first),
        cmocka_unit_test(products_are_found_by_name_and_by_version),
        cmocka_unit_test(kinds_of_flow_are_numbered_too),
        cmocka_unit_test_setup_teardown(a_limit_is_for_each_products_action_of_the_name, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
