/* Syncs of the write-ahead log in a helper thread. */
#include "store/sync.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/os.h"

struct sync {
    /* Shared with the thread: set before it starts, or atomic. */
    int wal;
    struct os_wakeup go;   /* a sync is wanted */
    struct os_wakeup done; /* a sync has ended */
    atomic_int result;     /* errno of the last sync, published by `done` */
    atomic_bool stop;

    /* Used by the loop only. */
    pthread_t thread;
    bool running;
    int error;          /* never cleared: after a failed sync the kernel may mark the lost pages as clean */
    uint64_t requested; /* the last ticket of each state; safe <= started <= requested */
    uint64_t started;
    uint64_t safe;
};

/* --- the thread --- */

static int sync_file(int fd)
{
    while (os_sync_file(fd) < 0) {
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

/* One wake-up takes all requests since the last one. The loop reads `result` after `done`, which
 * orders the two. */
static void *sync_main(void *arg)
{
    struct sync *s = arg;
    while (os_wakeup_take(&s->go) == 0 && !atomic_load(&s->stop)) {
        atomic_store(&s->result, sync_file(s->wal));
        os_wakeup_signal(&s->done);
    }
    return NULL;
}

/* All signals are blocked in the thread, so that the loop receives them. */
static int start_thread(struct sync *s)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&s->thread, NULL, sync_main, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

/* --- start and end --- */

static void close_all(struct sync *s)
{
    if (s->wal >= 0)
        (void)close(s->wal);
    os_wakeup_close(&s->go);
    os_wakeup_close(&s->done);
}

/* SQLite has its POSIX locks on the database and on its -shm file, none on the log. So closing this
 * descriptor, which drops the process's locks on the same file, drops none. */
static int open_all(struct sync *s, const char *wal_path)
{
    s->wal = open(wal_path, O_RDONLY | O_CLOEXEC);
    if (s->wal < 0 || os_wakeup_open(&s->go, true) != 0 || os_wakeup_open(&s->done, false) != 0)
        return errno;
    return start_thread(s);
}

struct sync *sync_new(const char *wal_path)
{
    struct sync *s = memory_new(sizeof(*s));
    s->go = s->done = OS_WAKEUP_NONE;
    int rc = open_all(s, wal_path);
    if (rc == 0)
        return s;
    close_all(s);
    free(s);
    errno = rc;
    return NULL;
}

void sync_free(struct sync *s)
{
    if (!s)
        return;
    atomic_store(&s->stop, true);
    os_wakeup_signal(&s->go);
    (void)pthread_join(s->thread, NULL);
    close_all(s);
    free(s);
}

/* --- used by the loop --- */

int sync_fd(const struct sync *s)
{
    return s->done.read_fd;
}

/* One sync covers all requests before its start, so there is no queue. */
static void start_next(struct sync *s)
{
    if (s->running || s->error || s->started == s->requested)
        return;
    assert(s->safe <= s->started && s->started <= s->requested);
    s->started = s->requested;
    s->running = true;
    os_wakeup_signal(&s->go);
}

uint64_t sync_request(struct sync *s)
{
    s->requested++;
    start_next(s);
    /* No sync will cover this ticket: wake the loop, which gets the error from sync_reap. */
    if (s->error)
        os_wakeup_signal(&s->done);
    return s->requested;
}

uint64_t sync_reap(struct sync *s, int *ret_error)
{
    if (os_wakeup_take(&s->done) == 0 && s->running) {
        s->running = false;
        s->error = atomic_load(&s->result);
        if (!s->error)
            s->safe = s->started;
        start_next(s);
    }
    *ret_error = s->error;
    return s->safe;
}

int sync_drain(struct sync *s)
{
    int error = s->error;
    while (!error && s->safe < s->requested) {
        struct pollfd ready = {.fd = s->done.read_fd, .events = POLLIN};
        (void)poll(&ready, 1, -1);
        (void)sync_reap(s, &error);
    }
    return error;
}
