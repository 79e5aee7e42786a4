/* Goes backwards from the newest call to find the first of the `limit` calls, then forwards to read them.
 * Both ways are interrupted when the budget is used up, and find their place again by the serial number. */
#include "control/selection.h"

#include <assert.h>

#include "base/clock.h"
#include "control/response.h"

enum { UUID_DASH = 8 }; /* where a RequestId has its first dash */

/* --- the limits of the query --- */

/* Recognizes the form of a RequestId, so that an error can name what the client meant. */
static bool is_request_id(struct str s)
{
    return s.n == REQUEST_ID_CHARS && s.p[UUID_DASH] == '-' && str_find(s, ':') == s.n;
}

/* The serial number of the last call before the first one that ended at this time or later; 0: there is none
 * before it. */
static uint64_t last_before(const struct journal *j, int64_t ms)
{
    size_t i = 0;
    while (i < j->n && journal_at(j, i)->real_ms < ms)
        i++;
    return i > 0 ? journal_at(j, i - 1)->serial : 0;
}

/* *ret_after: the serial number of the last call before those after `since`, which is a RequestId or a time.
 */
static int find_start(struct control *k, struct str since, uint64_t *ret_after)
{
    const struct journal *j = k->call->world->journal;
    const struct journal_entry *e = since.p ? journal_find(j, since) : NULL;
    int64_t ms = INT64_MIN;
    if (!e && since.p && is_request_id(since))
        return control_fail(k, HTTP_NOT_FOUND, STR("the journal has no call of that RequestId"),
                            STR("a time is possible too"));
    if (!e && since.p && str_to_i64(since, &ms) != 0 && time_parse_rfc3339(since, &ms) != 0)
        return control_fail_request(k, STR("since is neither a RequestId nor a time"),
                                    STR("2026-01-01T00:00:00+08:00"));
    *ret_after = e ? e->serial : last_before(j, ms);
    return 0;
}

int selection_init(struct selection *s, struct control *k, const struct get_requests_query *query)
{
    const struct journal *j = k->call->world->journal;
    assert(query->limit.v > 0);
    *s = (struct selection){.journal = j,
                            .expected = {.action = query->action,
                                         .code = query->code,
                                         .trace = query->trace,
                                         .secret_id = query->secret_id},
                            .last = j->next_serial - 1,
                            .counted_to = j->next_serial,
                            .wanted = (uint64_t)query->limit.v};
    return find_start(k, query->since, &s->after);
}

/* --- reading --- */

/* Counts backwards until the first call is found. False when the budget is used up before. */
static bool find_first(struct selection *s, struct arena *a, size_t *budget)
{
    const struct journal *j = s->journal;
    size_t i = journal_after(j, s->counted_to - 1);
    while (s->wanted > 0 && i > 0 && journal_at(j, i - 1)->serial > s->after) {
        if (*budget == 0)
            return false;
        --*budget;
        const struct journal_entry *e = journal_at(j, --i);
        s->counted_to = e->serial;
        if (verify_match(a, &s->expected, e) && --s->wanted == 0)
            s->after = e->serial - 1;
    }
    s->wanted = 0;
    return true;
}

/* Ends at the newest call of the request's time, as serial numbers ascend. */
enum list_result selection_next(struct selection *s, struct arena *a, size_t *budget,
                                const struct journal_entry **ret_call)
{
    const struct journal *j = s->journal;
    if (s->wanted > 0 && !find_first(s, a, budget))
        return LIST_PAUSE;
    for (size_t i = journal_after(j, s->after); i < j->n && journal_at(j, i)->serial <= s->last; i++) {
        const struct journal_entry *e = journal_at(j, i);
        if (*budget == 0)
            return LIST_PAUSE;
        --*budget;
        s->after = e->serial;
        if (!verify_match(a, &s->expected, e))
            continue;
        *ret_call = e;
        return LIST_ITEM;
    }
    return LIST_END;
}

/* --- a list --- */

static enum list_result next_item(struct list_stream *list, struct arena *a, size_t *budget,
                                  const void **ret_item)
{
    struct call_list *l = (struct call_list *)list; /* its first member */
    const struct journal_entry *e;
    enum list_result result = selection_next(&l->calls, a, budget, &e);
    if (result == LIST_ITEM)
        *ret_item = l->make(a, l->world, e);
    return result;
}

int call_list_begin(struct control *k, const struct get_requests_query *query, struct str name,
                    const struct shape *item,
                    const void *(*make)(struct arena *a, const struct world *w,
                                        const struct journal_entry *e))
{
    struct call_list *l = ARENA_NEW(k->call->arena, struct call_list);
    *l = (struct call_list){
        .list = {.name = name, .item = item, .next = next_item}, .world = k->call->world, .make = make};
    if (selection_init(&l->calls, k, query) != 0)
        return -1;
    k->list = &l->list;
    return 0;
}
