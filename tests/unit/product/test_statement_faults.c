/*
 * Proves that a call with a statement that fails is refused, and changes nothing, whichever statement it is.
 *
 * Each action is called with its first, its second, ... statement failing, until a call passes in which none
 * did. After each failure the state is compared, as the document that saves it, and the flows that the
 * journal knows.
 */
#include "support/failing_step.h"
#include "support/flow_fixture.h"

#include <sqlite3.h>

#include "core/journal.h"
#include "core/reset.h"
#include "core/snapshot.h"
#include "core/test_account.h"
#include "product/sqlserver/backup_file.h"

#define I "'InstanceId':'" TEST_INSTANCE "'"
#define DAY_1 "'StartTime':'2026-01-01 00:00:00','EndTime':'2026-01-01 23:59:59'"
#define CLOUD "'Zone':'" TEST_REGION "-3','Cpu':2,'Memory':4,'Storage':100,'MachineType':'CLOUD_HSSD'"
#define FILE_ID "34365158400"      /* of the backup */
#define READ_ONLY "mssql-i1z41iwd" /* the other instance of the world; begin makes it a read-only one */
#define GROUP(param) "'" param "':'mssqlrg-full'"
#define RESOURCE "qcs::sqlserver:" TEST_REGION ":uin/" TEST_UIN ":instance/" TEST_INSTANCE

enum { MOST_STATEMENTS = 2000, FIRST_FLOW = 5293 };

