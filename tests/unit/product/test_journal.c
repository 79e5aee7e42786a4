/* Proves what the journal keeps of a call, that it stays within its bounds, and that its counters know all.
 */
#include "support/test_world.h"

#include "core/journal.h"

static const char backup[] = "{\"InstanceId\":\"mssql-njj2mtpl\",\"Strategy\":1,\"DBNames\":[\"db1\"]}";

/* A world whose journal keeps so much; 0 bytes: as much as by default. */
static void open_journal(struct test_world *t, size_t calls, size_t bytes)
{
    struct settings s = test_world_settings();
    s.journal_calls = calls;
    s.journal_bytes = bytes ? bytes : LIMIT_JOURNAL_BYTES;
    test_world_open(t, &s);
}

static struct journal *record(struct test_world *t, const char *action, const char *body)
{
    struct test_world_request r = test_world_post(action, body);
    (void)test_world_run(t, &r);
    call_record(&t->call, 200);
    return t->world.journal;
}

static void a_call_is_kept_as_it_was(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10, 0);
    struct journal *j = record(t, "CreateBackup", backup);
    assert_int_equal(j->n, 1);
    const struct journal_entry *e = journal_at(j, 0);
    assert_text(journal_entry_text(e, ENTRY_ACTION), "CreateBackup");
    assert_text(journal_entry_text(e, ENTRY_REGION), TEST_REGION);
    assert_text(journal_entry_text(e, ENTRY_SECRET_ID), TEST_ID);
    assert_text(journal_entry_text(e, ENTRY_METHOD), "POST");
    assert_text(journal_entry_text(e, ENTRY_TARGET), "/");
    assert_text(journal_entry_text(e, ENTRY_BODY), backup);
    assert_text(journal_entry_code(e), "ok");
    assert_true(journal_entry_text(e, ENTRY_ANSWER).n > 0);
    assert_int_equal(e->flow_id, test_world_flow_id(t));
    assert_int_equal(e->service_ms, TEST_NOW);
    assert_null(e->failed_step);
    assert_text(node_find(journal_entry_params(&t->arena, e), STR("InstanceId"))->text, "mssql-njj2mtpl");
    assert_ptr_equal(journal_find(j, (struct str){t->call.request_id, REQUEST_ID_CHARS}), e);
    assert_null(journal_find(j, STR("none")));
}

static void a_rejected_call_is_kept_too(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10, 0);
    struct test_world_request r = test_world_post("CreateBackup", backup);
    r.authorization = "Bearer whatever";
    (void)test_world_run(t, &r);
    call_record(&t->call, 200);
    const struct journal_entry *e = journal_at(t->world.journal, 0);
    assert_text(journal_entry_code(e), "AuthFailure.InvalidAuthorization");
    assert_string_equal(e->failed_step, "authorization");
    assert_int_equal(e->flow_id, 0);
    assert_text(journal_entry_text(e, ENTRY_SECRET_ID), "");
}

static void no_header_with_a_secret_is_kept(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10, 0);
    struct test_world_request r = test_world_post("CreateBackup", backup);
    r.token = "a-token-that-is-secret";
    (void)test_world_run(t, &r);
    call_record(&t->call, 200);
    const struct journal_entry *e = journal_at(t->world.journal, 0);
    const char *all = arena_cstr(&t->arena, (struct str){e->bytes, e->size - sizeof *e});
    struct str signature = t->call.auth.signature;
    assert_null(strstr(all, "a-token-that-is-secret"));
    assert_true(signature.n == 64);
    assert_null(strstr(all, arena_cstr(&t->arena, signature)));
    struct str rest = journal_entry_text(e, ENTRY_HEADERS);
    struct header h;
    bool seen = false;
    while (journal_entry_next_header(&rest, &h))
        seen |= str_eq(h.name, STR("X-TC-Token")) && str_eq(h.value, STR("***"));
    assert_true(seen);
}

static void version_1_has_its_parameters_without_the_common_ones(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10, 0);
    struct test_world_request r = test_world_form("DescribeFlowStatus", "FlowId=5293&");
    (void)test_world_run_v1(t, &r);
    call_record(&t->call, 200);
    const struct journal_entry *e = journal_at(t->world.journal, 0);
    const struct node *params = journal_entry_params(&t->arena, e);
    assert_true(e->v1);
    assert_int_equal(params->count, 1);
    assert_text(node_find(params, STR("FlowId"))->text, "5293");
    assert_text(journal_entry_text(e, ENTRY_SECRET_ID), TEST_ID);
}

static void the_oldest_is_evicted_first_and_counted(void **state)
{
    struct test_world *t = *state;
    struct journal *j = NULL;
    open_journal(t, 3, 0);
    for (int i = 0; i < 5; i++)
        j = record(t, i < 2 ? "DescribeRegions" : "DescribeZones", "{}");
    assert_int_equal(j->n, 3);
    assert_int_equal(j->dropped, 2);
    for (size_t i = 0; i < 3; i++)
        assert_text(journal_entry_text(journal_at(j, i), ENTRY_ACTION), "DescribeZones");
    assert_true(journal_at(j, 0)->serial < journal_at(j, 2)->serial);
    assert_int_equal(journal_after(j, 0), 0);
    assert_int_equal(journal_after(j, journal_at(j, 0)->serial), 1);
    assert_int_equal(journal_after(j, journal_at(j, 2)->serial), 3);
    assert_int_equal(journal_clear(j), 3);
    assert_int_equal(j->n + j->bytes + j->dropped, 0);
}

