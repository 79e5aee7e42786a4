/* The form for Linux: one descriptor for each thing to wait for, and no call of the system without news. */
#include "base/os.h"

#include <assert.h>
#include <limits.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"

const size_t os_descriptors_most = INT_MAX;
const bool os_has_epoll = true;

int os_random(void *out, size_t n)
{
    assert(n <= 256); /* what one call returns at once (getrandom(2)) */
    return getrandom(out, n, 0) == (ssize_t)n ? 0 : -1;
}

int os_sync_file(int fd)
{
    return fdatasync(fd);
}

/* By itself glibc raises the size from which on a block has pages of its own to that of a freed one, up to 32
 * MiB (mallopt(3)). Then documents are among small blocks that live longer, which keep their memory in the
 * process. musl needs no setting. */
void os_heap_setup(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_MMAP_THRESHOLD, LIMIT_HEAP_BLOCK);
#endif
}

void os_heap_trim(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

/* --- wake-ups --- */

int os_wakeup_open(struct os_wakeup *w, bool blocking)
{
    int fd = eventfd(0, EFD_CLOEXEC | (blocking ? 0 : EFD_NONBLOCK));
    *w = (struct os_wakeup){fd, fd};
    return fd < 0 ? -1 : 0;
}

void os_wakeup_close(struct os_wakeup *w)
{
    if (w->read_fd >= 0)
        (void)close(w->read_fd);
    *w = OS_WAKEUP_NONE;
}

void os_wakeup_signal(const struct os_wakeup *w)
{
    (void)eventfd_write(w->write_fd, 1);
}

int os_wakeup_take(const struct os_wakeup *w)
{
    uint64_t n;
    return eventfd_read(w->read_fd, &n);
}

int os_signals_open(const sigset_t *set)
{
    return signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void os_signals_take(int fd)
{
    struct signalfd_siginfo info;
    (void)!read(fd, &info, sizeof info);
}

void os_signals_close(int fd)
{
    (void)close(fd);
}

/* --- processes --- */

/* From /proc/PID/stat, "4711 (virga) S ..." (proc(5)); a name may contain parentheses. */
int os_process_read(int64_t pid, struct os_process *ret_process)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(ret_process->text, 1, sizeof ret_process->text, f) : 0;
    if (f)
        (void)fclose(f);
    const char *from = memchr(ret_process->text, '(', n);
    const char *to = memrchr(ret_process->text, ')', n);
    if (!from || !to || (size_t)(to + 2 - ret_process->text) >= n)
        return -1;
    ret_process->name = (struct str){from + 1, (size_t)(to - from - 1)};
    ret_process->ended = to[2] == 'Z';
    return 0;
}

int os_end_with_parent(pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    return getppid() == parent ? 0 : -1;
}

/* --- sockets --- */

int os_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

void os_defer_accept(int fd)
{
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &on, sizeof on);
}

void os_await_first_byte(int fd)
{
    (void)fd;
}

/* --- clients that go --- */

struct os_peers {
    int epoll;
};

struct os_peers *os_peers_new(void)
{
    struct os_peers *p = memory_new(sizeof *p);
    p->epoll = epoll_create1(EPOLL_CLOEXEC);
    return p;
}

void os_peers_free(struct os_peers *p)
{
    if (p->epoll >= 0)
        (void)close(p->epoll);
    free(p);
}

int os_peers_fd(const struct os_peers *p)
{
    return p->epoll;
}

int os_peers_interval_ms(const struct os_peers *p)
{
    (void)p;
    return -1;
}

/* One event for each socket, and no call of the system when data arrives. Without the event a connection only
 * stays open for longer. */
void os_peers_add(struct os_peers *p, int fd, void *owner)
{
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLONESHOT, .data.ptr = owner};
    (void)epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &event);
}

/* The descriptor leaves the epoll set when it is closed. */
void os_peers_remove(struct os_peers *p, int fd)
{
    (void)p;
    (void)fd;
}

size_t os_peers_take(struct os_peers *p, void **ret_owners, size_t room)
{
    struct epoll_event events[64];
    const size_t most = room < 64 ? room : 64;
    int n = epoll_wait(p->epoll, events, (int)most, 0);
    for (int i = 0; i < n; i++)
        ret_owners[i] = events[i].data.ptr;
    return n < 0 ? 0 : (size_t)n;
}
