/* The client's sockets and its reading of answers; see client.h. */
#include "cli/client.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

/* A state document or a journal may be large; a runaway answer is not read for ever. */
enum { ANSWER_MAX = 256 * 1024 * 1024, READ_SIZE = 64 * 1024 };

/* --- addresses ---------------------------------------------------------------------------------------- */

static int parse_authority(struct arena *a, struct str authority, struct client_address *ret)
{
    bool six = str_starts(authority, STR("["));
    size_t end = six ? str_find(authority, ']') : str_find(authority, ':');
    struct str host = six ? (struct str){authority.p + 1, end - 1} : str_head(authority, end);
    struct str rest = str_skip(authority, end + six);
    int64_t port = 80;
    if (host.n == 0 || end + six > authority.n || (rest.n > 0 && rest.p[0] != ':'))
        return -1;
    if (rest.n > 0 && (str_to_i64(str_skip(rest, 1), &port) != 0 || port < 1 || port > 65535))
        return -1;
    *ret = (struct client_address){.host = arena_cstr(a, host),
                                   .port = arena_printf(a, "%d", (int)port).p,
                                   .authority = arena_dup(a, authority)};
    return 0;
}

int client_address_parse(struct arena *a, struct str endpoint, struct client_address *ret_address)
{
    if (str_starts(endpoint, STR("unix:")) && endpoint.n > 5) {
        *ret_address = (struct client_address){.path = arena_cstr(a, str_skip(endpoint, 5)),
                                               .authority = STR("localhost")};
        return 0;
    }
    if (!str_starts(endpoint, STR("http://")))
        return -1;
    struct str authority = str_skip(endpoint, strlen("http://"));
    if (str_ends(authority, STR("/")))
        authority.n--;
    return parse_authority(a, authority, ret_address);
}

/* --- reading an answer -------------------------------------------------------------------------------- */

/* The next line without its end; false when there is no whole one. */
static bool next_line(struct str *rest, struct str *ret_line)
{
    size_t n = str_find(*rest, '\n');
    if (n == rest->n)
        return false;
    *ret_line = str_trim(str_head(*rest, n));
    *rest = str_skip(*rest, n + 1);
    return true;
}

/* A chunk's size, which extensions may follow. Seven digits are more than any answer has. */
static int chunk_size(struct str line, size_t *ret_size)
{
    size_t size = 0, i = 0;
    for (; i < line.n && ascii_hex_value(line.p[i]) >= 0; i++)
        size = size * 16 + (size_t)ascii_hex_value(line.p[i]);
    if (i == 0 || i > 7 || (i < line.n && line.p[i] != ';' && line.p[i] != ' '))
        return -1;
    *ret_size = size;
    return 0;
}

static int join_chunks(struct arena *a, struct str rest, struct str *ret_body)
{
    struct buf body;
    struct str line;
    size_t size;
    buf_init(&body, a, rest.n, ANSWER_MAX);
    while (next_line(&rest, &line) && chunk_size(line, &size) == 0) {
        if (size == 0) {
            *ret_body = buf_str(&body);
            return 0;
        }
        if (size > rest.n)
            return -1;
        buf_put(&body, str_head(rest, size));
        rest = str_skip(rest, size);
        if (!next_line(&rest, &line) || line.n > 0)
            return -1;
    }
    return -1;
}

struct head {
    int64_t length; /* -1: not said */
    bool chunked;
};

static void take_header(struct head *head, struct str line)
{
    size_t colon = str_find(line, ':');
    struct str name = str_head(line, colon), value = str_trim(str_skip(line, colon + 1));
    int64_t length;
    if (str_eq_nocase(name, STR("Content-Length")) && str_to_i64(value, &length) == 0)
        head->length = length;
    if (str_eq_nocase(name, STR("Transfer-Encoding")))
        head->chunked = str_eq_nocase(value, STR("chunked"));
}

static int parse_status(struct str line, int *ret_status)
{
    int64_t status;
    if (!str_starts(line, STR("HTTP/1.")) || line.n < 12 ||
        str_to_i64((struct str){line.p + 9, 3}, &status) != 0 || status < 100)
        return -1;
    *ret_status = (int)status;
    return 0;
}

int client_parse(struct arena *a, struct str raw, struct client_answer *ret_answer)
{
    struct client_answer answer;
    struct head head = {-1, false};
    struct str line;
    if (!next_line(&raw, &line) || parse_status(line, &answer.status) != 0)
        return -1;
    while (next_line(&raw, &line) && line.n > 0)
        take_header(&head, line);
    if (line.n > 0)
        return -1; /* the headers do not end */
    answer.body = raw;
    if (head.chunked && join_chunks(a, raw, &answer.body) != 0)
        return -1;
    if (!head.chunked && head.length >= 0 && (size_t)head.length != raw.n)
        return -1;
    *ret_answer = answer;
    return 0;
}

/* --- sockets ------------------------------------------------------------------------------------------ */

/* One exchange while it goes on. */
struct exchange {
    struct arena *arena;
    int fd;
    int64_t until_ns;
    struct str problem; /* after -1 */
};

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static int fail(struct exchange *x, struct str problem)
{
    x->problem = problem;
    return -1;
}

static int fail_errno(struct exchange *x, const char *what)
{
    return fail(x, arena_printf(x->arena, "%s: %s", what, strerror(errno)));
}

