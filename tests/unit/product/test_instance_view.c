/* Proves that the fields of an instance in an answer follow from the store, for each type of instance. */
#include "support/flow_fixture.h"

#include "gen/sqlserver.h"

/* The first in the list: the newest. */
static const struct db_instance *show(struct test_world *t, const char *instance)
{
    struct test_world_request r = test_world_post("DescribeDBInstances", "{\"InstanceIdSet\":[\"m\"]}");
    r.region = "ap-tokyo";
    test_world_add_regions(
        t,
        arena_printf(&t->arena, "[{'region':'ap-tokyo','instances':[{'instance_id':'m',%s}]}]", instance).p);
    assert_string_equal(test_world_run(t, &r), "");
    const struct describe_db_instances_out *out = t->call.out;
    assert_int_equal(out->db_instances.n, 1);
    return out->db_instances.v;
}

static void kinds(void **state)
{
    static const struct {
        const char *instance;
        int64_t model;
        const char *ha, *architecture, *ro;
    } cases[] = {
        {"'instance_type':'HA'", 1, "MIRROR", "DOUBLE", ""},
        {"'instance_type':'cvmHA'", 1, "MIRROR", "DOUBLE", ""},
        {"'instance_type':'MultiHA'", 6, "ALWAYSON", "MULTI", ""},
        {"'instance_type':'cvmMultiHA'", 6, "ALWAYSON", "MULTI", ""},
        {"'instance_type':'RO'", 2, "SINGLE", "SINGLE", "RO"},
        {"'instance_type':'cvmRO'", 2, "SINGLE", "SINGLE", "RO"},
        {"'instance_type':'SI'", 2, "SINGLE", "SINGLE", ""},
        {"'instance_type':'BI'", 2, "SINGLE", "SINGLE", ""},
    };
    struct test_world *t = *state;
    struct settings settings = test_world_settings();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        test_world_reopen(t, &settings);
        const struct db_instance *view = show(t, cases[i].instance);
        assert_int_equal(view->model.v, cases[i].model);
        assert_text(view->ha_flag, cases[i].ha);
        assert_text(view->architecture, cases[i].architecture);
        assert_text(view->ro_flag, cases[i].ro);
    }
}

static void networks_have_numbers(void **state)
{
    struct test_world *t = *state;
    struct settings settings = test_world_settings();
    const struct db_instance *view = show(t, "'vpc_id':'vpc-a','subnet_id':'subnet-a'");
    int64_t vpc = view->vpc_id.v;
    assert_in_range(vpc, 10000, 99999);
    assert_in_range(view->subnet_id.v, 1000000, 9999999);
    test_world_reopen(t, &settings);
    view = show(t, "'vpc_id':'vpc-b'");
    assert_int_not_equal(view->vpc_id.v, vpc);
    assert_int_equal(view->subnet_id.v, 0); /* the classic network */
}

static void times_follow_from_payment_and_status(void **state)
{
    struct test_world *t = *state;
    struct settings settings = test_world_settings();
    const struct db_instance *view = show(t, "'pay_mode':1");
    assert_text(view->create_time, "2026-01-01 00:00:00");
    assert_text(view->end_time, "2026-01-31 00:00:00");
    assert_text(view->isolate_time, "0000-00-00 00:00:00");
    test_world_reopen(t, &settings);
    view = show(t, "'status':4");
    assert_text(view->end_time, "0000-00-00 00:00:00");
    assert_text(view->isolate_time, "2026-01-01 00:00:00");
}

/* A running flow is shown as status 7 only of an instance in normal status. */
static void a_task_shows_only_on_a_normal_instance(void **state)
{
    static const struct {
        const char *instance;
        int64_t shown;
    } cases[] = {{"'status':2", 7}, {"'status':5", 5}, {"'status':12", 12}};
    struct test_world *t = *state;
    struct settings settings = test_world_settings();
    struct test_world_request r = test_world_post("DescribeDBInstances", "{\"InstanceIdSet\":[\"m\"]}");
    r.region = "ap-tokyo";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        test_world_reopen(t, &settings);
        (void)show(t, cases[i].instance);
        const struct flow_plan plan = flow_fixture_plan(t, FLOW_KIND_BACKUP, 3);
        (void)flow_fixture_start(t, &plan, NULL, 0);
        assert_string_equal(test_world_run(t, &r), "");
        const struct describe_db_instances_out *out = t->call.out;
        assert_int_equal(out->db_instances.v[0].status.v, cases[i].shown);
    }
}

static void names_of_versions(void **state)
{
    struct test_world *t = *state;
    struct settings settings = test_world_settings();
    assert_text(show(t, "'version':'2008R2'")->version_name, "SQL Server 2008 R2 Enterprise");
    test_world_reopen(t, &settings);
    assert_text(show(t, "'version':'2022'")->version_name, "SQL Server 2022 Enterprise");
}

static void days_and_zone(void **state)
{
    struct test_world *t = *state;
    const struct db_instance *view = show(t, "'backup_type':'weekly','backup_cycle':[7,1],'backup_hour':23");
    assert_int_equal(view->backup_cycle.n, 2);
    assert_int_equal(view->backup_cycle.v[0], 1);
    assert_int_equal(view->backup_cycle.v[1], 7);
    assert_text(view->backup_time, "23:00");
    assert_text(view->zone, "ap-tokyo-1");
    assert_int_equal(view->zone_id.v, 250001);
    assert_false(view->resource_tags.set);
}

SUITE(instance_view)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kinds, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(networks_have_numbers, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(times_follow_from_payment_and_status, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_task_shows_only_on_a_normal_instance, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(names_of_versions, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(days_and_zone, test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
