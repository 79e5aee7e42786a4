/* Proves that a wrong world file is refused with a sentence that names the place, and that a right one is put
 * in once and overwrites nothing. */
#include "support/test_world.h"

#include "base/buf.h"
#include "core/world_check.h"
#include "core/world_file.h"

static const char *problem_of(struct test_world *t, const char *text)
{
    struct world_file *file;
    struct str problem;
    if (world_file_parse(&t->arena, str_from(test_world_json(t, text)), &file, &problem) == 0)
        return "(right)";
    return arena_cstr(&t->arena, problem);
}

struct wrong {
    const char *text, *problem;
};

static void assert_wrong(struct test_world *t, const struct wrong *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_string_equal(problem_of(t, cases[i].text), cases[i].problem);
}

static void the_document_is_json_of_this_form(void **state)
{
    static const struct wrong cases[] = {
        {"", "not JSON at line 1"},
        {"{\n'version':1,\n'accounts':[],\n}", "not JSON at line 4"},
        {"{'version':1,'accounts':[]} x", "not JSON at line 1"},
        {"[]", "must be a JSON object"},
        {"null", "must be a JSON object"},
        {"{}", "version is missing"},
        {"{'version':1}", "accounts is missing"},
        {"{'version':null,'accounts':[]}", "version is missing"},
        {"{'version':'1','accounts':[]}", "version must be of type integer"},
        {"{'version':2,'accounts':[]}", "version must be 1"},
        {"{'version':1,'version':1,'accounts':[]}", "version is there twice"},
        {"{'version':1,'acounts':[]}", "unknown key acounts"},
        {"{'version':1,'accounts':{}}", "accounts must be of type array"},
        {"{'version':1,'accounts':[1]}", "accounts.0 must be of type object"},
    };
    assert_wrong(*state, cases, sizeof cases / sizeof *cases);
}

#define IN_ACCOUNT(text) "{'version':1,'accounts':[{'uin':'1'},{" text "}]}"
#define IN_INSTANCE(text)                                                                                    \
    "{'version':1,'accounts':[{'uin':'1','regions':[{'region':'r'},{'region':'s','instances':[{" text        \
    "}]}]}]}"
#define INSTANCE "accounts.0.regions.1.instances.0."
#define SIZE(most) " must have 1 to " most " characters"
#define RANGE(least, most) " must be from " least " to " most
#define ONE_OF " must be one of "
#define ONLY " must have no characters but "

static void accounts_are_checked(void **state)
{
    static const struct wrong cases[] = {
        {IN_ACCOUNT(""), "accounts.1.uin is missing"},
        {IN_ACCOUNT("'uin':1"), "accounts.1.uin must be of type string"},
        {IN_ACCOUNT("'uin':''"), "accounts.1.uin" SIZE("20")},
        {IN_ACCOUNT("'uin':'12a'"), "accounts.1.uin" ONLY "0-9"},
        {IN_ACCOUNT("'uin':'123456789012345678901'"), "accounts.1.uin" SIZE("20")},
        {IN_ACCOUNT("'uin':'2','name':'x'"), "unknown key accounts.1.name"},
        {IN_ACCOUNT("'uin':'2','credentials':[{'secret_id':'a'}]"),
         "accounts.1.credentials.0.secret_key is missing"},
        {IN_ACCOUNT("'uin':'2','credentials':[{'secret_id':'','secret_key':'k'}]"),
         "accounts.1.credentials.0.secret_id" SIZE("128")},
        {IN_ACCOUNT("'uin':'2','credentials':[{'secret_id':'a','secret_key':''}]"),
         "accounts.1.credentials.0.secret_key" SIZE("128")},
        {IN_ACCOUNT("'uin':'2','regions':[{}]"), "accounts.1.regions.0.region is missing"},
        {IN_ACCOUNT("'uin':'2','regions':[{'region':''}]"), "accounts.1.regions.0.region" SIZE("64")},
    };
    assert_wrong(*state, cases, sizeof cases / sizeof *cases);
}

