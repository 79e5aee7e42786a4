/*
 * What libmicrohttpd alone costs on this machine: one thread, external epoll, an answer that never changes.
 *
 *     bare BODY ["Name: value"]...
 *
 * Listens on a free port of 127.0.0.1, writes the port to standard output, and answers every request with
 * BODY and the given headers until it is killed. bench.py divides virga's speed by the speed of this program,
 * so it is made as fast as the library allows: the library's default pool, one response shared by all
 * requests.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Above the largest number of connections that bench.py opens. */
enum { CONNECTIONS = 1000 };

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data, size_t *data_n,
                                  void **con_cls)
{
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
    return MHD_queue_response(connection, MHD_HTTP_OK, cls);
}

static struct MHD_Response *response_new(char **args)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(args[0]), args[0], MHD_RESPMEM_PERSISTENT);
    if (!response)
        return NULL;
    for (char **header = args + 1; *header; header++) {
        char *value = strstr(*header, ": ");
        if (!value)
            return NULL;
        *value = '\0';
        if (MHD_add_response_header(response, *header, value + 2) != MHD_YES)
            return NULL;
    }
    return response;
}

static struct MHD_Daemon *start(struct MHD_Response *response)
{
    struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, response,       /* */
                            MHD_OPTION_SOCK_ADDR, (const struct sockaddr *)&loopback, /* */
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,       /* */
                            MHD_OPTION_END);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fputs("usage: bare BODY [\"Name: value\"]...\n", stderr);
        return 2;
    }
    struct MHD_Response *response = response_new(argv + 1);
    struct MHD_Daemon *daemon = response ? start(response) : NULL;
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
