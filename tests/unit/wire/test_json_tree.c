/* Proves that a tree keeps its children in order, counts them and finds them by name. */
#include "support/arena_fixture.h"

#include "wire/json.h"

static void a_new_node_is_empty(void **state)
{
    const struct node *n = node_new(&arena, NODE_ARRAY);
    (void)state;
    assert_int_equal(n->kind, NODE_ARRAY);
    assert_null(n->first);
    assert_null(n->last);
    assert_null(n->next);
    assert_null(n->name.p);
    assert_null(n->text.p);
    assert_int_equal(n->count, 0);
}

static void children_stay_in_the_order_added(void **state)
{
    struct node *array = node_new(&arena, NODE_ARRAY);
    struct node *children[3];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        children[i] = node_new(&arena, NODE_NULL);
        node_add(array, (struct str){NULL, 0}, children[i]);
        assert_int_equal(array->count, i + 1);
        assert_ptr_equal(array->last, children[i]);
    }
    assert_ptr_equal(array->first, children[0]);
    assert_ptr_equal(children[0]->next, children[1]);
    assert_ptr_equal(children[1]->next, children[2]);
    assert_null(children[2]->next);
}

static void the_first_child_of_a_name_is_found(void **state)
{
    struct node *object = node_new(&arena, NODE_OBJECT);
    struct node *first = node_new(&arena, NODE_BOOL), *second = node_new(&arena, NODE_NULL);
    struct node *unnamed = node_new(&arena, NODE_NULL);
    (void)state;
    assert_null(node_find(object, STR("A")));
    node_add(object, STR("A"), first);
    node_add(object, STR("A"), second);
    node_add(object, STR(""), unnamed);
    assert_ptr_equal(node_find(object, STR("A")), first);
    assert_ptr_equal(node_find(object, STR("")), unnamed);
    assert_null(node_find(object, STR("a")));
    assert_null(node_find(object, STR("AA")));
}

static void a_child_of_an_array_has_no_name_to_find(void **state)
{
    struct node *array = node_new(&arena, NODE_ARRAY);
    (void)state;
    node_add(array, (struct str){NULL, 0}, node_new(&arena, NODE_NULL));
    assert_null(node_find(array, STR("")));
}

/* Each of three children is taken out in turn; one is added then, behind the last. */
static void a_child_is_taken_out(void **state)
{
    static const char *const left[] = {"bc", "ac", "ab"};
    (void)state;
    for (size_t out = 0; out < 3; out++) {
        struct node *object = node_new(&arena, NODE_OBJECT), *children[3];
        char names[8] = "";
        for (size_t i = 0; i < 3; i++)
            node_add(object, str_head((struct str){&"abc"[i], 1}, 1),
                     children[i] = node_new(&arena, NODE_NULL));
        node_remove(object, children[out]);
        assert_int_equal(object->count, 2);
        node_add(object, STR("d"), node_new(&arena, NODE_NULL));
        for (const struct node *n = object->first; n; n = n->next)
            strncat(names, n->name.p, 1);
        assert_int_equal(strncmp(names, left[out], 2), 0);
        assert_string_equal(names + 2, "d");
    }
}

static void the_only_child_is_taken_out(void **state)
{
    struct node *array = node_new(&arena, NODE_ARRAY), *child = node_new(&arena, NODE_NULL);
    (void)state;
    node_add(array, (struct str){NULL, 0}, child);
    node_remove(array, child);
    assert_null(array->first);
    assert_null(array->last);
    assert_int_equal(array->count, 0);
}

SUITE(json_tree)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_node_is_empty),
        cmocka_unit_test(children_stay_in_the_order_added),
        cmocka_unit_test(the_first_child_of_a_name_is_found),
        cmocka_unit_test(a_child_of_an_array_has_no_name_to_find),
        cmocka_unit_test(a_child_is_taken_out),
        cmocka_unit_test(the_only_child_is_taken_out),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