static void instances_are_checked(void **state)
{
    static const struct wrong cases[] = {
        {IN_INSTANCE(""), INSTANCE "instance_id is missing"},
        {IN_INSTANCE("'instance_id':'MSSQL'"), INSTANCE "instance_id" ONLY "a-z0-9-"},
        {IN_INSTANCE("'instance_id':''"), INSTANCE "instance_id" SIZE("64")},
        {IN_INSTANCE("'instance_id':'m','nmae':'x'"), "unknown key " INSTANCE "nmae"},
        {IN_INSTANCE("'instance_id':'m','name':''"), INSTANCE "name" SIZE("60")},
        {IN_INSTANCE("'instance_id':'m','status':0"), INSTANCE "status" RANGE("1", "17")},
        {IN_INSTANCE("'instance_id':'m','status':18"), INSTANCE "status" RANGE("1", "17")},
        {IN_INSTANCE("'instance_id':'m','port':0"), INSTANCE "port" RANGE("1", "65535")},
        {IN_INSTANCE("'instance_id':'m','port':65536"), INSTANCE "port" RANGE("1", "65535")},
        {IN_INSTANCE("'instance_id':'m','port':1.5"), INSTANCE "port must be of type integer"},
        {IN_INSTANCE("'instance_id':'m','backup_model':'pkg'"),
         INSTANCE "backup_model" ONE_OF "master_pkg, master_no_pkg, slave_pkg, slave_no_pkg"},
        {IN_INSTANCE("'instance_id':'m','databases':[{}]"), INSTANCE "databases.0.name is missing"},
        {IN_INSTANCE("'instance_id':'m','databases':[{'name':''}]"), INSTANCE "databases.0.name" SIZE("128")},
        {IN_INSTANCE("'instance_id':'m','databases':[{'name':'a'},{'name':'b','status':4}]"),
         INSTANCE "databases.1.status" RANGE("-1", "3")},
    };
    assert_wrong(*state, cases, sizeof cases / sizeof *cases);
}

/* More databases than a backup has numbers for its files. */
static void an_instance_has_at_most_1024_databases(void **state)
{
    struct test_world *t = *state;
    struct buf b;
    buf_init(&b, &t->arena, 1024, 64 * 1024);
    for (int i = 0; i < 1024; i++)
        buf_printf(&b, "{'name':'d%d'},", i);
#define WITH(names)                                                                                          \
    arena_printf(&t->arena, IN_INSTANCE("'instance_id':'m','databases':[%s{'name':'z'}]"), names).p
    const char *names = arena_cstr(&t->arena, buf_str(&b));
    assert_string_equal(problem_of(t, WITH(names + strlen("{'name':'d0'},"))), "(right)");
    assert_string_equal(problem_of(t, WITH(names)), INSTANCE "databases must have 0 to 1024 elements");
}

static void what_is_left_out_takes_its_default(void **state)
{
    struct test_world *t = *state;
    test_world_add_instance(t, "mssql-bare", "d");
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM instance WHERE instance_id = 'mssql-bare'"
                                         " AND name = 'mssql-bare' AND status = 2 AND port = 1433"
                                         " AND backup_model = 'master_pkg' AND created_ms = 1767196800000"),
                     1);
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM database WHERE name = 'd' AND status = 2"), 1);
}

