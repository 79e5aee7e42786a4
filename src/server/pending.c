/* A sorted list: faults are for tests, and few answers wait at once. */
#include "server/pending.h"

#include "control/router.h"
#include "core/journal.h"
#include "gateway/pipeline.h"
#include "server/response.h"

enum { WAIT_MAX_MS = 60 * 1000 };

void delayed_add(struct delays *d, struct exchange *x)
{
    struct exchange **at = &d->first;
    x->due_ns = clock_mono_ns() + x->call.delay_ms * NS_PER_MS;
    while (*at && (*at)->due_ns <= x->due_ns)
        at = &(*at)->next;
    x->next = *at;
    *at = x;
}

struct exchange *delayed_take(struct delays *d, int64_t now_ns)
{
    struct exchange *x = d->first;
    if (!x || x->due_ns > now_ns)
        return NULL;
    d->first = x->next;
    return x;
}

int delayed_wait_ms(const struct delays *d, int64_t now_ns)
{
    if (!d->first)
        return -1;
    int64_t ms = (d->first->due_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
    return ms < 0 ? 0 : ms > WAIT_MAX_MS ? WAIT_MAX_MS : (int)ms;
}

/* --- held --- */

/* Answers that wait; see held.h. A request that waits is a suspended connection: libmicrohttpd neither reads
 * from it nor closes it for its silence until it is resumed. */

/* From within the library's own callback, as it demands. */
static void suspend(struct exchange *x)
{
    MHD_suspend_connection(x->mhd);
    x->state = EXCHANGE_SUSPENDED;
}

static bool is_delayed(const struct pending *h, const struct exchange *x)
{
    return x->call.delay_ms > 0 && !h->stopping;
}

/* A request to the control API is no call of the cloud's: it has no line in the log, no entry in the journal
 * and is in no count. */
static void finish(struct exchange *x)
{
    const struct call *c = &x->call;
    if (x->control)
        return;
    metrics_count(&c->world->metrics, c->action, c->error,
                  (double)(clock_mono_ns() - c->start_ns) / (double)NS_PER_SECOND);
    call_record(c, x->status);
}

/* A call is over: its answer goes out, or waits for what it has to wait for. */
enum MHD_Result pending_respond(struct pending *h, struct exchange *x)
{
    bool durable = x->call.changed && h->world->settings.db_path;
    bool delayed = is_delayed(h, x);
    if (!durable && !delayed) {
        finish(x);
        if (!h->world->journal->file)
            return response_queue(x);
    }
    suspend(x);
    if (!durable && !delayed)
        exchange_push(&h->reported, x);
    else if (durable)
        exchange_push(&h->turn, x);
    else
        delayed_add(&h->delays, x);
    return MHD_YES;
}

/* --- those that may go --- */

/* Resuming only marks the connection. The library asks for the answer in its next run, and on_request then
 * queues it (server/http.c). */
static void answer_now(struct pending *h, struct exchange *x)
{
    h->resumed = true;
    MHD_resume_connection(x->mhd);
}

/* Whoever has an answer finds its call in the journal's file. */
static void finish_and_answer(struct pending *h, struct exchange *x)
{
    finish(x);
    if (h->world->journal->file)
        exchange_push(&h->reported, x);
    else
        answer_now(h, x);
}

void pending_journal_written(struct pending *h)
{
    for (struct exchange *x; (x = exchange_pop(&h->reported));)
        answer_now(h, x);
}

static void resume(struct pending *h, struct exchange *x)
{
    if (is_delayed(h, x))
        delayed_add(&h->delays, x);
    else
        finish_and_answer(h, x);
}

/* At the end of the program whatever waits is answered at once. */
void pending_release_due(struct pending *h)
{
    int64_t now = h->stopping ? INT64_MAX : clock_mono_ns();
    for (struct exchange *x; (x = delayed_take(&h->delays, now));)
        finish_and_answer(h, x);
}

/* The answer that was made says that it is done; another one takes its place. */
static void resume_lost(struct pending *h, struct exchange *x, enum db_fault fault, const char *problem)
{
    if (x->control)
        x->status = control_lost(&x->call, problem);
    else
        x->status = pipeline_lost(&x->call, fault, problem);
    resume(h, x);
}

bool pending_awaits_commit(const struct pending *h)
{
    return h->turn.first != NULL;
}

void pending_committed(struct pending *h, uint64_t ticket)
{
    for (struct exchange *x; (x = exchange_pop(&h->turn));) {
        x->ticket = ticket;
        exchange_push(&h->waiting, x);
    }
}

void pending_commit_failed(struct pending *h)
{
    for (struct exchange *x; (x = exchange_pop(&h->turn));)
        resume_lost(h, x, db_fault(h->world->db), db_message(h->world->db));
}

/* From the front: tickets ascend, so that the first one that is not covered ends the search. */
void pending_synced(struct pending *h, uint64_t ticket)
{
    while (h->waiting.first && h->waiting.first->ticket <= ticket)
        resume(h, exchange_pop(&h->waiting));
}

void pending_sync_failed(struct pending *h)
{
    for (struct exchange *x; (x = exchange_pop(&h->waiting));)
        resume_lost(h, x, DB_IO, "the disk refused a sync");
}
