/* Proves which paths are virga's own and how each answers, in an envelope that is not the cloud's. */
#include "support/test_world.h"

#include "control/router.h"
#include "product/sqlserver/sqlserver.h"

#define WHOLE "{\"InstanceId\":\"" TEST_INSTANCE "\"}"

/* Of the last answer. */
static const char *content_type;

/* Calls with a body, in which ' is written for \"; returns the status. */
static int send(struct test_world *t, const char *method, const char *path, const char *body)
{
    call_init(&t->call, &t->world, &t->arena);
    t->call.request = (struct request){
        .method = str_from(method), .path = str_from(path), .body = str_from(test_world_json(t, body))};
    return control_run(&t->call, &content_type);
}

static int ask(struct test_world *t, const char *method, const char *path)
{
    return send(t, method, path, "");
}

static void only_one_folder_is_ours(void **state)
{
    (void)state;
    assert_true(control_owns(STR("/_virga/health")));
    assert_true(control_owns(STR("/_virga/")));
    assert_false(control_owns(STR("/")));
    assert_false(control_owns(STR("")));
    assert_true(control_owns(STR("/_virga")));
    assert_false(control_owns(STR("/_virgas")));
    assert_false(control_owns(STR("/_VIRGA/health")));
    assert_false(control_owns(STR("//_virga/health")));
}

static void health_is_answered(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(ask(t, "GET", "/_virga/health"), 200);
    assert_text(t->call.answer, "{\"status\":\"ok\"}");
    assert_false(t->call.changed);
}

static void what_is_not_there_is_named(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(ask(t, "GET", "/_virga/a\"b"), 404);
    assert_text(t->call.answer,
                "{\"error\":{\"code\":\"not_found\",\"message\":\"there is no GET /_virga/a\\\"b\","
                "\"hint\":\"GET /_virga/openapi.json lists what there is\"}}");
    assert_int_equal(ask(t, "POST", "/_virga/health"), 405);
    assert_text(t->call.answer,
                "{\"error\":{\"code\":\"method_not_allowed\",\"message\":\"there is no POST /_virga/health\","
                "\"hint\":\"GET /_virga/openapi.json lists what there is\"}}");
}

static void the_folder_itself_points_to_the_description(void **state)
{
    static const char *const paths[] = {"/_virga", "/_virga/"};
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_int_equal(ask(t, "GET", paths[i]), 404);
        assert_text(t->call.answer,
                    arena_printf(&t->arena,
                                 "{\"error\":{\"code\":\"not_found\",\"message\":\"there is no GET %s\","
                                 "\"hint\":\"GET /_virga/openapi.json lists what there is\"}}",
                                 paths[i])
                        .p);
    }
}

static void the_description_is_served(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(ask(t, "GET", "/_virga/openapi.json"), 200);
    assert_int_equal(t->call.answer.n, control_openapi.n);
    assert_true(str_starts(t->call.answer, STR("{\"openapi\":")));
    assert_true(str_ends(t->call.answer, STR("}")));
    assert_string_equal(content_type, "application/json");
}

static void a_path_is_matched_as_a_whole(void **state)
{
    static const char *const paths[] = {
        "/_virga/",      "/_virga/health/", "/_virga//health",         "/_virga/clock/advance/1",
        "/_virga/flows", "/_virga/flows/1", "/_virga/flows/1/finish/", "/_virga/flows/1/2/finish"};
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_int_equal(ask(t, "POST", paths[i]), 404);
    assert_int_equal(ask(t, "GET", "/_virga/flows/1/finish"), 405);
    assert_int_equal(ask(t, "DELETE", "/_virga/clock"), 405);
}

static void a_body_is_an_object_or_nothing(void **state)
{
    static const char *const bad[] = {"{", "[]", "1", "null", "'x'", "{} {}", "{'mode':}"};
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(send(t, "PUT", "/_virga/clock", bad[i]), 400);
        assert_text(t->call.answer,
                    "{\"error\":{\"code\":\"bad_request\",\"message\":\"the body is not a JSON "
                    "object\",\"hint\":\"\"}}");
    }
    assert_int_equal(send(t, "GET", "/_virga/clock", " \r\n"), 200);
}

/* --- the clock --- */

static void the_clock_is_answered(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(ask(t, "GET", "/_virga/clock"), 200);
    assert_text(t->call.answer,
                "{\"mode\":\"frozen\",\"time\":\"2026-01-01T00:00:00+08:00\",\"unix_ms\":1767196800000}");
    clock_set_real(&t->world.clock);
    assert_int_equal(ask(t, "GET", "/_virga/clock"), 200);
    assert_true(str_starts(t->call.answer, STR("{\"mode\":\"real\",\"time\":\"20")));
}

static void the_clock_is_frozen_at_a_time(void **state)
{
    struct test_world *t = *state;
    const char *body = "{'mode':'frozen','time':'2027-02-28T23:59:59.500Z'}";
    assert_int_equal(send(t, "PUT", "/_virga/clock", body), 200);
    assert_text(t->call.answer,
                "{\"mode\":\"frozen\",\"time\":\"2027-03-01T07:59:59+08:00\",\"unix_ms\":1803859199500}");
    assert_int_equal(world_now_ms(&t->world), INT64_C(1803859199500));
}

static void without_a_time_it_is_the_present_one(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(send(t, "PUT", "/_virga/clock", "{'mode':'moved'}"), 200);
    assert_int_equal(t->world.clock.mode, CLOCK_MOVED);
    assert_in_range((uintmax_t)(world_now_ms(&t->world) - TEST_NOW), 0, 60000);
    assert_int_equal(send(t, "PUT", "/_virga/clock", "{'mode':'frozen'}"), 200);
    assert_int_equal(t->world.clock.mode, CLOCK_FROZEN);
    assert_in_range((uintmax_t)(world_now_ms(&t->world) - TEST_NOW), 0, 60000);
    assert_int_equal(send(t, "PUT", "/_virga/clock", "{'mode':'real'}"), 200);
    assert_int_equal(t->world.clock.mode, CLOCK_REAL);
}

