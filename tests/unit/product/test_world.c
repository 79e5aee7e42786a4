/* Proves what a world is made from, why it may not be made, and that a seed and a frozen clock repeat a run.
 */
#include "support/test_world.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

/* Tries settings on a second world beside the test's own. */
static void assert_fault(struct test_world *t, const struct settings *s, enum world_fault fault,
                         const char *problem)
{
    struct test_world other = *t;
    struct str text = STR("");
    enum world_fault got = test_world_try_open(&other, s, &text);
    assert_text(text, problem);
    assert_int_equal(got, fault);
    world_done(&other.world);
}

static void assert_file_bad(struct test_world *t, const char *text, const char *problem)
{
    struct settings s = test_world_settings();
    s.world_path = test_world_write(t, "world.json", test_world_json(t, text));
    assert_fault(t, &s, WORLD_FILE_BAD, problem);
}

static void a_world_file_is_named_with_its_fault(void **state)
{
    struct test_world *t = *state;
    assert_file_bad(t, "{",
                    arena_printf(&t->arena, "world file %s/world.json: not JSON at line 1", t->folder).p);
    assert_file_bad(
        t, "{'version':1,'accounts':[{}]}",
        arena_printf(&t->arena, "world file %s/world.json: accounts.0.uin is missing", t->folder).p);
    assert_file_bad(t,
                    "{'version':1,'accounts':[{'uin':'1','credentials':[{'secret_id':'a','secret_key':'k'},"
                    "{'secret_id':'a','secret_key':'l'}]}]}",
                    "the secret_id a is there twice");
}

static void a_missing_world_file_is_named(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    s.world_path = arena_printf(&t->arena, "%s/none.json", t->folder).p;
    assert_fault(t, &s, WORLD_FILE_BAD,
                 arena_printf(&t->arena, "%s: No such file or directory", s.world_path).p);
}

static void a_world_without_a_credential_is_rejected(void **state)
{
    static const char *const files[] = {"{'version':1,'accounts':[]}",
                                        "{'version':1,'accounts':[{'uin':'1'}]}",
                                        "{'version':1,'accounts':[{'uin':'1','credentials':[]}]}"};
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_file_bad(
            t, files[i],
            arena_printf(&t->arena,
                         "world file %s/world.json: no account has credentials, so no call is possible",
                         t->folder)
                .p);
}

/* A world file that is wrong must not cost anybody a new or a changed database. */
static void a_wrong_world_file_makes_no_database(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    s.db_path = arena_printf(&t->arena, "%s/other.db", t->folder).p;
    s.world_path = test_world_write(t, "world.json", "[]");
    assert_fault(t, &s, WORLD_FILE_BAD,
                 arena_printf(&t->arena, "world file %s: must be a JSON object", s.world_path).p);
    assert_int_equal(access(s.db_path, F_OK), -1);
}

static void a_database_in_use_is_rejected(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    s.db_path = t->path;
    assert_fault(t, &s, WORLD_DB_LOCKED,
                 arena_printf(&t->arena, "%s is in use by process %ld", t->path, (long)getpid()).p);
}

static void a_newer_database_is_rejected(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    sqlite3 *lite;
    s.db_path = t->path;
    world_done(&t->world);
    assert_int_equal(sqlite3_open(t->path, &lite), SQLITE_OK);
    assert_int_equal(sqlite3_exec(lite, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(lite);
    struct str problem;
    assert_int_equal(test_world_try_open(t, &s, &problem), WORLD_DB_NEWER);
    assert_true(str_starts(problem, arena_printf(&t->arena, "%s was written by a newer virga", t->path)));
}

static void another_file_is_not_a_database(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    s.db_path = test_world_write(t, "notes.txt", "these are notes, and no database");
    assert_fault(t, &s, WORLD_DB_FOREIGN, arena_printf(&t->arena, "%s is not a virga database", s.db_path).p);
    s.db_path = t->folder;
    assert_fault(t, &s, WORLD_DB_FAILED,
                 arena_printf(&t->arena, "cannot open %s: it is a directory, not a file", s.db_path).p);
}

static void a_world_file_replaces_the_built_in_world(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    s.world_path = test_world_write(
        t, "world.json",
        test_world_json(t, "{'version':1,'accounts':[{'uin':'42','credentials':[{'secret_id':'me',"
                           "'secret_key':'k'}],'regions':[{'region':'ap-seoul'},{'region':'ap-tokyo',"
                           "'instances':[{'instance_id':'m','databases':[{'name':'d'}]}]}]}]}"));
    test_world_reopen(t, &s);
    assert_text(t->world.accounts.first->secret_id, "me");
    assert_text(t->world.accounts.first->account->uin, "42");
    assert_null(accounts_find_credential(&t->world.accounts, STR(TEST_ID)));
    assert_text(t->world.example_region, "ap-tokyo"); /* the first with an instance */
    assert_text(t->world.example_resource, "m");
    struct test_world_request r = test_world_post("CreateBackup", "{\"InstanceId\":\"m\"}");
    r.secret_id = "me";
    r.key = "k";
    r.region = "ap-tokyo";
    assert_string_equal(test_world_run(t, &r), "");
}

static void what_a_database_holds_stays(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    s.db_path = t->path;
    test_world_add_instance(t, "mssql-mine", "a,b");
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"mssql-mine\"}"), "");
    assert_int_equal(transaction_commit(t->world.db), 0);
    test_world_reopen(t, &s);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM instance"), 3);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM backup"), 1);
    assert_int_equal(test_world_flow_state(t, 5293), FLOW_RUNNING);
    assert_false(transaction_dirty(t->world.db));
}

/* RequestId and FlowId of two calls. */
static const char *ids_of_a_run(struct test_world *t, const struct settings *s)
{
    test_world_reopen(t, s);
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}"), "");
    struct str first = t->call.answer;
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"mssql-i1z41iwd\"}"), "");
    return arena_printf(&t->arena, "%.*s%.*s", STR_ARG(first), STR_ARG(t->call.answer)).p;
}

static void a_seed_repeats_a_run(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    const char *one = ids_of_a_run(t, &s), *again = ids_of_a_run(t, &s);
    s.seed = 2;
    const char *two = ids_of_a_run(t, &s);
    assert_string_equal(one, again);
    assert_string_not_equal(one, two);
}

static void a_clock_that_is_not_frozen_is_the_machines(void **state)
{
    struct test_world *t = *state;
    struct settings s = test_world_settings();
    assert_int_equal(world_now_ms(&t->world), TEST_NOW);
    s.clock_frozen = false;
    test_world_reopen(t, &s);
    int64_t before = clock_real_ms(), now = world_now_ms(&t->world), after = clock_real_ms();
    assert_true(before <= now && now <= after);
}

static void limits_are_the_schemas_unless_set(void **state)
{
    struct test_world *t = *state;
    const struct registry *r = t->world.registry;
    for (size_t i = 0; i < registry_n_actions(r); i++)
        assert_int_equal(t->world.limits[i], registry_action_at(r, i)->rate_per_second);
}

SUITE(world)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_world_file_is_named_with_its_fault, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_missing_world_file_is_named, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_world_without_a_credential_is_rejected, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_world_file_makes_no_database, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_database_in_use_is_rejected, test_world_setup_file,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_newer_database_is_rejected, test_world_setup_file,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(another_file_is_not_a_database, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_world_file_replaces_the_built_in_world, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(what_a_database_holds_stays, test_world_setup_file,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_seed_repeats_a_run, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_is_not_frozen_is_the_machines, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(limits_are_the_schemas_unless_set, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
