/*
 * The daemons make no thread and no socket: each exposes what it waits for, which is one epoll descriptor
 * where the system has epoll, and works when MHD_run is called.
 */
#include "server/listener.h"

#include <arpa/inet.h>
#include <assert.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/os.h"
#include "server/tls.h"

enum {
    TLS_HANDSHAKE = 22, /* the first byte of a TLS connection (RFC 8446 section 5.1) */
    /* When libmicrohttpd has no room for another connection it stops listening. It listens again at the start
     * of the run after the one that made room: that run must come, even when nothing else happens. */
    LISTEN_AGAIN_MS = 10
};
#define WARN_AGAIN_NS (10 * NS_PER_SECOND)

/* --- clients with the wrong protocol --- */

/* Such a client retries in a loop: one line in ten seconds is enough. */
static void warn(struct listener *l, const char *what)
{
    int64_t now = clock_mono_ns();
    if (l->warned_ns && now - l->warned_ns < WARN_AGAIN_NS)
        return;
    l->warned_ns = now;
    log_say(LOG_WARN, "%s", what);
}

/* The first byte that the client sent, which stays there for the library; -1: none yet. */
static int first_byte(int fd)
{
    unsigned char first;
    return recv(fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1 ? first : -1;
}

/* To an HTTP parser the first bytes of TLS look like the start of a line: client and server would wait for
 * each other. The first byte is there already, since socket.c defers the accept until it is. */
static void reject_tls(struct listener *l, int fd)
{
    if (first_byte(fd) != TLS_HANDSHAKE)
        return;
    warn(l, "a client speaks TLS to the plain port; use http:// there, or --tls-port");
    (void)shutdown(fd, SHUT_RDWR);
}

/* The library closes such a connection without a message. Methods are in capital letters. */
static void warn_of_plain(struct listener *l, int fd)
{
    int first = first_byte(fd);
    if (first >= 'A' && first <= 'Z')
        warn(l, "a client speaks plain HTTP to the TLS port; use https:// there");
}

/* --- connections --- */

static int socket_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

struct connection *listener_connection(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

struct str listener_peer(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    const void *at = address; /* the type depends on the family, with which every one begins */
    if (address && address->sa_family == AF_INET)
        return (struct str){(const char *)&((const struct sockaddr_in *)at)->sin_addr, 4};
    if (address && address->sa_family == AF_INET6)
        return (struct str){(const char *)&((const struct sockaddr_in6 *)at)->sin6_addr, 16};
    return (struct str){NULL, 0};
}

static void check_protocol(struct listener *l, int fd)
{
    os_await_first_byte(fd);
    if (l->tls)
        warn_of_plain(l, fd);
    else if (l->plain_port)
        reject_tls(l, fd);
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct listener *l = cls;
    struct connections *connections = &l->listeners->connections;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = connection_add(connections, socket_of(connection));
        check_protocol(l, socket_of(connection));
        return;
    }
    struct connection *c = *context;
    if (c->exchange)
        l->listeners->handlers->on_lost(l, c->exchange);
    connection_remove(connections, c);
    l->made_room = true;
}

/* --- opening --- */

static struct MHD_Daemon *start(struct listener *l, int listen_fd, const struct pem_pair *certificate)
{
    unsigned flags =
        (os_has_epoll ? MHD_USE_EPOLL : 0) | MHD_ALLOW_SUSPEND_RESUME | (certificate ? MHD_USE_TLS : 0);
    const struct listener_handlers *handlers = l->listeners->handlers;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, certificate ? (void *)(uintptr_t)certificate->certificate.p : NULL},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, certificate ? (void *)(uintptr_t)certificate->key.p : NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(flags, 0, NULL, NULL, handlers->on_request, l,               /* */
                            MHD_OPTION_LISTEN_SOCKET, listen_fd,                         /* */
                            MHD_OPTION_URI_LOG_CALLBACK, handlers->on_target, l,         /* */
                            MHD_OPTION_UNESCAPE_CALLBACK, handlers->on_unescape, l,      /* */
                            MHD_OPTION_NOTIFY_COMPLETED, handlers->on_completed, l,      /* */
                            MHD_OPTION_NOTIFY_CONNECTION, on_connection, l,              /* */
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_HEADERS,   /* */
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_CONNECTIONS,    /* */
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LIMIT_IDLE_SECONDS, /* */
                            MHD_OPTION_ARRAY, certificate ? tls : tls + 2,               /* */
                            MHD_OPTION_END);
}

