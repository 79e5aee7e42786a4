/*
 * Each door is a daemon of libmicrohttpd that makes no thread and no socket of its own (MHD_USE_EPOLL without
 * an internal polling thread): it shows one epoll descriptor, and works when MHD_run is called.
 */
#include "server/listener.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

/* The first byte of a TLS connection (RFC 8446 5.1). */
enum { TLS_HANDSHAKE = 22 };
#define WARN_AGAIN_NS (10 * NS_PER_SECOND)
/* Once the library has no room for one more connection it stops listening, and listens again at the start of
 * the run after the one that made room. That run must come, even when nothing else happens. */
enum { LISTEN_AGAIN_MS = 10 };

/* Such a client tries again and again: one line in ten seconds will do. */
static void warn(struct listener *d, const char *what)
{
    int64_t now = clock_mono_ns();
    if (d->warned_ns && now - d->warned_ns < WARN_AGAIN_NS)
        return;
    d->warned_ns = now;
    log_say(LOG_WARN, "%s", what);
}

/* The first byte, which is left there for the library. -1: none yet. */
static int first_byte(int fd)
{
    unsigned char first;
    return recv(fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1 ? first : -1;
}

/* To a parser of HTTP, the first bytes of TLS look like a line that has not ended yet: client and server
 * would wait for each other. Its first byte is there already (listen.c defers the accept until it is). */
static void reject_tls(struct listener *d, int fd)
{
    if (first_byte(fd) != TLS_HANDSHAKE)
        return;
    warn(d, "a client speaks TLS to the plain port; use http:// there, or --tls-port");
    (void)shutdown(fd, SHUT_RDWR);
}

/* The library closes such a connection without a word. Methods are in capitals. */
static void notice_plain(struct listener *d, int fd)
{
    int first = first_byte(fd);
    if (first >= 'A' && first <= 'Z')
        warn(d, "a client speaks plain HTTP to the TLS port; use https:// there");
}

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
    const void *at = address; /* each of its types begins with the family */
    if (address && address->sa_family == AF_INET)
        return (struct str){(const char *)&((const struct sockaddr_in *)at)->sin_addr, 4};
    if (address && address->sa_family == AF_INET6)
        return (struct str){(const char *)&((const struct sockaddr_in6 *)at)->sin6_addr, 16};
    return (struct str){NULL, 0};
}

static void on_start(struct listener *d, int fd)
{
    if (d->tls)
        notice_plain(d, fd);
    else if (d->plain_port)
        reject_tls(d, fd);
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct listener *d = cls;
    struct connections *connections = &d->listeners->connections;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = connection_add(connections, socket_of(connection));
        on_start(d, socket_of(connection));
        return;
    }
    connection_remove(connections, *context);
    d->made_room = true;
}

/* --- opening --- */

static struct MHD_Daemon *start(struct listener *d, int subscriber, const struct pem_pair *certificate)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (certificate ? MHD_USE_TLS : 0);
    const struct listener_handlers *handlers = d->listeners->handlers;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, certificate ? (void *)(uintptr_t)certificate->certificate.p : NULL},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, certificate ? (void *)(uintptr_t)certificate->key.p : NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(flags, 0, NULL, NULL, handlers->on_request, d,               /* */
                            MHD_OPTION_LISTEN_SOCKET, subscriber,                        /* */
                            MHD_OPTION_URI_LOG_CALLBACK, handlers->on_target, d,         /* */
                            MHD_OPTION_NOTIFY_COMPLETED, handlers->on_completed, d,      /* */
                            MHD_OPTION_NOTIFY_CONNECTION, on_connection, d,              /* */
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_HEADERS,   /* */
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_CONNECTIONS,    /* */
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LIMIT_IDLE_SECONDS, /* */
                            MHD_OPTION_ARRAY, certificate ? tls : tls + 2,               /* */
                            MHD_OPTION_END);
}

