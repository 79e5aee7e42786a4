/*
 * libmicrohttpd asks for the next piece of a stream when its connection can take one. When there is no event
 * the connection is suspended, from within that callback; the loop resumes it when the journal has grown.
 */
#include "server/events.h"

#include <assert.h>
#include <microhttpd.h>
#include <stdlib.h>

#include "base/arena.h"
#include "control/calls.h"
#include "core/flow.h"
#include "wire/encode.h"

enum {
    BLOCK_BYTES = 4096,      /* how much libmicrohttpd asks on_read for at a time */
    EVENT_FIRST_ROOM = 1024, /* most events are smaller */
    HEARTBEAT_SECONDS = 15,  /* proxies close idle connections after half a minute */
    FLOW_WAIT_LEAST_MS = 50  /* a flow that cannot be settled must not keep the loop busy */
};

struct subscriber {
    struct events *events;
    struct MHD_Connection *connection;
    uint64_t delivered;   /* the serial number of the last event that was written for it */
    struct arena scratch; /* holds `text`: one event and never more */
    struct str text;      /* what libmicrohttpd has not taken of it yet */
    bool suspended;
    bool gone; /* its client has closed the connection */
    struct subscriber *next;
};

/* --- the next event --- */

static void put_event(struct subscriber *s, const char *kind, uint64_t serial, const struct shape *shape,
                      const void *value)
{
    struct buf b;
    buf_init(&b, &s->scratch, EVENT_FIRST_ROOM, LIMIT_ANSWER);
    buf_printf(&b, "event: %s\nid: %llu\ndata: ", kind, (unsigned long long)serial);
    encode_object(&b, shape, value);
    buf_put(&b, STR("\n\n"));
    s->text = buf_str(&b);
    s->delivered = serial;
}

static void put_call(struct subscriber *s, const struct journal_entry *e)
{
    struct journal_call call;
    journal_show(&s->scratch, e, &call);
    put_event(s, "call", e->serial, &journal_call_shape, &call);
}

static void put_flow_change(struct subscriber *s, const struct flow_change *c)
{
    struct flow_event event = {.flow_id = I64(c->flow_id),
                               .kind = c->kind,
                               .status = c->outcome.p ? c->outcome : STR("running"),
                               .service_ms = I64(c->at_ms)};
    put_event(s, "flow", c->serial, &flow_event_shape, &event);
}

static void put_dropped(struct subscriber *s, uint64_t up_to)
{
    struct events_dropped event = {.up_to = U64(up_to)};
    put_event(s, "dropped", up_to, &events_dropped_shape, &event);
}

/* Writes the next event, by its serial number, into s->text; without one the text stays empty. */
static void take_next(struct subscriber *s)
{
    const struct journal *j = s->events->world->journal;
    size_t i = journal_after(j, s->delivered);
    const struct journal_entry *e = i < j->n ? journal_at(j, i) : NULL;
    const struct flow_change *c = journal_change_after(j, s->delivered);
    assert(s->text.n == 0);
    arena_reset(&s->scratch);
    if (j->last_dropped > s->delivered)
        put_dropped(s, j->last_dropped);
    else if (e && (!c || e->serial < c->serial))
        put_call(s, e);
    else if (c)
        put_flow_change(s, c);
}

static bool has_event(const struct subscriber *s)
{
    const struct journal *j = s->events->world->journal;
    return s->text.n > 0 || journal_after(j, s->delivered) < j->n || journal_change_after(j, s->delivered);
}

/* --- libmicrohttpd's callbacks --- */

/* At the end of the program the stream ends as a complete one, so that a client does not report an error. */
static ssize_t on_read(void *cls, uint64_t at, char *to, size_t room)
{
    struct subscriber *s = cls;
    (void)at;
    assert(!s->suspended);
    if (s->events->ending || s->gone)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (s->text.n == 0)
        take_next(s);
    if (s->text.n == 0) {
        MHD_suspend_connection(s->connection);
        s->suspended = true;
        return 0;
    }
    struct str part = str_head(s->text, room);
    memcpy(to, part.p, part.n);
    s->text = str_skip(s->text, part.n);
    return (ssize_t)part.n;
}