static int open_listener(struct listeners *all, int listen_fd, const struct pem_pair *certificate,
                         struct str *ret_problem)
{
    struct listener *l = &all->at[all->n];
    assert(all->n < HTTP_LISTENERS_MAX);
    l->listeners = all;
    l->tls = certificate != NULL;
    l->daemon = start(l, listen_fd, certificate);
    if (!l->daemon) {
        *ret_problem = STR("libmicrohttpd cannot serve");
        return -1;
    }
    all->n++;
    return 0;
}

/* Each of two addresses gets its own daemon; both have the same port. */
static int open_tcp(struct listeners *all, const struct listen_address *address,
                    const struct pem_pair *certificate, struct str *ret_problem)
{
    struct listen_sockets sockets;
    if (listen_tcp(all->arena, address, &sockets, ret_problem) != 0)
        return -1;
    for (size_t i = 0; i < sockets.n; i++) {
        all->at[all->n].plain_port = !certificate;
        if (open_listener(all, sockets.fd[i], certificate, ret_problem) != 0)
            return -1;
    }
    *(certificate ? &all->tls_port : &all->port) = sockets.port;
    all->loopback = sockets.loopback;
    return 0;
}

static int open_unix(struct listeners *all, const char *path, struct str *ret_problem)
{
    if (listen_unix(all->arena, path, &all->unix_socket, ret_problem) != 0)
        return -1;
    return open_listener(all, all->unix_socket.fd, NULL, ret_problem);
}

/* The Unix socket is the last: when another listener cannot be opened, no path is left in the file system. */
int listeners_open(struct listeners *all, const struct http_options *o, struct str *ret_problem)
{
    connection_table_init(&all->connections);
    if (open_tcp(all, &(struct listen_address){o->host, o->port, "--port"}, NULL, ret_problem) != 0)
        return -1;
    if (o->certificate && open_tcp(all, &(struct listen_address){o->host, o->tls_port, "--tls-port"},
                                   o->certificate, ret_problem) != 0)
        return -1;
    return o->unix_path ? open_unix(all, o->unix_path, ret_problem) : 0;
}

void listeners_close(struct listeners *all)
{
    for (size_t i = 0; i < all->n; i++)
        MHD_stop_daemon(all->at[i].daemon);
    if (all->unix_socket.path)
        listen_unix_done(&all->unix_socket);
    connection_table_done(&all->connections);
}

/* --- running --- */

/* Without epoll: the sockets of a daemon one by one. Returns how many. */
static size_t poll_each(struct MHD_Daemon *daemon, struct pollfd *ret_fds, size_t room)
{
    fd_set in, out, exceptional;
    MHD_socket last = -1;
    size_t n = 0;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&exceptional);
    (void)MHD_get_fdset2(daemon, &in, &out, &exceptional, &last, FD_SETSIZE);
    for (int fd = 0; fd <= last && n < room; fd++) {
        short events = (short)((FD_ISSET(fd, &in) ? POLLIN : 0) | (FD_ISSET(fd, &out) ? POLLOUT : 0));
        if (events)
            ret_fds[n++] = (struct pollfd){.fd = fd, .events = events};
    }
    return n;
}

static size_t poll_one(struct MHD_Daemon *daemon, struct pollfd *ret_fds, size_t room)
{
    if (!os_has_epoll)
        return poll_each(daemon, ret_fds, room);
    assert(room > 0);
    int fd = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    ret_fds[0] = (struct pollfd){.fd = fd, .events = POLLIN};
    return 1;
}

size_t listeners_poll(const struct listeners *all, struct pollfd *ret_fds, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++)
        n += poll_one(all->at[i].daemon, ret_fds + n, room - n);
    return n;
}

static int listener_wait_ms(const struct listener *l)
{
    MHD_UNSIGNED_LONG_LONG ms;
    const MHD_UNSIGNED_LONG_LONG most = l->made_room ? LISTEN_AGAIN_MS : LIMIT_POLL_MS;
    if (MHD_get_timeout(l->daemon, &ms) == MHD_YES)
        return (int)(ms < most ? ms : most);
    return l->made_room ? LISTEN_AGAIN_MS : -1;
}

int listeners_wait_ms(const struct listeners *all)
{
    int least = -1;
    for (size_t i = 0; i < all->n; i++) {
        int ms = listener_wait_ms(&all->at[i]);
        if (least < 0 || (ms >= 0 && ms < least))
            least = ms;
    }
    return least;
}

void listeners_run(struct listeners *all)
{
    for (size_t i = 0; i < all->n; i++) {
        all->at[i].made_room = false;
        (void)MHD_run(all->at[i].daemon);
    }
}

void listeners_quiesce(struct listeners *all)
{
    for (size_t i = 0; i < all->n; i++) {
        MHD_socket listen_fd = MHD_quiesce_daemon(all->at[i].daemon);
        if (listen_fd != MHD_INVALID_SOCKET)
            (void)close(listen_fd);
    }
}
