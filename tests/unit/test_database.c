/* Proves which databases of an instance a task gets, and why it may not get one. */
#include "trial_call.h"

#include "product/sqlserver/database.h"

#define REGIONS                                                                                              \
    "[{'region':'ap-guangzhou','instances':[{'instance_id':'m','databases':[{'name':'b'},{'name':'a'},"      \
    "{'name':'new','status':1},{'name':'busy','status':3},{'name':'going','status':-1},{'name':'C'}]},"      \
    "{'instance_id':'empty'}]}]"

/* The instance, with a call that has come as far as its handler. */
static struct instance instance_of(struct trial *t, const char *id)
{
    struct instance instance;
    trial_add_regions(t, REGIONS);
    (void)trial_backup(t, "{\"InstanceId\":\"mssql-unknown\"}");
    t->call.error = ERR_NONE;
    assert_int_equal(instance_get(&t->call, str_from(id), &instance), 0);
    return instance;
}

static const char *joined(struct trial *t, const struct str_list *list)
{
    struct str all = STR("");
    for (size_t i = 0; i < list->n; i++)
        all = arena_printf(&t->arena, "%.*s%s%.*s", STR_ARG(all), i ? "," : "", STR_ARG(list->v[i]));
    return all.p;
}

/* What choosing the names (with commas) gives: the list, or the code. */
static const char *choose(struct trial *t, const struct instance *instance, const char *names)
{
    struct str v[64], rest = str_from(names);
    struct str_list in = {v, 0, true}, out;
    while (str_next(&rest, ',', &v[in.n]))
        in.n++;
    if (database_choose(&t->call, instance, &in, &out) == 0)
        return joined(t, &out);
    return arena_cstr(&t->arena, error_table[t->call.error].code);
}

static void all_are_those_that_work_by_name(void **state)
{
    struct trial *t = *state;
    struct instance m = instance_of(t, "m");
    struct str_list list;
    assert_int_equal(database_all(&t->call, &m, &list), 0);
    assert_string_equal(joined(t, &list), "C,a,b");
}

static void an_instance_without_any_has_none_to_give(void **state)
{
    struct trial *t = *state;
    struct instance empty = instance_of(t, "empty");
    struct str_list list;
    assert_int_equal(database_all(&t->call, &empty, &list), -1);
    assert_int_equal(t->call.error, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND);
}

static void names_are_taken_in_their_order_once(void **state)
{
    struct trial *t = *state;
    struct instance m = instance_of(t, "m");
    assert_string_equal(choose(t, &m, "b,a,b,C,a"), "b,a,C");
    assert_string_equal(choose(t, &m, "a"), "a");
}

static void unknown_names_are_not_found(void **state)
{
    struct trial *t = *state;
    struct instance m = instance_of(t, "m");
    static const char *const names[] = {"a,none", "A", "", "master", "db1"}; /* db1 is another instance's */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(choose(t, &m, names[i]), "ResourceNotFound.DBNotFound");
}

static void a_database_must_work_and_be_free(void **state)
{
    struct trial *t = *state;
    struct instance m = instance_of(t, "m");
    static const char *const names[] = {"new", "a,busy", "going"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(choose(t, &m, names[i]), "ResourceUnavailable.DBInvalidStatus");
    assert_string_equal(trial_backup(t, "{\"InstanceId\":\"m\",\"Strategy\":1,\"DBNames\":[\"a\"]}"), "");
    assert_string_equal(choose(t, &m, "b,a"), "ResourceUnavailable.DBInvalidStatus");
    assert_string_equal(choose(t, &m, "b"), "b");
}

/* The first name that is at fault decides. */
static void the_first_fault_wins(void **state)
{
    struct trial *t = *state;
    struct instance m = instance_of(t, "m");
    assert_string_equal(choose(t, &m, "new,none"), "ResourceUnavailable.DBInvalidStatus");
    assert_string_equal(choose(t, &m, "none,new"), "ResourceNotFound.DBNotFound");
}

static void a_list_grows_past_every_power_of_two(void **state)
{
    struct trial *t = *state;
    struct str_list list;
    struct str names = STR("n10");
    for (int i = 11; i < 10 + 33; i++)
        names = arena_printf(&t->arena, "%.*s,n%d", STR_ARG(names), i);
    struct instance m = instance_of(t, "m");
    trial_add_instance(t, "many", names.p);
    assert_int_equal(instance_get(&t->call, STR("many"), &m), 0);
    assert_int_equal(database_all(&t->call, &m, &list), 0);
    assert_string_equal(joined(t, &list), names.p);
    assert_string_equal(choose(t, &m, names.p), names.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_are_those_that_work_by_name, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(an_instance_without_any_has_none_to_give, trial_setup,
                                        trial_teardown),
        cmocka_unit_test_setup_teardown(names_are_taken_in_their_order_once, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(unknown_names_are_not_found, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(a_database_must_work_and_be_free, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(the_first_fault_wins, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(a_list_grows_past_every_power_of_two, trial_setup, trial_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
