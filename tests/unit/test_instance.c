/* Proves that a caller finds its own instances only, and that one takes tasks only while it runs normally. */
#include "trial_call.h"

#include "product/sqlserver/instance.h"
#include "product/sqlserver/sqlserver.h"

#define MISSING "ResourceNotFound.InstanceNotFound"
#define UNFIT "ResourceUnavailable.InstanceStatusInvalid"

/* A call of this account in this region that has come as far as its handler. */
static struct call *call_in(struct trial *t, const char *uin, const char *region)
{
    static struct account account;
    static struct credential credential;
    struct trial_request r = trial_post("CreateBackup", "{}");
    (void)trial_run(t, &r);
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
    struct trial *t = *state;
    struct instance found;
    struct call *c = call_in(t, TRIAL_UIN, TRIAL_REGION);
    assert_int_equal(instance_get(c, STR(TRIAL_INSTANCE), &found), 0);
    assert_int_equal(found.row, 1);
    assert_int_equal(found.status, 2);
    assert_text(found.instance_id, TRIAL_INSTANCE);
}

static void another_callers_is_not_found(void **state)
{
    static const char *const cases[][3] = {
        {"100000000002", TRIAL_REGION, TRIAL_INSTANCE},
        {TRIAL_UIN, "ap-shanghai", TRIAL_INSTANCE},
        {TRIAL_UIN, TRIAL_REGION, "MSSQL-NJJ2MTPL"},
        {TRIAL_UIN, TRIAL_REGION, ""},
        {TRIAL_UIN, TRIAL_REGION, "games"},
        {TRIAL_UIN, TRIAL_REGION, TRIAL_INSTANCE " "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct instance found;
        struct call *c = call_in(*state, cases[i][0], cases[i][1]);
        assert_int_equal(instance_get(c, str_from(cases[i][2]), &found), -1);
        assert_string_equal(code(c), MISSING);
    }
}

/* What an instance of that status with so many flows gives: "" or the code. */
static const char *offer(struct trial *t, int (*accept)(struct call *, const struct instance *),
                         const struct instance *instance)
{
    t->call.error = ERR_NONE;
    return accept(&t->call, instance) == 0 ? "" : code(&t->call);
}

static void only_a_running_instance_takes_anything(void **state)
{
    struct trial *t = *state;
    (void)call_in(t, TRIAL_UIN, TRIAL_REGION);
    for (int64_t status = 1; status <= 17; status++) {
        const struct instance instance = {.row = 1, .status = status};
        const char *expected = status == 2 ? "" : UNFIT;
        assert_string_equal(offer(t, instance_accept_task, &instance), expected);
        assert_string_equal(offer(t, instance_accept_sole_task, &instance), expected);
        assert_string_equal(offer(t, instance_accept_change, &instance), expected);
    }
}

static void what_runs_already_limits_tasks_and_not_changes(void **state)
{
    static const struct {
        int64_t running;
        const char *task, *sole;
    } cases[] = {{0, "", ""}, {1, "", UNFIT}, {4, "", UNFIT}, {5, UNFIT, UNFIT}, {6, UNFIT, UNFIT}};
    struct trial *t = *state;
    (void)call_in(t, TRIAL_UIN, TRIAL_REGION);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct instance instance = {.row = 1, .status = 2, .running = cases[i].running};
        assert_string_equal(offer(t, instance_accept_task, &instance), cases[i].task);
        assert_string_equal(offer(t, instance_accept_sole_task, &instance), cases[i].sole);
        assert_string_equal(offer(t, instance_accept_change, &instance), "");
    }
}

/* The instance of that id, as the next call finds it. */
static struct instance seen(struct trial *t, const char *id)
{
    struct instance found;
    t->call.error = ERR_NONE;
    assert_int_equal(instance_get(&t->call, str_from(id), &found), 0);
    return found;
}

static void tasks_are_counted_for_their_instance(void **state)
{
    struct trial *t = *state;
    assert_string_equal(trial_backup(t, "{\"InstanceId\":\"" TRIAL_INSTANCE "\"}"), "");
    assert_int_equal(seen(t, TRIAL_INSTANCE).running, 1);
    assert_false(seen(t, TRIAL_INSTANCE).automatic);
    assert_int_equal(seen(t, "mssql-i1z41iwd").running, 0);
    clock_advance(&t->world.clock, TRIAL_FLOW_MS);
    assert_int_equal(trial_flow_state(t, 5293), FLOW_SUCCEEDED);
    assert_int_equal(seen(t, TRIAL_INSTANCE).running, 0);
}

static void an_automatic_backup_is_told_from_others(void **state)
{
    struct trial *t = *state;
    t->world.settings.flow_ms[FLOW_AUTOBACKUP] = TRIAL_FLOW_MS;
    clock_advance(&t->world.clock, INT64_C(86400000));
    (void)call_in(t, TRIAL_UIN, TRIAL_REGION);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_true(seen(t, TRIAL_INSTANCE).automatic);
    assert_int_equal(seen(t, TRIAL_INSTANCE).running, 1);
    clock_advance(&t->world.clock, TRIAL_FLOW_MS);
    assert_int_equal(flow_settle(&t->world), 0);
    assert_false(seen(t, TRIAL_INSTANCE).automatic);
}

static void what_its_backups_are_follows_from_its_settings(void **state)
{
    struct trial *t = *state;
    trial_add_regions(t, "[{'region':'ap-guangzhou','instances':[{'instance_id':'p','port':58001,"
                         "'backup_model':'master_pkg','backup_save_days':3},{'instance_id':'s',"
                         "'backup_model':'slave_no_pkg'},{'instance_id':'n','backup_model':'master_no_pkg'},"
                         "{'instance_id':'q','backup_model':'slave_pkg'}]}]");
    (void)call_in(t, TRIAL_UIN, TRIAL_REGION);
    assert_int_equal(seen(t, "p").port, 58001);
    assert_int_equal(seen(t, "p").keep_ms, INT64_C(3) * 24 * 3600 * 1000);
    assert_int_equal(seen(t, "s").keep_ms, INT64_C(7) * 24 * 3600 * 1000);
    assert_false(seen(t, "p").single_files);
    assert_false(seen(t, "q").single_files);
    assert_true(seen(t, "n").single_files);
    assert_true(seen(t, "s").single_files);
    assert_text(seen(t, "s").region, TRIAL_REGION);
}

static void backups_are_kept_for_days_that_can_be(void **state)
{
    (void)state;
    assert_int_equal(instance_keep_ms(7), INT64_C(7) * 86400000);
    assert_int_equal(instance_keep_ms(INT64_MIN), 0);
    assert_int_equal(instance_keep_ms(INT64_MAX), INT64_C(3650) * 86400000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_instance_is_found_by_account_region_and_id, trial_setup,
                                        trial_teardown),
        cmocka_unit_test_setup_teardown(another_callers_is_not_found, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(only_a_running_instance_takes_anything, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(what_runs_already_limits_tasks_and_not_changes, trial_setup,
                                        trial_teardown),
        cmocka_unit_test_setup_teardown(an_automatic_backup_is_told_from_others, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(what_its_backups_are_follows_from_its_settings, trial_setup,
                                        trial_teardown),
        cmocka_unit_test_setup_teardown(tasks_are_counted_for_their_instance, trial_setup, trial_teardown),
        cmocka_unit_test(backups_are_kept_for_days_that_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
