/* Proves that a map finds what was put, under copies of the keys, through every growth. */
#include "support/texts.h"

#include <stdio.h>

#include "base/map.h"

enum { MANY = 20000 };

static struct arena arena;
static struct map map;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    map_init(&map, &arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void an_empty_map_has_no_values(void **state)
{
    (void)state;
    assert_null(map_get(&map, STR("a")));
    assert_null(map_get(&map, STR("")));
    assert_int_equal(map.n, 0);
}

static void a_later_value_replaces(void **state)
{
    int one = 1, two = 2;
    (void)state;
    map_put(&map, STR("a"), &one);
    map_put(&map, STR("a"), &two);
    assert_ptr_equal(map_get(&map, STR("a")), &two);
    assert_int_equal(map.n, 1);
}

static void keys_are_copied(void **state)
{
    char key[] = "AKID";
    int value = 1;
    (void)state;
    map_put(&map, str_from(key), &value);
    key[0] = 'x';
    assert_ptr_equal(map_get(&map, STR("AKID")), &value);
    assert_null(map_get(&map, str_from(key)));
}

static void keys_are_whole_and_exact(void **state)
{
    int empty = 0, nul = 1, plain = 2;
    (void)state;
    map_put(&map, STR(""), &empty);
    map_put(&map, (struct str){"a\0b", 3}, &nul);
    map_put(&map, STR("a"), &plain);
    assert_ptr_equal(map_get(&map, STR("")), &empty);
    assert_ptr_equal(map_get(&map, (struct str){"a\0b", 3}), &nul);
    assert_ptr_equal(map_get(&map, STR("a")), &plain);
    assert_null(map_get(&map, STR("A")));
    assert_null(map_get(&map, (struct str){"a\0c", 3}));
    assert_int_equal(map.n, 3);
}

static struct str numbered(char *text, size_t room, int i)
{
    return (struct str){text, (size_t)snprintf(text, room, "key-%d", i)};
}

static void growth_keeps_all_keys(void **state)
{
    static int values[MANY];
    char text[24];
    (void)state;
    for (int i = 0; i < MANY; i++) {
        map_put(&map, numbered(text, sizeof text, i), &values[i]);
        assert_true(map.n * 2 <= map.room); /* so that a look for an absent key ends */
    }
    assert_int_equal(map.n, MANY);
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(map_get(&map, numbered(text, sizeof text, i)), &values[i]);
    assert_null(map_get(&map, numbered(text, sizeof text, MANY)));
}

SUITE(map)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_map_has_no_values, setup, teardown),
        cmocka_unit_test_setup_teardown(a_later_value_replaces, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_are_copied, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_are_whole_and_exact, setup, teardown),
        cmocka_unit_test_setup_teardown(growth_keeps_all_keys, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
