/* Proves that each filter of DescribeDBInstances finds what it should and nothing else, that pages are
 * complete and in order, and that no table is scanned. */
#include "support/test_world.h"

#include <sqlite3.h>

#include "gen/sqlserver.h"
#include "store/db_private.h"

/* The ids of the page without their "mssql-", after the count: "3:c,b". */
static const char *ask(struct test_world *t, const char *body)
{
    struct test_world_request r = test_world_post("DescribeDBInstances", test_world_json(t, body));
    r.region = "ap-tokyo";
    clock_advance(&t->world.clock, 1000); /* past the limit of calls a second */
    if (*test_world_run(t, &r))
        return "(failed)";
    const struct describe_db_instances_out *out = t->call.out;
    struct str list = arena_printf(&t->arena, "%d:", (int)out->total_count.v);
    for (size_t i = 0; i < out->db_instances.n; i++)
        list = arena_printf(&t->arena, "%.*s%s%.*s", STR_ARG(list), i ? "," : "",
                            STR_ARG(str_skip(out->db_instances.v[i].instance_id, 6)));
    return list.p;
}

/* Three of one time, then a newer one; the two of the built-in world are 1 and 2 in the store. */
static int setup(void **state)
{
    int rc = test_world_setup(state);
    struct test_world *t = *state;
    test_world_add_regions(
        t, "[{'region':'ap-tokyo','instances':["
           "{'instance_id':'mssql-a','name':'Alpha','project_id':7,'pay_mode':1,'vip':'172.16."
           "0.1','version':'2019',"
           "'vpc_id':'vpc-1','subnet_id':'subnet-1','tags':[{'key':'team'},{'key':'cost'}],'"
           "databases':[{'name':'d'}]},"
           "{'instance_id':'mssql-b','name':'a_b%','zone':'ap-tokyo-2','instance_type':'SI','"
           "tags':[{'key':'cost'}]},"
           "{'instance_id':'mssql-c','status':9,'vpc_id':'vpc-1'}]}]");
    clock_advance(&t->world.clock, 60000);
    test_world_add_regions(t,
                           "[{'region':'ap-tokyo','instances':[{'instance_id':'mssql-n','name':'newest'}]},"
                           "{'region':'ap-seoul','instances':[{'instance_id':'mssql-a'}]}]");
    return rc;
}

static void filters(void **state)
{
    static const char *const cases[][2] = {
        {"{}", "4:n,a,b,c"},
        {"{'ProjectId':7}", "1:a"},
        {"{'ProjectId':0}", "3:n,b,c"},
        {"{'Status':9}", "1:c"},
        {"{'Status':2}", "3:n,a,b"},
        {"{'PayMode':0}", "3:n,b,c"},
        {"{'VpcId':'vpc-1'}", "2:a,c"},
        {"{'VpcId':''}", "2:n,b"},
        {"{'SubnetId':'subnet-1'}", "1:a"},
        {"{'SubnetId':''}", "3:n,b,c"},
        {"{'VipSet':['172.16.0.1','172.16.0.2']}", "1:a"},
        {"{'VersionSet':['2019','2008R2']}", "1:a"},
        {"{'Zone':'ap-tokyo-2'}", "1:b"},
        {"{'Zone':''}", "4:n,a,b,c"},
        {"{'InstanceType':'SI'}", "1:b"},
        {"{'InstanceNameSet':['LPH','west']}", "2:n,a"},
        {"{'InstanceNameSet':['_']}", "1:b"},
        {"{'InstanceNameSet':['%']}", "1:b"},
        {"{'TagKeys':['cost']}", "2:a,b"},
        {"{'TagKeys':['team','other']}", "1:a"},
        {"{'SearchKey':'MSSQL-C'}", "1:c"},
        {"{'SearchKey':'alph'}", "1:a"},
        {"{'SearchKey':'172.16.'}", "1:a"},
        {"{'UidSet':['gamedb.jp1000003.mssql.db','gamedb.gz1000004.mssql.db']}", "1:a"},
        {"{'InstanceIdSet':['mssql-c','mssql-a','mssql-c','mssql-njj2mtpl']}", "2:a,c"},
        {"{'InstanceIdSet':['mssql-c','mssql-a'],'Status':9}", "1:c"},
        {"{'InstanceIdSet':[],'VipSet':[]}", "4:n,a,b,c"},
        {"{'VpcId':'vpc-1','PayMode':1,'SearchKey':'a'}", "1:a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(ask(*state, cases[i][0]), cases[i][1]);
}

static void pages(void **state)
{
    static const char *const cases[][2] = {
        {"{'Limit':3}", "4:n,a,b"},
        {"{'Limit':3,'Offset':1}", "4:c"},
        {"{'Limit':3,'Offset':2}", "4:"},
        {"{'Limit':1,'Offset':3,'PaginationType':'pageNumber'}", "4:c"},
        {"{'Limit':3,'Offset':1,'PaginationType':'offset'}", "4:a,b,c"},
        {"{'Offset':4,'PaginationType':'offset'}", "4:"},
        {"{'Limit':100,'Offset':9007199254740991}", "4:"},
        {"{'InstanceIdSet':['mssql-a','mssql-b','mssql-c'],'Limit':2,'Offset':1}", "3:c"},
        {"{'Limit':101}", "(failed)"},
        {"{'Limit':0}", "(failed)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(ask(*state, cases[i][0]), cases[i][1]);
}

/* 7 while a task runs, and 2 again. */
static void a_running_task_changes_the_status(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("CreateBackup", "{\"InstanceId\":\"mssql-a\"}");
    r.region = "ap-tokyo";
    assert_string_equal(test_world_run(t, &r), "");
    assert_string_equal(ask(t, "{'Status':7}"), "1:a");
    assert_string_equal(ask(t, "{'Status':2}"), "3:n,a,b"); /* the task ends after two seconds */
    assert_string_equal(ask(t, "{'Status':7}"), "0:");
}

static void nothing_is_scanned(struct test_world *t, const char *sql)
{
    sqlite3_stmt *plan;
    const char *text = arena_printf(&t->arena, "EXPLAIN QUERY PLAN %s", sql).p;
    assert_int_equal(sqlite3_prepare_v2(t->world.db->lite, text, -1, &plan, NULL), SQLITE_OK);
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(plan, 3);
        if (strncmp(step, "SCAN ", 5) == 0 && !strstr(step, "VIRTUAL TABLE") && !strstr(step, "(subquery"))
            fail_msg("%s\nin %s", step, sql);
        if (strstr(step, "ORDER BY") && !strstr(sql, "json_each(:ids)")) /* sorting all for a page of some */
            fail_msg("%s\nin %s", step, sql);
    }
    sqlite3_finalize(plan);
}

/* Every statement of the calls above uses an index, and the page is not sorted. */
static void no_table_is_scanned(void **state)
{
    struct test_world *t = *state;
    int seen = 0;
    assert_string_equal(ask(t, "{}"), "4:n,a,b,c");
    assert_string_equal(ask(t, "{'InstanceIdSet':['mssql-a']}"), "1:a");
    for (sqlite3_stmt *s = NULL; (s = sqlite3_next_stmt(t->world.db->lite, s));) {
        const char *sql = sqlite3_sql(s);
        if (!sql || strncmp(sql, "SELECT", 6) != 0 || !strstr(sql, "instance.account"))
            continue;
        nothing_is_scanned(t, sql);
        seen++;
    }
    assert_true(seen >= 4); /* of all and by id; without a filter the store has the count */
}

SUITE(instance_list)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(filters, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(pages, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_running_task_changes_the_status, setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(no_table_is_scanned, setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