/* With ' for ". */
static const struct {
    const char *action, *body;
} calls[] = {
    {"CreateBackup", "{" I ",'Strategy':1,'DBNames':['db1','db2']}"},
    {"CreateBackup", "{" I "}"},
    {"DescribeFlowStatus", "{'FlowId':5293}"},
    {"DescribeBackupByFlowId", "{" I ",'FlowId':'5293'}"},
    {"DescribeBackupFiles", "{" I ",'GroupId':'10000000005293'}"},
    {"DescribeBackups", "{" I "," DAY_1 "}"},
    {"DescribeBackups", "{" I "," DAY_1 ",'BackupName':'mine','DatabaseName':'db1','Group':1,'Limit':1}"},
    {"ModifyBackupName", "{" I ",'BackupName':'yours','BackupId':" FILE_ID "}"},
    {"ModifyBackupStrategy", "{" I ",'BackupSaveDays':30}"},
    {"ModifyBackupStrategy", "{" I ",'BackupType':'weekly','BackupCycle':[1,2,3],'BackupTime':4}"},
    {"RemoveBackups", "{" I "," DAY_1 "}"},
    {"RestoreInstance",
     "{" I ",'BackupId':" FILE_ID ",'RenameRestore':[{'OldName':'db1','NewName':'again'}]}"},
    {"RestoreInstance", "{" I ",'BackupId':" FILE_ID "}"},
    {"RollbackInstance", "{" I ",'Type':1,'Time':'2026-01-01 00:00:02','RenameRestore':[{'OldName':'db1'}]}"},
    {"DescribeRollbackTime", "{" I ",'DBs':['db1','db2']}"},
    {"CloneDB", "{" I ",'RenameRestore':[{'OldName':'db1','NewName':'copy'}]}"},
    {"CreateDB", "{" I ",'DBs':[{'DBName':'db3'}]}"},
    {"ModifyDBName", "{" I ",'OldDBName':'db1','NewDBName':'db9'}"},
    {"ModifyDBRemark", "{" I ",'DBRemarks':[{'Name':'db1','Remark':'x'}]}"},
    {"DeleteDB", "{" I ",'Names':['db2']}"},
    {"DescribeDatabases", "{'InstanceIdSet':['" TEST_INSTANCE "'],'Encryption':'disable'}"},
    {"DescribeDBs", "{'InstanceIdSet':['" TEST_INSTANCE "']}"},
    {"DescribeDBsNormal", "{" I "}"},
    {"DescribeDBInstances", "{}"},
    {"DescribeDBInstances", "{'InstanceIdSet':['" TEST_INSTANCE "'],'SearchKey':'a'}"},
    {"DescribeDBInstancesAttribute", "{" I "}"},
    {"CreateCloudDBInstances", "{" CLOUD ",'MultiZones':true,'InstanceChargeType':'PREPAID','GoodsNum':2}"},
    {"CreateCloudReadOnlyDBInstances",
     "{" I "," CLOUD ",'ReadOnlyGroupType':1,'ReadOnlyGroupForcedUpgrade':1,'GoodsNum':2}"},
    {"UpgradeDBInstance", "{" I ",'Memory':32}"},
    {"DescribeUpgradeInstanceCheck", "{" I ",'Memory':32}"},
    {"TerminateDBInstance", "{'InstanceIdSet':['" TEST_INSTANCE "']}"},
    {"RenewDBInstance", "{" I ",'AutoRenewFlag':1}"},
    {"ModifyDBInstanceRenewFlag", "{'RenewFlags':[{" I ",'RenewFlag':1}]}"},
    {"SwitchCloudInstanceHA", "{" I "}"},
    {"DescribeInstanceTasks", "{" I ",'Limit':10}"},
    {"DescribeHASwitchLog", "{" I "," DAY_1 "}"},
    {"AssociateSecurityGroups", "{'SecurityGroupId':'sg-new00001','InstanceIdSet':['" TEST_INSTANCE "']}"},
    {"DisassociateSecurityGroups", "{'SecurityGroupId':'sg-igw86yth','InstanceIdSet':['" TEST_INSTANCE "']}"},
    {"ModifyDBInstanceSecurityGroups", "{" I ",'SecurityGroupIdSet':['sg-new00001','sg-igw86yth']}"},
    {"DescribeDBSecurityGroups", "{" I "}"},
    {"DescribeProjectSecurityGroups", "{'ProjectId':0}"},
    {"ModifyDBInstanceNetwork",
     "{" I ",'NewVpcId':'vpc-new','NewSubnetId':'subnet-new','OldIpRetainTime':2}"},
    {"ModifyDReadable", "{" I ",'Type':'enable'}"},
    {"DescribeCrossRegionZone", "{" I "}"},
    {"ModifyMaintenanceSpan", "{" I ",'Weekly':[1],'StartTime':'01:00','Span':2}"},
    {"DescribeMaintenanceSpan", "{" I "}"},
    {"ModifyOpenWanIp", "{" I "}"},
    {"ModifyOpenWanIp", "{" I "," GROUP("RoGroupId") "}"},
    {"OpenInterCommunication", "{'InstanceIdSet':['" TEST_INSTANCE "']}"},
    {"DescribeDBInstanceInter", "{'Limit':20}"},
    {"DescribeReadOnlyGroupList", "{" I "}"},
    {"DescribeReadOnlyGroupDetails", "{" I "," GROUP("ReadOnlyGroupId") "}"},
    {"DescribeReadOnlyGroupAutoWeight", "{" I "," GROUP("ReadOnlyGroupId") "}"},
    {"DescribeReadOnlyGroupByReadOnlyInstance", "{'InstanceId':'" READ_ONLY "'}"},
    {"ModifyReadOnlyGroupDetails",
     "{" I "," GROUP("ReadOnlyGroupId") ",'WeightPairs':[{'ReadOnlyInstanceId':'" READ_ONLY
                                        "','ReadOnlyWeight':9}]}"},
    {"BalanceReadOnlyGroup", "{" I "," GROUP("ReadOnlyGroupId") "}"},
    {"RecycleReadOnlyGroup", "{" I ",'ReadOnlyGroupId':'mssqlrg-empty'}"},
};

static int setup(void **state)
{
    if (test_world_setup(state) != 0)
        return -1;
    struct settings s = test_world_settings();
    s.limit_off = true;
    test_world_reopen(*state, &s);
    return 0;
}

static int teardown(void **state)
{
    (void)failing_step_disarm();
    return test_world_teardown(state);
}

static struct str whole_state(struct test_world *t)
{
    struct stream *stream;
    assert_int_equal(state_stream(&t->world, &t->arena, &stream), STATE_OK);
    return test_world_text(t, stream);
}

/* The tables. An id that a failed call has taken is not given again, so the next id may differ. */
static struct str written(struct test_world *t)
{
    const char *tables = strstr(arena_cstr(&t->arena, whole_state(t)), "\"tables\"");
    assert_non_null(tables);
    return str_from(tables);
}

static void make_single_files(struct test_world *t)
{
    SCOPED_STMT(s, t->world.db, "UPDATE instance SET backup_model = 'master_no_pkg'");
    assert_int_equal(stmt_run(s), 0);
}

