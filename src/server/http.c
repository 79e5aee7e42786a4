/*
 * libmicrohttpd calls in this order: on_target with the request line, on_request with the headers, then once
 * for each piece of the body, then once more without data, and on_completed at the end, also for a connection
 * that broke. An exchange lives from the first call to the last.
 */
#include "server/http.h"

#include <assert.h>
#include <microhttpd.h>

#include "base/log.h"
#include "base/os.h"
#include "gen/control.h"
#include "server/events.h"
#include "server/exchange.h"
#include "server/listener.h"
#include "server/pending.h"
#include "server/request_headers.h"
#include "server/response.h"
#include "server/sender.h"
#include "server/url_owner.h"

struct http {
    struct world *world;
    struct listeners listeners;
    struct exchange_pool pool;
    struct events events;
    struct pending pending;
    struct senders senders;
    bool closing; /* no more calls run */
};

/* --- rejecting a request before it runs --- */

static enum MHD_Result reject(struct exchange *x, const struct rejection *why)
{
    log_say(LOG_WARN, "rejected a request: %.*s", STR_ARG(why->problem));
    x->status = why->status;
    x->call.answer = control_error_json(
        &x->arena, &(struct error_detail){.code = STR("refused"), .message = why->problem});
    return response_queue(x);
}

/* The body has been read by now, so libmicrohttpd would keep the connection; the header makes it close it. */
static enum MHD_Result reject_overload(struct exchange *x)
{
    static const struct rejection busy = {
        503, STR_INIT("the bodies of other requests take all the memory for bodies")};
    exchange_add_header(x, STR("Connection"), STR("close"));
    return reject(x, &busy);
}

static enum MHD_Result reject_subscriber(struct exchange *x)
{
    x->status = 503;
    x->content_type = "application/json";
    x->call.answer = control_error_json(
        &x->arena, &(struct error_detail){STR("busy"), STR("too many subscribers"), STR("")});
    return response_queue(x);
}

/* --- the headers --- */

/* Ends the query after its question mark, where libmicrohttpd keeps the target. It would make a record of
 * each parameter in the connection's memory; when that is full it sends nothing, and never reports the end of
 * the request. The text is its own and not constant: it decodes it in place. */
static void cut_query(const char *target)
{
    char *query = strchr((char *)(uintptr_t)target, '?');
    if (query && query[1])
        query[1] = '\0';
}

/* Copies the target, because the query is cut off and what is left may be decoded in place. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct listener *l = cls;
    struct exchange *x = exchange_take(&l->listeners->http->pool, str_from(target));
    x->mhd = connection;
    x->target_at = target;
    x->connection = listener_connection(connection);
    x->connection->exchange = x;
    connection_touch(&l->listeners->connections, x->connection);
    connection_find_end(x->connection);
    cut_query(target);
    return x;
}

/* Called for the path, which virga decodes itself where it needs to, and for each parameter that the library
 * has found nevertheless: behind a NUL, where cut_query does not see it. Such a connection ends here, before
 * the parameters fill its memory. */
static size_t on_unescape(void *cls, struct MHD_Connection *connection, char *text)
{
    struct connection *c = listener_connection(connection);
    (void)cls;
    assert(c->exchange);
    if (text != c->exchange->target_at)
        connection_end(c);
    return strlen(text);
}

/* Called when the headers are complete and nothing of the body has been read, so a rejection is cheap.
 * libmicrohttpd closes the connection after a response at this point. */
static enum MHD_Result begin(const struct listener *l, struct exchange *x, const char *method,
                             const char *version)
{
    const struct rejection *why = request_headers_read(l, x, method, version);
    if (why)
        return reject(x, why);
    x->state = EXCHANGE_BODY;
    return MHD_YES;
}

/* --- the call --- */

/* From now on the server waits for its client, which may be one that never reads. */
static void await_client(struct http *h, struct exchange *x)
{
    connection_touch(&h->listeners.connections, x->connection);
}

static enum MHD_Result stream_events(struct http *h, struct exchange *x)
{
    if (events_subscribe(&h->events, x->mhd, &x->call) != 0)
        return reject_subscriber(x);
    x->state = EXCHANGE_ANSWERED;
    return MHD_YES;
}

static void set_gauges(const struct http *h)
{
    h->world->metrics.connections = h->listeners.connections.n;
    h->world->metrics.requests = h->pool.in_use;
    h->world->metrics.delayed = h->pending.n_delayed;
}

/* The request is complete. call_init draws the RequestId here, so that ids follow the order in which calls
 * run. */
static enum MHD_Result run_call(struct http *h, struct exchange *x)
{
    struct call *c = &x->call;
    struct request request = c->request;
    if (h->closing)
        return MHD_NO;
    request.body = body_str(&x->body);
    request.body_cut = x->body.over;
    call_init(c, h->world, &x->arena);
    c->request = request;
    c->start_ns = clock_mono_ns();
    set_gauges(h);
    x->owner->serve(x);
    if (str_eq(str_from(x->content_type), STR(EVENT_STREAM)))
        return stream_events(h, x);
    if (c->stream)
        sender_open(&h->senders, x);
    enum MHD_Result result = x->owner->lost ? pending_respond(&h->pending, x) : response_queue(x);
    if (x->state == EXCHANGE_ANSWERED)
        await_client(h, x);
    return result;
}

