/*
 * Proves that a call with a statement that fails is refused, and changes nothing, whichever statement it is.
 *
 * Each action is called with its first, its second, ... statement failing, until a call passes in which none
 * did. After each failure the state is compared, as the document that saves it, and the flows that the
 * journal knows.
 */
#include "support/failing_step.h"
#include "support/test_world.h"

#include <sqlite3.h>

#include "core/journal.h"
#include "core/snapshot.h"
#include "core/test_account.h"
#include "product/sqlserver/backup_file.h"

#define I "'InstanceId':'" TEST_INSTANCE "'"
#define DAY_1 "'StartTime':'2026-01-01 00:00:00','EndTime':'2026-01-01 23:59:59'"
#define FILE_ID "34365158400" /* of the backup */
#define RESOURCE "qcs::sqlserver:" TEST_REGION ":uin/" TEST_UIN ":instance/" TEST_INSTANCE

enum { MOST_STATEMENTS = 200, FIRST_FLOW = 5293 };

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

/* The tables. An id that a failed call has taken is not given again, so the next id may differ. */
static struct str written(struct test_world *t)
{
    struct buf b;
    buf_init(&b, &t->arena, 1024, 1 << 24);
    assert_int_equal(state_write(&t->world, &b), 0);
    const char *tables = strstr(arena_cstr(&t->arena, buf_str(&b)), "\"tables\"");
    assert_non_null(tables);
    return str_from(tables);
}

static void make_single_files(struct test_world *t)
{
    SCOPED_STMT(s, t->world.db, "UPDATE instance SET backup_model = 'master_no_pkg'");
    assert_int_equal(stmt_run(s), 0);
}

/* A backup "mine" of both databases is done, each in a file of its own. */
static void begin(struct test_world *t)
{
    struct settings s = t->world.settings;
    test_world_reopen(t, &s);
    assert_int_equal(savepoint_begin(t->world.db), 0);
    make_single_files(t);
    assert_int_equal(savepoint_release(t->world.db), 0);
    assert_string_equal(test_world_backup(t, test_world_json(t, "{" I ",'BackupName':'mine'}")), "");
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_int_equal(test_world_flow_state(t, FIRST_FLOW), FLOW_SUCCEEDED);
    assert_int_equal(world_commit(&t->world), 0);
    assert_int_equal(backup_file_id((struct backup_file_ref){FIRST_FLOW, 0}), INT64_C(34365158400));
}

/* Runs the call with its nth statement failing; true when there was one. */
static bool fails_at(struct test_world *t, const struct test_world_request *r, int nth)
{
    struct str before = written(t);
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
        fail_msg("statement %d of %s failed, and the state has changed", nth, r->action);
    assert_null(journal_change_after(t->world.journal, serial));
    return true;
}

static void every_statement_of_an_action_may_fail(void **state)
{
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        begin(t);
        struct test_world_request r = test_world_post(calls[i].action, test_world_json(t, calls[i].body));
        int nth = 1;
        while (fails_at(t, &r, nth))
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
        int nth = 1;
        while (fails_at(t, &r, nth))
            assert_in_range(++nth, 1, MOST_STATEMENTS);
        assert_in_range(nth, 2, MOST_STATEMENTS);
    }
}

/* The problem is empty: it is the store's, not the user's. */
static void every_statement_of_a_test_account_may_fail(void **state)
{
    struct test_world *t = *state;
    begin(t);
    for (int nth = 1;; nth++) {
        struct test_account account;
        struct str problem, before = written(t);
        size_t credentials = t->world.accounts.credentials.n;
        assert_in_range(nth, 1, MOST_STATEMENTS);
        failing_step_arm(nth, SQLITE_IOERR);
        int rc = test_account_create(&t->world, &t->arena, NULL, &account, &problem);
        if (!failing_step_disarm()) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, -1);
        assert_null(problem.p);
        assert_true(str_eq(written(t), before));
        assert_int_equal(t->world.accounts.credentials.n, credentials);
    }
}

SUITE(statement_faults)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_statement_of_an_action_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(every_statement_of_tags_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(every_statement_of_a_test_account_may_fail, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
