/* Proves that the fields of a version 1 request come in the order and the form of each kind of client. */
#include "support/texts.h"

#include "diagnosis/field_orders.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const char *order(const char *text, enum v1_order which)
{
    struct form form, orders[V1_ORDERS];
    struct str joined = STR("");
    assert_int_equal(form_parse(&arena, str_from(text), &form), FORM_OK);
    field_orders(&arena, &form, orders);
    for (size_t i = 0; i < orders[which].n; i++)
        joined = CONCAT(&arena, joined, orders[which].fields[i].key, STR("="), orders[which].fields[i].value,
                        STR(" "));
    return arena_cstr(&arena, joined);
}

static void fields_have_each_order(void **state)
{
    static const char text[] = "b=1&B=2&D.2=x&D.10=y&Signature=s&a=3";
    (void)state;
    assert_string_equal(order(text, V1_SORTED), "B=2 D.10=y D.2=x a=3 b=1 ");
    assert_string_equal(order(text, V1_AS_SENT), "b=1 B=2 D.2=x D.10=y a=3 ");
    assert_string_equal(order(text, V1_NATURAL), "B=2 D.2=x D.10=y a=3 b=1 ");
    assert_string_equal(order(text, V1_WITH_SIGNATURE), "B=2 D.10=y D.2=x Signature= a=3 b=1 ");
}

static void arrays_become_one_field(void **state)
{
    (void)state;
    assert_string_equal(order("D.0=x&D.1=\"y&Z=1&E[0]=z", V1_WORD_ARRAYS), "D=Array E=Array Z=1 ");
    assert_string_equal(order("D.0=x&D.1=\"y&Z=1&E[0]=z", V1_JSON_ARRAYS),
                        "D=[\"x\",\"\\\"y\"] E=[\"z\"] Z=1 ");
    assert_string_equal(order("D.x=1&.0=2&E[]=3&F[1=4&7=5", V1_WORD_ARRAYS), "=Array 7=5 D.x=1 E[]=3 F[1=4 ");
}

static void arrays_are_recognized(void **state)
{
    struct form form;
    (void)state;
    assert_int_equal(form_parse(&arena, STR("a=1&b.x=2&c]=3"), &form), FORM_OK);
    assert_false(field_orders_has_arrays(&form));
    assert_int_equal(form_parse(&arena, STR("a=1&b.12=2"), &form), FORM_OK);
    assert_true(field_orders_has_arrays(&form));
}

SUITE(field_orders)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fields_have_each_order, setup, teardown),
        cmocka_unit_test_setup_teardown(arrays_become_one_field, setup, teardown),
        cmocka_unit_test_setup_teardown(arrays_are_recognized, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
