/*
 * libmicrohttpd calls in this order: on_target with the request line, on_request with the headers, then once
 * for each piece of the body, then once more without data, and on_completed at the end, also of a connection
 * that broke. An exchange lives from the first to the last.
 */
#include "server/http.h"

#include <microhttpd.h>

#include "base/log.h"
#include "core/pipeline.h"
#include "core/why.h"
#include "doctor/doctor.h"
#include "server/answer.h"
#include "server/console.h"
#include "server/door.h"
#include "server/events.h"
#include "server/exchange.h"
#include "server/framing.h"
#include "server/held.h"
#include "server/router.h"

struct http {
    struct world *world;
    struct doors doors;
    struct exchange_pool pool;
    struct events events;
    struct held held;
    bool closing; /* no call is run any more */
};

/* --- one request --- */

/* libmicrohttpd takes the target apart and decodes it in place; this is the moment when it is still whole. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct door *d = cls;
    struct exchange *x = exchange_take(&d->doors->http->pool, str_from(target));
    x->connection = connection;
    x->seat = door_seat(connection);
    crowd_stir(&d->doors->crowd, x->seat);
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
    if (events_listen(&h->events, x->connection, &x->call) == 0)
        return MHD_YES;
    x->status = 503;
    x->content_type = "application/json";
    x->call.answer = STR("{\"error\":{\"code\":\"busy\",\"message\":\"too many listeners\",\"hint\":\"\"}}");
    return answer_queue(x);
}

/* Everything that the library knows of the request, as views: it keeps them until on_completed. */
static void take_request(const struct door *d, struct exchange *x, const char *method)
{
    struct call *c = &x->call;
    call_init(c, d->doors->http->world, &x->arena);
    c->start_ns = clock_mono_ns();
    c->request = (struct request){.method = str_from(method),
                                  .body = body_str(&x->body),
                                  .body_cut = x->body.over,
                                  .headers = x->headers,
                                  .n_headers = x->n_headers,
                                  .peer = door_peer(x->connection),
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
    return held_answer(&h->held, x);
}

/* A download changes nothing, so that its answer never waits. */
static enum MHD_Result send_file(struct exchange *x, int status)
{
    x->status = status;
    x->content_type = status < 300 ? "application/octet-stream" : "application/xml";
    call_log_download(&x->call, status);
    return answer_queue(x);
}

/* By the path first: whatever is neither the console's, the control API's nor a file's is a call of the
 * cloud's, which has only one path and does not look at it. */
static enum MHD_Result run_call(struct door *d, struct exchange *x, const char *method)
{
    struct http *h = d->doors->http;
    struct call *c = &x->call;
    if (h->closing)
        return MHD_NO;
    take_request(d, x, method);
    if (console_serve(x))
        return answer_queue(x);
    if (control_owns(c->request.path))
        return run_control(h, x);
    int file = h->world->serve_file(c);
    if (file)
        return send_file(x, file);
    pipeline_run(c);
    why_note(c);
    doctor_attend(c); /* last: the answer is made, and what it finds changes only what is told beside it */
    return held_answer(&h->held, x);
}

/* The real gateway's edge answers plain HTTP with 403. virga's own API stays, and so does the Unix socket. */
static bool is_refused_plain(const struct door *d, struct str target)
{
    const struct http *h = d->doors->http;
    return d->plain_port && d->doors->tls_port && h->world->settings.strict &&
           !control_owns(str_head(target, str_find(target, '?')));
}

/* Before anything of the body is taken in: what is refused here costs the server a few headers. */
static int check_start(const struct door *d, struct exchange *x, const char *method,
                       struct framing_fault *ret_fault)
{
    int n = MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, on_header, x);
    if (n > LIMIT_HEADER_COUNT)
        *ret_fault = (struct framing_fault){431, STR("more headers than are looked at")};
    else if (is_refused_plain(d, x->target))
        *ret_fault =
            (struct framing_fault){403, STR("plain HTTP, while there is TLS and --strict was asked for")};
    else
        return framing_check(str_from(method), x->headers, x->n_headers, ret_fault);
    return -1;
}

static enum MHD_Result refuse(struct exchange *x, const struct framing_fault *fault)
{
    log_say(LOG_WARN, "refused a request: %.*s", STR_ARG(fault->why));
    x->status = fault->status;
    x->call.answer = arena_printf(&x->arena, "{\"error\":{\"code\":\"refused\",\"message\":\"%.*s\"}}",
                                  STR_ARG(fault->why));
    return answer_queue(x);
}