/* Gives the instance a read-only group with the other instance, and one without any. */
static void make_read_only_groups(struct test_world *t)
{
    SCOPED_STMT(
        groups, t->world.db,
        "INSERT INTO ro_group (instance, ro_group_id, name, type, status, vip, port, vpc_id,"
        " subnet_id, created_ms) SELECT instance.id, value, value, 2, 1, '10.200.0.2', 1433, '', '', 0"
        " FROM instance, json_each('[\"mssqlrg-full\",\"mssqlrg-empty\"]')"
        " WHERE instance_id = '" TEST_INSTANCE "'");
    SCOPED_STMT(member, t->world.db,
                "UPDATE instance SET instance_type = 'RO', master = ro_group.instance, ro_group = ro_group.id"
                " FROM ro_group WHERE instance_id = '" READ_ONLY "' AND ro_group_id = 'mssqlrg-full'");
    assert_int_equal(stmt_run(groups), 0);
    assert_int_equal(stmt_run(member), 0);
}

/* A backup "mine" of both databases is done, each in a file of its own. */
static void begin(struct test_world *t)
{
    struct settings s = t->world.settings;
    test_world_reopen(t, &s);
    assert_int_equal(savepoint_begin(t->world.db), 0);
    make_single_files(t);
    make_read_only_groups(t);
    assert_int_equal(savepoint_release(t->world.db), 0);
    assert_string_equal(test_world_backup(t, test_world_json(t, "{" I ",'BackupName':'mine'}")), "");
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_int_equal(test_world_flow_state(t, FIRST_FLOW), FLOW_SUCCEEDED);
    assert_int_equal(world_commit(&t->world), 0);
    assert_int_equal(backup_file_id((struct backup_file_ref){FIRST_FLOW, 0}), INT64_C(34365158400));
}

/* Runs the call with its nth statement failing; true when there was one. The state stays as `before`. */
static bool fails_at(struct test_world *t, const struct test_world_request *r, struct str before, int nth)
{
    uint64_t serial = t->world.journal->next_serial - 1;
    failing_step_arm(nth, SQLITE_IOERR);
    const char *code = test_world_run(t, r);
    if (!failing_step_disarm()) {
        if (code[0])
            fail_msg("%s answered %s: %.*s", r->action, code, STR_ARG(t->call.explanation.evidence));
        return false;
    }
    if (strncmp(code, "InternalError", strlen("InternalError")) != 0 &&
        strncmp(code, "FailedOperation", strlen("FailedOperation")) != 0)
        fail_msg("statement %d of %s failed, and the code was \"%s\"", nth, r->action, code);
    assert_string_equal(t->call.failed_step, "handle");
    assert_false(t->call.changed);
    if (!str_eq(written(t), before))
        fail_msg("%s of %s failed, and the state has changed", failing_step_sql(), r->action);
    assert_null(journal_change_after(t->world.journal, serial));
    return true;
}

static void every_statement_of_an_action_may_fail(void **state)
{
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        begin(t);
        struct test_world_request r = test_world_post(calls[i].action, test_world_json(t, calls[i].body));
        struct str before = written(t);
        int nth = 1;
        while (fails_at(t, &r, before, nth))
            assert_in_range(++nth, 1, MOST_STATEMENTS);
        assert_in_range(nth, 2, MOST_STATEMENTS);
        arena_reset(&t->arena);
    }
}

/* Imports in each state that an action needs, and migrations 1 (ready), 2 (following changes) and 3 (of an
 * instance). */
