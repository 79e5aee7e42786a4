/* Answers that wait; see held.h. A request that waits is a suspended connection: libmicrohttpd neither reads
 * from it nor closes it for its silence until it is resumed. */
#include "server/held.h"

#include "core/journal.h"
#include "core/pipeline.h"
#include "server/answer.h"
#include "server/router.h"

/* From within the library's own callback, as it demands. */
static void suspend(struct exchange *x)
{
    MHD_suspend_connection(x->connection);
    x->state = EXCHANGE_SUSPENDED;
}

static bool is_delayed(const struct held *h, const struct exchange *x)
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
    const struct call *c = &x->call;
    if (x->control)
        return;
    metrics_count(&c->world->metrics, c->action, c->error,
                  (double)(clock_mono_ns() - c->start_ns) / (double)NS_PER_SECOND);
    call_record(c, status_of(x));
}

/* A call is over: its answer goes out, or waits for what it has to wait for. */
enum MHD_Result held_answer(struct held *h, struct exchange *x)
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

/* --- those that may go --- */

/* Resuming only marks the connection. The library asks for the answer in its next run, and on_request then
 * queues it (server/http.c). */
static void answer_now(struct held *h, struct exchange *x)
{
    h->resumed = true;
    MHD_resume_connection(x->connection);
}

/* Whoever has an answer finds its call in the journal's file. */
static void finish_and_answer(struct held *h, struct exchange *x)
{
    finish(x);
    if (h->world->journal->file)
        exchange_push(&h->told, x);
    else
        answer_now(h, x);
}

void held_turn_told(struct held *h)
{
    for (struct exchange *x; (x = exchange_pop(&h->told));)
        answer_now(h, x);
}

static void resume(struct held *h, struct exchange *x)
{
    if (is_delayed(h, x))
        delay_add(&h->delays, x);
    else
        finish_and_answer(h, x);
}

/* At the end of the program whatever waits is answered at once. */
void held_release_due(struct held *h)
{
    int64_t now = h->stopping ? INT64_MAX : clock_mono_ns();
    for (struct exchange *x; (x = delay_take(&h->delays, now));)
        finish_and_answer(h, x);
}

/* The answer that was made says that it is done; another one takes its place. */
static void resume_lost(struct held *h, struct exchange *x, enum db_fault fault, const char *why)
{
    if (x->control)
        x->status = control_lost(&x->call, why);
    else
        pipeline_lost(&x->call, fault, why);
    resume(h, x);
}

bool held_has_turn(const struct held *h)
{
    return h->turn.first != NULL;
}

void held_turn_committed(struct held *h, uint64_t ticket)
{
    for (struct exchange *x; (x = exchange_pop(&h->turn));) {
        x->ticket = ticket;
        exchange_push(&h->waiting, x);
    }
}

void held_turn_lost(struct held *h)
{
    for (struct exchange *x; (x = exchange_pop(&h->turn));)
        resume_lost(h, x, db_fault(h->world->db), db_message(h->world->db));
}

/* From the front: tickets ascend, so that the first one that is not covered ends the search. */
void held_durable(struct held *h, uint64_t ticket)
{
    while (h->waiting.first && h->waiting.first->ticket <= ticket)
        resume(h, exchange_pop(&h->waiting));
}

void held_all_lost(struct held *h)
{
    for (struct exchange *x; (x = exchange_pop(&h->waiting));)
        resume_lost(h, x, DB_IO, "the disk refused a sync");
}
