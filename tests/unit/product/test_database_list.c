/* Proves that databases are listed in the requested order, in complete pages, each with its accounts. */
#include "support/test_world.h"

#include "gen/sqlserver.h"

/* "3|i:a,b|j:" : the count, then each instance with its databases on the page. */
static const char *ask(struct test_world *t, const char *body)
{
    struct test_world_request r = test_world_post("DescribeDBs", test_world_json(t, body));
    r.region = "ap-tokyo";
    clock_advance(&t->world.clock, 1000); /* past the limit of calls a second */
    if (*test_world_run(t, &r))
        return arena_cstr(&t->arena, error_table[t->call.error].code);
    const struct describe_dbs_out *out = t->call.out;
    struct str list = arena_printf(&t->arena, "%d", (int)out->total_count.v);
    for (size_t i = 0; i < out->db_instances.n; i++) {
        const struct instance_db_detail *one = &out->db_instances.v[i];
        list = arena_printf(&t->arena, "%.*s|%.*s:", STR_ARG(list), STR_ARG(one->instance_id));
        for (size_t d = 0; d < one->db_details.n; d++)
            list = arena_printf(&t->arena, "%.*s%s%.*s", STR_ARG(list), d ? "," : "",
                                STR_ARG(one->db_details.v[d].name));
    }
    return list.p;
}

/* In i, "old" is the oldest and "new" the newest; between them two of one time. */
static int setup(void **state)
{
    int rc = test_world_setup(state);
    struct test_world *t = *state;
    test_world_add_regions(
        t, "[{'region':'ap-tokyo','instances':[{'instance_id':'i','logins':[{'name':'z'},{'name':'y'},"
           "{'name':'x'}],'databases':[{'name':'new','grants':[{'login':'z'},{'login':'x',"
           "'privilege':'ReadOnly'},{'login':'y','privilege':'DBOwner'}]},{'name':'y'},{'name':'x',"
           "'encrypted':true},{'name':'old','remark':'r'}]},"
           "{'instance_id':'j','databases':[{'name':'new'}]},{'instance_id':'k'}]}]");
    SCOPED_STMT(
        s, t->world.db,
        "UPDATE database SET created_ms = created_ms + CASE name WHEN 'new' THEN 1000 WHEN 'old' THEN "
        "-1000 ELSE 0 END");
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(stmt_run(s), 0);
    assert_int_equal(savepoint_release(t->world.db), 0);
    return rc;
}

static void order_and_pages(void **state)
{
    static const char *const cases[][2] = {
        {"{'InstanceIdSet':['i']}", "4|i:new,x,y,old"},
        {"{'InstanceIdSet':['i'],'OrderByType':'asc'}", "4|i:old,x,y,new"},
        {"{'InstanceIdSet':['i'],'OrderBy':'Name'}", "4|i:y,x,old,new"},
        {"{'InstanceIdSet':['i'],'OrderBy':'Name','OrderByType':'asc'}", "4|i:new,old,x,y"},
        {"{'InstanceIdSet':['k','j','i','j']}", "5|k:|j:new|i:new,x,y,old"},
        {"{'InstanceIdSet':['j','i'],'Limit':2}", "5|j:new|i:new"},
        {"{'InstanceIdSet':['j','i'],'Limit':2,'Offset':1}", "5|j:|i:x,y"},
        {"{'InstanceIdSet':['j','i'],'Limit':2,'Offset':2}", "5|j:|i:old"},
        {"{'InstanceIdSet':['j','i'],'Limit':2,'Offset':3}", "5|j:|i:"},
        {"{'InstanceIdSet':['i'],'Name':'x'}", "1|i:x"},
        {"{'InstanceIdSet':['i'],'Name':'X'}", "1|i:x"},
        {"{'InstanceIdSet':['i'],'Name':''}", "4|i:new,x,y,old"},
        {"{'InstanceIdSet':['i'],'Encryption':'enable'}", "1|i:x"},
        {"{'InstanceIdSet':['i'],'Encryption':'disable'}", "3|i:new,y,old"},
        {"{'InstanceIdSet':['i','l']}", "ResourceNotFound.InstanceNotFound"},
        {"{'InstanceIdSet':['mssql-njj2mtpl']}", "ResourceNotFound.InstanceNotFound"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(ask(*state, cases[i][0]), cases[i][1]);
}

static void details(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(ask(t, "{'InstanceIdSet':['i']}"), "4|i:new,x,y,old");
    const struct db_detail_list *list =
        &((const struct describe_dbs_out *)t->call.out)->db_instances.v->db_details;
    assert_int_equal(list->v[0].accounts.n, 3);
    assert_text(list->v[0].accounts.v[0].user_name, "x");
    assert_text(list->v[0].accounts.v[0].privilege, "ReadOnly");
    assert_text(list->v[0].accounts.v[2].user_name, "z");
    assert_text(list->v[0].accounts.v[2].account_type, "L3");
    assert_text(list->v[0].remark, "--");
    assert_text(list->v[0].create_time, "2026-01-01 00:00:01");
    assert_text(list->v[1].encryption, "enable");
    assert_int_equal(list->v[1].accounts.n, 0);
    assert_text(list->v[3].remark, "r");
}

SUITE(database_list)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(order_and_pages, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(details, setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
