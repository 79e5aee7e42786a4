/*
 * libmicrohttpd calls in this order: on_target with the request line, on_request with the headers, then once
 * for each piece of the body, then once more without data, and on_completed at the end, also of a connection
 * that broke. An exchange lives from the first to the last.
 */
#include "server/http.h"

#include <microhttpd.h>

#include "base/log.h"
#include "control/router.h"
#include "diagnosis/diagnose.h"
#include "gateway/explain.h"
#include "gateway/pipeline.h"
#include "server/console_files.h"
#include "server/events.h"
#include "server/exchange.h"
#include "server/listener.h"
#include "server/pending.h"
#include "server/request_body.h"
#include "server/response.h"

struct http {
    struct world *world;
    struct listeners listeners;
    struct exchange_pool pool;
    struct events events;
    struct pending pending;
    bool closing; /* no call is run any more */
};

/* --- one request --- */

/* libmicrohttpd takes the target apart and decodes it in place; this is the moment when it is still whole. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct listener *d = cls;
    struct exchange *x = exchange_take(&d->listeners->http->pool, str_from(target));
    x->mhd = connection;
    x->connection = listener_connection(connection);
    connection_touch(&d->listeners->connections, x->connection);
    x->body.cap = control_body_max(x->target) + 1;
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

static enum MHD_Result stream_events(struct http *h, struct exchange *x)
{
    x->state = EXCHANGE_ANSWERED;
    if (events_listen(&h->events, x->mhd, &x->call) == 0)
        return MHD_YES;
    x->status = 503;
    x->content_type = "application/json";
    x->call.answer = STR("{\"error\":{\"code\":\"busy\",\"message\":\"too many listeners\",\"hint\":\"\"}}");
    return response_queue(x);
}

/* Everything that the library knows of the request, as views: it keeps them until on_completed. */
static void take_request(const struct listener *d, struct exchange *x, const char *method)
{
    struct call *c = &x->call;
    call_init(c, d->listeners->http->world, &x->arena);
    c->start_ns = clock_mono_ns();
    c->request = (struct request){.method = str_from(method),
                                  .body = body_str(&x->body),
                                  .body_cut = x->body.over,
                                  .headers = x->headers,
                                  .n_headers = x->n_headers,
                                  .peer = listener_peer(x->mhd),
                                  .tls = d->tls};
    exchange_split_target(x->target, &c->request);
}

/* The events alone have an answer that goes on after their call. */
static enum MHD_Result run_control(struct http *h, struct exchange *x)
{
    x->control = true;
    x->status = control_run(&x->call, &x->content_type);
    if (str_eq(str_from(x->content_type), STR(EVENT_STREAM)))
        return stream_events(h, x);
    return pending_respond(&h->pending, x);
}

/* A download changes nothing, so that its answer never waits. */
static enum MHD_Result send_file(struct exchange *x, int status)
{
    x->status = status;
    x->content_type = status < 300 ? "application/octet-stream" : "application/xml";
    call_log_download(&x->call, status);
    return response_queue(x);
}

/* By the path first: whatever is neither the console's, the control API's nor a file's is a call of the
 * cloud's, which has only one path and does not look at it. */
static enum MHD_Result run_call(struct listener *d, struct exchange *x, const char *method)
{
    struct http *h = d->listeners->http;
    struct call *c = &x->call;
    if (h->closing)
        return MHD_NO;
    take_request(d, x, method);
    if (console_serve(x))
        return response_queue(x);
    if (control_owns(c->request.path))
        return run_control(h, x);
    int file = h->world->serve_file(c);
    if (file)
        return send_file(x, file);
    pipeline_run(c);
    x->status = c->http_status;
    x->content_type = c->content_type;
    explain_refusal(c);
    diagnose_call(c); /* last: the answer is made, and what it finds changes only what is told beside it */
    return pending_respond(&h->pending, x);
}

/* The real gateway's edge answers plain HTTP with 403. virga's own API stays, and so does the Unix socket. */
static bool is_refused_plain(const struct listener *d, struct str target)
{
    const struct http *h = d->listeners->http;
    return d->plain_port && d->listeners->tls_port && h->world->settings.strict &&
           !control_owns(str_head(target, str_find(target, '?')));
}