/* Until the descriptor is ready, or the time is over. */
static int wait_ready(struct exchange *x, short events)
{
    struct pollfd p = {.fd = x->fd, .events = events};
    for (;;) {
        int64_t left_ms = (x->until_ns - clock_mono_ns()) / 1000000;
        if (left_ms <= 0)
            return fail(x, STR("it did not answer in time"));
        int n = poll(&p, 1, left_ms > INT32_MAX ? INT32_MAX : (int)left_ms);
        if (n > 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return fail_errno(x, "poll");
    }
}

static int finish_connect(struct exchange *x)
{
    int error = 0;
    socklen_t n = sizeof error;
    if (wait_ready(x, POLLOUT) != 0)
        return -1;
    (void)getsockopt(x->fd, SOL_SOCKET, SO_ERROR, &error, &n);
    errno = error;
    return error == 0 ? 0 : fail_errno(x, "connect");
}

static int connect_to(struct exchange *x, const struct sockaddr *address, socklen_t n)
{
    x->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (x->fd < 0)
        return fail_errno(x, "socket");
    if (connect(x->fd, address, n) == 0 || (errno == EINPROGRESS && finish_connect(x) == 0))
        return 0;
    if (errno != EINPROGRESS)
        (void)fail_errno(x, "connect");
    close_fd(&x->fd);
    x->fd = -1;
    return -1;
}

static int connect_unix(struct exchange *x, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return fail(x, STR("the path of the socket is too long"));
    memcpy(address.sun_path, path, strlen(path) + 1);
    return connect_to(x, (const void *)&address, sizeof address);
}

/* A name may have several addresses; the first that takes the connection is it. */
static int connect_tcp(struct exchange *x, const struct client_address *to)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int rc = getaddrinfo(to->host, to->port, &hints, &found);
    if (rc != 0)
        return fail(x, arena_printf(x->arena, "%s: %s", to->host, gai_strerror(rc)));
    rc = -1;
    for (struct addrinfo *i = found; i && rc != 0; i = i->ai_next)
        rc = connect_to(x, i->ai_addr, i->ai_addrlen);
    freeaddrinfo(found);
    return rc;
}

/* A server that has answered and closed before it had read all is heard out: its answer says why. */
static int send_all(struct exchange *x, struct str text)
{
    while (text.n > 0) {
        ssize_t n = send(x->fd, text.p, text.n, MSG_NOSIGNAL);
        if (n >= 0)
            text = str_skip(text, (size_t)n);
        else if (errno == EAGAIN && wait_ready(x, POLLOUT) != 0)
            return -1;
        else if (errno == EPIPE || errno == ECONNRESET)
            return 0;
        else if (errno != EAGAIN && errno != EINTR)
            return fail_errno(x, "send");
    }
    return 0;
}

/* 1 while there may be more, 0 at the end, -1. */
static int receive_some(struct exchange *x, struct buf *into)
{
    char piece[READ_SIZE];
    if (wait_ready(x, POLLIN) != 0)
        return -1;
    ssize_t n = recv(x->fd, piece, sizeof piece, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 1 : fail_errno(x, "the connection was lost");
    buf_put(into, (struct str){piece, (size_t)n});
    if (into->over)
        return fail(x, STR("the answer is too long"));
    return n > 0;
}

static int receive_all(struct exchange *x, struct buf *into)
{
    int rc;
    do
        rc = receive_some(x, into);
    while (rc > 0);
    return rc;
}

static struct str message(struct arena *a, const struct client_address *to, const struct request *r)
{
    struct buf b;
    buf_init(&b, a, r->body.n + 1024, ANSWER_MAX);
    buf_printf(&b, "%.*s %.*s HTTP/1.1\r\nHost: %.*s\r\nConnection: close\r\nContent-Length: %zu\r\n",
               STR_ARG(r->method), STR_ARG(r->path), STR_ARG(to->authority), r->body.n);
    for (size_t i = 0; i < r->n_headers; i++)
        buf_printf(&b, "%.*s: %.*s\r\n", STR_ARG(r->headers[i].name), STR_ARG(r->headers[i].value));
    buf_put(&b, STR("\r\n"));
    buf_put(&b, r->body);
    return buf_str(&b);
}

static int talk(struct exchange *x, const struct client_address *to, struct str out, struct buf *in)
{
    if ((to->path ? connect_unix(x, to->path) : connect_tcp(x, to)) != 0)
        return -1;
    return send_all(x, out) == 0 ? receive_all(x, in) : -1;
}

int client_send(struct arena *a, const struct client_address *to, const struct request *r, int64_t timeout_ms,
                struct client_answer *ret_answer, struct str *ret_problem)
{
    struct exchange x = {.arena = a, .fd = -1, .until_ns = clock_mono_ns() + timeout_ms * 1000000};
    struct buf in;
    buf_init(&in, a, READ_SIZE, ANSWER_MAX);
    int rc = talk(&x, to, message(a, to, r), &in);
    close_fd(&x.fd);
    *ret_problem = x.problem;
    if (rc != 0)
        return -1;
    if (in.n > 0 && client_parse(a, buf_str(&in), ret_answer) == 0)
        return 0;
    *ret_problem =
        in.n == 0 ? STR("it closed the connection without an answer") : STR("the answer ends before its end");
    return -1;
}