static void sizes_and_policies_are_checked(void **state)
{
    static const struct wrong cases[] = {
        {IN_INSTANCE("'instance_id':'m','version':'2018'"),
         INSTANCE "version" ONE_OF
                  "2008R2, 2012SP3, 201202, 2014SP2, 201402, 2016SP1, 201602, 201603, 2017, 201702, 201703, "
                  "2019, 201902, 201903, 2022"},
        {IN_INSTANCE("'instance_id':'m','cpu':0"), INSTANCE "cpu" RANGE("1", "128")},
        {IN_INSTANCE("'instance_id':'m','memory':0"), INSTANCE "memory" RANGE("1", "1024")},
        {IN_INSTANCE("'instance_id':'m','storage':0"), INSTANCE "storage" RANGE("1", "65536")},
        {IN_INSTANCE("'instance_id':'m','instance_type':'ha'"),
         INSTANCE "instance_type" ONE_OF "HA, RO, SI, BI, cvmHA, cvmRO, MultiHA, cvmMultiHA"},
        {IN_INSTANCE("'instance_id':'m','pay_mode':2"), INSTANCE "pay_mode" RANGE("0", "1")},
        {IN_INSTANCE("'instance_id':'m','backup_type':'monthly'"),
         INSTANCE "backup_type" ONE_OF "daily, weekly"},
        {IN_INSTANCE("'instance_id':'m','backup_hour':24"), INSTANCE "backup_hour" RANGE("0", "23")},
        {IN_INSTANCE("'instance_id':'m','backup_hour':-1"), INSTANCE "backup_hour" RANGE("0", "23")},
        {IN_INSTANCE("'instance_id':'m','backup_save_days':2"),
         INSTANCE "backup_save_days" RANGE("3", "3650")},
        {IN_INSTANCE("'instance_id':'m','backup_save_days':3651"),
         INSTANCE "backup_save_days" RANGE("3", "3650")},
        {IN_INSTANCE("'instance_id':'m','backup_cycle':1"), INSTANCE "backup_cycle must be of type array"},
        {IN_INSTANCE("'instance_id':'m','logins':[{}]"), INSTANCE "logins.0.name is missing"},
        {IN_INSTANCE("'instance_id':'m','logins':[{'name':'a','account_type':'L4'}]"),
         INSTANCE "logins.0.account_type" ONE_OF "L0, L1, L2, L3"},
        {IN_INSTANCE("'instance_id':'m','databases':[{'name':'a','charset':''}]"),
         INSTANCE "databases.0.charset" SIZE("64")},
        {IN_INSTANCE("'instance_id':'m','databases':[{'name':'a','simple_recovery':1}]"),
         INSTANCE "databases.0.simple_recovery must be of type boolean"},
    };
    assert_wrong(*state, cases, sizeof cases / sizeof *cases);
}

static void what_is_given_is_put_in(void **state)
{
    struct test_world *t = *state;
    test_world_add_regions(
        t, "[{'region':'ap-tokyo','instances':[{'instance_id':'m','project_id':7,'zone':'z-1',"
           "'version':'2012SP3','cpu':8,'memory':16,'storage':500,'instance_type':'MultiHA',"
           "'machine_type':'TS85','pay_mode':1,'vip':'10.1.2.3','port':58001,'vpc_id':'vpc-1',"
           "'subnet_id':'subnet-1','backup_model':'slave_no_pkg','backup_type':'weekly',"
           "'backup_hour':23,'backup_cycle':[1,7],'backup_save_days':30,"
           "'logins':[{'name':'sa','account_type':'L0'},{'name':'app'}],"
           "'databases':[{'name':'a','charset':'Latin1_General_CI_AS','remark':'note',"
           "'simple_recovery':true}]}]}]");
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM instance WHERE project_id = 7 AND zone = 'z-1' AND"
                            " version = '2012SP3' AND cpu = 8 AND memory_gb = 16 AND storage_gb = 500 AND"
                            " instance_type = 'MultiHA' AND machine_type = 'TS85' AND pay_mode = 1 AND"
                            " vip = '10.1.2.3' AND port = 58001 AND vpc_id = 'vpc-1' AND"
                            " subnet_id = 'subnet-1'"),
        1);
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM instance WHERE backup_model = 'slave_no_pkg' AND"
                            " backup_type = 'weekly' AND backup_hour = 23 AND backup_cycle = 65 AND"
                            " backup_save_days = 30 AND next_backup_ms = 1767538800000"),
        1); /* Sunday the 4th at 23:00 */
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM database WHERE simple_recovery = 1 AND"
                                         " charset = 'Latin1_General_CI_AS' AND remark = 'note'"),
                     1);
    assert_int_equal(
        test_world_count(
            t, "SELECT count(*) AS n FROM login WHERE instance = 3 AND ((name = 'sa' AND account_type = 'L0')"
               " OR (name = 'app' AND account_type = 'L3'))"),
        2);
}

