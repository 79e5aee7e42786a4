/* Proves that both forms of os.h keep its promises: the program test_os_posix runs the same with the other
 * form. */
#include "support/texts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"

enum { SOON_MS = 10000 };

static bool is_readable(int fd, int timeout_ms)
{
    struct pollfd input = {.fd = fd, .events = POLLIN};
    return poll(&input, 1, timeout_ms) == 1;
}

static void random_bytes_differ(void **state)
{
    uint8_t a[256] = {0}, b[256] = {0};
    (void)state;
    assert_int_equal(os_random(a, sizeof a), 0);
    assert_int_equal(os_random(b, sizeof b), 0);
    assert_memory_not_equal(a, b, sizeof a);
}

/* --- wake-ups --- */

static void signals_that_were_not_taken_are_one(void **state)
{
    struct os_wakeup w;
    (void)state;
    assert_int_equal(os_wakeup_open(&w, false), 0);
    assert_int_equal(os_wakeup_take(&w), -1);
    for (int i = 0; i < 3; i++)
        os_wakeup_signal(&w);
    assert_true(is_readable(w.read_fd, 0));
    assert_int_equal(os_wakeup_take(&w), 0);
    assert_false(is_readable(w.read_fd, 0));
    assert_int_equal(os_wakeup_take(&w), -1);
    os_wakeup_close(&w);
    assert_int_equal(w.read_fd, -1);
}

/* More than a pipe or a socket holds. */
static void a_signal_never_waits(void **state)
{
    struct os_wakeup w;
    (void)state;
    assert_int_equal(os_wakeup_open(&w, true), 0);
    for (int i = 0; i < 70000; i++)
        os_wakeup_signal(&w);
    assert_int_equal(os_wakeup_take(&w), 0);
    os_wakeup_close(&w);
}

static void *take_one(void *w)
{
    return os_wakeup_take(w) == 0 ? w : NULL;
}

static void a_blocking_take_waits_for_the_signal(void **state)
{
    struct os_wakeup w;
    pthread_t thread;
    void *taken;
    (void)state;
    assert_int_equal(os_wakeup_open(&w, true), 0);
    assert_int_equal(pthread_create(&thread, NULL, take_one, &w), 0);
    os_wakeup_signal(&w);
    assert_int_equal(pthread_join(thread, &taken), 0);
    assert_ptr_equal(taken, &w);
    os_wakeup_close(&w);
}

static void children_do_not_inherit_it(void **state)
{
    struct os_wakeup w;
    (void)state;
    assert_int_equal(os_wakeup_open(&w, false), 0);
    assert_true(fcntl(w.read_fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(w.write_fd, F_GETFD) & FD_CLOEXEC);
    os_wakeup_close(&w);
}

static void a_signal_of_the_system_makes_its_descriptor_readable(void **state)
{
    sigset_t set, before;
    (void)state;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    assert_int_equal(sigprocmask(SIG_BLOCK, &set, &before), 0);
    int fd = os_signals_open(&set);
    assert_true(fd >= 0);
    assert_false(is_readable(fd, 0));
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    assert_true(is_readable(fd, SOON_MS));
    os_signals_take(fd);
    assert_false(is_readable(fd, 0));
    os_signals_close(fd);
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

/* --- processes --- */

/* A system that tells nothing of processes is one without epoll. */
static void the_own_process_has_a_name(void **state)
{
    struct os_process own;
    (void)state;
    int rc = os_process_read(getpid(), &own);
    assert_int_equal(rc, os_has_epoll ? 0 : -1);
    if (rc != 0)
        return;
    assert_true(str_starts(own.name, STR("test_")));
    assert_false(own.ended);
}

/* In a process of its own, whose child holds the pipe open for as long as it lives. */
static _Noreturn void leave_a_child(int pipe_end)
{
    pid_t parent = getpid();
    if (fork() == 0) {
        if (os_end_with_parent(parent) == 0)
            (void)!write(pipe_end, "x", 1);
        for (;;)
            (void)pause();
    }
    (void)alarm(SOON_MS / 1000);
    while (getpid() == parent)
        (void)pause(); /* until it is killed */
    _exit(1);
}

static void a_child_ends_with_its_parent(void **state)
{
    int fds[2];
    char byte;
    (void)state;
    assert_int_equal(pipe(fds), 0);
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0)
        leave_a_child(fds[1]);
    (void)close(fds[1]);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    assert_false(is_readable(fds[0], 0));
    assert_int_equal(kill(parent, SIGKILL), 0);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    assert_true(is_readable(fds[0], SOON_MS));
    assert_int_equal(read(fds[0], &byte, 1), 0);
    (void)close(fds[0]);
}

static void a_parent_that_has_ended_is_noticed(void **state)
{
    int status = 0;
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(os_end_with_parent(getpid()) == -1 ? 42 : 1); /* its parent has another number */
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 42);
}

/* --- sockets --- */

