/* libmicrohttpd could make the sockets too, but it hides the system's reason for an error and the port that a
 * free one became. */
#include "server/socket.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/os.h"

/* --- addresses --- */

/* Only numbers: looking up a name would wait for a name server, and might give an unexpected address. */
static int parse_address(const char *host, uint16_t port, struct sockaddr_storage *ret_address)
{
    char digits[8];
    struct addrinfo *found;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    (void)snprintf(digits, sizeof digits, "%u", port);
    if (getaddrinfo(host, digits, &hints, &found) != 0)
        return -1;
    memcpy(ret_address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return 0;
}

static bool is_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
    return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static void set_option(int fd, int level, int name, int value)
{
    (void)setsockopt(fd, level, name, &value, sizeof value); /* none of them is necessary to serve */
}

static int listen_socket(const struct sockaddr_storage *address)
{
    socklen_t size =
        address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    int fd = os_socket(address->ss_family);
    if (fd < 0)
        return -1;
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1); /* a restart need not wait for old connections to time out */
    if (address->ss_family == AF_INET6)
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1); /* ::1 is not also 127.0.0.1 */
    /* A connection is accepted with its first byte, by which listener.c recognizes TLS on a plain port. */
    os_defer_accept(fd);
    if (bind(fd, (const struct sockaddr *)address, size) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int problem = errno;
    (void)close(fd);
    errno = problem;
    return -1;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    (void)getsockname(fd, (struct sockaddr *)&address, &size);
    if (address.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((const struct sockaddr_in *)&address)->sin_port);
}

/* How the user can avoid a port that is in use. */
static struct str port_hint(struct arena *a, const char *option)
{
    return errno == EADDRINUSE && option ? arena_printf(a, "; %s 0 takes a free one", option) : STR("");
}

static int fail_tcp(struct arena *a, const struct listen_address *address, struct str *ret_problem)
{
    const char *reason = strerror(errno);
    struct str hint = port_hint(a, address->option);
    *ret_problem = arena_printf(a, "cannot listen on %s port %u: %s%.*s", address->host, address->port,
                                reason, STR_ARG(hint));
    return -1;
}

/* Adds one more socket. -1 with a sentence. */
static int add(struct listen_sockets *l, const struct listen_address *at, struct arena *a,
               struct str *ret_problem)
{
    struct sockaddr_storage address = {0};
    assert(l->n < LISTEN_MAX);
    if (parse_address(at->host, at->port, &address) != 0) {
        *ret_problem = arena_printf(a, "%s is not an address to listen on", at->host);
        return -1;
    }
    int fd = listen_socket(&address);
    if (fd < 0)
        return fail_tcp(a, at, ret_problem);
    l->loopback = is_loopback(&address);
    l->port = port_of(fd);
    l->fd[l->n++] = fd;
    return 0;
}

/* errno of a machine without IPv6. */
static bool lacks_family(void)
{
    return errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL;
}

/* ::1 gets the same port as 127.0.0.1: a client that resolves localhost tries the port at both. */
int listen_tcp(struct arena *a, const struct listen_address *address, struct listen_sockets *ret_sockets,
               struct str *ret_problem)
{
    bool both = strcmp(address->host, "localhost") == 0;
    struct listen_sockets l = {.n = 0};
    struct listen_address at = *address;
    at.host = both ? "127.0.0.1" : address->host;
    if (add(&l, &at, a, ret_problem) != 0)
        return -1;
    at = (struct listen_address){"::1", l.port, address->option};
    if (both && add(&l, &at, a, ret_problem) != 0 && !lacks_family()) {
        (void)close(l.fd[0]);
        return -1;
    }
    *ret_sockets = l;
    return 0;
}

/* --- the address of an interface --- */

/* 0.0.0.0 or ::, which no client can connect to on another machine. */
static bool is_every_address(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6)
        return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)address)->sin6_addr);
    return ((const struct sockaddr_in *)address)->sin_addr.s_addr == htonl(INADDR_ANY);
}