static void on_end(void *cls)
{
    struct subscriber *s = cls, **at = &s->events->first;
    assert(s->events->n > 0);
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    s->events->n--;
    arena_done(&s->scratch);
    free(s);
}

/* --- subscribing --- */

/* Where a subscriber begins. An id that this journal has not given yet comes from an earlier run of the
 * server: that client has missed everything in this one. */
static uint64_t first_delivered(const struct journal *j, struct str last_event_id)
{
    uint64_t id;
    if (str_to_u64(last_event_id, &id) != 0)
        return j->next_serial - 1;
    return id < j->next_serial ? id : 0;
}

static struct subscriber *subscriber_new(struct events *e, struct MHD_Connection *connection,
                                         const struct call *c)
{
    struct subscriber *s = memory_new(sizeof *s);
    *s = (struct subscriber){.events = e, .connection = connection, .next = e->first};
    s->delivered = first_delivered(e->world->journal, request_header(&c->request, STR("Last-Event-ID")));
    arena_init(&s->scratch);
    s->text = arena_dup(&s->scratch, c->answer);
    e->first = s;
    e->n++;
    return s;
}

int events_subscribe(struct events *e, struct MHD_Connection *connection, const struct call *c)
{
    if (e->n == LIMIT_SUBSCRIBERS)
        return -1;
    struct subscriber *s = subscriber_new(e, connection, c);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, on_read, s, on_end);
    if (!response) {
        on_end(s);
        return -1;
    }
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, EVENT_STREAM);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
    enum MHD_Result queued = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response); /* calls on_end when it was not queued */
    return queued == MHD_YES ? 0 : -1;
}

/* --- for the loop --- */

static int64_t ms_until_heartbeat(const struct events *e)
{
    int64_t ms = (e->next_heartbeat_ns - clock_mono_ns()) / NS_PER_MS;
    return ms > 0 ? ms : 0;
}

/* The next flow becomes due at a known time, and subscribers learn of it then, though no call comes. A frozen
 * clock makes no flow due. After a commit that failed the time is not known: it is INT64_MIN until the next
 * call, from which nothing may be subtracted. */
static int64_t ms_until_flow(const struct world *w)
{
    int64_t now = world_now_ms(w);
    if (w->clock.mode == CLOCK_FROZEN || w->next_due_ms == INT64_MAX)
        return INT64_MAX;
    return w->next_due_ms > now + FLOW_WAIT_LEAST_MS ? w->next_due_ms - now : FLOW_WAIT_LEAST_MS;
}

int events_wait_ms(const struct events *e)
{
    if (e->n == 0)
        return -1;
    int64_t heartbeat = ms_until_heartbeat(e), flow = ms_until_flow(e->world);
    return (int)(heartbeat < flow ? heartbeat : flow);
}

/* True when it was resumed. A heartbeat is a comment, which clients skip. */
static bool wake(struct subscriber *s, bool heartbeat)
{
    if (!s->suspended || !(heartbeat || s->events->ending || s->gone || has_event(s)))
        return false;
    if (heartbeat && !has_event(s))
        s->text = STR(": still here\n\n");
    s->suspended = false;
    MHD_resume_connection(s->connection);
    return true;
}

/* Flows that are due are settled here only for subscribers; without any the next call settles them. */
bool events_wake(struct events *e)
{
    bool any = false, heartbeat = e->n > 0 && ms_until_heartbeat(e) == 0;
    if (e->n == 0)
        return false;
    (void)flow_settle(e->world); /* after a failure they stay due, and the next call reports it */
    if (heartbeat)
        e->next_heartbeat_ns = clock_mono_ns() + HEARTBEAT_SECONDS * NS_PER_SECOND;
    for (struct subscriber *s = e->first; s; s = s->next)
        any |= wake(s, heartbeat);
    return any;
}

bool events_unsubscribe(struct events *e, const struct MHD_Connection *connection)
{
    struct subscriber *s = e->first;
    while (s && s->connection != connection)
        s = s->next;
    if (!s)
        return false;
    s->gone = true;
    return wake(s, false);
}

void events_end(struct events *e)
{
    e->ending = true;
    for (struct subscriber *s = e->first; s; s = s->next)
        (void)wake(s, false);
}