/* The state says which call this is: the headers, a piece of the body, or its end. The library calls once
 * more for a response that was gathered and for a connection that was resumed; the response is ready by then.
 */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data, size_t *data_n,
                                  void **con_cls)
{
    struct exchange *x = *con_cls;
    struct listener *l = cls;
    struct http *h = l->listeners->http;
    (void)connection;
    (void)url;
    if (x->state == EXCHANGE_HEADERS)
        return begin(l, x, method, version);
    if (*data_n > 0) {
        connection_touch(&l->listeners->connections, x->connection);
        body_put(&x->body, &h->pool.bodies, (struct str){data, *data_n});
        *data_n = 0;
        connection_find_end(x->connection);
        return MHD_YES;
    }
    if (x->state != EXCHANGE_BODY) {
        await_client(h, x);
        return response_queue(x);
    }
    connection_pin(&l->listeners->connections, x->connection);
    return x->body.no_room_left ? reject_overload(x) : run_call(h, x);
}

static void end_exchange(struct listener *l, struct exchange *x)
{
    x->connection->exchange = NULL;
    connection_find_end(x->connection);
    sender_close(x);
    exchange_give_back(&l->listeners->http->pool, x);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode code)
{
    struct listener *l = cls;
    struct exchange *x = *con_cls;
    (void)connection;
    (void)code;
    if (!x)
        return;
    connection_touch(&l->listeners->connections, x->connection);
    end_exchange(l, x);
    *con_cls = NULL;
}

/* libmicrohttpd forgets to report the end of a request in which it has found two errors. */
static void on_lost(struct listener *l, struct exchange *x)
{
    end_exchange(l, x);
}

/* --- the server --- */

struct http *http_new(struct world *w, const struct http_options *options, struct str *ret_problem)
{
    static const struct listener_handlers handlers = {on_target, on_unescape, on_request, on_completed,
                                                      on_lost};
    struct http *h = ARENA_NEW(&w->arena, struct http);
    h->world = w;
    h->events.world = h->pending.world = w;
    h->senders.connections = &h->listeners.connections;
    h->listeners = (struct listeners){.http = h, .world = w, .handlers = &handlers, .arena = &w->arena};
    int rc = listeners_open(&h->listeners, options, ret_problem);
    size_t most = h->listeners.connections.most;
    h->pending.most_delayed = most - most / LIMIT_CONNECTIONS_RESERVE;
    if (rc == 0)
        return h;
    http_free(h);
    return NULL;
}

void http_free(struct http *h)
{
    assert(!pending_awaits_commit(&h->pending));
    h->pending.stopping = true;
    pending_release_due(&h->pending);
    pending_journal_written(&h->pending);
    events_end(&h->events);
    senders_end(&h->senders);
    listeners_close(&h->listeners);
    exchange_pool_done(&h->pool);
}

uint16_t http_port(const struct http *h)
{
    return h->listeners.port;
}

uint16_t http_tls_port(const struct http *h)
{
    return h->listeners.tls_port;
}

bool http_is_private(const struct http *h)
{
    return h->listeners.loopback;
}

size_t http_poll(const struct http *h, struct pollfd *ret_fds, size_t room)
{
    return listeners_poll(&h->listeners, ret_fds, room);
}

int http_closed_fd(const struct http *h)
{
    return os_peers_fd(h->listeners.connections.peers);
}

/* A request in progress ends by itself, when libmicrohttpd finds the end. A wait for the disk is short. */
static void drop_client(struct http *h, struct connection *c)
{
    struct exchange *x = c->exchange;
    if (x && x->pending == DELAYED)
        pending_end_delay(&h->pending, x);
    else if (x && events_unsubscribe(&h->events, x->mhd))
        h->pending.resumed = true;
    else
        connection_find_end(c);
}

void http_take_closed(struct http *h)
{
    connection_take_closed(&h->listeners.connections);
}

static void drop_closed(struct http *h)
{
    struct connections *c = &h->listeners.connections;
    for (size_t i = 0; i < c->n_closed; i++)
        if (c->closed[i])
            drop_client(h, c->closed[i]);
    c->n_closed = 0;
}

/* The shorter of two waits, in which -1 is for ever. */
static int sooner(int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

int http_wait_ms(struct http *h)
{
    int listeners =
        sooner(listeners_wait_ms(&h->listeners), os_peers_interval_ms(h->listeners.connections.peers));
    int others = sooner(pending_wait_ms(&h->pending, clock_mono_ns()), events_wait_ms(&h->events));
    /* libmicrohttpd's own timeout does not count connections that were resumed since it last ran. */
    return h->pending.resumed || senders_wait(&h->senders) ? 0 : sooner(listeners, others);
}

void http_run(struct http *h)
{
    pending_release_due(&h->pending);
    h->pending.resumed = false;
    h->pending.gathers = h->listeners.connections.n > 1; /* with one there is nothing to gather */
    senders_run(&h->senders);
    listeners_run(&h->listeners);
    if (h->events.n > 0)
        h->pending.resumed |= events_wake(&h->events);
    drop_closed(h);
}

void http_quiesce(struct http *h)
{
    h->pending.stopping = true;
    listeners_quiesce(&h->listeners);
    events_end(&h->events);
    h->pending.resumed = true;
}

void http_refuse_calls(struct http *h)
{
    h->pending.stopping = h->closing = true;
}

struct pending *http_pending(struct http *h)
{
    return &h->pending;
}

size_t http_in_flight(const struct http *h)
{
    return h->pool.in_use;
}