static void begin_migrations(struct test_world *t)
{
    static const char *const imports[][4] = {{"ready", "", "FULL", "2"},
                                             {"waiting", "", "FULL_LOG", "8"},
                                             {"waiting", "next", "FULL_LOG", "2"},
                                             {"again", "", "FULL_LOG", "8"}};
    begin(t);
    test_world_add_instance(t, "mssql-source01", "s1");
    assert_int_equal(savepoint_begin(t->world.db), 0);
    for (size_t i = 0; i < sizeof imports / sizeof *imports; i++) {
        SCOPED_STMT(s, t->world.db,
                    "INSERT INTO backup_migration (instance, full_id, incremental_id, name, recovery_type,"
                    " upload_type, file, is_recovery, status, created_ms) SELECT id, :full, :incremental, '',"
                    " :type, 'COS_UPLOAD', 'shop_1_2log2_2reconvery2.bak',"
                    " CASE :incremental WHEN '' THEN '' ELSE 'YES' END, CAST(:status AS INTEGER), 0"
                    " FROM instance WHERE instance_id = '" TEST_INSTANCE "'");
        stmt_bind_str(s, ":full", str_from(imports[i][0]));
        stmt_bind_str(s, ":incremental", str_from(imports[i][1]));
        stmt_bind_str(s, ":type", str_from(imports[i][2]));
        stmt_bind_str(s, ":status", str_from(imports[i][3]));
        assert_int_equal(stmt_run(s), 0);
    }
    for (int64_t id = 1; id <= 3; id++) {
        SCOPED_STMT(
            s, t->world.db,
            "INSERT INTO migration (id, account, region, instance, name, type, source_type,"
            " source_instance, status, created_ms) SELECT :id, account, region, id, 'm', 3,"
            " CASE :id WHEN 3 THEN 1 ELSE 5 END, 'mssql-source01', CASE :id WHEN 2 THEN 4 ELSE 1 END, 0"
            " FROM instance WHERE instance_id = '" TEST_INSTANCE "'");
        stmt_bind_i64(s, ":id", id);
        assert_int_equal(stmt_run(s), 0);
    }
    assert_int_equal(savepoint_release(t->world.db), 0);
    assert_int_equal(world_commit(&t->world), 0);
}

static void every_statement_of_a_migration_may_fail(void **state)
{
#define M(n) "{'MigrateId':" n "}"
#define FULL(id) "{" I ",'BackupMigrationId':'" id "'}"
#define NEXT "{" I ",'BackupMigrationId':'waiting','IncrementalMigrationId':'next'}"
    static const char *const migration_calls[][2] = {
        {"CreateBackupMigration",
         "{" I ",'RecoveryType':'FULL','UploadType':'COS_UPLOAD','MigrationName':'a'}"},
        {"ModifyBackupMigration",
         "{" I ",'BackupMigrationId':'ready','DBRename':[{'OldName':'a','NewName':'b'}]}"},
        {"DescribeBackupMigration", "{" I "}"},
        {"StartBackupMigration", FULL("ready")},
        {"DeleteBackupMigration", FULL("waiting")},
        {"DescribeBackupUploadSize", FULL("ready")},
        {"DescribeUploadBackupInfo", FULL("ready")},
        {"CreateIncrementalMigration", FULL("again")},
        {"ModifyIncrementalMigration", NEXT},
        {"DescribeIncrementalMigration", FULL("waiting")},
        {"StartIncrementalMigration", NEXT},
        {"DeleteIncrementalMigration", NEXT},
        {"DescribeUploadIncrementalInfo", NEXT},
        {"CreateMigration",
         "{'MigrateName':'a','MigrateType':2,'SourceType':1,'MigrateDBSet':[{'DBName':'s1'}],"
         "'Source':{'InstanceId':'mssql-source01'},'Target':{" I "}}"},
        {"ModifyMigration", "{'MigrateId':1,'Source':{'Url':['http://x/a.bak']}}"},
        {"DescribeMigrations", "{}"},
        {"DescribeMigrationDetail", M("1")},
        {"StartMigrationCheck", M("3")},
        {"QueryMigrationCheckProcess", M("3")},
        {"RunMigration", M("3")},
        {"StopMigration", M("2")},
        {"CompleteMigration", M("2")},
        {"DeleteMigration", M("1")},
    };
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof migration_calls / sizeof *migration_calls; i++) {
        begin_migrations(t);
        struct test_world_request r =
            test_world_post(migration_calls[i][0], test_world_json(t, migration_calls[i][1]));
        struct str before = written(t);
        int nth = 1;
        while (fails_at(t, &r, before, nth))
            assert_in_range(++nth, 1, MOST_STATEMENTS);
        assert_in_range(nth, 2, MOST_STATEMENTS);
        arena_reset(&t->arena);
    }
}

