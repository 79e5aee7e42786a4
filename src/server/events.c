/*
 * libmicrohttpd asks for a piece of a listener's answer when its connection can take one. With nothing to say
 * the connection is suspended, from within that very call; the loop wakes it when the journal has grown.
 */
#include "server/events.h"

#include <microhttpd.h>
#include <stdlib.h>

#include "base/arena.h"
#include "control/calls.h"
#include "core/flow.h"
#include "wire/encode.h"

enum {
    BLOCK = 4096,           /* what libmicrohttpd takes at a time */
    BEAT_SECONDS = 15,      /* proxies cut silent connections after half a minute */
    FLOW_WAIT_LEAST_MS = 50 /* a flow that cannot be settled must not keep the loop busy */
};

struct subscriber {
    struct events *events;
    struct MHD_Connection *connection;
    uint64_t reported;    /* the serial number of the last event it got */
    struct arena scratch; /* of the text it is getting */
    struct str text;      /* what is left of that */
    bool suspended;
    struct subscriber *next;
};

/* --- what to tell next --- */

static void put_event(struct subscriber *l, const char *kind, uint64_t serial, const struct shape *shape,
                      const void *value)
{
    struct buf b;
    buf_init(&b, &l->scratch, 1024, LIMIT_ANSWER);
    buf_printf(&b, "event: %s\nid: %llu\ndata: ", kind, (unsigned long long)serial);
    encode_object(&b, shape, value);
    buf_put(&b, STR("\n\n"));
    l->text = buf_str(&b);
    l->reported = serial;
}

static void tell_call(struct subscriber *l, const struct journal_entry *e)
{
    struct journal_call call;
    journal_show(&l->scratch, e, &call);
    put_event(l, "call", e->serial, &journal_call_shape, &call);
}

static void tell_change(struct subscriber *l, const struct flow_change *c)
{
    struct flow_event event = {.flow_id = I64(c->flow_id),
                               .kind = c->kind,
                               .status = c->outcome.p ? c->outcome : STR("running"),
                               .service_ms = I64(c->at_ms)};
    put_event(l, "flow", c->serial, &flow_event_shape, &event);
}

static void tell_lost(struct subscriber *l, uint64_t up_to)
{
    struct events_dropped event = {.up_to = U64(up_to)};
    put_event(l, "dropped", up_to, &events_dropped_shape, &event);
}

/* The next event, by its number, into l->text; which stays empty when there is none. */
/* The listener's text is made anew each time, so that it holds one event and never more. */
static void take_next(struct subscriber *l)
{
    const struct journal *j = l->events->world->journal;
    size_t i = journal_after(j, l->reported);
    const struct journal_entry *e = i < j->n ? journal_at(j, i) : NULL;
    const struct flow_change *c = journal_change_after(j, l->reported);
    arena_reset(&l->scratch);
    if (j->last_dropped > l->reported)
        tell_lost(l, j->last_dropped);
    else if (e && (!c || e->serial < c->serial))
        tell_call(l, e);
    else if (c)
        tell_change(l, c);
}

static bool has_news(const struct subscriber *l)
{
    const struct journal *j = l->events->world->journal;
    return l->text.n > 0 || journal_after(j, l->reported) < j->n || journal_change_after(j, l->reported);
}

/* --- libmicrohttpd's side --- */

/* At the end of the program the stream ends properly, so that a client does not take it for a broken one. */
static ssize_t on_read(void *cls, uint64_t at, char *room, size_t n)
{
    struct subscriber *l = cls;
    (void)at;
    if (l->events->ending)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (l->text.n == 0)
        take_next(l);
    if (l->text.n == 0) {
        MHD_suspend_connection(l->connection);
        l->suspended = true;
        return 0;
    }
    struct str part = str_head(l->text, n);
    memcpy(room, part.p, part.n);
    l->text = str_skip(l->text, part.n);
    return (ssize_t)part.n;
}

static void on_end(void *cls)
{
    struct subscriber *l = cls, **at = &l->events->first;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    l->events->n--;
    arena_done(&l->scratch);
    free(l);
}

/* An id past those of this journal is of an earlier run: whoever brings it has missed all of this one. */
static uint64_t told_before(const struct journal *j, struct str last_id)
{
    uint64_t reported;
    if (str_to_u64(last_id, &reported) != 0)
        return j->next_serial - 1;
    return reported < j->next_serial ? reported : 0;
}

static struct subscriber *listener_new(struct events *e, struct MHD_Connection *connection,
                                       const struct call *c)
{
    struct subscriber *l = memory_new(sizeof *l);
    *l = (struct subscriber){.events = e, .connection = connection, .next = e->first};
    l->reported = told_before(e->world->journal, request_header(&c->request, STR("Last-Event-ID")));
    arena_init(&l->scratch);
    l->text = arena_dup(&l->scratch, c->answer);
    e->first = l;
    e->n++;
    return l;
}

int events_listen(struct events *e, struct MHD_Connection *connection, const struct call *c)
{
    if (e->n == LIMIT_SUBSCRIBERS)
        return -1;
    struct subscriber *l = listener_new(e, connection, c);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, on_read, l, on_end);
    if (!response) {
        on_end(l);
        return -1;
    }
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, EVENT_STREAM);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
    enum MHD_Result queued = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response); /* which ends the listener, when it was not queued */
    return queued == MHD_YES ? 0 : -1;
}

/* --- the loop's side --- */

static int64_t ms_until_beat(const struct events *e)
{
    int64_t ms = (e->next_beat_ns - clock_mono_ns()) / NS_PER_MS;
    return ms > 0 ? ms : 0;
}

/* A frozen clock brings nothing by itself. */
/* Listeners are told when a flow ends, though nobody calls: somebody must look. */
static int64_t ms_until_flow(const struct world *w)
{
    int64_t now = world_now_ms(w);
    if (w->clock.mode == CLOCK_FROZEN || w->next_due_ms == INT64_MAX)
        return INT64_MAX;
    return w->next_due_ms - now > FLOW_WAIT_LEAST_MS ? w->next_due_ms - now : FLOW_WAIT_LEAST_MS;
}

int events_wait_ms(const struct events *e)
{
    if (e->n == 0)
        return -1;
    int64_t beat = ms_until_beat(e), flow = ms_until_flow(e->world);
    return (int)(beat < flow ? beat : flow);
}

static bool wake_one(struct subscriber *l, bool beat)
{
    if (!l->suspended || !(beat || l->events->ending || has_news(l)))
        return false;
    if (beat && !has_news(l))
        l->text = STR(": still here\n\n");
    l->suspended = false;
    MHD_resume_connection(l->connection);
    return true;
}

/* Without listeners what falls due waits for the next call; they are told in time. */
bool events_wake(struct events *e)
{
    bool any = false, beat = e->n > 0 && ms_until_beat(e) == 0;
    if (e->n == 0)
        return false;
    (void)flow_settle(e->world); /* a failure stays due, and the next call tells it */
    if (beat)
        e->next_beat_ns = clock_mono_ns() + BEAT_SECONDS * NS_PER_SECOND;
    for (struct subscriber *l = e->first; l; l = l->next)
        any |= wake_one(l, beat);
    return any;
}

void events_end(struct events *e)
{
    e->ending = true;
    for (struct subscriber *l = e->first; l; l = l->next)
        (void)wake_one(l, false);
}
