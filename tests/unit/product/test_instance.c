/* Proves that a caller finds only its own instances, and that an instance accepts tasks only in normal
 * status. */
#include "support/test_world.h"

#include "product/sqlserver/instance.h"
#include "product/sqlserver/sqlserver.h"

#define MISSING "ResourceNotFound.InstanceNotFound"
#define REJECTED "ResourceUnavailable.InstanceStatusInvalid"

/* A call of this account in this region that is ready for its handler. */
static struct call *call_in(struct test_world *t, const char *uin, const char *region)
{
    static struct account account;
    static struct credential credential;
    struct test_world_request r = test_world_post("CreateBackup", "{}");
    (void)test_world_run(t, &r);
    account.uin = str_from(uin);
    credential.account = &account;
    t->call.error = ERR_NONE;
    t->call.credential = &credential;
    t->call.common.region = str_from(region);
    return &t->call;
}

static const char *code(struct call *c)
{
    return arena_cstr(c->arena, error_table[c->error].code);
}

static void an_instance_is_found_by_account_region_and_id(void **state)
{
    struct test_world *t = *state;
    struct instance found;
    struct call *c = call_in(t, TEST_UIN, TEST_REGION);
    assert_int_equal(instance_get(c, STR(TEST_INSTANCE), &found), 0);
    assert_int_equal(found.row, 1);
    assert_int_equal(found.status, 2);
    assert_text(found.instance_id, TEST_INSTANCE);
}

static void an_instance_of_another_caller_is_not_found(void **state)
{
    static const char *const cases[][3] = {
        {"100000000002", TEST_REGION, TEST_INSTANCE},
        {TEST_UIN, "ap-shanghai", TEST_INSTANCE},
        {TEST_UIN, TEST_REGION, "MSSQL-NJJ2MTPL"},
        {TEST_UIN, TEST_REGION, ""},
        {TEST_UIN, TEST_REGION, "games"},
        {TEST_UIN, TEST_REGION, TEST_INSTANCE " "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct instance found;
        struct call *c = call_in(*state, cases[i][0], cases[i][1]);
        assert_int_equal(instance_get(c, str_from(cases[i][2]), &found), -1);
        assert_string_equal(code(c), MISSING);
    }
}

/* "", or the code with which the instance rejects a task. */
static const char *offer(struct test_world *t, int (*accept)(struct call *, const struct instance *),
                         const struct instance *instance)
{
    t->call.error = ERR_NONE;
    return accept(&t->call, instance) == 0 ? "" : code(&t->call);
}

static void only_a_normal_instance_accepts_tasks(void **state)
{
    struct test_world *t = *state;
    (void)call_in(t, TEST_UIN, TEST_REGION);
    for (enum instance_status status = INSTANCE_STATUS_CREATING; status <= INSTANCE_STATUS_REPLICA_CREATING;
         status++) {
        const struct instance instance = {.row = 1, .status = status};
        const char *expected = status == INSTANCE_STATUS_NORMAL ? "" : REJECTED;
        assert_string_equal(offer(t, instance_accept_task, &instance), expected);
        assert_string_equal(offer(t, instance_accept_sole_task, &instance), expected);
        assert_string_equal(offer(t, instance_accept_change, &instance), expected);
    }
}

static void running_tasks_limit_tasks_but_not_changes(void **state)
{
    static const struct {
        int64_t running;
        const char *task, *sole;
    } cases[] = {
        {0, "", ""}, {1, "", REJECTED}, {4, "", REJECTED}, {5, REJECTED, REJECTED}, {6, REJECTED, REJECTED}};
    struct test_world *t = *state;
    (void)call_in(t, TEST_UIN, TEST_REGION);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct instance instance = {.row = 1, .status = 2, .running = cases[i].running};
        assert_string_equal(offer(t, instance_accept_task, &instance), cases[i].task);
        assert_string_equal(offer(t, instance_accept_sole_task, &instance), cases[i].sole);
        assert_string_equal(offer(t, instance_accept_change, &instance), "");
    }
}

/* The instance of that id, as the next call finds it. */
static struct instance seen(struct test_world *t, const char *id)
{
    struct instance found;
    t->call.error = ERR_NONE;
    assert_int_equal(instance_get(&t->call, str_from(id), &found), 0);
    return found;
}

/* Does the automatic backup of that instance run, as the next call finds it? */
static int runs_automatic(struct test_world *t, const char *id)
{
    struct instance found = seen(t, id);
    return instance_runs_automatic(&t->call, &found);
}

static void tasks_are_counted_for_their_instance(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}"), "");
    assert_int_equal(seen(t, TEST_INSTANCE).running, 1);
    assert_int_equal(runs_automatic(t, TEST_INSTANCE), 0);
    assert_int_equal(seen(t, "mssql-i1z41iwd").running, 0);
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_int_equal(test_world_flow_state(t, 5293), FLOW_SUCCEEDED);
    assert_int_equal(seen(t, TEST_INSTANCE).running, 0);
}

static void an_automatic_backup_is_recognized(void **state)
{
    struct test_world *t = *state;
    t->world.settings.flow_ms[FLOW_KIND_AUTOBACKUP] = TEST_FLOW_MS;
    clock_advance(&t->world.clock, INT64_C(86400000));
    (void)call_in(t, TEST_UIN, TEST_REGION);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(runs_automatic(t, TEST_INSTANCE), 1);
    assert_int_equal(seen(t, TEST_INSTANCE).running, 1);
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_int_equal(runs_automatic(t, TEST_INSTANCE), 0);
}

static void the_form_of_backups_follows_from_the_settings(void **state)
{
    struct test_world *t = *state;
    test_world_add_regions(
        t, "[{'region':'ap-guangzhou','instances':[{'instance_id':'p','port':58001,"
           "'backup_model':'master_pkg','backup_save_days':3},{'instance_id':'s',"
           "'backup_model':'slave_no_pkg'},{'instance_id':'n','backup_model':'master_no_pkg'},"
           "{'instance_id':'q','backup_model':'slave_pkg'}]}]");
    (void)call_in(t, TEST_UIN, TEST_REGION);
    assert_int_equal(seen(t, "p").port, 58001);
    assert_int_equal(seen(t, "p").keep_ms, INT64_C(3) * 24 * 3600 * 1000);
    assert_int_equal(seen(t, "s").keep_ms, INT64_C(7) * 24 * 3600 * 1000);
    assert_false(seen(t, "p").single_files);
    assert_false(seen(t, "q").single_files);
    assert_true(seen(t, "n").single_files);
    assert_true(seen(t, "s").single_files);
    assert_text(seen(t, "s").region, TEST_REGION);
}

static void impossible_days_become_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(instance_keep_ms(7), INT64_C(7) * 86400000);
    assert_int_equal(instance_keep_ms(INT64_MIN), 0);
    assert_int_equal(instance_keep_ms(INT64_MAX), INT64_C(3650) * 86400000);
}

SUITE(instance)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_instance_is_found_by_account_region_and_id, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(an_instance_of_another_caller_is_not_found, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(only_a_normal_instance_accepts_tasks, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(running_tasks_limit_tasks_but_not_changes, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(an_automatic_backup_is_recognized, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_form_of_backups_follows_from_the_settings, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(tasks_are_counted_for_their_instance, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test(impossible_days_become_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
