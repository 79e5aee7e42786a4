/* Proves in which order a response waits for commit, sync, delay and journal file, and what ends each wait.
 */
#include "support/fake_mhd.h"
#include "support/test_world.h"

#include "control/router.h"
#include "core/journal.h"
#include "server/connection.h"
#include "server/pending.h"
#include "server/response.h"
#include "server/url_owner.h"

enum { MANY = 4 };

static struct exchange x[MANY];
static struct fake_connection fakes[MANY];
static struct connection connections[MANY];
static struct pending p;

static struct test_world *world_of(void **state)
{
    struct test_world *t = *state;
    p = (struct pending){.world = &t->world, .most_delayed = MANY};
    for (size_t i = 0; i < MANY; i++) {
        x[i] = (struct exchange){.state = EXCHANGE_BODY, .status = 200, .content_type = "application/json"};
        connections[i] = (struct connection){.fd = -1, .exchange = &x[i]};
        x[i].connection = &connections[i];
        x[i].mhd = fake_mhd_connection(&fakes[i]);
        call_init(&x[i].call, &t->world, &t->arena);
        x[i].call.request = (struct request){.method = STR("GET"), .path = STR("/_virga/clock")};
        x[i].call.answer = STR("{}");
        x[i].owner = url_owner_find(&t->world, &x[i].call.request);
        fakes[i] = (struct fake_connection){0};
    }
    return t;
}

static void respond(size_t i, bool changed, int64_t delay_ms)
{
    x[i].call.changed = changed;
    x[i].call.delay_ms = delay_ms;
    assert_int_equal(pending_respond(&p, &x[i]), MHD_YES);
    assert_int_equal(fakes[i].suspended, x[i].pending != PENDING_NONE);
    assert_int_equal(fakes[i].queued, x[i].pending == PENDING_NONE);
}

static void a_read_is_answered_at_once(void **state)
{
    (void)world_of(state);
    respond(0, false, 0);
    assert_int_equal(fakes[0].queued, 1);
    assert_false(pending_awaits_commit(&p));
}

static void a_change_in_memory_is_answered_at_once(void **state)
{
    struct test_world *t = world_of(state);
    t->world.settings.db_path = NULL;
    respond(0, true, 0);
    assert_int_equal(fakes[0].queued, 1);
}

static void gathered_responses_are_queued_by_the_next_run(void **state)
{
    (void)world_of(state);
    p.gathers = true;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pending_respond(&p, &x[i]), MHD_YES);
        assert_int_equal(x[i].state, EXCHANGE_GATHERED);
        assert_int_equal(fakes[i].queued + fakes[i].suspended, 0);
    }
    assert_true(p.resumed); /* the loop must not sleep before the next run */
    assert_int_equal(response_queue(&x[0]), MHD_YES);
    assert_int_equal(fakes[0].queued, 1);
}

static void what_waits_for_the_disk_is_not_gathered(void **state)
{
    (void)world_of(state);
    p.gathers = true;
    respond(0, true, 0);
    assert_int_equal(x[0].pending, AWAITING_COMMIT);
    pending_committed(&p, 1);
    pending_synced(&p, 1);
    assert_int_equal(fakes[0].resumed, 1);
}

static void a_change_waits_for_commit_and_sync(void **state)
{
    (void)world_of(state);
    respond(0, true, 0);
    respond(1, true, 0);
    assert_true(pending_awaits_commit(&p));
    assert_int_equal(x[0].pending, AWAITING_COMMIT);
    pending_committed(&p, 7);
    assert_false(pending_awaits_commit(&p));
    respond(2, true, 0);
    pending_committed(&p, 8);
    pending_synced(&p, 6);
    assert_int_equal(fakes[0].resumed, 0);
    pending_synced(&p, 7);
    assert_true(fakes[0].resumed == 1 && fakes[1].resumed == 1 && fakes[2].resumed == 0);
    assert_int_equal(x[2].pending, AWAITING_SYNC);
    assert_true(p.resumed);
    pending_synced(&p, 9);
    assert_int_equal(fakes[2].resumed, 1);
}

static void a_lost_change_gets_another_response(void **state)
{
    (void)world_of(state);
    respond(0, true, 0);
    respond(1, true, 0);
    pending_committed(&p, 1);
    respond(2, true, 0);
    pending_commit_failed(&p);
    assert_int_equal(x[2].status, HTTP_FAILED);
    assert_int_equal(fakes[2].resumed, 1);
    assert_int_equal(fakes[0].resumed, 0);
    pending_sync_failed(&p);
    assert_true(fakes[0].resumed == 1 && fakes[1].resumed == 1);
    assert_int_equal(x[1].status, HTTP_FAILED);
    assert_true(str_starts(x[1].call.answer, STR("{\"error\":{\"code\":\"store_failed\"")));
}

static void a_delay_comes_after_the_sync(void **state)
{
    (void)world_of(state);
    respond(0, true, 50);
    pending_committed(&p, 1);
    assert_int_equal(pending_wait_ms(&p, 0), -1);
    pending_synced(&p, 1);
    assert_int_equal(x[0].pending, DELAYED);
    assert_int_equal(fakes[0].resumed, 0);
    x[0].due_ns = 1; /* long ago */
    pending_release_due(&p);
    assert_int_equal(fakes[0].resumed, 1);
}

