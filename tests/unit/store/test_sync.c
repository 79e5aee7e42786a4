/* Proves that a ticket becomes safe only when a sync that began after it has succeeded. */
#include "support/store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "store/sync.h"

/* --- a simulated disk: this fdatasync replaces the system's --- */

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int begun;   /* syncs that have begun */
    int allowed; /* syncs that may end */
    int error;   /* with which they end */
    bool interrupt_once;
    sigset_t blocked; /* in the thread that syncs */
} disk = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* The other suites of this program have the real one. */
static bool simulated;

int fdatasync(int fd)
{
    if (!simulated)
        return (int)syscall(SYS_fdatasync, fd);
    pthread_mutex_lock(&disk.mutex);
    pthread_sigmask(SIG_SETMASK, NULL, &disk.blocked);
    if (disk.interrupt_once) {
        disk.interrupt_once = false;
        pthread_mutex_unlock(&disk.mutex);
        errno = EINTR;
        return -1;
    }
    int mine = ++disk.begun;
    pthread_cond_broadcast(&disk.changed);
    while (disk.allowed < mine)
        pthread_cond_wait(&disk.changed, &disk.mutex);
    errno = disk.error;
    int rc = errno || fcntl(fd, F_GETFD) < 0 ? -1 : 0;
    pthread_mutex_unlock(&disk.mutex);
    return rc;
}

static void wait_begun(int n)
{
    pthread_mutex_lock(&disk.mutex);
    while (disk.begun < n)
        pthread_cond_wait(&disk.changed, &disk.mutex);
    pthread_mutex_unlock(&disk.mutex);
}

static void allow(int n)
{
    pthread_mutex_lock(&disk.mutex);
    disk.allowed = n;
    pthread_cond_broadcast(&disk.changed);
    pthread_mutex_unlock(&disk.mutex);
}

static void set_error(int error)
{
    pthread_mutex_lock(&disk.mutex);
    disk.error = error;
    pthread_mutex_unlock(&disk.mutex);
}

static int begun(void)
{
    pthread_mutex_lock(&disk.mutex);
    int n = disk.begun;
    pthread_mutex_unlock(&disk.mutex);
    return n;
}

/* --- the loop's side --- */

static void new_disk(void)
{
    disk.begun = disk.allowed = disk.error = 0;
    disk.interrupt_once = false;
}

static struct sync *setup(void)
{
    new_disk();
    struct sync *s = sync_new("/dev/null");
    assert_non_null(s);
    return s;
}

static bool readable(struct sync *s, int timeout_ms)
{
    struct pollfd p = {.fd = sync_fd(s), .events = POLLIN};
    return poll(&p, 1, timeout_ms) == 1;
}

static uint64_t reap(struct sync *s)
{
    int error = -1;
    uint64_t safe = sync_reap(s, &error);
    assert_int_equal(error, 0);
    return safe;
}

static void a_ticket_is_safe_when_its_sync_has_ended(void **state)
{
    (void)state;
    struct sync *s = setup();
    assert_int_equal(reap(s), 0);
    assert_int_equal(sync_request(s), 1);
    wait_begun(1);
    assert_false(readable(s, 20));
    assert_int_equal(reap(s), 0);
    allow(1);
    assert_true(readable(s, 5000));
    assert_int_equal(reap(s), 1);
    assert_false(readable(s, 0));
    assert_int_equal(reap(s), 1);
    sync_free(s);
}

static void a_running_sync_does_not_cover_a_new_ticket(void **state)
{
    (void)state;
    struct sync *s = setup();
    assert_int_equal(sync_request(s), 1);
    wait_begun(1);
    assert_int_equal(sync_request(s), 2);
    assert_int_equal(sync_request(s), 3);
    assert_int_equal(begun(), 1);
    allow(1);
    assert_true(readable(s, 5000));
    assert_int_equal(reap(s), 1);
    wait_begun(2); /* reaping has started the next one, for both */
    assert_false(readable(s, 20));
    assert_int_equal(reap(s), 1);
    allow(2);
    assert_true(readable(s, 5000));
    assert_int_equal(reap(s), 3);
    assert_int_equal(begun(), 2);
    sync_free(s);
}

