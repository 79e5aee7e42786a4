/* Proves what the console receives of credentials and of the pipeline, and which calls become a code sample.
 */
#include <stdio.h>

#include "support/test_world.h"

#include "control/router.h"
#include "gateway/pipeline.h"

/* The client's address of the next request; p == NULL: a Unix socket, over which every Host is accepted. */
static struct str peer;

static int send(struct test_world *t, const char *method, const char *path, const char *body,
                const struct header *host)
{
    const char *content_type;
    call_init(&t->call, &t->world, &t->arena);
    t->world.endpoint = STR("http://127.0.0.1:8328");
    t->call.request = (struct request){.method = str_from(method),
                                       .path = str_from(path),
                                       .body = str_from(test_world_json(t, body)),
                                       .peer = peer,
                                       .headers = host,
                                       .n_headers = host ? 1 : 0};
    return control_run(&t->call, &content_type);
}

static int snippet(struct test_world *t, const char *body)
{
    return send(t, "POST", "/_virga/snippet", body, NULL);
}

static bool says(const struct test_world *t, const char *text)
{
    return memmem(t->call.answer.p, t->call.answer.n, text, strlen(text)) != NULL;
}

static void credentials_come_sorted_with_the_default_marked(void **state)
{
    static const struct account other = {.uin = STR_INIT("2")};
    struct test_world *t = *state;
    assert_int_equal(accounts_add_credential(&t->world.accounts, &other, STR("AKIDother"), STR("key2")), 0);
    assert_int_equal(send(t, "GET", "/_virga/credentials", "", NULL), 200);
    assert_text(t->call.answer,
                "{\"credentials\":[{\"secret_id\":\"AKIDother\",\"secret_key\":\"key2\",\"account\":\"2\","
                "\"is_default\":false},{\"secret_id\":\"" TEST_ID "\",\"secret_key\":\"" TEST_KEY
                "\",\"account\":\"" TEST_UIN "\",\"is_default\":true}]}");
}

static void every_step_is_listed_in_order(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(send(t, "GET", "/_virga/pipeline", "", NULL), 200);
    const char *at = t->call.answer.p;
    for (size_t i = 0; i < pipeline_steps; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "{\"name\":\"%s\",\"provenance\":\"", pipeline[i].name);
        at = strstr(at, name);
        assert_non_null(at);
    }
}

static void a_call_becomes_a_program(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(snippet(t, "{'client':'python','action':'CreateBackup','region':'ap-beijing',"
                                "'params':'{\\'InstanceId\\':\\'x\\'}'}"),
                     200);
    assert_true(says(t, "CreateBackupRequest"));
    assert_true(says(t, TEST_KEY));
    assert_true(says(t, "ap-beijing"));
    assert_true(says(t, "127.0.0.1:8328"));
    assert_true(says(t, "# Install"));
    assert_int_equal(snippet(t, "{'client':'python','action':'CreateBackup','lang':'zh'}"), 200);
    assert_false(says(t, "# Install"));
    assert_true(says(t, TEST_REGION));
}

static void a_program_calls_the_address_of_its_reader(void **state)
{
    const struct header mapped = {STR("Host"), STR("localhost:9000")}, odd = {STR("Host"), STR("a';b:1")};
    struct test_world *t = *state;
    const char *body = "{'client':'curl','action':'CreateBackup'}";
    peer = STR("\x7f\0\0\1");
    assert_int_equal(send(t, "POST", "/_virga/snippet", body, &mapped), 200);
    peer = (struct str){NULL, 0};
    assert_true(says(t, "http://localhost:9000/"));
    assert_int_equal(send(t, "POST", "/_virga/snippet", body, &odd), 200);
    assert_true(says(t, "http://127.0.0.1:8328/"));
    assert_false(says(t, "a';b"));
}

static void nothing_but_names_comes_into_a_program(void **state)
{
    static const struct {
        const char *body, *said;
    } bad[] = {
        {"{'client':'perl','action':'CreateBackup'}", "there is no client perl"},
        {"{'client':'curl','action':'Create'}", "there is no action Create"},
        {"{'client':'curl','action':'CreateBackup','region':'a b'}", "there is no region a b"},
        {"{'client':'curl','action':'CreateBackup','region':'A'}", "there is no region A"},
        {"{'client':'curl','action':'CreateBackup','secret_id':'unknown'}", "there is no credential unknown"},
        {"{'client':'curl','action':'CreateBackup','params':'[]'}", "params is not a JSON object"},
        {"{'client':'curl','action':'CreateBackup','lang':'fr'}", "lang must be one of "},
        {"{'client':'curl'}", "action is missing"},
    };
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(snippet(t, bad[i].body), 400);
        assert_true(says(t, bad[i].said));
    }
}

SUITE(control_console)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(credentials_come_sorted_with_the_default_marked, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(every_step_is_listed_in_order, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_call_becomes_a_program, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_program_calls_the_address_of_its_reader, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(nothing_but_names_comes_into_a_program, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
