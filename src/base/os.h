/*
 * What Linux does otherwise than the rest of POSIX, in two forms: os_linux.c, and os_posix.c for macOS and
 * others. The option `posix` of the build takes the second one on Linux too, so that the tests can run with
 * it.
 */
#ifndef VIRGA_BASE_OS_H
#define VIRGA_BASE_OS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

extern char **environ; /* POSIX declares it nowhere */

/* Fills `out` with up to 256 bytes of the system's random numbers. -1 with errno. */
int os_random(void *out, size_t n);

/* Writes what the file has to the disk, its size included. -1 with errno, also EINTR. */
int os_sync_file(int fd);

/* Lets the heap return each block of LIMIT_HEAP_BLOCK or more to the system as soon as it is freed. To be
 * called before there are other threads. */
void os_heap_setup(void);
/* Returns the free memory of the heap to the system. It takes longer, the more free blocks there are. */
void os_heap_trim(void);

/* --- wake-ups --- */

/* Wakes a thread that waits for `read_fd`. On Linux both descriptors are the same. */
struct os_wakeup {
    int read_fd, write_fd;
};

#define OS_WAKEUP_NONE ((struct os_wakeup){-1, -1})

/* `blocking`: os_wakeup_take waits for a signal. -1 with errno. */
int os_wakeup_open(struct os_wakeup *w, bool blocking);
void os_wakeup_close(struct os_wakeup *w);
/* Never waits. Signals that were not taken yet are one. */
void os_wakeup_signal(const struct os_wakeup *w);
/* Takes all signals so far. -1 when there was none, or the wait failed. */
int os_wakeup_take(const struct os_wakeup *w);

/* Returns a descriptor that is readable when one of these signals, which must be blocked, has arrived; or -1
 * with errno. Only one such descriptor may be open. */
int os_signals_open(const sigset_t *set);
/* Takes one signal. */
void os_signals_take(int fd);
void os_signals_close(int fd);

/* --- processes --- */

struct os_process {
    char text[128];
    struct str name; /* within the text, as the system cuts it */
    bool ended;      /* its parent has not fetched its status yet */
};

/* -1 when there is no such process, or the system does not tell. */
int os_process_read(int64_t pid, struct os_process *ret_process);

/* Lets this process get SIGTERM when its parent ends. To be called once, by the child. -1 when the parent has
 * ended already. */
int os_end_with_parent(pid_t parent);

/* --- sockets --- */

/* The descriptors that an event loop can wait for are below this number. */
extern const size_t os_descriptors_most;
/* Whether libmicrohttpd can wait for all its connections with one descriptor of epoll. */
extern const bool os_has_epoll;

/* A stream socket that no child inherits and that never waits. -1 with errno. */
int os_socket(int family);
/* Lets the listening socket report a connection only with its first byte, where the system can. */
void os_defer_accept(int fd);
/* Waits a moment for the first byte of a connection, where os_defer_accept did not. */
void os_await_first_byte(int fd);

/* --- clients that go --- */

/* Finds sockets whose other side sends nothing more, without reading from them. */
struct os_peers;

struct os_peers *os_peers_new(void);
void os_peers_free(struct os_peers *p);
/* Readable when os_peers_take has news; or -1: it must be called every os_peers_interval_ms. */
int os_peers_fd(const struct os_peers *p);
/* -1: no need to call it without the descriptor being readable. */
int os_peers_interval_ms(const struct os_peers *p);
/* `owner` is returned once, when the other side has ended. */
void os_peers_add(struct os_peers *p, int fd, void *owner);
/* Before or after the socket was closed. */
void os_peers_remove(struct os_peers *p, int fd);
/* Writes owners; returns how many. When they fill the room there may be more. */
size_t os_peers_take(struct os_peers *p, void **ret_owners, size_t room);

#endif
