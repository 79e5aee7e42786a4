/* Proves which connection is evicted when there are too many: the one that has been idle for the longest
 * time, and never one whose client waits for its answer. */
#include "support/texts.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/os.h"
#include "server/connection.h"

enum { MANY = 4 };

static struct connections connections;
static int ours[MANY], theirs[MANY];
static struct connection *open[MANY];

static int setup(void **state)
{
    (void)state;
    connections = (struct connections){.most = MANY - 1, .peers = os_peers_new()};
    for (int i = 0; i < MANY; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
            return -1;
        ours[i] = pair[0];
        theirs[i] = pair[1];
        open[i] = NULL;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++) {
        if (open[i])
            connection_remove(&connections, open[i]);
        close(ours[i]);
        close(theirs[i]);
    }
    connection_table_done(&connections);
    return connections.n == 0 && !connections.oldest && !connections.newest ? 0 : -1;
}

static void open_one(int i)
{
    open[i] = connection_add(&connections, ours[i]);
}

/* The client whose connection was shut down; -1: none. */
static int evicted(void)
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

static void open_all(void)
{
    for (int i = 0; i < MANY - 1; i++)
        open_one(i);
    assert_int_equal(evicted(), -1);
}

static void the_oldest_is_evicted(void **state)
{
    (void)state;
    open_all();
    open_one(3);
    assert_int_equal(evicted(), 0);
}

static void an_active_connection_stays(void **state)
{
    (void)state;
    open_all();
    connection_touch(&connections, open[0]);
    connection_touch(&connections, open[2]);
    connection_touch(&connections, open[2]);
    open_one(3);
    assert_int_equal(evicted(), 1);
}

static void a_waiting_client_stays(void **state)
{
    (void)state;
    open_all();
    connection_pin(&connections, open[0]);
    connection_pin(&connections, open[0]);
    connection_pin(&connections, open[1]);
    connection_touch(&connections, open[1]);
    open_one(3);
    assert_int_equal(evicted(), 2);
}

static void when_all_wait_none_is_evicted(void **state)
{
    (void)state;
    open_all();
    for (int i = 0; i < MANY - 1; i++)
        connection_pin(&connections, open[i]);
    open_one(3);
    assert_int_equal(evicted(), -1);
}

static void a_removed_connection_makes_room(void **state)
{
    (void)state;
    open_all();
    connection_remove(&connections, open[1]);
    open[1] = NULL;
    open_one(3);
    assert_int_equal(evicted(), -1);
}

static size_t take_closed(void)
{
    connection_take_closed(&connections);
    return connections.n_closed;
}

/* libmicrohttpd ended it before virga came to it. */
static void a_closed_one_that_is_removed_is_not_reported(void **state)
{
    (void)state;
    open_all();
    shutdown(theirs[0], SHUT_WR);
    shutdown(theirs[1], SHUT_WR);
    assert_int_equal(take_closed(), 2);
    struct connection *other =
        connections.closed[0] == open[0] ? connections.closed[1] : connections.closed[0];
    connection_remove(&connections, open[0]);
    open[0] = NULL;
    assert_true(other == open[1]);
    for (size_t i = 0; i < connections.n_closed; i++)
        assert_true(!connections.closed[i] || connections.closed[i] == other);
}

static void a_client_that_closes_is_reported_once(void **state)
{
    (void)state;
    open_all();
    assert_int_equal(send(theirs[0], "x", 1, 0), 1);
    assert_int_equal(take_closed(), 0);
    shutdown(theirs[1], SHUT_WR);
    assert_int_equal(take_closed(), 1);
    assert_true(connections.closed[0] == open[1] && open[1]->peer_closed && !open[0]->peer_closed);
    connection_find_end(open[1]);
    assert_int_equal(take_closed(), 0);
}

static void a_woken_connection_is_readable_again(void **state)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    int library = epoll_create1(EPOLL_CLOEXEC);
    (void)state;
    open_all();
    assert_int_equal(epoll_ctl(library, EPOLL_CTL_ADD, ours[0], &event), 0);
    shutdown(theirs[0], SHUT_WR);
    assert_int_equal(epoll_wait(library, &event, 1, 0), 1);
    assert_int_equal(take_closed(), 1);
    assert_int_equal(epoll_wait(library, &event, 1, 0), 0);
    connection_find_end(open[1]); /* which is still open */
    connection_find_end(open[0]);
    assert_int_equal(epoll_wait(library, &event, 1, 0), 1);
    close(library);
}

static void descriptors_bound_it(void **state)
{
    struct rlimit before, few = {100, 100};
    struct connections c;
    (void)state;
    connection_table_init(&c);
    bool all = os_descriptors_most / 2 >= LIMIT_CONNECTIONS_KEPT;
    assert_int_equal(c.most, all ? LIMIT_CONNECTIONS_KEPT : os_descriptors_most / 2);
    connection_table_done(&c);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(before.rlim_cur >= 2 * LIMIT_CONNECTIONS);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    connection_table_init(&c);
    assert_int_equal(c.most, 50);
    connection_table_done(&c);
}

SUITE(connection_table)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_oldest_is_evicted, setup, teardown),
        cmocka_unit_test_setup_teardown(an_active_connection_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(a_waiting_client_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(when_all_wait_none_is_evicted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_removed_connection_makes_room, setup, teardown),
        cmocka_unit_test_setup_teardown(a_closed_one_that_is_removed_is_not_reported, setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_that_closes_is_reported_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_woken_connection_is_readable_again, setup, teardown),
        cmocka_unit_test(descriptors_bound_it), /* the last one: it lowers the limit for good */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