/* A program that starts again must not bring back what a client has dropped, renamed or changed since. */
static void what_clients_have_made_of_it_stays(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    s.db_path = t->path;
    assert_int_equal(savepoint_begin(t->world.db), 0);
    {
        SCOPED_STMT(drop, t->world.db, "DELETE FROM database WHERE name = 'db1'");
        SCOPED_STMT(rename, t->world.db, "UPDATE database SET name = 'other' WHERE name = 'db2'");
        SCOPED_STMT(policy, t->world.db, "UPDATE instance SET backup_hour = 5, next_backup_ms = 1");
        assert_true(stmt_run(drop) == 0 && stmt_run(rename) == 0 && stmt_run(policy) == 0);
    }
    assert_int_equal(savepoint_release(t->world.db), 0);
    assert_int_equal(transaction_commit(t->world.db), 0);
    test_world_reopen(t, &s);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM database WHERE instance = 1"), 1);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM database WHERE name = 'other'"), 1);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM instance WHERE backup_hour = 5"), 2);
    assert_int_equal(t->world.next_due_ms, 1);
}

static int64_t rows(struct test_world *t)
{
    return test_world_count(
        t, "SELECT (SELECT count(*) FROM account) * 10000 + (SELECT count(*) FROM instance) * 100"
           " + (SELECT count(*) FROM database) AS n");
}

static void the_built_in_world_is_right(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(problem_of(t, arena_cstr(&t->arena, world_default)), "(right)");
    assert_int_equal(rows(t), 10204);
    assert_text(t->world.example_region, TEST_REGION);
    assert_text(t->world.example_resource, TEST_INSTANCE);
}

static void putting_in_twice_changes_nothing(void **state)
{
    struct test_world *t = *state;
    test_world_add_regions(t, "[{'region':'ap-tokyo','instances':[{'instance_id':'m','status':9,"
                              "'databases':[{'name':'a','status':3}]}]}]");
    assert_int_equal(rows(t), 10305);
    test_world_add_regions(t,
                           "[{'region':'ap-tokyo','instances':[{'instance_id':'m','status':2,'name':'other',"
                           "'databases':[{'name':'a'},{'name':'b'}]}]}]");
    assert_int_equal(rows(t), 10305); /* its databases may have been dropped since */
    assert_int_equal(test_world_count(t, "SELECT status AS n FROM instance WHERE region = 'ap-tokyo'"), 9);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM instance WHERE name = 'other'"), 0);
    assert_int_equal(test_world_count(t, "SELECT status AS n FROM database WHERE name = 'a'"), 3);
}

/* One id may name an instance in each region and account. */
static void ids_belong_to_account_and_region(void **state)
{
    struct test_world *t = *state;
    test_world_add_regions(t, "[{'region':'ap-tokyo','instances':[{'instance_id':'" TEST_INSTANCE "',"
                              "'databases':[{'name':'db1'}]}]}]");
    assert_int_equal(rows(t), 10305);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM database WHERE name = 'db1'"), 2);
}

static void a_secret_id_twice_is_rejected_and_leaves_nothing(void **state)
{
    struct test_world *t = *state;
    struct world_file *file;
    struct str problem = {NULL, 0};
    const char *text =
        test_world_json(t, "{'version':1,'accounts':[{'uin':'7','regions':[{'region':'r','instances':["
                           "{'instance_id':'m'}]}]},{'uin':'8','credentials':[{'secret_id':'" TEST_ID
                           "','secret_key':'k'}]}]}");
    assert_int_equal(world_file_parse(&t->arena, str_from(text), &file, &problem), 0);
    assert_int_equal(world_file_apply(&t->world, file, &problem), -1);
    assert_text(problem, "the secret_id " TEST_ID " is there twice");
    assert_int_equal(rows(t), 10204);
}

static void settings_that_make_no_sense_are_rejected(void **state)
{
    static const struct wrong cases[] = {
        {"'accounts':[{'uin':'7','ip_deny':['home']}]",
         "home is neither an address nor a network such as 10.0.0.0/8"},
        {"'accounts':[{'uin':'7','credentials':[{'secret_id':'a','secret_key':'k','expires':'now'}]}]",
         "expires of the credential a needs a token"},
    };
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world_file *file;
        struct str problem = {NULL, 0};
        const char *text = arena_printf(&t->arena, "{'version':1,%s}", cases[i].text).p;
        assert_int_equal(world_file_parse(&t->arena, str_from(test_world_json(t, text)), &file, &problem), 0);
        assert_int_equal(world_file_apply(&t->world, file, &problem), -1);
        assert_text(problem, cases[i].problem);
        assert_int_equal(rows(t), 10204);
    }
}