static void a_wrong_setting_moves_no_clock(void **state)
{
    static const char *const bad[] = {"",
                                      "{}",
                                      "{'mode':null}",
                                      "{'mode':1}",
                                      "{'mode':'Frozen'}",
                                      "{'time':'2026-01-01T00:00:00+08:00'}",
                                      "{'mode':'frozen','time':'2026-01-01 00:00:00'}",
                                      "{'mode':'real','time':'tomorrow'}",
                                      "{'mode':'frozen','mode':'real'}",
                                      "{'mode':'frozen','Time':'2026-01-01T00:00:00+08:00'}"};
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(send(t, "PUT", "/_virga/clock", bad[i]), 400);
        assert_true(str_starts(t->call.answer, STR("{\"error\":{\"code\":\"bad_request\",")));
    }
    assert_int_equal(t->world.clock.mode, CLOCK_FROZEN);
    assert_int_equal(world_now_ms(&t->world), TEST_NOW);
}

static void the_clock_is_advanced(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(send(t, "POST", "/_virga/clock/advance", "{'seconds':90}"), 200);
    assert_text(t->call.answer,
                "{\"mode\":\"frozen\",\"time\":\"2026-01-01T00:01:30+08:00\",\"unix_ms\":1767196890000}");
    assert_int_equal(send(t, "POST", "/_virga/clock/advance", "{'seconds':0.25}"), 200);
    assert_int_equal(send(t, "POST", "/_virga/clock/advance", "{'seconds':0}"), 200);
    assert_int_equal(world_now_ms(&t->world), TEST_NOW + 90250);
    assert_int_equal(send(t, "POST", "/_virga/clock/advance", "{'seconds':3162240000}"), 200);
}

static void only_a_number_of_seconds_advances_it(void **state)
{
    static const char *const bad[] = {"",
                                      "{}",
                                      "{'seconds':'60'}",
                                      "{'seconds':null}",
                                      "{'seconds':-1}",
                                      "{'seconds':1e300}",
                                      "{'seconds':3162240001}"};
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(send(t, "POST", "/_virga/clock/advance", bad[i]), 400);
    assert_int_equal(world_now_ms(&t->world), TEST_NOW);
}

/* --- flows --- */

static void a_flow_is_finished_by_hand(void **state)
{
    struct test_world *t = *state;
    t->world.settings.flow_ms[FLOW_KIND_BACKUP] = FLOW_BY_HAND;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    clock_advance(&t->world.clock, 5000);
    assert_int_equal(send(t, "POST", "/_virga/flows/5293/finish", "{'outcome':'success'}"), 200);
    assert_text(t->call.answer, "{\"flow_id\":5293,\"outcome\":\"success\"}");
    assert_true(t->call.changed);
    assert_int_equal(test_world_flow_state(t, 5293), FLOW_SUCCEEDED);
    assert_int_equal(test_world_count(t, "SELECT count(*) AS n FROM backup WHERE status = 1 AND"
                                         " end_ms = start_ms + 5000"),
                     1);
}

static void a_flow_is_made_to_fail(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    assert_int_equal(send(t, "POST", "/_virga/flows/5293/finish", "{'outcome':'failure'}"), 200);
    assert_text(t->call.answer, "{\"flow_id\":5293,\"outcome\":\"failure\"}");
    assert_int_equal(test_world_flow_state(t, 5293), FLOW_FAILED);
    assert_int_equal(test_world_count(t, "SELECT status AS n FROM backup"), 2);
    assert_string_equal(test_world_backup(t, WHOLE), "");
}

static void only_a_running_flow_is_finished(void **state)
{
    static const char *const paths[] = {"/_virga/flows/5294/finish", "/_virga/flows//finish",
                                        "/_virga/flows/x/finish",
                                        "/_virga/flows/99999999999999999999/finish"};
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_int_equal(send(t, "POST", paths[i], "{'outcome':'success'}"), 404);
        assert_false(t->call.changed);
    }
    assert_int_equal(test_world_flow_state(t, 5293), FLOW_RUNNING);
    clock_advance(&t->world.clock, TEST_FLOW_MS); /* over by itself, though no call has read it since */
    assert_int_equal(send(t, "POST", "/_virga/flows/5293/finish", "{'outcome':'failure'}"), 404);
    assert_int_equal(test_world_flow_state(t, 5293), FLOW_SUCCEEDED);
}

static void a_finish_names_its_outcome(void **state)
{
    static const char *const bad[] = {"", "{}", "{'outcome':'fail'}", "{'outcome':true}", "{'outcome':''}"};
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, WHOLE), "");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(send(t, "POST", "/_virga/flows/5293/finish", bad[i]), 400);
    assert_int_equal(test_world_flow_state(t, 5293), FLOW_RUNNING);
}

SUITE(control_router)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_one_folder_is_ours, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(health_is_answered, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_named, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(the_folder_itself_points_to_the_description, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_description_is_served, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_path_is_matched_as_a_whole, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_body_is_an_object_or_nothing, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_clock_is_answered, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(the_clock_is_frozen_at_a_time, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(without_a_time_it_is_the_present_one, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_setting_moves_no_clock, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(the_clock_is_advanced, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(only_a_number_of_seconds_advances_it, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_flow_is_finished_by_hand, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_flow_is_made_to_fail, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(only_a_running_flow_is_finished, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_finish_names_its_outcome, test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