/* Is it an address of this family that other machines may reach? One of a link would need its interface. */
static bool is_reachable(const struct ifaddrs *i, sa_family_t family)
{
    if (!i->ifa_addr || i->ifa_addr->sa_family != family || (i->ifa_flags & IFF_LOOPBACK) ||
        !(i->ifa_flags & IFF_UP))
        return false;
    return family == AF_INET ||
           !IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)(const void *)i->ifa_addr)->sin6_addr);
}

/* As text, in the arena; NULL when the machine has none. */
static const char *first_interface(struct arena *a, sa_family_t family)
{
    struct ifaddrs *all = NULL;
    char text[INET6_ADDRSTRLEN] = "";
    if (getifaddrs(&all) != 0)
        return NULL;
    for (const struct ifaddrs *i = all; i && !*text; i = i->ifa_next)
        if (is_reachable(i, family))
            (void)getnameinfo(i->ifa_addr,
                              family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6),
                              text, sizeof text, NULL, 0, NI_NUMERICHOST);
    freeifaddrs(all);
    return *text ? arena_cstr(a, str_from(text)) : NULL;
}

const char *listen_reachable_host(struct arena *a, const char *host)
{
    struct sockaddr_storage address = {0};
    if (parse_address(host, 0, &address) != 0 || !is_every_address(&address))
        return host;
    const char *found = first_interface(a, address.ss_family);
    return found ? found : address.ss_family == AF_INET6 ? "::1" : "127.0.0.1";
}

/* --- Unix sockets --- */

/* Does a server accept connections at the path? It may be a program that has no lock file, or one that is too
 * busy to accept at once. */
static bool is_served(const struct sockaddr_un *address)
{
    int fd = os_socket(AF_UNIX);
    bool served = fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
                              errno == EAGAIN || errno == EINPROGRESS);
    if (fd >= 0)
        (void)close(fd);
    return served;
}

/* Removes a dead server's socket. -1 with errno when the path is in use. */
static int clear_stale(const struct sockaddr_un *address)
{
    struct stat st;
    if (lstat(address->sun_path, &st) != 0)
        return errno == ENOENT ? 0 : -1;
    errno = S_ISSOCK(st.st_mode) ? EADDRINUSE : EEXIST;
    if (!S_ISSOCK(st.st_mode) || is_served(address))
        return -1;
    return unlink(address->sun_path);
}

static int bind_unix(const struct sockaddr_un *address)
{
    int fd = os_socket(AF_UNIX);
    mode_t before = umask(0177); /* no moment in which others could connect */
    int rc = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)address, sizeof *address);
    (void)umask(before);
    if (rc == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int problem = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = problem;
    return -1;
}

static int fail_unix(struct arena *a, const char *path, const char *reason, struct str *ret_problem)
{
    *ret_problem = arena_printf(a, "cannot listen on %s: %s", path, reason);
    return -1;
}

static int fail_lock(struct arena *a, const struct unix_socket *l, struct str *ret_problem)
{
    const char *reason = errno == EWOULDBLOCK ? "another virga serves it"
                         : errno == EEXIST    ? arena_printf(a, "%s is not a lock file", l->lock.path).p
                                              : strerror(errno);
    return fail_unix(a, l->path, reason, ret_problem);
}

/* The lock comes first: a running virga holds it, also one that is too busy to accept a connection. */
int listen_unix(struct arena *a, const char *path, struct unix_socket *ret_socket, struct str *ret_problem)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct unix_socket l = {.path = path};
    long holder;
    if (strlen(path) >= sizeof address.sun_path)
        return fail_unix(a, path, "the path is too long for a socket", ret_problem);
    memcpy(address.sun_path, path, strlen(path));
    if (lock_take(&l.lock, a, path, &holder) != 0)
        return fail_lock(a, &l, ret_problem);
    if (clear_stale(&address) != 0 || (l.fd = bind_unix(&address)) < 0) {
        int rc = fail_unix(a, path, strerror(errno), ret_problem);
        lock_release(&l.lock);
        return rc;
    }
    *ret_socket = l;
    return 0;
}

void listen_unix_done(struct unix_socket *l)
{
    (void)unlink(l->path);
    lock_release(&l->lock);
}