static void every_statement_of_tags_may_fail(void **state)
{
    static const char *const tag_calls[][2] = {
        {"ModifyResourceTags", "{'Resource':'" RESOURCE "','ReplaceTags':[{'TagKey':'a','TagValue':'1'}],"
                               "'DeleteTags':[{'TagKey':'b'}]}"},
        {"DescribeResourceTagsByResourceIds",
         "{'ServiceType':'sqlserver','ResourcePrefix':'instance',"
         "'ResourceIds':['" TEST_INSTANCE "'],'ResourceRegion':'" TEST_REGION "'}"},
    };
    struct test_world *t = *state;
    begin(t);
    for (size_t i = 0; i < 2; i++) {
        struct test_world_request r = test_world_post(tag_calls[i][0], test_world_json(t, tag_calls[i][1]));
        r.host = "tag.tencentcloudapi.com";
        r.version = "2018-08-13";
        r.service = "tag";
        struct str before = written(t);
        int nth = 1;
        while (fails_at(t, &r, before, nth))
            assert_in_range(++nth, 1, MOST_STATEMENTS);
        assert_in_range(nth, 2, MOST_STATEMENTS);
    }
}

/* The instance of a magic id is made by the first call that names it, and stays when that call fails. */
static void every_statement_of_a_magic_id_may_fail(void **state)
{
    static const char *const magic[][2] = {
        {"CreateBackup", "{'InstanceId':'mssql-slowback'}"},
        {"DescribeDBInstances", "{'InstanceIdSet':['" TEST_INSTANCE "','mssql-slowback']}"},
    };
    struct test_world *t = *state;
    for (size_t i = 0; i < 2; i++) {
        bool failed = true;
        for (int nth = 1; failed; nth++) {
            assert_in_range(nth, 1, MOST_STATEMENTS);
            begin(t);
            struct test_world_request r = test_world_post(magic[i][0], test_world_json(t, magic[i][1]));
            failing_step_arm(nth, SQLITE_IOERR);
            const char *code = test_world_run(t, &r);
            failed = failing_step_disarm();
            assert_int_equal(strncmp(code, "InternalError", strlen("InternalError")) == 0, failed);
            assert_string_equal(failed ? test_world_run(t, &r) : code, "");
        }
    }
}

/* --- the state as a whole --- */

/* What the world remembers of the store and a reset replaces. */
struct memory {
    uint64_t credentials, changes;
    int64_t next_flow_id;
};

static struct memory memory_of(const struct world *w)
{
    struct memory m = {.changes = w->journal->n_changes, .next_flow_id = w->next_flow_id};
    for (size_t i = 0; i < w->accounts.credentials.room; i++)
        m.credentials += w->accounts.credentials.slots[i].value != NULL;
    return m;
}

/* Does the work with its first, its second, ... statement failing: it fails then, and changes nothing. */
static void fail_each(struct test_world *t, int (*work)(struct test_world *t, void *arg), void *arg)
{
    struct str before = written(t);
    for (int nth = 1;; nth++) {
        const struct memory memory = memory_of(&t->world);
        assert_in_range(nth, 1, MOST_STATEMENTS);
        failing_step_arm(nth, SQLITE_IOERR);
        int rc = work(t, arg);
        if (!failing_step_disarm()) {
            assert_int_equal(rc, 0);
            assert_true(nth > 1);
            return;
        }
        const struct memory after = memory_of(&t->world);
        if (memcmp(&after, &memory, sizeof memory) != 0)
            fail_msg("statement %d, %s, failed: the memory has changed", nth, failing_step_sql());
        if (rc != -1 || !str_eq(written(t), before))
            fail_msg("statement %d, %s, failed: the result is %d, and the state has %schanged", nth,
                     failing_step_sql(), rc, str_eq(written(t), before) ? "not " : "");
    }
}

/* The problem is empty: it is the store's, not the user's. No credential remains. */
static int create_test_account(struct test_world *t, void *ret_account)
{
    struct str problem;
    size_t credentials = t->world.accounts.credentials.n;
    int rc = test_account_create(&t->world, &t->arena, NULL, ret_account, &problem);
    assert_null(problem.p);
    assert_int_equal(t->world.accounts.credentials.n, credentials + (rc == 0));
    return rc;
}

static void every_statement_of_a_test_account_may_fail(void **state)
{
    struct test_world *t = *state;
    struct test_account account;
    begin(t);
    fail_each(t, create_test_account, &account);
}

static int reset(struct test_world *t, void *plan)
{
    struct reset_counts counts;
    return reset_run(&t->world, plan, &counts);
}

static int remove_account(struct test_world *t, void *uin)
{
    int rc = reset_remove_test_account(&t->world, *(struct str *)uin);
    assert_int_not_equal(rc, 0);
    return rc == 1 ? 0 : -1;
}