static void after_a_failed_sync_no_ticket_becomes_safe(void **state)
{
    (void)state;
    int error;
    struct sync *s = setup();
    allow(1);
    sync_request(s);
    assert_true(readable(s, 5000));
    assert_int_equal(reap(s), 1);
    set_error(EIO);
    sync_request(s);
    wait_begun(2);
    sync_request(s);
    allow(9);
    assert_true(readable(s, 5000));
    assert_int_equal(sync_reap(s, &error), 1);
    assert_int_equal(error, EIO);
    /* A later sync may succeed, but proves nothing: the kernel drops the pages that it could not write. */
    set_error(0);
    assert_int_equal(sync_request(s), 4);
    assert_true(readable(s, 5000));
    assert_int_equal(sync_reap(s, &error), 1);
    assert_int_equal(error, EIO);
    assert_int_equal(begun(), 2);
    assert_int_equal(sync_drain(s), EIO);
    sync_free(s);
}

static void a_signal_does_not_end_a_sync(void **state)
{
    (void)state;
    struct sync *s = setup();
    disk.interrupt_once = true;
    allow(1);
    sync_request(s);
    assert_int_equal(sync_drain(s), 0);
    assert_int_equal(reap(s), 1);
    for (int sig = 1; sig < 32; sig++) {
        if (sig != SIGKILL && sig != SIGSTOP)
            assert_true(sigismember(&disk.blocked, sig));
    }
    sigset_t mine;
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    assert_false(sigismember(&mine, SIGTERM));
    sync_free(s);
}

static void drain_waits_for_every_ticket(void **state)
{
    (void)state;
    struct sync *s = setup();
    assert_int_equal(sync_drain(s), 0);
    sync_request(s);
    wait_begun(1);
    sync_request(s);
    allow(2);
    assert_int_equal(sync_drain(s), 0);
    assert_int_equal(reap(s), 2);
    assert_int_equal(begun(), 2);
    sync_free(s);
}

static void drain_returns_the_error_of_a_failed_sync(void **state)
{
    (void)state;
    struct sync *s = setup();
    set_error(ENOSPC);
    allow(1);
    sync_request(s);
    assert_int_equal(sync_drain(s), ENOSPC);
    sync_free(s);
}

static void a_missing_log_is_reported(void **state)
{
    (void)state;
    errno = 0;
    assert_null(sync_new("/dev/null/no-such-log"));
    assert_int_equal(errno, ENOTDIR);
    sync_free(NULL);
}

/* The descriptor on the log is closed while SQLite holds a write lock; a second connection must still find it
 * taken. */
static void closing_the_log_drops_no_lock_of_sqlite(void **state)
{
    struct store *st = *state;
    new_disk();
    allow(1 << 20);
    store_open(st);
    assert_int_equal(savepoint_begin(st->db), 0);
    assert_int_equal(store_insert_parent(st->db, 1), 0);
    sync_free(sync_new(db_wal_path(st->db)));
    pid_t child = fork(); /* POSIX locks are a process's own */
    if (child == 0) {
        sqlite3 *lite = raw_open(st->path);
        _exit(sqlite3_exec(lite, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_BUSY ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(savepoint_release(st->db), 0);
    assert_int_equal(transaction_commit(st->db), 0);
}

SUITE(sync)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_is_safe_when_its_sync_has_ended),
        cmocka_unit_test(a_running_sync_does_not_cover_a_new_ticket),
        cmocka_unit_test(after_a_failed_sync_no_ticket_becomes_safe),
        cmocka_unit_test(a_signal_does_not_end_a_sync),
        cmocka_unit_test(drain_waits_for_every_ticket),
        cmocka_unit_test(drain_returns_the_error_of_a_failed_sync),
        cmocka_unit_test(a_missing_log_is_reported),
        cmocka_unit_test_setup_teardown(closing_the_log_drops_no_lock_of_sqlite, store_setup, store_teardown),
    };
    simulated = true;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    simulated = false;
    return failed;
}