static void a_socket_never_waits_and_is_not_inherited(void **state)
{
    (void)state;
    int fd = os_socket(AF_INET);
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    (void)close(fd);
    assert_int_equal(os_socket(-1), -1);
}

/* --- clients that go --- */

enum { MANY = 100 }; /* more than the first table has room for */

static struct os_peers *peers;
static int ours[MANY], theirs[MANY];

static int open_pairs(void **state)
{
    (void)state;
    peers = os_peers_new();
    for (int i = 0; i < MANY; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
            return -1;
        ours[i] = pair[0];
        theirs[i] = pair[1];
        os_peers_add(peers, ours[i], &ours[i]);
    }
    return 0;
}

static int close_pairs(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++) {
        os_peers_remove(peers, ours[i]);
        (void)close(ours[i]);
        (void)close(theirs[i]);
    }
    os_peers_free(peers);
    return 0;
}

static void only_ends_are_reported_and_only_once(void **state)
{
    void *owners[MANY];
    (void)state;
    assert_int_equal(os_peers_take(peers, owners, MANY), 0);
    assert_int_equal(send(theirs[3], "x", 1, 0), 1);
    assert_int_equal(os_peers_take(peers, owners, MANY), 0);
    assert_int_equal(shutdown(theirs[70], SHUT_WR), 0);
    assert_int_equal(os_peers_take(peers, owners, MANY), 1);
    assert_ptr_equal(owners[0], &ours[70]);
    assert_int_equal(os_peers_take(peers, owners, MANY), 0);
}

static void the_room_limits_how_many_are_returned(void **state)
{
    void *owners[MANY];
    (void)state;
    for (int i = 0; i < MANY; i++)
        assert_int_equal(shutdown(theirs[i], SHUT_WR), 0);
    assert_int_equal(os_peers_take(peers, owners, 40), 40);
    assert_int_equal(os_peers_take(peers, owners, 40), 40);
    assert_int_equal(os_peers_take(peers, owners, 40), 20);
    assert_int_equal(os_peers_take(peers, owners, 40), 0);
}

static void an_end_behind_data_is_reported_when_that_was_read(void **state)
{
    void *owners[MANY];
    char byte;
    (void)state;
    assert_int_equal(send(theirs[5], "x", 1, 0), 1);
    assert_int_equal(shutdown(theirs[5], SHUT_WR), 0);
    size_t n = os_peers_take(peers, owners, MANY); /* the form of Linux reports it at once */
    assert_int_equal(recv(ours[5], &byte, 1, 0), 1);
    n += os_peers_take(peers, owners, MANY);
    assert_int_equal(n, 1);
    assert_ptr_equal(owners[0], &ours[5]);
}

/* Its number is soon that of another socket. */
static void a_closed_socket_is_forgotten(void **state)
{
    void *owners[MANY];
    (void)state;
    assert_int_equal(shutdown(theirs[9], SHUT_WR), 0);
    assert_int_equal(os_peers_take(peers, owners, MANY), 1);
    os_peers_remove(peers, ours[9]);
    (void)close(ours[9]);
    ours[9] = dup(ours[8]);
    os_peers_add(peers, ours[9], &ours[9]);
    assert_int_equal(os_peers_take(peers, owners, MANY), 0);
}

/* Without a descriptor to wait for, there is a time to look. */
static void there_is_something_to_wait_for(void **state)
{
    void *owners[MANY];
    (void)state;
    assert_true((os_peers_fd(peers) >= 0) != (os_peers_interval_ms(peers) > 0));
    (void)close(theirs[1]);
    theirs[1] = dup(theirs[0]);
    if (os_peers_fd(peers) >= 0)
        assert_true(is_readable(os_peers_fd(peers), SOON_MS));
    assert_int_equal(os_peers_take(peers, owners, MANY), 1);
}

SUITE(os)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_bytes_differ),
        cmocka_unit_test(signals_that_were_not_taken_are_one),
        cmocka_unit_test(a_signal_never_waits),
        cmocka_unit_test(a_blocking_take_waits_for_the_signal),
        cmocka_unit_test(children_do_not_inherit_it),
        cmocka_unit_test(a_signal_of_the_system_makes_its_descriptor_readable),
        cmocka_unit_test(the_own_process_has_a_name),
        cmocka_unit_test(a_child_ends_with_its_parent),
        cmocka_unit_test(a_parent_that_has_ended_is_noticed),
        cmocka_unit_test(a_socket_never_waits_and_is_not_inherited),
        cmocka_unit_test_setup_teardown(only_ends_are_reported_and_only_once, open_pairs, close_pairs),
        cmocka_unit_test_setup_teardown(the_room_limits_how_many_are_returned, open_pairs, close_pairs),
        cmocka_unit_test_setup_teardown(an_end_behind_data_is_reported_when_that_was_read, open_pairs,
                                        close_pairs),
        cmocka_unit_test_setup_teardown(a_closed_socket_is_forgotten, open_pairs, close_pairs),
        cmocka_unit_test_setup_teardown(there_is_something_to_wait_for, open_pairs, close_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