/* The problem that world_check finds in a file with these members. */
static const char *contradiction(struct test_world *t, const char *members)
{
    struct world_file *file;
    struct str problem = STR("(right)");
    const char *text = arena_printf(&t->arena, "{'version':1,%s}", members).p;
    assert_int_equal(world_file_parse(&t->arena, str_from(test_world_json(t, text)), &file, &problem), 0);
    (void)world_check(t->world.registry, &t->arena, file, &problem);
    return arena_cstr(&t->arena, problem);
}

static void assert_contradictions(struct test_world *t, const struct wrong *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_string_equal(contradiction(t, cases[i].text), cases[i].problem);
}

#define IN_POLICY(text)                                                                                      \
    "'accounts':[{'uin':'1','credentials':[{'secret_id':'a','secret_key':'k','policy':{" text "}}]}]"
#define POLICY "accounts.0.credentials.0.policy."

static void names_must_exist(void **state)
{
    static const struct wrong cases[] = {
        {"'accounts':[],'offline_actions':['DescribeDBs','CreateDbs']",
         "offline_actions.1: there is no action CreateDbs; did you mean CreateDB?"},
        {"'accounts':[],'offline_actions':['Describe*']", "(right)"},
        {IN_POLICY("'deny_actions':['Create*','*']"), "(right)"},
        {IN_POLICY("'deny_actions':['CreateBackup','CreateBackupp']"),
         POLICY "deny_actions.1: there is no action CreateBackupp; did you mean CreateBackup?"},
        {IN_POLICY("'deny_actions':['Createe*']"),
         POLICY "deny_actions.0: there is no action Createe*; did you mean CreateDB?"},
        {IN_POLICY("'deny_regions':['ap-shanghai','ap-shang*']"), "(right)"},
        {IN_POLICY("'deny_regions':['ap-shangai']"),
         POLICY "deny_regions.0: there is no region ap-shangai; did you mean ap-shanghai?"},
        {"'accounts':[{'uin':'1','regions':[{'region':'ap-guangzhou'},{'region':'Guangzhou'}]}]",
         "accounts.0.regions.1.region: there is no region Guangzhou; did you mean ap-guangzhou?"},
    };
    assert_contradictions(*state, cases, sizeof cases / sizeof *cases);
}

#define INSTANCES(text)                                                                                      \
    "'accounts':[{'uin':'1','regions':[{'region':'ap-shanghai'},"                                            \
    "{'region':'ap-guangzhou','instances':[{'instance_id':'m'," text "}]}]}]"

static void instances_must_be_consistent(void **state)
{
    static const struct wrong cases[] = {
        {INSTANCES("'status':7"), INSTANCE "status: the status 7 is what running tasks make of 2"},
        {INSTANCES("'name':'x'},{'instance_id':'m'"),
         "accounts.0.regions.1.instances.1.instance_id: the instance m is there twice"},
        {INSTANCES(
             "'zone':'ap-guangzhou-3'},{'instance_id':'o','zone':'ap-guangzhou-99'},{'instance_id':'n'"),
         "(right)"},
        {INSTANCES("'zone':'ap-shanghai-2'"),
         INSTANCE "zone: there is no zone of this region called ap-shanghai-2"},
        {INSTANCES("'replica_zones':['ap-guangzhou-3','ap-beijing-3']"),
         INSTANCE "replica_zones.1: there is no zone of this region called ap-beijing-3"},
        {INSTANCES("'maintenance_start':'24:00'"),
         INSTANCE "maintenance_start: must be a time of a day, HH:MM"},
        {INSTANCES("'databases':[{'name':'d','status':0}]"),
         INSTANCE "databases.0.status: a database cannot have the status 0"},
        {INSTANCES("'databases':[{'name':'d'},{'name':'e'},{'name':'d'}]"),
         INSTANCE "databases.2.name: the database d is there twice"},
        {INSTANCES(
             "'databases':[{'name':'d','grants':[{'login':'X'},{'login':'x'}]}],'logins':[{'name':'X'}]"),
         INSTANCE "databases.0.grants.1.login: x is not a login of the instance"},
        {INSTANCES("'security_groups':['sg-1','sg_2']"),
         INSTANCE "security_groups.1: sg_2 is not an id like sg-igw86yth"},
    };
    assert_contradictions(*state, cases, sizeof cases / sizeof *cases);
}

