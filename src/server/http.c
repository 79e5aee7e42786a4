#include "server/http.h"

#include <microhttpd.h>

#include "base/log.h"
#include "core/journal.h"
#include "core/pipeline.h"
#include "core/why.h"
#include "doctor/doctor.h"
#include "server/answer.h"
#include "server/console.h"
#include "server/control.h"
#include "server/delay.h"
#include "server/door.h"
#include "server/events.h"
#include "server/exchange.h"
#include "server/framing.h"

struct http {
    struct world *world;
    struct doors doors;
    struct exchange_pool pool;
    struct events events;
    struct exchange_list turn;    /* changed the store in this turn, not committed yet */
    struct exchange_list waiting; /* committed, not on the disk yet; tickets ascend */
    struct exchange_list told;    /* in the journal, and not in its file yet; without such a file never any */
    struct delays delays;         /* what a fault holds back */
    bool stopping;                /* nothing is held back any more */
    bool closing;                 /* no call is run any more */
    bool resumed; /* connections were resumed since the last http_run: libmicrohttpd's timeout does not count
                     them */
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

static void suspend(struct exchange *x)
{
    MHD_suspend_connection(x->connection);
    x->state = EXCHANGE_SUSPENDED;
}

static bool is_delayed(const struct http *h, const struct exchange *x)
{
    return x->call.effect.delay_ms > 0 && !h->stopping;
}

/* What the client sees: 0, no answer. A fault's status is put in when the answer is made, which may be later.
 */
static int status_of(const struct exchange *x)
{
    const struct fault_effect *e = &x->call.effect;
    if (e->close != FAULT_ANSWERS)
        return 0;
    return e->http_status ? e->http_status : x->status;
}

/* A request to the control API is no call of the cloud's: it has no line in the log, no entry in the journal
 * and is in no count. */
static void finish(struct exchange *x)
{
    if (x->control)
        return;
    metrics_count(&x->call.world->metrics, &x->call);
    call_record(&x->call, status_of(x));
}

/* A call is over: its answer goes out, or waits for what it has to wait for. */
static enum MHD_Result answer_or_wait(struct http *h, struct exchange *x)
{
    bool durable = x->call.changed && h->world->settings.db_path;
    bool delayed = is_delayed(h, x);
    if (!durable && !delayed) {
        finish(x);
        if (!h->world->journal->file)
            return answer_queue(x);
    }
    suspend(x);
    if (!durable && !delayed)
        exchange_push(&h->told, x);
    else if (durable)
        exchange_push(&h->turn, x);
    else
        delay_add(&h->delays, x);
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

static enum MHD_Result run_call(struct door *d, struct exchange *x, const char *method)
{
    struct http *h = d->doors->http;
    struct call *c = &x->call;
    if (h->closing)
        return MHD_NO;
    call_init(c, h->world, &x->arena);
    c->start_ns = clock_mono_ns();
    c->request = (struct request){.method = str_from(method),
                                  .body = body_str(&x->body),
                                  .body_cut = x->body.over,
                                  .headers = x->headers,
                                  .n_headers = x->n_headers,
                                  .peer = door_peer(x->connection),
                                  .tls = d->tls};
    exchange_split_target(x->target, &c->request);
    if (console_serve(x))
        return answer_queue(x);
    if (control_owns(c->request.path)) {
        x->control = true;
        x->status = control_run(c, &x->content_type);
        if (str_eq(str_from(x->content_type), STR(EVENT_STREAM)))
            return stream_events(h, x);
        return answer_or_wait(h, x);
    }
    int file = h->world->serve_file(c);
    if (file) {
        x->status = file;
        x->content_type = file < 300 ? "application/octet-stream" : "application/xml";
        call_log_download(c, file);
        return answer_queue(x);
    }
    pipeline_run(c);
    why_note(c);
    doctor_attend(c);
    return answer_or_wait(h, x);
}

/* The real gateway's edge answers plain HTTP with 403. virga's own API stays, and so does the Unix socket. */
static bool is_refused_plain(const struct door *d, struct str target)
{
    const struct http *h = d->doors->http;
    return d->plain_port && d->doors->tls_port && h->world->settings.strict &&
           !control_owns(str_head(target, str_find(target, '?')));
}

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

/* --- the turn --- */

static void answer_now(struct http *h, struct exchange *x)
{
    h->resumed = true;
    MHD_resume_connection(x->connection);
}

/* Whoever has an answer finds its call in the journal's file. */
static void finish_and_answer(struct http *h, struct exchange *x)
{
    finish(x);
    if (h->world->journal->file)
        exchange_push(&h->told, x);
    else
        answer_now(h, x);
}

void http_turn_told(struct http *h)
{
    for (struct exchange *x; (x = exchange_pop(&h->told));)
        answer_now(h, x);
}

static void resume(struct http *h, struct exchange *x)
{
    if (is_delayed(h, x))
        delay_add(&h->delays, x);
    else
        finish_and_answer(h, x);
}

/* At the end of the program whatever waits is answered at once. */
static void resume_delayed(struct http *h)
{
    int64_t now = h->stopping ? INT64_MAX : clock_mono_ns();
    for (struct exchange *x; (x = delay_take(&h->delays, now));)
        finish_and_answer(h, x);
}

static void resume_lost(struct http *h, struct exchange *x, enum db_fault fault, const char *why)
{
    if (x->control)
        x->status = control_lost(&x->call, why);
    else
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

/* --- the doors --- */

struct http *http_new(struct world *w, const struct http_options *options, struct str *ret_why)
{
    static const struct door_handlers handlers = {on_target, on_request, on_completed};
    struct http *h = ARENA_NEW(&w->arena, struct http);
    h->world = w;
    h->events.world = w;
    h->doors = (struct doors){.http = h, .handlers = &handlers, .arena = &w->arena};
    if (doors_open(&h->doors, options, ret_why) == 0)
        return h;
    http_free(h);
    return NULL;
}

void http_free(struct http *h)
{
    h->stopping = true;
    resume_delayed(h);
    http_turn_told(h);
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
    int others = sooner(delay_wait_ms(&h->delays, clock_mono_ns()), events_wait_ms(&h->events));
    return h->resumed ? 0 : sooner(doors, others);
}

void http_run(struct http *h)
{
    resume_delayed(h);
    h->resumed = false;
    doors_run(&h->doors);
    h->resumed |= events_wake(&h->events);
}

void http_quiesce(struct http *h)
{
    h->stopping = true;
    doors_quiesce(&h->doors);
    events_end(&h->events);
    h->resumed = true;
}

void http_refuse_calls(struct http *h)
{
    h->stopping = h->closing = true;
}

size_t http_in_flight(const struct http *h)
{
    return h->pool.in_use;
}
