/* Proves who is turned out when there are too many connections: the one that has been silent for the longest
 * time, and never one that waits for its answer. */
#include "support/texts.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "server/connection.h"

enum { MANY = 4 };

static struct connections connections;
static int ours[MANY], theirs[MANY];
static struct connection *seats[MANY];

static int setup(void **state)
{
    (void)state;
    connections = (struct connections){.most = MANY - 1};
    for (int i = 0; i < MANY; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
            return -1;
        ours[i] = pair[0];
        theirs[i] = pair[1];
        seats[i] = NULL;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++) {
        if (seats[i])
            connection_remove(&connections, seats[i]);
        close(ours[i]);
        close(theirs[i]);
    }
    return connections.n == 0 && !connections.oldest && !connections.newest ? 0 : -1;
}

static void enter(int i)
{
    seats[i] = connection_add(&connections, ours[i]);
}

/* Which client finds its connection ended; -1: none. */
static int turned_out(void)
{
    char c;
    int found = -1;
    for (int i = 0; i < MANY; i++)
        if (recv(theirs[i], &c, 1, MSG_DONTWAIT) == 0) {
            assert_int_equal(found, -1);
            found = i;
        }
    return found;
}

static void enter_all(void)
{
    for (int i = 0; i < MANY - 1; i++)
        enter(i);
    assert_int_equal(turned_out(), -1);
}

static void the_oldest_goes(void **state)
{
    (void)state;
    enter_all();
    enter(3);
    assert_int_equal(turned_out(), 0);
}

static void whoever_spoke_stays(void **state)
{
    (void)state;
    enter_all();
    connection_touch(&connections, seats[0]);
    connection_touch(&connections, seats[2]);
    connection_touch(&connections, seats[2]);
    enter(3);
    assert_int_equal(turned_out(), 1);
}

static void whoever_waits_for_an_answer_stays(void **state)
{
    (void)state;
    enter_all();
    connection_pin(&connections, seats[0]);
    connection_pin(&connections, seats[0]);
    connection_pin(&connections, seats[1]);
    connection_touch(&connections, seats[1]);
    enter(3);
    assert_int_equal(turned_out(), 2);
}

static void when_all_wait_nobody_goes(void **state)
{
    (void)state;
    enter_all();
    for (int i = 0; i < MANY - 1; i++)
        connection_pin(&connections, seats[i]);
    enter(3);
    assert_int_equal(turned_out(), -1);
}

static void a_place_that_was_left_is_free(void **state)
{
    (void)state;
    enter_all();
    connection_remove(&connections, seats[1]);
    seats[1] = NULL;
    enter(3);
    assert_int_equal(turned_out(), -1);
}

static void descriptors_bound_it(void **state)
{
    struct rlimit before, few = {100, 100};
    struct connections c;
    (void)state;
    connection_table_init(&c);
    assert_int_equal(c.most, LIMIT_CONNECTIONS_KEPT);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(before.rlim_cur >= 2 * LIMIT_CONNECTIONS);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    connection_table_init(&c);
    assert_int_equal(c.most, 50);
}

SUITE(connection_table)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_oldest_goes, setup, teardown),
        cmocka_unit_test_setup_teardown(whoever_spoke_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(whoever_waits_for_an_answer_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(when_all_wait_nobody_goes, setup, teardown),
        cmocka_unit_test_setup_teardown(a_place_that_was_left_is_free, setup, teardown),
        cmocka_unit_test(descriptors_bound_it), /* the last: it takes them away for good */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
