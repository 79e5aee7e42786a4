/* Proves that a wrong world file is refused with a sentence that names the place, and that a right one is put
 * in once and overwrites nothing. */
#include "trial_call.h"

#include "core/fixtures.h"

static const char *why_not(struct trial *t, const char *text)
{
    struct world_file *file;
    struct str why;
    if (fixtures_parse(&t->arena, str_from(trial_json(t, text)), &file, &why) == 0)
        return "(right)";
    return arena_cstr(&t->arena, why);
}

struct wrong {
    const char *text, *why;
};

static void assert_wrong(struct trial *t, const struct wrong *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_string_equal(why_not(t, cases[i].text), cases[i].why);
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
        {"{'version':2,'accounts':[]}", "version has a value that is not allowed"},
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
#define BAD " has a value that is not allowed"

static void accounts_are_checked(void **state)
{
    static const struct wrong cases[] = {
        {IN_ACCOUNT(""), "accounts.1.uin is missing"},
        {IN_ACCOUNT("'uin':1"), "accounts.1.uin must be of type string"},
        {IN_ACCOUNT("'uin':''"), "accounts.1.uin" BAD},
        {IN_ACCOUNT("'uin':'12a'"), "accounts.1.uin" BAD},
        {IN_ACCOUNT("'uin':'123456789012345678901'"), "accounts.1.uin" BAD},
        {IN_ACCOUNT("'uin':'2','name':'x'"), "unknown key accounts.1.name"},
        {IN_ACCOUNT("'uin':'2','credentials':[{'secret_id':'a'}]"),
         "accounts.1.credentials.0.secret_key is missing"},
        {IN_ACCOUNT("'uin':'2','credentials':[{'secret_id':'','secret_key':'k'}]"),
         "accounts.1.credentials.0.secret_id" BAD},
        {IN_ACCOUNT("'uin':'2','credentials':[{'secret_id':'a','secret_key':''}]"),
         "accounts.1.credentials.0.secret_key" BAD},
        {IN_ACCOUNT("'uin':'2','regions':[{}]"), "accounts.1.regions.0.region is missing"},
        {IN_ACCOUNT("'uin':'2','regions':[{'region':''}]"), "accounts.1.regions.0.region" BAD},
    };
    assert_wrong(*state, cases, sizeof cases / sizeof *cases);
}

static void instances_are_checked(void **state)
{
    static const struct wrong cases[] = {
        {IN_INSTANCE(""), INSTANCE "instance_id is missing"},
        {IN_INSTANCE("'instance_id':'MSSQL'"), INSTANCE "instance_id" BAD},
        {IN_INSTANCE("'instance_id':''"), INSTANCE "instance_id" BAD},
        {IN_INSTANCE("'instance_id':'m','nmae':'x'"), "unknown key " INSTANCE "nmae"},
        {IN_INSTANCE("'instance_id':'m','name':''"), INSTANCE "name" BAD},
        {IN_INSTANCE("'instance_id':'m','status':0"), INSTANCE "status" BAD},
        {IN_INSTANCE("'instance_id':'m','status':18"), INSTANCE "status" BAD},
        {IN_INSTANCE("'instance_id':'m','port':0"), INSTANCE "port" BAD},
        {IN_INSTANCE("'instance_id':'m','port':65536"), INSTANCE "port" BAD},
        {IN_INSTANCE("'instance_id':'m','port':1.5"), INSTANCE "port must be of type integer"},
        {IN_INSTANCE("'instance_id':'m','backup_model':'pkg'"), INSTANCE "backup_model" BAD},
        {IN_INSTANCE("'instance_id':'m','databases':[{}]"), INSTANCE "databases.0.name is missing"},
        {IN_INSTANCE("'instance_id':'m','databases':[{'name':''}]"), INSTANCE "databases.0.name" BAD},
        {IN_INSTANCE("'instance_id':'m','databases':[{'name':'a'},{'name':'b','status':4}]"),
         INSTANCE "databases.1.status" BAD},
    };
    assert_wrong(*state, cases, sizeof cases / sizeof *cases);
}

static void what_is_left_out_takes_its_default(void **state)
{
    struct trial *t = *state;
    trial_add_instance(t, "mssql-bare", "d");
    assert_int_equal(trial_count(t, "SELECT count(*) AS n FROM instance WHERE instance_id = 'mssql-bare'"
                                    " AND name = 'mssql-bare' AND status = 2 AND port = 1433"
                                    " AND backup_model = 'master_pkg' AND created_ms = 1767196800000"),
                     1);
    assert_int_equal(trial_count(t, "SELECT count(*) AS n FROM database WHERE name = 'd' AND status = 2"), 1);
}

static int64_t rows(struct trial *t)
{
    return trial_count(t,
                       "SELECT (SELECT count(*) FROM account) * 10000 + (SELECT count(*) FROM instance) * 100"
                       " + (SELECT count(*) FROM database) AS n");
}

static void the_built_in_world_is_right(void **state)
{
    struct trial *t = *state;
    assert_string_equal(why_not(t, arena_cstr(&t->arena, world_default)), "(right)");
    assert_int_equal(rows(t), 10204);
    assert_text(t->world.example_region, TRIAL_REGION);
    assert_text(t->world.example_instance, TRIAL_INSTANCE);
}

static void putting_in_twice_changes_nothing(void **state)
{
    struct trial *t = *state;
    trial_add_regions(t, "[{'region':'ap-tokyo','instances':[{'instance_id':'m','status':9,"
                         "'databases':[{'name':'a','status':3}]}]}]");
    assert_int_equal(rows(t), 10305);
    trial_add_regions(t, "[{'region':'ap-tokyo','instances':[{'instance_id':'m','status':2,'name':'other',"
                         "'databases':[{'name':'a'},{'name':'b'}]}]}]");
    assert_int_equal(rows(t), 10305); /* 'b' may have been dropped since */
    assert_int_equal(trial_count(t, "SELECT status AS n FROM instance WHERE region = 'ap-tokyo'"), 9);
    assert_int_equal(trial_count(t, "SELECT count(*) AS n FROM instance WHERE name = 'other'"), 0);
    assert_int_equal(trial_count(t, "SELECT status AS n FROM database WHERE name = 'a'"), 3);
}

/* One id may name an instance in each region and account. */
static void ids_belong_to_account_and_region(void **state)
{
    struct trial *t = *state;
    trial_add_regions(t, "[{'region':'ap-tokyo','instances':[{'instance_id':'" TRIAL_INSTANCE "',"
                         "'databases':[{'name':'db1'}]}]}]");
    assert_int_equal(rows(t), 10305);
    assert_int_equal(trial_count(t, "SELECT count(*) AS n FROM database WHERE name = 'db1'"), 2);
}

static void a_secret_id_twice_is_refused_and_leaves_nothing(void **state)
{
    struct trial *t = *state;
    struct world_file *file;
    struct str why = {NULL, 0};
    const char *text =
        trial_json(t, "{'version':1,'accounts':[{'uin':'7','regions':[{'region':'r','instances':["
                      "{'instance_id':'m'}]}]},{'uin':'8','credentials':[{'secret_id':'" TRIAL_ID
                      "','secret_key':'k'}]}]}");
    assert_int_equal(fixtures_parse(&t->arena, str_from(text), &file, &why), 0);
    assert_int_equal(fixtures_apply(&t->world, file, &why), -1);
    assert_text(why, "the secret_id " TRIAL_ID " is there twice");
    assert_int_equal(rows(t), 10204);
}

static void settings_that_make_no_sense_are_refused(void **state)
{
    static const struct wrong cases[] = {
        {"'offline_actions':['Nothing']", "offline_actions: there is no action Nothing"},
        {"'accounts':[{'uin':'7','ip_deny':['home']}]",
         "home is neither an address nor a network such as 10.0.0.0/8"},
        {"'accounts':[{'uin':'7','credentials':[{'secret_id':'a','secret_key':'k','expires':'now'}]}]",
         "expires of the credential a needs a token"},
    };
    struct trial *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world_file *file;
        struct str why = {NULL, 0};
        const char *text = arena_printf(&t->arena, "{'version':1,%s%s}", cases[i].text,
                                        strstr(cases[i].text, "accounts") ? "" : ",'accounts':[]")
                               .p;
        assert_int_equal(fixtures_parse(&t->arena, str_from(trial_json(t, text)), &file, &why), 0);
        assert_int_equal(fixtures_apply(&t->world, file, &why), -1);
        assert_text(why, cases[i].why);
        assert_int_equal(rows(t), 10204);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_document_is_json_of_this_form, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(accounts_are_checked, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(instances_are_checked, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(what_is_left_out_takes_its_default, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(the_built_in_world_is_right, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(putting_in_twice_changes_nothing, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(ids_belong_to_account_and_region, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(a_secret_id_twice_is_refused_and_leaves_nothing, trial_setup,
                                        trial_teardown),
        cmocka_unit_test_setup_teardown(settings_that_make_no_sense_are_refused, trial_setup, trial_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
