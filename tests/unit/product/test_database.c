/* Proves which databases of an instance a task gets, and when it is rejected. */
#include "support/flow_fixture.h"

#include "product/sqlserver/database.h"
#include "product/sqlserver/sqlserver.h"

#define REGIONS                                                                                              \
    "[{'region':'ap-guangzhou','instances':[{'instance_id':'m','databases':[{'name':'b'},{'name':'a'},"      \
    "{'name':'new','status':1},{'name':'busy','status':3},{'name':'going','status':-1},{'name':'C'}]},"      \
    "{'instance_id':'empty'}]}]"

/* The instance, with a call that is ready for its handler. */
static struct instance instance_of(struct test_world *t, const char *id)
{
    struct instance instance;
    test_world_add_regions(t, REGIONS);
    (void)test_world_backup(t, "{\"InstanceId\":\"mssql-unknown\"}");
    t->call.error = ERR_NONE;
    assert_int_equal(instance_get(&t->call, str_from(id), &instance), 0);
    return instance;
}

static const char *joined(struct test_world *t, const struct database_set *set)
{
    struct str all = STR("");
    for (size_t i = 0; i < set->n; i++)
        all = arena_printf(&t->arena, "%.*s%s%.*s", STR_ARG(all), i ? "," : "", STR_ARG(set->v[i].name));
    return all.p;
}

/* The result of choosing the names (with commas): the list, or the code. */
static const char *choose(struct test_world *t, const struct instance *instance, const char *names)
{
    struct str v[64], rest = str_from(names);
    struct str_list in = {v, 0, true};
    struct database_set out;
    while (str_next(&rest, ',', &v[in.n]))
        in.n++;
    t->call.error = ERR_NONE; /* each choice is a call of its own */
    if (database_choose(&t->call, instance, &in, DATABASE_EFFECT_HOLD, &out) == 0)
        return joined(t, &out);
    return arena_cstr(&t->arena, error_table[t->call.error].code);
}

static void all_are_those_in_normal_status_by_name(void **state)
{
    struct test_world *t = *state;
    struct instance m = instance_of(t, "m");
    struct database_set set;
    assert_int_equal(database_all(&t->world, &t->arena, m.row, &set), 0);
    assert_string_equal(joined(t, &set), "C,a,b");
}

static void an_instance_without_databases_gives_none(void **state)
{
    struct test_world *t = *state;
    struct instance empty = instance_of(t, "empty");
    struct database_set set;
    assert_int_equal(database_all(&t->world, &t->arena, empty.row, &set), 0);
    assert_int_equal(set.n, 0);
}

static void names_keep_their_order_and_count_once(void **state)
{
    struct test_world *t = *state;
    struct instance m = instance_of(t, "m");
    assert_string_equal(choose(t, &m, "b,a,b,C,a"), "b,a,C");
    assert_string_equal(choose(t, &m, "a"), "a");
}

static void unknown_names_are_not_found(void **state)
{
    struct test_world *t = *state;
    struct instance m = instance_of(t, "m");
    static const char *const names[] = {"a,none", "", "master", "db1"}; /* db1 is another instance's */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(choose(t, &m, names[i]), "ResourceNotFound.DBNotFound");
}

static void a_database_must_be_normal_and_free(void **state)
{
    struct test_world *t = *state;
    struct instance m = instance_of(t, "m");
    static const char *const names[] = {"new", "a,busy", "going"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(choose(t, &m, names[i]), "ResourceUnavailable.DBInvalidStatus");
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"m\",\"Strategy\":1,\"DBNames\":[\"a\"]}"),
                        "");
    assert_int_equal(instance_get(&t->call, STR("m"), &m), 0);
    assert_string_equal(choose(t, &m, "b,a"), "ResourceUnavailable.DBInvalidStatus");
    assert_string_equal(choose(t, &m, "b"), "b");
}

/* The first wrong name decides. */
static void the_first_mistake_wins(void **state)
{
    struct test_world *t = *state;
    struct instance m = instance_of(t, "m");
    assert_string_equal(choose(t, &m, "new,none"), "ResourceUnavailable.DBInvalidStatus");
    assert_string_equal(choose(t, &m, "none,new"), "ResourceNotFound.DBNotFound");
}

static void a_list_grows_past_every_power_of_two(void **state)
{
    struct test_world *t = *state;
    struct database_set set;
    struct str names = STR("n10");
    for (int i = 11; i < 10 + 33; i++)
        names = arena_printf(&t->arena, "%.*s,n%d", STR_ARG(names), i);
    struct instance m = instance_of(t, "m");
    test_world_add_instance(t, "many", names.p);
    assert_int_equal(instance_get(&t->call, STR("many"), &m), 0);
    assert_int_equal(database_all(&t->world, &t->arena, m.row, &set), 0);
    assert_string_equal(joined(t, &set), names.p);
    assert_string_equal(choose(t, &m, names.p), names.p);
}

