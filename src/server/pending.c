/*
 * The lists are short and cheap: a response enters its list at the end and leaves it at the front, but for
 * the delayed ones. Faults are for tests, and few responses are delayed at once, so theirs is a sorted list.
 */
#include "server/pending.h"

#include <assert.h>

#include "core/journal.h"
#include "server/connection.h"
#include "server/response.h"
#include "server/url_owner.h"

/* --- states --- */

/* The exchange after which `x` belongs in the list of its state; NULL: it is the first. Of equal due times,
 * the one that arrived first is sent first. */
static struct exchange *find_place(const struct exchange_list *list, const struct exchange *x)
{
    struct exchange *at = list->last;
    while (x->pending == DELAYED && at && at->due_ns > x->due_ns)
        at = at->prev;
    return at;
}

/* libmicrohttpd requires that a connection is suspended from within its own callback. */
static void suspend(struct exchange *x)
{
    assert(x->state == EXCHANGE_BODY);
    MHD_suspend_connection(x->mhd);
    x->state = EXCHANGE_SUSPENDED;
}

/* Resuming only marks the connection: the library calls the access handler in its next run, which then queues
 * the response (server/http.c). */
static void resume(struct pending *p, struct exchange *x)
{
    assert(x->state == EXCHANGE_SUSPENDED);
    p->resumed = true;
    MHD_resume_connection(x->mhd);
}

/* The only place where a state changes. The connection is suspended in every state but PENDING_NONE. */
static void transition(struct pending *p, struct exchange *x, enum pending_state to)
{
    const enum pending_state from = x->pending;
    assert(from < PENDING_STATES && to < PENDING_STATES);
    assert(to > from || to == PENDING_NONE); /* no wait comes twice or after a later one */
    assert(to != AWAITING_SYNC || from == AWAITING_COMMIT);
    if (from != PENDING_NONE)
        exchange_list_remove(&p->lists[from], x);
    else if (to != PENDING_NONE)
        suspend(x);
    x->pending = to;
    p->n_delayed += (size_t)(to == DELAYED) - (size_t)(from == DELAYED);
    if (to != PENDING_NONE)
        exchange_list_insert(&p->lists[to], x, find_place(&p->lists[to], x));
    else if (from != PENDING_NONE)
        resume(p, x);
}

/* --- what a response waits for --- */

static bool awaits_disk(const struct pending *p, const struct exchange *x)
{
    return x->call.changed && p->world->settings.db_path;
}

/* A delay holds a connection. Clients that wait must not take all of them, and one that has gone none. */
static bool is_delayed(const struct pending *p, const struct exchange *x)
{
    return x->call.delay_ms > 0 && !p->stopping && !x->connection->peer_closed &&
           p->n_delayed < p->most_delayed;
}

/* Returns the state after the wait that has ended. After AWAITING_COMMIT without a commit, the wait for the
 * disk has ended too, because there is nothing to sync. */
static enum pending_state next_state(const struct pending *p, const struct exchange *x)
{
    if (x->pending == PENDING_NONE && awaits_disk(p, x))
        return AWAITING_COMMIT;
    if (x->pending < DELAYED && is_delayed(p, x))
        return DELAYED;
    if (x->pending < AWAITING_JOURNAL && p->world->journal->file)
        return AWAITING_JOURNAL;
    return PENDING_NONE;
}

/* Counts, logs and journals a call of the cloud's API when its result is certain. */
static void record(const struct exchange *x)
{
    const struct call *c = &x->call;
    if (!x->owner->is_call)
        return;
    metrics_count(&c->world->metrics, c->action, c->error,
                  (double)(clock_mono_ns() - c->start_ns) / (double)NS_PER_SECOND);
    call_record(c, x->status);
}

/* Called when one wait has ended: begins the next one, or sends the response. */
static void proceed(struct pending *p, struct exchange *x)
{
    const enum pending_state to = next_state(p, x);
    if (to == DELAYED)
        x->due_ns = clock_mono_ns() + x->call.delay_ms * NS_PER_MS;
    if (x->pending != AWAITING_JOURNAL && (to == AWAITING_JOURNAL || to == PENDING_NONE))
        record(x);
    transition(p, x, to);
}

/* Without a response libmicrohttpd calls the access handler again in its next run, without a call of the
 * system. */
static enum MHD_Result gather(struct pending *p, struct exchange *x)
{
    assert(x->state == EXCHANGE_BODY);
    x->state = EXCHANGE_GATHERED;
    p->resumed = true;
    return MHD_YES;
}

enum MHD_Result pending_respond(struct pending *p, struct exchange *x)
{
    assert(x->owner && x->owner->lost && x->pending == PENDING_NONE);
    proceed(p, x);
    if (x->pending != PENDING_NONE)
        return MHD_YES;
    return p->gathers ? gather(p, x) : response_queue(x);
}

/* --- delays --- */

void pending_release_due(struct pending *p)
{
    const int64_t now_ns = p->stopping ? INT64_MAX : clock_mono_ns();
    const struct exchange_list *delayed = &p->lists[DELAYED];
    while (delayed->first && delayed->first->due_ns <= now_ns)
        proceed(p, delayed->first);
}

void pending_end_delay(struct pending *p, struct exchange *x)
{
    assert(x->pending == DELAYED && x->connection->peer_closed);
    proceed(p, x);
}

int pending_wait_ms(const struct pending *p, int64_t now_ns)
{
    const struct exchange *x = p->lists[DELAYED].first;
    if (!x)
        return -1;
    int64_t ms = (x->due_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
    return ms < 0 ? 0 : ms > LIMIT_POLL_MS ? LIMIT_POLL_MS : (int)ms;
}

/* --- the store --- */

/* Replaces responses that report a success which was lost: the owner of the URL writes an error. */
static void fail_all(struct pending *p, enum pending_state state, enum db_fault fault, const char *problem)
{
    for (struct exchange *x; (x = p->lists[state].first);) {
        x->owner->lost(x, fault, problem);
        proceed(p, x);
    }
}

bool pending_awaits_commit(const struct pending *p)
{
    return p->lists[AWAITING_COMMIT].first != NULL;
}

void pending_committed(struct pending *p, uint64_t ticket)
{
    assert(!p->lists[AWAITING_SYNC].last || p->lists[AWAITING_SYNC].last->ticket <= ticket);
    for (struct exchange *x; (x = p->lists[AWAITING_COMMIT].first);) {
        x->ticket = ticket;
        transition(p, x, AWAITING_SYNC);
    }
}

void pending_commit_failed(struct pending *p)
{
    fail_all(p, AWAITING_COMMIT, db_fault(p->world->db), db_message(p->world->db));
}

/* Goes from the front of the list: tickets ascend, so the first one that is not covered ends the search. */
void pending_synced(struct pending *p, uint64_t ticket)
{
    const struct exchange_list *waiting = &p->lists[AWAITING_SYNC];
    while (waiting->first && waiting->first->ticket <= ticket)
        proceed(p, waiting->first);
}

void pending_sync_failed(struct pending *p)
{
    fail_all(p, AWAITING_SYNC, DB_IO, "the disk refused a sync");
}

void pending_journal_written(struct pending *p)
{
    while (p->lists[AWAITING_JOURNAL].first)
        proceed(p, p->lists[AWAITING_JOURNAL].first);
}