/* The headers are there, a body may follow. An answer at this moment ends the connection, whatever follows.
 */
static enum MHD_Result begin(const struct door *d, struct exchange *x, const char *method)
{
    struct framing_fault fault;
    x->state = EXCHANGE_BODY;
    if (check_start(d, x, method, &fault) == 0)
        return MHD_YES;
    return refuse(x, &fault);
}

/* The whole request has been taken in by now, so the library would keep the connection. */
static enum MHD_Result turn_away(struct exchange *x)
{
    static const struct framing_fault busy = {503,
                                              STR_INIT("the bodies of other requests take all the room")};
    x->answer_headers[x->n_answer_headers++] = (struct header){STR("Connection"), STR("close")};
    return refuse(x, &busy);
}

/* The state tells which of the three this is: the headers, a piece of the body, or its end. A connection that
 * was suspended is asked once more when it goes on, and by then has its answer. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data, size_t *data_n,
                                  void **con_cls)
{
    struct exchange *x = *con_cls;
    struct door *d = cls;
    (void)connection;
    (void)url;
    (void)version;
    if (x->state == EXCHANGE_HEADERS)
        return begin(d, x, method);
    if (*data_n > 0) {
        crowd_stir(&d->doors->crowd, x->seat);
        body_put(&x->body, &d->doors->http->pool.bodies, (struct str){data, *data_n});
        *data_n = 0;
        return MHD_YES;
    }
    if (x->state != EXCHANGE_BODY)
        return answer_queue(x);
    crowd_hold(&d->doors->crowd, x->seat);
    return x->body.crowded ? turn_away(x) : run_call(d, x, method);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode code)
{
    struct door *d = cls;
    struct exchange *x = *con_cls;
    (void)connection;
    (void)code;
    if (!x)
        return;
    crowd_stir(&d->doors->crowd, x->seat);
    exchange_give_back(&d->doors->http->pool, x);
    *con_cls = NULL;
}

/* --- the doors --- */

struct http *http_new(struct world *w, const struct http_options *options, struct str *ret_why)
{
    static const struct door_handlers handlers = {on_target, on_request, on_completed};
    struct http *h = ARENA_NEW(&w->arena, struct http);
    h->world = w;
    h->events.world = h->held.world = w;
    h->doors = (struct doors){.http = h, .handlers = &handlers, .arena = &w->arena};
    if (doors_open(&h->doors, options, ret_why) == 0)
        return h;
    http_free(h);
    return NULL;
}

void http_free(struct http *h)
{
    h->held.stopping = true;
    held_release_due(&h->held);
    held_turn_told(&h->held);
    events_end(&h->events);
    doors_close(&h->doors);
    exchange_pool_done(&h->pool);
}

uint16_t http_port(const struct http *h)
{
    return h->doors.port;
}

uint16_t http_tls_port(const struct http *h)
{
    return h->doors.tls_port;
}

bool http_is_private(const struct http *h)
{
    return h->doors.loopback;
}

size_t http_fds(const struct http *h, int ret_fds[HTTP_DOORS_MAX])
{
    return doors_fds(&h->doors, ret_fds);
}

/* Of two waits, in which -1 is for ever. */
static int sooner(int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

int http_wait_ms(struct http *h)
{
    int doors = doors_wait_ms(&h->doors);
    int others = sooner(delay_wait_ms(&h->held.delays, clock_mono_ns()), events_wait_ms(&h->events));
    /* libmicrohttpd's own timeout does not count connections that were resumed since it last ran. */
    return h->held.resumed ? 0 : sooner(doors, others);
}

void http_run(struct http *h)
{
    held_release_due(&h->held);
    h->held.resumed = false;
    doors_run(&h->doors);
    h->held.resumed |= events_wake(&h->events);
}

void http_quiesce(struct http *h)
{
    h->held.stopping = true;
    doors_quiesce(&h->doors);
    events_end(&h->events);
    h->held.resumed = true;
}

void http_refuse_calls(struct http *h)
{
    h->held.stopping = h->closing = true;
}

struct held *http_held(struct http *h)
{
    return &h->held;
}

size_t http_in_flight(const struct http *h)
{
    return h->pool.in_use;
}
