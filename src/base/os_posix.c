/* The form for systems without Linux's own calls, such as macOS: pairs of sockets, a signal handler, and
 * poll. */
#include "base/os.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"

enum {
    PEERS_INTERVAL_MS = 100,
    PARENT_INTERVAL_MS = 100,
    FIRST_BYTE_MS = 5 /* a client on the same machine sends at once */
};

/* libmicrohttpd can only select here. */
const size_t os_descriptors_most = FD_SETSIZE;
_Static_assert(FD_SETSIZE <= LIMIT_POLLED, "the loop polls what libmicrohttpd selects");
const bool os_has_epoll = false;

int os_random(void *out, size_t n)
{
    return getentropy(out, n);
}

/* What macOS calls a sync leaves the data in the disk's own memory, which a power cut empties. */
int os_sync_file(int fd)
{
#ifdef F_FULLFSYNC
    return fcntl(fd, F_FULLFSYNC) == 0 ? 0 : fsync(fd); /* some file systems do not have the first */
#else
    return fdatasync(fd);
#endif
}

/* The heap of macOS does so by itself. */
void os_heap_setup(void)
{
}

void os_heap_trim(void)
{
}

/* --- wake-ups --- */

static void set_flags(int fd, bool blocking)
{
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (!blocking)
        (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int os_wakeup_open(struct os_wakeup *w, bool blocking)
{
    int fds[2];
    *w = OS_WAKEUP_NONE;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return -1;
    set_flags(fds[0], blocking);
    set_flags(fds[1], false);
    *w = (struct os_wakeup){fds[0], fds[1]};
    return 0;
}

void os_wakeup_close(struct os_wakeup *w)
{
    if (w->read_fd >= 0) {
        (void)close(w->read_fd);
        (void)close(w->write_fd);
    }
    *w = OS_WAKEUP_NONE;
}

/* A socket that is full has signals enough. */
void os_wakeup_signal(const struct os_wakeup *w)
{
    (void)send(w->write_fd, "", 1, 0);
}

/* More signals than these are taken by the next call. */
int os_wakeup_take(const struct os_wakeup *w)
{
    char bytes[256];
    ssize_t n;
    do
        n = recv(w->read_fd, bytes, sizeof bytes, 0);
    while (n < 0 && errno == EINTR);
    return n > 0 ? 0 : -1;
}

/* For the handler, which has no argument of its own. */
static struct os_wakeup signals = {-1, -1};

static void on_signal(int number)
{
    int before = errno;
    (void)number;
    os_wakeup_signal(&signals);
    errno = before;
}

int os_signals_open(const sigset_t *set)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    assert(signals.read_fd < 0);
    if (os_wakeup_open(&signals, false) != 0)
        return -1;
    (void)sigemptyset(&action.sa_mask);
    for (int number = 1; number < NSIG; number++)
        if (sigismember(set, number) == 1)
            (void)sigaction(number, &action, NULL);
    (void)pthread_sigmask(SIG_UNBLOCK, set, NULL);
    return signals.read_fd;
}

void os_signals_take(int fd)
{
    assert(fd == signals.read_fd);
    (void)fd;
    (void)os_wakeup_take(&signals);
}

/* From here on a signal is lost: the program is ending. */
void os_signals_close(int fd)
{
    assert(fd == signals.read_fd);
    (void)fd;
    os_wakeup_close(&signals);
}

/* --- processes --- */

int os_process_read(int64_t pid, struct os_process *ret_process)
{
    (void)pid;
    (void)ret_process;
    return -1;
}

static void *await_parent(void *parent)
{
    while (getppid() == (pid_t)(intptr_t)parent)
        (void)poll(NULL, 0, PARENT_INTERVAL_MS);
    (void)kill(getpid(), SIGTERM);
    return NULL;
}

/* All signals are blocked in the thread, so that the others get them. */
int os_end_with_parent(pid_t parent)
{
    pthread_t thread;
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, await_parent, (void *)(intptr_t)parent) == 0)
        (void)pthread_detach(thread);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return getppid() == parent ? 0 : -1;
}

/* --- sockets --- */

int os_socket(int family)
{
    int fd = socket(family, SOCK_STREAM, 0);
    if (fd >= 0)
        set_flags(fd, false);
    return fd;
}

void os_defer_accept(int fd)
{
    (void)fd;
}

void os_await_first_byte(int fd)
{
    struct pollfd input = {.fd = fd, .events = POLLIN};
    (void)poll(&input, 1, FIRST_BYTE_MS);
}

/* --- clients that go --- */

/* Two tables with the same order. The descriptor of an end that was returned is negative, which poll passes
 * over. */
struct os_peers {
    struct pollfd *fds;
    void **owners;
    size_t n, room;
};

struct os_peers *os_peers_new(void)
{
    return memory_new(sizeof(struct os_peers));
}

void os_peers_free(struct os_peers *p)
{
    free(p->fds);
    free(p->owners);
    free(p);
}

int os_peers_fd(const struct os_peers *p)
{
    (void)p;
    return -1;
}

int os_peers_interval_ms(const struct os_peers *p)
{
    return p->n > 0 ? PEERS_INTERVAL_MS : -1;
}

/* Returns a copy with room for more; the old table is freed. */
static void *grown(void *table, size_t n, size_t room, size_t size)
{
    void *larger = memory_new(room * size);
    if (n > 0)
        memcpy(larger, table, n * size);
    free(table);
    return larger;
}

static int ended(int fd)
{
    return -1 - fd;
}

void os_peers_add(struct os_peers *p, int fd, void *owner)
{
    if (p->n == p->room) {
        p->room = p->room ? 2 * p->room : 64;
        p->fds = grown(p->fds, p->n, p->room, sizeof *p->fds);
        p->owners = grown(p->owners, p->n, p->room, sizeof *p->owners);
    }
    p->fds[p->n] = (struct pollfd){.fd = fd, .events = POLLIN};
    p->owners[p->n++] = owner;
}

void os_peers_remove(struct os_peers *p, int fd)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->fds[i].fd == fd || p->fds[i].fd == ended(fd)) {
            p->fds[i] = p->fds[--p->n];
            p->owners[i] = p->owners[p->n];
            return;
        }
}

/* An end behind data that was not read yet is found later, when it was read. */
static bool has_ended(const struct pollfd *polled)
{
    char byte;
    if (polled->revents & (POLLHUP | POLLERR))
        return true;
    return polled->revents && recv(polled->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

size_t os_peers_take(struct os_peers *p, void **ret_owners, size_t room)
{
    size_t n = 0;
    if (p->n == 0 || poll(p->fds, (nfds_t)p->n, 0) <= 0)
        return 0;
    for (size_t i = 0; i < p->n && n < room; i++)
        if (has_ended(&p->fds[i])) {
            p->fds[i].fd = ended(p->fds[i].fd);
            ret_owners[n++] = p->owners[i];
        }
    return n;
}