#define GROUPS(text)                                                                                         \
    "'accounts':[{'uin':'1','regions':[{'region':'ap-guangzhou','security_groups':[{'security_group_id':"    \
    "'sg-1'}," text "]}]}]"
#define GROUP_PATH "accounts.0.regions.0.security_groups.1.security_group_id: "

static void security_groups_must_be_consistent(void **state)
{
    static const struct wrong cases[] = {
        {GROUPS("{'security_group_id':'sg-2','inbound':[{'action':'DROP'}]}"), "(right)"},
        {GROUPS("{'security_group_id':'sg-1'}"), GROUP_PATH "the security group sg-1 is there twice"},
        {GROUPS("{'security_group_id':'sg2-1'}"), GROUP_PATH "sg2-1 is not an id like sg-igw86yth"},
    };
    assert_contradictions(*state, cases, sizeof cases / sizeof *cases);
}

/* The instance m with groups, and after it another one. */
#define COPIES(groups, text)                                                                                 \
    INSTANCES("'read_only_groups':[" groups "]},{'instance_id':'n','instance_type':'RO'," text)
#define GROUP_1 "{'read_only_group_id':'g1'}"
#define COPY_PATH "accounts.0.regions.1.instances.1."

static void read_only_instances_must_be_consistent(void **state)
{
    static const struct wrong cases[] = {
        {COPIES(GROUP_1, "'primary_id':'m','read_only_group_id':'g1','weight':100"), "(right)"},
        {COPIES(GROUP_1, "'primary_id':'m'"), "(right)"},
        {COPIES("", "'primary_id':'o'"),
         COPY_PATH "primary_id: o is not an instance of the region that can have copies"},
        {COPIES("", "'primary_id':'n'"),
         COPY_PATH "primary_id: n is not an instance of the region that can have copies"},
        {COPIES(GROUP_1, "'primary_id':'m','read_only_group_id':'g2'"),
         COPY_PATH "read_only_group_id: m has no read-only group g2"},
        {COPIES(GROUP_1, "'read_only_group_id':'g1'"),
         COPY_PATH "read_only_group_id: it needs primary_id, too"},
        {COPIES(GROUP_1, "'read_only_groups':[" GROUP_1 "]"),
         COPY_PATH "read_only_groups: a read-only instance has no groups of its own"},
        {COPIES(GROUP_1 "," GROUP_1, "'primary_id':'m'"),
         INSTANCE "read_only_groups: the group g1 is there twice"},
        {INSTANCES("'name':'x'},{'instance_id':'n','primary_id':'m'"),
         COPY_PATH "primary_id: only an instance of the type RO or cvmRO has one"},
    };
    assert_contradictions(*state, cases, sizeof cases / sizeof *cases);
}

static void an_audit_log_with_entries_is_on(void **state)
{
    static const struct wrong cases[] = {
        {INSTANCES("'audit_log':[{'time':'2022-06-19 00:00:00'}]"),
         INSTANCE "audit_log: the log is off, audit_days of the instance is 0"},
    };
    assert_contradictions(*state, cases, sizeof cases / sizeof *cases);
}

/* Statuses that do not exist, or that need a flow. */
static void imports_and_migrations_are_checked(void **state)
{
#define CANNOT ".status: such a one cannot start with the status "
    static const struct wrong cases[] = {
        {INSTANCES("'imports':[{'migration_id':'a','status':3}]"), INSTANCE "imports.0" CANNOT "3"},
        {INSTANCES("'imports':[{'migration_id':'a','status':7}]"), INSTANCE "imports.0" CANNOT "7"},
        {INSTANCES("'imports':[{'migration_id':'a','status':8}]"), INSTANCE "imports.0" CANNOT "8"},
        {INSTANCES("'imports':[{'migration_id':'a','recovery_type':'FULL_LOG','status':8,"
                   "'incremental':[{'migration_id':'b'},{'migration_id':'c','status':8}]}]"),
         INSTANCE "imports.0.incremental.1" CANNOT "8"},
        {INSTANCES("'migrations':[{'migrate_id':1},{'migrate_id':2,'status':4}]"),
         INSTANCE "migrations.1" CANNOT "4"},
        {INSTANCES("'migrations':[{'migrate_id':1,'type':3,'status':2}]"),
         INSTANCE "migrations.0" CANNOT "2"},
    };
    assert_contradictions(*state, cases, sizeof cases / sizeof *cases);
}