static void a_simple_recovery_model_is_noticed(void **state)
{
    struct test_world *t = *state;
    struct database_set set;
    test_world_add_regions(t, "[{'region':'ap-guangzhou','instances':[{'instance_id':'mixed','databases':["
                              "{'name':'full'},{'name':'simple','simple_recovery':true}]}]}]");
    struct instance mixed = instance_of(t, "mixed");
    assert_int_equal(database_all(&t->world, &t->arena, mixed.row, &set), 0);
    assert_true(set.any_simple);
    struct str names[] = {STR("full"), STR("simple")};
    struct str_list list = {names, 1, true};
    assert_int_equal(database_choose(&t->call, &mixed, &list, DATABASE_EFFECT_DROP, &set), 0);
    assert_false(set.any_simple);
    assert_int_equal(set.v[0].effect, DATABASE_EFFECT_DROP);
    list.n = 2;
    assert_int_equal(database_choose(&t->call, &mixed, &list, DATABASE_EFFECT_DROP, &set), 0);
    assert_true(set.any_simple);
}

/* Starts a flow that gives a database of the instance a new name. */
static void start_renaming(struct test_world *t, int64_t instance, const char *name, const char *new_name)
{
    const struct flow_database database = {str_from(name), str_from(new_name), DATABASE_EFFECT_RENAME};
    const struct flow_plan plan = flow_fixture_plan(t, FLOW_KIND_BACKUP, instance);
    (void)flow_fixture_start(t, &plan, &database, 1);
}

static void a_name_is_taken_by_databases_and_by_flows(void **state)
{
    static const char *const taken[] = {"a", "new", "going"};
    struct test_world *t = *state;
    struct instance m = instance_of(t, "m");
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        assert_int_equal(database_exists(&t->call, &m, str_from(taken[i])), 1);
    assert_int_equal(database_exists(&t->call, &m, STR("A")), 1);   /* the collation ignores case */
    assert_int_equal(database_exists(&t->call, &m, STR("db1")), 0); /* another instance's */
    start_renaming(t, m.row, "a", "target");
    assert_int_equal(instance_get(&t->call, STR("m"), &m), 0);
    assert_int_equal(database_exists(&t->call, &m, STR("target")), 1);
    assert_int_equal(database_exists(&t->call, &m, STR("a")), 1);
    assert_string_equal(choose(t, &m, "a"), "ResourceUnavailable.DBInvalidStatus");
}

static void a_new_database_is_being_created(void **state)
{
    struct test_world *t = *state;
    struct instance m = instance_of(t, "m");
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(database_insert(&t->call, &m, STR("one"), (struct str){NULL, 0}, (struct str){NULL, 0}),
                     0);
    assert_int_equal(database_insert(&t->call, &m, STR("two"), STR("Latin1_General_CI_AS"), STR("note")), 0);
    assert_int_equal(savepoint_release(t->world.db), 0);
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM database WHERE name = 'one' AND status = 1 AND"
                            " charset = 'Chinese_PRC_CI_AS' AND remark = '' AND simple_recovery = 0"
                            " AND created_ms = 1767196800000"),
        1);
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM database WHERE name = 'two' AND status = 1 AND"
                            " charset = 'Latin1_General_CI_AS' AND remark = 'note'"),
        1);
    assert_string_equal(choose(t, &m, "one"), "ResourceUnavailable.DBInvalidStatus");
}

static void names_of_new_databases_are_checked(void **state)
{
    static const char *const good[] = {"a", "Z", "9", "1a", "a_b", "a_", "db_2026"};
    static const char *const bad[] = {"", "_a", "_", "a-b", "a b", "a.b", "\xc3\xa4", "a\n", "[a]"};
    char longest[65];
    (void)state;
    memset(longest, 'x', sizeof longest);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!database_name_valid(str_from(good[i])))
            fail_msg("\"%s\" is rejected", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (database_name_valid(str_from(bad[i])))
            fail_msg("\"%s\" is accepted", bad[i]);
    assert_true(database_name_valid((struct str){longest, 64}));
    assert_false(database_name_valid((struct str){longest, 65}));
}

SUITE(database)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_are_those_in_normal_status_by_name, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(an_instance_without_databases_gives_none, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(names_keep_their_order_and_count_once, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(unknown_names_are_not_found, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_database_must_be_normal_and_free, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_first_mistake_wins, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_simple_recovery_model_is_noticed, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_name_is_taken_by_databases_and_by_flows, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_new_database_is_being_created, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(names_of_new_databases_are_checked, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_list_grows_past_every_power_of_two, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