static int open_listener(struct listeners *ds, int subscriber, const struct pem_pair *certificate,
                         struct str *ret_problem)
{
    struct listener *d = &ds->at[ds->n];
    d->listeners = ds;
    d->tls = certificate != NULL;
    d->daemon = start(d, subscriber, certificate);
    if (!d->daemon) {
        *ret_problem = STR("libmicrohttpd cannot serve");
        return -1;
    }
    ds->n++;
    return 0;
}

/* Of two addresses each gets a daemon of its own; they share the port and everything behind it. */
static int open_tcp(struct listeners *ds, const struct listen_address *address,
                    const struct pem_pair *certificate, struct str *ret_problem)
{
    struct listen_sockets l;
    if (listen_tcp(ds->arena, address, &l, ret_problem) != 0)
        return -1;
    for (size_t i = 0; i < l.n; i++) {
        ds->at[ds->n].plain_port = !certificate;
        if (open_listener(ds, l.fd[i], certificate, ret_problem) != 0)
            return -1;
    }
    *(certificate ? &ds->tls_port : &ds->port) = l.port;
    ds->loopback = l.loopback;
    return 0;
}

static int open_unix(struct listeners *ds, const char *path, struct str *ret_problem)
{
    if (listen_unix(ds->arena, path, &ds->unix_socket, ret_problem) != 0)
        return -1;
    return open_listener(ds, ds->unix_socket.fd, NULL, ret_problem);
}

/* The Unix socket last: a door that cannot be opened then leaves no path behind. */
int listeners_open(struct listeners *ds, const struct http_options *o, struct str *ret_problem)
{
    connection_table_init(&ds->connections);
    if (open_tcp(ds, &(struct listen_address){o->host, o->port, "--port"}, NULL, ret_problem) != 0)
        return -1;
    if (o->certificate && open_tcp(ds, &(struct listen_address){o->host, o->tls_port, "--tls-port"},
                                   o->certificate, ret_problem) != 0)
        return -1;
    return o->unix_path ? open_unix(ds, o->unix_path, ret_problem) : 0;
}

void listeners_close(struct listeners *ds)
{
    for (size_t i = 0; i < ds->n; i++)
        MHD_stop_daemon(ds->at[i].daemon);
    if (ds->unix_socket.path)
        listen_unix_done(&ds->unix_socket);
}

/* --- running --- */

size_t listeners_fds(const struct listeners *ds, int ret_fds[HTTP_LISTENERS_MAX])
{
    for (size_t i = 0; i < ds->n; i++)
        ret_fds[i] = MHD_get_daemon_info(ds->at[i].daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    return ds->n;
}

static int listener_wait_ms(const struct listener *d)
{
    MHD_UNSIGNED_LONG_LONG ms;
    MHD_UNSIGNED_LONG_LONG most = d->made_room ? LISTEN_AGAIN_MS : 60000;
    if (MHD_get_timeout(d->daemon, &ms) == MHD_YES)
        return (int)(ms < most ? ms : most);
    return d->made_room ? LISTEN_AGAIN_MS : -1;
}

int listeners_wait_ms(const struct listeners *ds)
{
    int least = -1;
    for (size_t i = 0; i < ds->n; i++) {
        int ms = listener_wait_ms(&ds->at[i]);
        if (least < 0 || (ms >= 0 && ms < least))
            least = ms;
    }
    return least;
}

void listeners_run(struct listeners *ds)
{
    for (size_t i = 0; i < ds->n; i++) {
        ds->at[i].made_room = false;
        (void)MHD_run(ds->at[i].daemon);
    }
}

void listeners_quiesce(struct listeners *ds)
{
    for (size_t i = 0; i < ds->n; i++) {
        MHD_socket subscriber = MHD_quiesce_daemon(ds->at[i].daemon);
        if (subscriber != MHD_INVALID_SOCKET)
            (void)close(subscriber);
    }
}