static void the_nearest_due_time_goes_first(void **state)
{
    static const int64_t delays[MANY] = {30000, 10000, 20000, 50000};
    static const size_t order[MANY] = {1, 2, 0, 3};
    (void)world_of(state);
    for (size_t i = 0; i < MANY; i++)
        respond(i, false, delays[i]);
    const struct exchange *at = p.lists[DELAYED].first;
    for (size_t i = 0; i < MANY; i++, at = at->next)
        assert_ptr_equal(at, &x[order[i]]);
    assert_null(at);
    pending_release_due(&p);
    assert_int_equal(fakes[1].resumed, 0);
    p.stopping = true; /* at the end of the program nothing is delayed */
    pending_release_due(&p);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(fakes[i].resumed, 1);
}

static void of_equal_due_times_the_first_goes_first(void **state)
{
    (void)world_of(state);
    respond(0, false, 1000);
    x[0].due_ns = INT64_MAX / 2; /* later than the next one */
    respond(1, false, 1000);
    x[1].due_ns = x[0].due_ns;
    assert_ptr_equal(p.lists[DELAYED].first, &x[1]);
    assert_ptr_equal(p.lists[DELAYED].last, &x[0]);
    p.stopping = true;
    pending_release_due(&p);
}

static void a_client_that_has_gone_is_not_waited_for(void **state)
{
    (void)world_of(state);
    respond(0, false, 1000);
    respond(1, false, 1000);
    connections[0].peer_closed = true;
    pending_end_delay(&p, &x[0]);
    assert_int_equal(x[0].pending, PENDING_NONE);
    assert_true(fakes[0].resumed == 1 && fakes[1].resumed == 0);
    connections[2].peer_closed = true;
    respond(2, false, 1000);
    assert_int_equal(fakes[2].queued, 1);
    p.stopping = true;
    pending_release_due(&p);
}

static void delays_leave_connections_for_others(void **state)
{
    (void)world_of(state);
    p.most_delayed = 2;
    for (size_t i = 0; i < 3; i++)
        respond(i, false, 1000);
    assert_true(x[1].pending == DELAYED && x[2].pending == PENDING_NONE);
    x[0].due_ns = 1; /* long ago */
    pending_release_due(&p);
    respond(3, false, 1000);
    assert_int_equal(x[3].pending, DELAYED);
    p.stopping = true;
    pending_release_due(&p);
    assert_int_equal(p.n_delayed, 0);
}

static void the_wait_is_rounded_up(void **state)
{
    (void)world_of(state);
    assert_int_equal(pending_wait_ms(&p, 0), -1);
    respond(0, false, 100);
    assert_int_equal(pending_wait_ms(&p, x[0].due_ns - 1), 1);
    assert_int_equal(pending_wait_ms(&p, x[0].due_ns - 1000000), 1);
    assert_int_equal(pending_wait_ms(&p, x[0].due_ns - 1000001), 2);
    assert_int_equal(pending_wait_ms(&p, x[0].due_ns), 0);
    assert_int_equal(pending_wait_ms(&p, x[0].due_ns + 5000000), 0);
    assert_int_equal(pending_wait_ms(&p, x[0].due_ns - INT64_C(3600000000000)), LIMIT_POLL_MS);
    p.stopping = true;
    pending_release_due(&p);
}

static void the_journal_file_is_the_last_wait(void **state)
{
    struct test_world *t = world_of(state);
    struct journal_file *file = t->world.journal->file;
    t->world.journal->file = (struct journal_file *)(void *)&p; /* never followed */
    respond(0, false, 0);
    respond(1, true, 0);
    assert_int_equal(x[0].pending, AWAITING_JOURNAL);
    pending_journal_written(&p);
    assert_true(fakes[0].resumed == 1 && fakes[1].resumed == 0);
    pending_committed(&p, 1);
    pending_synced(&p, 1);
    assert_int_equal(x[1].pending, AWAITING_JOURNAL);
    pending_journal_written(&p);
    assert_int_equal(fakes[1].resumed, 1);
    t->world.journal->file = file;
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, test_world_setup_file, test_world_teardown)

SUITE(pending)
{
    const struct CMUnitTest tests[] = {
        WITH_FILE(a_read_is_answered_at_once),
        WITH_FILE(a_change_in_memory_is_answered_at_once),
        WITH_FILE(gathered_responses_are_queued_by_the_next_run),
        WITH_FILE(what_waits_for_the_disk_is_not_gathered),
        WITH_FILE(a_change_waits_for_commit_and_sync),
        WITH_FILE(a_lost_change_gets_another_response),
        WITH_FILE(a_delay_comes_after_the_sync),
        WITH_FILE(the_nearest_due_time_goes_first),
        WITH_FILE(of_equal_due_times_the_first_goes_first),
        WITH_FILE(a_client_that_has_gone_is_not_waited_for),
        WITH_FILE(delays_leave_connections_for_others),
        WITH_FILE(the_wait_is_rounded_up),
        WITH_FILE(the_journal_file_is_the_last_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
