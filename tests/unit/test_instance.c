/* Proves that a caller finds its own instances only, and that one takes tasks only while it runs normally. */
#include "trial_call.h"

#include "product/sqlserver/instance.h"

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

static void only_a_running_instance_takes_tasks(void **state)
{
    struct trial *t = *state;
    struct call *c = call_in(t, TRIAL_UIN, TRIAL_REGION);
    for (int64_t status = 1; status <= 17; status++) {
        struct instance instance = {.row = 1, .status = status};
        int64_t running = -1;
        c->error = ERR_NONE;
        if (status == 2) {
            assert_int_equal(instance_accept_task(c, &instance, &running), 0);
            assert_int_equal(running, 0);
            continue;
        }
        assert_int_equal(instance_accept_task(c, &instance, &running), -1);
        assert_string_equal(code(c), UNFIT);
    }
}

static void tasks_are_counted_for_their_instance(void **state)
{
    struct trial *t = *state;
    int64_t running;
    assert_string_equal(trial_backup(t, "{\"InstanceId\":\"" TRIAL_INSTANCE "\"}"), "");
    assert_int_equal(instance_accept_task(&t->call, &(struct instance){.row = 1, .status = 2}, &running), 0);
    assert_int_equal(running, 1);
    assert_int_equal(instance_accept_task(&t->call, &(struct instance){.row = 2, .status = 2}, &running), 0);
    assert_int_equal(running, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_instance_is_found_by_account_region_and_id, trial_setup,
                                        trial_teardown),
        cmocka_unit_test_setup_teardown(another_callers_is_not_found, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(only_a_running_instance_takes_tasks, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(tasks_are_counted_for_their_instance, trial_setup, trial_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
