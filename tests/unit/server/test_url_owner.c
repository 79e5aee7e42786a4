/* Proves who owns a URL, and in what the owners differ. */
#include "support/test_world.h"

#include "server/url_owner.h"

static const struct url_owner *owner(struct test_world *t, const char *method, const char *path)
{
    struct request r = {.method = str_from(method), .path = str_from(path)};
    return url_owner_find(&t->world, &r);
}

static void every_url_has_an_owner(void **state)
{
    struct test_world *t = *state;
    const struct url_owner *cloud = owner(t, "POST", "/"), *control = owner(t, "POST", "/_virga/clock");
    const struct url_owner *console = owner(t, "GET", "/_virga/");
    assert_true(cloud->is_call && !control->is_call && !console->is_call);
    assert_ptr_equal(owner(t, "GET", ""), cloud);
    assert_ptr_equal(owner(t, "GET", "/any/path"), cloud);
    assert_ptr_equal(owner(t, "GET", "/_virgas"), cloud);
    assert_ptr_equal(owner(t, "GET", "/_virga/nothing"), control);
    assert_ptr_equal(owner(t, "POST", "/_virga/"), control); /* only GET and HEAD are for files */
    assert_ptr_equal(owner(t, "HEAD", "/_virga/schema.json"), console);
    const struct url_owner *file = owner(t, "GET", "/100000000001%2fsqlserver%2fany");
    assert_true(file != cloud && file != control && file != console);
    assert_ptr_equal(owner(t, "POST", "/100000000001%2fsqlserver%2fany"), cloud);
}

static void only_what_changes_state_can_be_lost(void **state)
{
    struct test_world *t = *state;
    assert_non_null(owner(t, "POST", "/")->lost);
    assert_non_null(owner(t, "GET", "/_virga/clock")->lost);
    assert_null(owner(t, "GET", "/_virga/")->lost);
    assert_null(owner(t, "GET", "/1%2fsqlserver%2fany")->lost);
}

static void only_the_state_may_be_large(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(owner(t, "POST", "/")->body_max(STR("/_virga/state")), LIMIT_BODY_V3);
    assert_int_equal(owner(t, "PUT", "/_virga/state")->body_max(STR("/_virga/state")), LIMIT_STATE);
    assert_int_equal(owner(t, "PUT", "/_virga/clock")->body_max(STR("/_virga/clock")), LIMIT_BODY_V3);
}

static void the_cloud_and_its_files_need_tls_under_strict(void **state)
{
    struct test_world *t = *state;
    assert_false(owner(t, "POST", "/")->accepts_plain);
    assert_false(owner(t, "GET", "/1%2fsqlserver%2fany")->accepts_plain);
    assert_true(owner(t, "GET", "/_virga/")->accepts_plain);
    assert_true(owner(t, "GET", "/_virga/health")->accepts_plain);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, test_world_setup, test_world_teardown)

SUITE(url_owner)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(every_url_has_an_owner),
        IN_WORLD(only_what_changes_state_can_be_lost),
        IN_WORLD(only_the_state_may_be_large),
        IN_WORLD(the_cloud_and_its_files_need_tls_under_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