static void the_bound_in_bytes_holds(void **state)
{
    struct test_world *t = *state;
    struct journal *j = NULL;
    open_journal(t, 1000, 8192);
    for (int i = 0; i < 50; i++) {
        j = record(t, "DescribeRegions", "{}");
        assert_true(j->bytes <= 8192);
    }
    assert_true(j->n > 1 && j->n < 50);
    assert_int_equal(j->n + j->dropped, 50);
}

static void a_bound_of_two_calls_keeps_two(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10, 0);
    struct journal *j = record(t, "DescribeRegions", "{}");
    size_t one = j->bytes;
    for (size_t less = 0; less <= 1; less++) {
        struct settings s = test_world_settings();
        s.journal_calls = 10;
        s.journal_bytes = 2 * one - less;
        test_world_reopen(t, &s);
        for (int i = 0; i < 3; i++)
            j = record(t, "DescribeRegions", "{}");
        assert_int_equal(j->n, 2 - less);
        assert_int_equal(j->bytes, j->n * one);
        assert_int_equal(j->last_dropped, journal_at(j, 0)->serial - 1);
    }
}

static void one_that_is_larger_than_all_is_kept_alone(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10, 1);
    (void)record(t, "DescribeRegions", "{}");
    struct journal *j = record(t, "DescribeZones", "{}");
    assert_int_equal(j->n, 1);
    assert_text(journal_entry_text(journal_at(j, 0), ENTRY_ACTION), "DescribeZones");
}

static void a_large_body_is_cut(void **state)
{
    struct test_world *t = *state;
    enum { BIG = 3 * LIMIT_JOURNAL_BODY };
    open_journal(t, 10, 0);
    char *body = arena_alloc(&t->arena, BIG + 1);
    memset(body, 'x', BIG);
    body[BIG] = 0;
    const struct journal_entry *e = journal_at(record(t, "CreateBackup", body), 0);
    assert_int_equal(e->body_n, BIG);
    assert_int_equal(journal_entry_text(e, ENTRY_BODY).n, LIMIT_JOURNAL_BODY);
    assert_null(journal_entry_params(&t->arena, e));
}

static void nothing_is_kept_but_counted(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 0, 0);
    struct journal *j = record(t, "CreateBackup", backup);
    (void)record(t, "CreateBackup", "{\"InstanceId\":\"mssql-none\"}");
    t->call.injected = STR("fault 1");
    t->call.failed_step = "fault";
    call_record(&t->call, 200);
    (void)record(t, "NoSuchAction", "{}");
    const struct action *action = registry_find_action(t->world.registry, STR("CreateBackup"));
    const struct tally *missing = journal_tally(j, action, ERR_RESOURCE_NOT_FOUND_INSTANCE_NOT_FOUND);
    assert_int_equal(j->n, 0);
    assert_int_equal(journal_tally(j, action, ERR_NONE)->natural, 1);
    assert_int_equal(missing->natural, 1);
    assert_int_equal(missing->injected, 1);
    assert_int_equal(journal_tally(j, NULL, ERR_INVALID_ACTION)->natural, 1);
    journal_clear_tallies(j);
    assert_int_equal(journal_tally(j, action, ERR_NONE)->natural, 0);
}

static void changes_of_flows_can_be_taken_back(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10, 0);
    struct journal *j = t->world.journal;
    uint64_t before = j->next_serial - 1;
    assert_null(journal_change_after(j, before));
    (void)record(t, "CreateBackup", backup); /* starts one */
    const struct flow_change *c = journal_change_after(j, before);
    assert_non_null(c);
    assert_int_equal(c->flow_id, test_world_flow_id(t));
    assert_text(c->kind, "backup");
    assert_null(c->outcome.p);
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_int_equal(flow_settle(&t->world), 0);
    c = journal_change_after(j, c->serial);
    assert_text(c->outcome, "success");
    assert_int_equal(c->at_ms, TEST_NOW + TEST_FLOW_MS);
    uint64_t mark = journal_flow_mark(j), last = c->serial;
    journal_flow(j, 1, 2, STR("backup"), STR("failure"));
    assert_non_null(journal_change_after(j, last));
    journal_flow_undo(j, mark);
    assert_null(journal_change_after(j, last));
}

static void old_changes_make_place(void **state)
{
    struct test_world *t = *state;
    open_journal(t, 10, 0);
    struct journal *j = t->world.journal;
    for (int i = 0; i < LIMIT_JOURNAL_CHANGES + 5; i++)
        journal_flow(j, i, 0, STR("backup"), STR("success"));
    assert_int_equal(journal_change_after(j, 0)->flow_id, 5);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, test_world_setup_folder, test_world_teardown)

SUITE(journal)
{
    const struct CMUnitTest tests[] = {
        TEST(a_call_is_kept_as_it_was),
        TEST(a_rejected_call_is_kept_too),
        TEST(no_header_with_a_secret_is_kept),
        TEST(version_1_has_its_parameters_without_the_common_ones),
        TEST(the_oldest_is_evicted_first_and_counted),
        TEST(the_bound_in_bytes_holds),
        TEST(a_bound_of_two_calls_keeps_two),
        TEST(one_that_is_larger_than_all_is_kept_alone),
        TEST(a_large_body_is_cut),
        TEST(nothing_is_kept_but_counted),
        TEST(changes_of_flows_can_be_taken_back),
        TEST(old_changes_make_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
