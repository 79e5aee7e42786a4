/*
 * What libmicrohttpd alone costs on this machine: one thread, external epoll, an answer that never changes.
 *
 *     bare fastest BODY
 *     bare same BODY ["Name: value"]...
 *
 * Listens on a free port of 127.0.0.1, writes the port to standard output, and answers every request with
 * BODY and the given headers until it is killed. bench.py divides virga's speed by the speed of this program
 * in both forms. "fastest" has the library's default settings. "same" has those that virga cannot do without
 * (server/listener.c): the memory that a GET of the documented 32 KB needs, connections that can be suspended
 * until the disk has the change, a limit and a timeout for connections, and a response made for each request.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

/* What answers a request. */
struct answer {
    const char *body;
    char **headers;                /* "Name: value", up to NULL */
    struct MHD_Response *constant; /* NULL: each request gets its own */
};

static struct MHD_Response *response_new(const struct answer *a)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(a->body), (void *)(uintptr_t)a->body, MHD_RESPMEM_PERSISTENT);
    for (char **header = a->headers; response && *header; header++) {
        char name[64];
        size_t n = strcspn(*header, ":");
        if (n >= sizeof name || (*header)[n] != ':')
            return NULL;
        memcpy(name, *header, n);
        name[n] = '\0';
        if (MHD_add_response_header(response, name, *header + n + 2) != MHD_YES)
            return NULL;
    }
    return response;
}

static enum MHD_Result queue_own(struct MHD_Connection *connection, const struct answer *a)
{
    struct MHD_Response *response = response_new(a);
    if (!response)
        return MHD_NO;
    enum MHD_Result queued = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data, size_t *data_n,
                                  void **con_cls)
{
    const struct answer *a = cls;
    (void)url;
    (void)method;
    (void)version;
    (void)data;
    if (!*con_cls) { /* first call: an answer queued here would close the connection before the body */
        *con_cls = cls;
        return MHD_YES;
    }
    if (*data_n > 0) {
        *data_n = 0;
        return MHD_YES;
    }
    if (a->constant)
        return MHD_queue_response(connection, MHD_HTTP_OK, a->constant);
    return queue_own(connection, a);
}

/* Without a constant answer: with virga's settings. */
static struct MHD_Daemon *start(struct answer *a)
{
    struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_OptionItem same[] = {
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, LIMIT_HEADERS, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, LIMIT_IDLE_SECONDS, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_EPOLL | (a->constant ? 0 : MHD_ALLOW_SUSPEND_RESUME);
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, a,                      /* */
                            MHD_OPTION_SOCK_ADDR, (const struct sockaddr *)&loopback, /* */
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_CONNECTIONS, /* */
                            MHD_OPTION_ARRAY, a->constant ? same + 2 : same,          /* */
                            MHD_OPTION_END);
}

/* -1 when the words say nothing of the kind that the comment at the top has. */
static int parse(char **words, struct answer *ret_answer)
{
    if (!words[0] || !words[1])
        return -1;
    *ret_answer = (struct answer){.body = words[1], .headers = words + 2};
    if (strcmp(words[0], "same") == 0)
        return 0;
    return strcmp(words[0], "fastest") == 0 && (ret_answer->constant = response_new(ret_answer)) ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct answer answer;
    (void)argc;
    if (parse(argv + 1, &answer) != 0) {
        (void)fputs("usage: bare fastest|same BODY [\"Name: value\"]...\n", stderr);
        return 2;
    }
    struct MHD_Daemon *daemon = start(&answer);
    if (!daemon) {
        (void)fputs("bare: cannot start\n", stderr);
        return 1;
    }
    (void)printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    (void)fflush(stdout);
    struct pollfd fd = {.fd = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
                        .events = POLLIN};
    for (;;) {
        MHD_UNSIGNED_LONG_LONG ms;
        (void)poll(&fd, 1, MHD_get_timeout(daemon, &ms) == MHD_YES ? (int)ms : -1);
        (void)MHD_run(daemon);
    }
}
