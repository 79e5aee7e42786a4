/* Proves which paths are virga's own and how they answer, in an envelope that is not the cloud's. */
#include "trial_call.h"

#include "server/control.h"

static int ask(struct trial *t, const char *method, const char *path)
{
    call_init(&t->call, &t->world, &t->arena);
    t->call.request = (struct request){.method = str_from(method), .path = str_from(path)};
    return control_run(&t->call);
}

static void only_one_folder_is_ours(void **state)
{
    (void)state;
    assert_true(control_owns(STR("/_virga/health")));
    assert_true(control_owns(STR("/_virga/")));
    assert_false(control_owns(STR("/")));
    assert_false(control_owns(STR("")));
    assert_false(control_owns(STR("/_virga")));
    assert_false(control_owns(STR("/_VIRGA/health")));
    assert_false(control_owns(STR("//_virga/health")));
}

static void health_is_told(void **state)
{
    struct trial *t = *state;
    assert_int_equal(ask(t, "GET", "/_virga/health"), 200);
    assert_text(t->call.answer, "{\"status\":\"ok\"}");
}

static void what_is_not_there_is_named(void **state)
{
    struct trial *t = *state;
    assert_int_equal(ask(t, "GET", "/_virga/a\"b"), 404);
    assert_text(t->call.answer,
                "{\"error\":{\"code\":\"not_found\",\"message\":\"there is no GET /_virga/a\\\"b\","
                "\"hint\":\"GET /_virga/health\"}}");
    assert_int_equal(ask(t, "POST", "/_virga/health"), 404);
    assert_int_equal(ask(t, "GET", "/_virga/health/"), 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_one_folder_is_ours, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(health_is_told, trial_setup, trial_teardown),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_named, trial_setup, trial_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
