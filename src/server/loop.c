/*
 * An iteration waits, answers the calls whose changes are on the disk, runs the requests that are ready,
 * commits once for all of them, and requests the next sync. It handles signals last, so that requests which
 * arrived before the signal still run.
 */
#include "server/loop.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/os.h"
#include "core/world.h"
#include "server/pending.h"
#include "store/sync.h"

/* How often a loop that stops looks whether everything is answered. */
enum { STOP_STEP_MS = 5 };

struct loop {
    struct world *world;
    struct http *http;
    struct sync *sync; /* NULL in memory */
    int signals;
    int input;          /* standard input, whose end stops the loop; -1: nothing does, or it has ended */
    int64_t stop_at_ns; /* 0 while running */
    enum loop_end end;
};

static sigset_t stop_signals(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    return set;
}

void loop_block_signals(void)
{
    sigset_t set = stop_signals();
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN); /* a client that disconnected: the write fails instead */
    (void)signal(SIGXFSZ, SIG_IGN); /* a file size limit: likewise */
}

/* Also after an iteration that only read: transaction_commit ends its view of the state. */
static void commit(struct loop *l)
{
    if (world_commit(l->world) != 0)
        pending_commit_failed(http_pending(l->http));
    else if (l->sync && pending_awaits_commit(http_pending(l->http)))
        pending_committed(http_pending(l->http), sync_request(l->sync));
    pending_journal_written(http_pending(l->http));
}

/* Answers the calls that the finished sync covers, and stops the loop when it failed. */
static void reap(struct loop *l)
{
    int error;
    uint64_t safe = sync_reap(l->sync, &error);
    l->world->metrics.syncs += error == 0;
    pending_synced(http_pending(l->http), safe);
    if (error == 0)
        return;
    log_say(LOG_ERROR, "the disk refused to keep the state: %s; stopping", strerror(error));
    pending_sync_failed(http_pending(l->http));
    l->end = LOOP_DISK_FAILED;
    l->stop_at_ns = clock_mono_ns() + LIMIT_STOP_MS * NS_PER_MS;
}

/* A second signal does not extend the time, nor does one after the disk has failed. */
static void begin_stop(struct loop *l)
{
    os_signals_take(l->signals);
    if (l->stop_at_ns)
        return;
    l->stop_at_ns = clock_mono_ns() + LIMIT_STOP_MS * NS_PER_MS;
    http_quiesce(l->http);
}

/* A parent that holds the other end, and writes nothing, stops the program by ending in any way. */
static void read_input(struct loop *l)
{
    char ignored[256];
    ssize_t n = read(l->input, ignored, sizeof ignored);
    if (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)))
        return;
    l->input = -1;
    l->world->stopping = true;
}

/* The time is limited: a client that never reads its response must not keep the program from ending. */
static bool finished(const struct loop *l)
{
    return l->stop_at_ns && (http_in_flight(l->http) == 0 || clock_mono_ns() >= l->stop_at_ns);
}

/* What the loop waits for: the disk, the signals, clients that go, standard input, then every listener. */
enum {
    POLL_SYNC,
    POLL_SIGNALS,
    POLL_CLOSED,
    POLL_INPUT,
    POLL_LISTENERS,
    POLL_MAX = POLL_LISTENERS + LIMIT_POLLED
};

static nfds_t poll_set(const struct loop *l, struct pollfd fds[POLL_MAX])
{
    fds[POLL_SYNC] = (struct pollfd){.fd = l->sync ? sync_fd(l->sync) : -1, .events = POLLIN};
    fds[POLL_CLOSED] = (struct pollfd){.fd = http_closed_fd(l->http), .events = POLLIN};
    fds[POLL_SIGNALS] = (struct pollfd){.fd = l->signals, .events = POLLIN};
    fds[POLL_INPUT] = (struct pollfd){.fd = l->input, .events = POLLIN};
    return (nfds_t)(POLL_LISTENERS + http_poll(l->http, fds + POLL_LISTENERS, LIMIT_POLLED));
}

static void iterate(struct loop *l)
{
    struct pollfd fds[POLL_MAX];
    nfds_t n = poll_set(l, fds);
    log_flush();
    (void)poll(fds, n, l->stop_at_ns ? STOP_STEP_MS : http_wait_ms(l->http));
    if (fds[POLL_SYNC].revents)
        reap(l);
    if (fds[POLL_CLOSED].revents || fds[POLL_CLOSED].fd < 0)
        http_take_closed(l->http);
    http_run(l->http);
    commit(l);
    if (fds[POLL_INPUT].revents)
        read_input(l);
    if (fds[POLL_SIGNALS].revents || l->world->stopping)
        begin_stop(l);
}

/* Waits for the sync of what is committed and answers its callers. No call may run any more: it would never
 * be committed, and its connection would stay suspended. */
static void drain(struct loop *l)
{
    assert(!pending_awaits_commit(http_pending(l->http)));
    http_refuse_calls(l->http);
    if (!l->sync)
        return;
    if (sync_drain(l->sync) == 0)
        pending_synced(http_pending(l->http), UINT64_MAX);
    else
        pending_sync_failed(http_pending(l->http));
    pending_journal_written(http_pending(l->http));
    http_run(l->http);
    sync_free(l->sync);
}

/* The helper thread is made here, after loop_block_signals, which it inherits. */
enum loop_end loop_run(struct world *w, struct http *h)
{
    sigset_t set = stop_signals();
    struct loop l = {.world = w,
                     .http = h,
                     .signals = os_signals_open(&set),
                     .input = w->settings.until_eof ? STDIN_FILENO : -1};
    if (w->settings.db_path)
        l.sync = sync_new(db_wal_path(w->db));
    if (l.signals < 0 || (w->settings.db_path && !l.sync)) {
        log_say(LOG_ERROR, "cannot start: %s", strerror(errno));
        return LOOP_CANNOT_START;
    }
    while (!finished(&l))
        iterate(&l);
    drain(&l);
    os_signals_close(l.signals);
    log_flush();
    return l.end;
}