static void log_files_end_after_they_begin(void **state)
{
#define EARLY "'start':'2022-06-19 00:00:01','end':'2022-06-19 00:00:00'"
#define TOO_EARLY ".end: must not be before the start"
    static const struct wrong cases[] = {
        {INSTANCES("'slow_logs':[{},{" EARLY "}]"), INSTANCE "slow_logs.1" TOO_EARLY},
        {INSTANCES("'events':[{'type':'slow'},{'type':'slow'," EARLY "}]"), INSTANCE "events.1" TOO_EARLY},
    };
    assert_contradictions(*state, cases, sizeof cases / sizeof *cases);
}

/* Addresses leave out .0 and .255, and zones are the region's own. */
static void addresses_are_distinct_and_zones_exist(void **state)
{
    struct test_world *t = *state;
    struct str list = STR("{'instance_id':'m0','vip':'1.2.3.4'}");
    for (int i = 1; i < 300; i++)
        list = arena_printf(&t->arena, "%.*s,{'instance_id':'m%d'}", STR_ARG(list), i);
    test_world_add_regions(t,
                           arena_printf(&t->arena,
                                        "[{'region':'ap-chongqing','instances':[%.*s]},{'region':'nowhere',"
                                        "'instances':[{'instance_id':'m'}]}]",
                                        STR_ARG(list))
                               .p);
    assert_int_equal(test_world_count(t, "SELECT count(DISTINCT vip) AS n FROM instance"), 303);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM instance WHERE vip = '1.2.3.4'"), 1);
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM instance WHERE vip LIKE '%.255' OR vip LIKE '%.0'"),
        0);
    assert_int_equal(test_world_count(t, "SELECT id AS n FROM instance WHERE vip = '10.0.0.254'"), 239);
    assert_int_equal(test_world_count(t, "SELECT id AS n FROM instance WHERE vip = '10.0.1.1'"), 240);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM instance WHERE zone = 'ap-chongqing-1'"),
                     300);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM instance WHERE zone = 'nowhere-1'"), 1);
}

static void tags_logins_and_grants_go_in(void **state)
{
    struct test_world *t = *state;
    test_world_add_regions(
        t, "[{'region':'ap-tokyo','instances':[{'instance_id':'m','tags':[{'key':'k'},{'key':'k'}],"
           "'logins':[{'name':'l','account_type':'L0'}],"
           "'databases':[{'name':'d','encrypted':true,'grants':[{'login':'l'}]}]}]}]");
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM tag WHERE key = 'k' AND value = ''"), 1);
    assert_int_equal(
        test_world_count(
            t, "SELECT count(*) AS n FROM login WHERE instance = 3 AND name = 'l' AND account_type = 'L0'"),
        1);
    assert_int_equal(
        test_world_count(t, "SELECT count(*) AS n FROM grants WHERE login = 'l' AND privilege = 'ReadWrite'"),
        1);
    assert_int_equal(test_world_count(t, "SELECT encrypted AS n FROM database WHERE name = 'd'"), 1);
}

SUITE(world_file)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_document_is_json_of_this_form, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(accounts_are_checked, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(instances_are_checked, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(an_audit_log_with_entries_is_on, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(log_files_end_after_they_begin, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(imports_and_migrations_are_checked, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(an_instance_has_at_most_1024_databases, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(what_is_left_out_takes_its_default, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(sizes_and_policies_are_checked, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(what_is_given_is_put_in, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_clients_have_made_of_it_stays, test_world_setup_file,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_built_in_world_is_right, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(putting_in_twice_changes_nothing, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(names_must_exist, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(instances_must_be_consistent, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(security_groups_must_be_consistent, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(read_only_instances_must_be_consistent, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(addresses_are_distinct_and_zones_exist, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(tags_logins_and_grants_go_in, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(ids_belong_to_account_and_region, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_secret_id_twice_is_rejected_and_leaves_nothing, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(settings_that_make_no_sense_are_rejected, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
