#include "server/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "core/pipeline.h"
#include "server/control.h"
#include "server/exchange.h"

struct http {
    struct world *world;
    struct MHD_Daemon *daemon;
    uint16_t port;
    struct exchange_pool pool;
    struct exchange_list turn;    /* changed the store in this turn, not committed yet */
    struct exchange_list waiting; /* committed, not on the disk yet; tickets ascend */
    bool resumed; /* connections were resumed since the last http_run: libmicrohttpd's timeout does not count
                     them */
};

/* --- one request --- */

/* libmicrohttpd takes the target apart and decodes it in place; this is the moment when it is still whole. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct http *h = cls;
    struct exchange *x = exchange_take(&h->pool, str_from(target));
    x->connection = connection;
    return x;
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n,
                                 const char *value, size_t value_n)
{
    struct exchange *x = cls;
    (void)kind;
    if (x->n_headers == LIMIT_HEADER_COUNT)
        return MHD_NO; /* the rest is not looked at */
    x->headers[x->n_headers++] =
        (struct header){{name, name_n}, str_trim(value ? (struct str){value, value_n} : STR(""))};
    return MHD_YES;
}

static enum MHD_Result queue_answer(struct exchange *x)
{
    struct str body = x->call.answer;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    enum MHD_Result queued = MHD_queue_response(x->connection, (unsigned)x->status, response);
    MHD_destroy_response(response);
    x->state = EXCHANGE_ANSWERED;
    return queued;
}

static void suspend(struct http *h, struct exchange *x)
{
    MHD_suspend_connection(x->connection);
    x->state = EXCHANGE_SUSPENDED;
    exchange_push(&h->turn, x);
}

/* The address without its port: a view of what the library keeps for the connection. */
static struct str peer_of(struct MHD_Connection *connection)
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

static enum MHD_Result run_call(struct http *h, struct exchange *x, const char *method)
{
    struct call *c = &x->call;
    call_init(c, h->world, &x->arena);
    c->start_ns = clock_mono_ns();
    (void)MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, on_header, x);
    c->request = (struct request){.method = str_from(method),
                                  .body = buf_str(&x->body),
                                  .body_cut = x->body.over,
                                  .peer = peer_of(x->connection),
                                  .headers = x->headers,
                                  .n_headers = x->n_headers};
    exchange_split_target(x->target, &c->request);
    if (control_owns(c->request.path)) {
        x->status = control_run(c);
        return queue_answer(x);
    }
    pipeline_run(c);
    if (c->changed && h->world->settings.db_path) {
        suspend(h, x);
        return MHD_YES;
    }
    call_log(c);
    return queue_answer(x);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data, size_t *data_n,
                                  void **con_cls)
{
    struct http *h = cls;
    struct exchange *x = *con_cls;
    (void)connection;
    (void)url;
    (void)version;
    if (x->state == EXCHANGE_HEADERS) { /* a body may follow */
        x->state = EXCHANGE_BODY;
        return MHD_YES;
    }
    if (*data_n > 0) {
        buf_put(&x->body, (struct str){data, *data_n});
        *data_n = 0;
        return MHD_YES;
    }
    return x->state == EXCHANGE_BODY ? run_call(h, x, method) : queue_answer(x);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode code)
{
    struct http *h = cls;
    (void)connection;
    (void)code;
    if (*con_cls)
        exchange_give_back(&h->pool, *con_cls);
    *con_cls = NULL;
}

/* --- the turn --- */

static void resume(struct http *h, struct exchange *x)
{
    call_log(&x->call);
    h->resumed = true;
    MHD_resume_connection(x->connection);
}

static void resume_lost(struct http *h, struct exchange *x, enum db_fault fault, const char *why)
{
    pipeline_lost(&x->call, fault, why);
    resume(h, x);
}

bool http_has_turn(const struct http *h)
{
    return h->turn.first != NULL;
}

void http_turn_committed(struct http *h, uint64_t ticket)
{
    for (struct exchange *x; (x = exchange_pop(&h->turn));) {
        x->ticket = ticket;
        exchange_push(&h->waiting, x);
    }
}

void http_turn_lost(struct http *h)
{
    for (struct exchange *x; (x = exchange_pop(&h->turn));)
        resume_lost(h, x, db_fault(h->world->db), db_message(h->world->db));
}

void http_durable(struct http *h, uint64_t ticket)
{
    while (h->waiting.first && h->waiting.first->ticket <= ticket)
        resume(h, exchange_pop(&h->waiting));
}

void http_all_lost(struct http *h)
{
    for (struct exchange *x; (x = exchange_pop(&h->waiting));)
        resume_lost(h, x, DB_IO, "the disk refused a sync");
}

/* --- the daemon --- */

static int parse_address(const struct http_options *options, struct sockaddr_storage *ret_address)
{
    char port[8];
    struct addrinfo *found;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    (void)snprintf(port, sizeof port, "%u", options->port);
    if (getaddrinfo(strcmp(options->host, "localhost") == 0 ? "127.0.0.1" : options->host, port, &hints,
                    &found) != 0)
        return -1;
    memcpy(ret_address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return 0;
}

static struct MHD_Daemon *start(struct http *h, const struct sockaddr_storage *address)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
    if (address->ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, h,                         /* */
                            MHD_OPTION_SOCK_ADDR, (const struct sockaddr *)address,      /* */
                            MHD_OPTION_URI_LOG_CALLBACK, on_target, h,                   /* */
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,                /* */
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_HEADERS,   /* */
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_CONNECTIONS,    /* */
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LIMIT_IDLE_SECONDS, /* */
                            MHD_OPTION_END);
}

struct http *http_new(struct world *w, const struct http_options *options, struct str *ret_why)
{
    struct sockaddr_storage address = {0};
    if (parse_address(options, &address) != 0) {
        *ret_why = arena_printf(&w->arena, "%s is not an address to listen on", options->host);
        return NULL;
    }
    struct http *h = ARENA_NEW(&w->arena, struct http);
    h->world = w;
    errno = 0;
    h->daemon = start(h, &address);
    if (!h->daemon) {
        *ret_why = arena_printf(&w->arena, "cannot listen on %s port %u: %s", options->host, options->port,
                                strerror(errno ? errno : EADDRINUSE));
        return NULL;
    }
    h->port = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    return h;
}

void http_free(struct http *h)
{
    MHD_stop_daemon(h->daemon);
    exchange_pool_done(&h->pool);
}

uint16_t http_port(const struct http *h)
{
    return h->port;
}

int http_fd(const struct http *h)
{
    return MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int http_wait_ms(struct http *h)
{
    MHD_UNSIGNED_LONG_LONG ms;
    if (h->resumed)
        return 0;
    if (MHD_get_timeout(h->daemon, &ms) != MHD_YES)
        return -1;
    return ms > 60000 ? 60000 : (int)ms;
}

void http_run(struct http *h)
{
    h->resumed = false;
    (void)MHD_run(h->daemon);
}

void http_quiesce(struct http *h)
{
    MHD_socket listener = MHD_quiesce_daemon(h->daemon);
    if (listener != MHD_INVALID_SOCKET)
        (void)close(listener);
}

size_t http_in_flight(const struct http *h)
{
    return h->pool.in_use;
}