static void every_statement_of_a_removed_account_may_fail(void **state)
{
    struct test_world *t = *state;
    struct test_account account;
    begin(t);
    assert_int_equal(create_test_account(t, &account), 0);
    fail_each(t, remove_account, &account.uin);
}

static void every_statement_of_a_reset_may_fail(void **state)
{
    struct test_world *t = *state;
    for (int all = 0; all <= 1; all++)
        for (int whose = 0; whose <= 2; whose++) {
            struct test_account account;
            begin(t);
            assert_string_equal(test_world_backup(t, test_world_json(t, "{" I "}")), ""); /* it runs */
            assert_int_equal(create_test_account(t, &account), 0);
            const struct str uins[] = {{NULL, 0}, STR(TEST_UIN), account.uin};
            fail_each(t, reset,
                      &(struct reset_plan){.account = uins[whose], .all = all, .scopes = {true, true}});
        }
}

static int replace(struct test_world *t, void *text)
{
    struct str problem = {NULL, 0};
    int64_t rows;
    int rc = state_replace(&t->world, &t->arena, *(struct str *)text, &rows, &problem);
    assert_null(problem.p);
    return rc;
}

static int write(struct test_world *t, void *arg)
{
    struct stream *stream;
    struct buf piece;
    enum stream_result result = STREAM_MORE;
    (void)arg;
    if (state_stream(&t->world, &t->arena, &stream) != STATE_OK)
        return -1;
    buf_init(&piece, &t->arena, 1024, 1 << 24);
    while (result == STREAM_MORE)
        result = stream->next(stream, &piece);
    if (stream->done)
        stream->done(stream);
    return result == STREAM_END ? 0 : -1;
}

static void every_statement_of_a_state_may_fail(void **state)
{
    struct test_world *t = *state;
    struct test_account account;
    begin(t);
    assert_int_equal(create_test_account(t, &account), 0);
    struct str text = whole_state(t);
    fail_each(t, write, NULL);
    begin(t);
    fail_each(t, replace, &text);
    assert_non_null(accounts_find_credential(&t->world.accounts, account.secret_id));
}

/* --- what is due --- */

/* A backup and a renaming are due, and then the automatic backups of two days. */
static void make_due(struct test_world *t)
{
    const struct flow_database database = {STR("orders"), STR("later"), DATABASE_EFFECT_RENAME};
    begin(t);
    assert_string_equal(test_world_backup(t, test_world_json(t, "{" I "}")), "");
    const struct flow_plan plan = flow_fixture_plan(t, FLOW_KIND_RENAMEDB, 2);
    (void)flow_fixture_start(t, &plan, &database, 1);
    clock_freeze(&t->world.clock, TEST_NOW + INT64_C(2) * 86400000 + 1);
}

/* All but the ids of the flows. */
static struct str settled(struct test_world *t)
{
    SCOPED_STMT(
        s, t->world.db,
        "SELECT json_array((SELECT json_group_array(json_array(instance, start_ms, end_ms, status, name))"
        " FROM (SELECT * FROM backup ORDER BY start_ms, instance)),"
        " (SELECT json_group_array(name) FROM (SELECT name FROM database ORDER BY instance, name)),"
        " (SELECT min(next_backup_ms) FROM instance)) AS settled");
    assert_int_equal(stmt_step(s), 1);
    return stmt_str(s, &t->arena, "settled");
}

/* Each flow is settled on its own, so that a part may be done; the next time the rest is. */
static void every_statement_of_settling_may_fail(void **state)
{
    struct test_world *t = *state;
    make_due(t);
    assert_int_equal(flow_settle(&t->world), 0);
    const char *expected = arena_cstr(&t->arena, settled(t));
    for (int nth = 1;; nth++) {
        assert_in_range(nth, 1, MOST_STATEMENTS);
        make_due(t);
        failing_step_arm(nth, SQLITE_IOERR);
        int rc = flow_settle(&t->world);
        bool failed = failing_step_disarm();
        assert_int_equal(rc, failed ? -1 : 0);
        assert_int_equal(flow_settle(&t->world), 0);
        assert_text(settled(t), expected);
        if (!failed)
            break;
    }
}

SUITE(statement_faults)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_statement_of_an_action_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(every_statement_of_a_migration_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(every_statement_of_tags_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(every_statement_of_a_magic_id_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(every_statement_of_a_test_account_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(every_statement_of_a_removed_account_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(every_statement_of_a_reset_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(every_statement_of_a_state_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(every_statement_of_settling_may_fail, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