/* Before anything of the body is taken in: what is refused here costs the server a few headers. */
static int check_start(const struct listener *d, struct exchange *x, const char *method,
                       struct message_framing_fault *ret_fault)
{
    int n = MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, on_header, x);
    if (n > LIMIT_HEADER_COUNT)
        *ret_fault = (struct message_framing_fault){431, STR("more headers than are looked at")};
    else if (is_refused_plain(d, x->target))
        *ret_fault = (struct message_framing_fault){
            403, STR("plain HTTP, while there is TLS and --strict was asked for")};
    else
        return message_framing_check(str_from(method), x->headers, x->n_headers, ret_fault);
    return -1;
}

static enum MHD_Result reject(struct exchange *x, const struct message_framing_fault *fault)
{
    log_say(LOG_WARN, "refused a request: %.*s", STR_ARG(fault->problem));
    x->status = fault->status;
    x->call.answer = arena_printf(&x->arena, "{\"error\":{\"code\":\"refused\",\"message\":\"%.*s\"}}",
                                  STR_ARG(fault->problem));
    return response_queue(x);
}

/* The headers are there, a body may follow. An answer at this moment ends the connection, whatever follows.
 */
static enum MHD_Result begin(const struct listener *d, struct exchange *x, const char *method)
{
    struct message_framing_fault fault;
    x->state = EXCHANGE_BODY;
    if (check_start(d, x, method, &fault) == 0)
        return MHD_YES;
    return reject(x, &fault);
}

/* The whole request has been taken in by now, so the library would keep the connection. */
static enum MHD_Result reject_overload(struct exchange *x)
{
    static const struct message_framing_fault busy = {
        503, STR_INIT("the bodies of other requests take all the room")};
    x->answer_headers[x->n_answer_headers++] = (struct header){STR("Connection"), STR("close")};
    return reject(x, &busy);
}

/* The state tells which of the three this is: the headers, a piece of the body, or its end. A connection that
 * was suspended is asked once more when it goes on, and by then has its answer. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data, size_t *data_n,
                                  void **con_cls)
{
    struct exchange *x = *con_cls;
    struct listener *d = cls;
    (void)connection;
    (void)url;
    (void)version;
    if (x->state == EXCHANGE_HEADERS)
        return begin(d, x, method);
    if (*data_n > 0) {
        connection_touch(&d->listeners->connections, x->connection);
        body_put(&x->body, &d->listeners->http->pool.bodies, (struct str){data, *data_n});
        *data_n = 0;
        return MHD_YES;
    }
    if (x->state != EXCHANGE_BODY)
        return response_queue(x);
    connection_pin(&d->listeners->connections, x->connection);
    return x->body.crowded ? reject_overload(x) : run_call(d, x, method);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode code)
{
    struct listener *d = cls;
    struct exchange *x = *con_cls;
    (void)connection;
    (void)code;
    if (!x)
        return;
    connection_touch(&d->listeners->connections, x->connection);
    exchange_give_back(&d->listeners->http->pool, x);
    *con_cls = NULL;
}

/* --- the doors --- */

struct http *http_new(struct world *w, const struct http_options *options, struct str *ret_problem)
{
    static const struct listener_handlers handlers = {on_target, on_request, on_completed};
    struct http *h = ARENA_NEW(&w->arena, struct http);
    h->world = w;
    h->events.world = h->pending.world = w;
    h->listeners = (struct listeners){.http = h, .handlers = &handlers, .arena = &w->arena};
    if (listeners_open(&h->listeners, options, ret_problem) == 0)
        return h;
    http_free(h);
    return NULL;
}

void http_free(struct http *h)
{
    h->pending.stopping = true;
    pending_release_due(&h->pending);
    pending_journal_written(&h->pending);
    events_end(&h->events);
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

size_t http_fds(const struct http *h, int ret_fds[HTTP_LISTENERS_MAX])
{
    return listeners_fds(&h->listeners, ret_fds);
}

/* Of two waits, in which -1 is for ever. */
static int sooner(int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

int http_wait_ms(struct http *h)
{
    int listeners = listeners_wait_ms(&h->listeners);
    int others = sooner(delayed_wait_ms(&h->pending.delays, clock_mono_ns()), events_wait_ms(&h->events));
    /* libmicrohttpd's own timeout does not count connections that were resumed since it last ran. */
    return h->pending.resumed ? 0 : sooner(listeners, others);
}

void http_run(struct http *h)
{
    pending_release_due(&h->pending);
    h->pending.resumed = false;
    listeners_run(&h->listeners);
    h->pending.resumed |= events_wake(&h->events);
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
