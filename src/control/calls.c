/*
 * Routes of the journal: lists of calls, single calls, and emptying it.
 *
 * The journal keeps the bytes of a request. An answer shows them as UTF-8, because JSON has no bytes, and
 * replaces what is not UTF-8. No code here masks secrets, because that was done when the call was recorded
 * (core/redact.h).
 */
#include "control/calls.h"

#include <assert.h>

#include "base/codec.h"
#include "gateway/pipeline.h"

enum { UUID_DASH = 8 }; /* where a RequestId has its first dash */

/* --- selecting --- */

/* Recognizes the form of a RequestId, so that an error can name what the client meant. */
static bool is_request_id(struct str s)
{
    return s.n == REQUEST_ID_CHARS && s.p[UUID_DASH] == '-' && str_find(s, ':') == s.n;
}

/* *ret_place: the index of the first call after `since`, which is a RequestId or a time. */
static int find_start(struct control *k, struct str since, size_t *ret_place)
{
    const struct journal *j = k->call->world->journal;
    const struct journal_entry *e = since.p ? journal_find(j, since) : NULL;
    int64_t ms = 0;
    size_t i = 0;
    if (e) {
        *ret_place = journal_after(j, e->serial);
        return 0;
    }
    if (since.p && is_request_id(since))
        return control_fail(k, HTTP_NOT_FOUND, STR("the journal has no call of that RequestId"),
                            STR("a time is possible too"));
    if (since.p && str_to_i64(since, &ms) != 0 && time_parse_rfc3339(since, &ms) != 0)
        return control_fail_request(k, STR("since is neither a RequestId nor a time"),
                                    STR("2026-01-01T00:00:00+08:00"));
    while (i < j->n && journal_at(j, i)->real_ms < ms)
        i++;
    *ret_place = i;
    return 0;
}

int journal_select(struct control *k, const struct get_requests_query *query, struct selection *ret)
{
    const struct journal *j = k->call->world->journal;
    const struct expectation x = {
        .action = query->action, .code = query->code, .trace = query->trace, .secret_id = query->secret_id};
    size_t start = 0, n = 0, limit = (size_t)query->limit.v;
    if (find_start(k, query->since, &start) != 0)
        return -1;
    size_t room = j->n - start < limit ? j->n - start : limit;
    const struct journal_entry **v = ARENA_ARRAY(k->call->arena, const struct journal_entry *, room);
    for (size_t i = j->n; i-- > start && n < room;) /* goes from the newest call back and fills the list from
                                                     * its end */
        if (verify_match(k->call->arena, &x, journal_at(j, i)))
            v[room - ++n] = journal_at(j, i);
    assert(n <= room);
    *ret = (struct selection){v + (room - n), n};
    return 0;
}

/* --- showing --- */

struct str journal_time(struct arena *a, int64_t ms)
{
    static const int64_t beijing_ms = INT64_C(8) * 3600 * 1000;
    struct str text = time_beijing(a, ms - beijing_ms);
    int64_t rest = (ms % 1000 + 1000) % 1000;
    return arena_printf(a, "%.10sT%.8s.%03dZ", text.p, text.p + 11, (int)rest);
}

void journal_widen_answer(struct control *k)
{
    buf_init(&k->text, k->call->arena, 0, LIMIT_JOURNAL_ANSWER);
}

/* One text of a call as UTF-8. */
static struct str shown(struct arena *a, const struct journal_entry *e, enum journal_entry_text which)
{
    return utf8_replace_invalid(a, journal_entry_text(e, which));
}

struct str journal_text(struct arena *a, const struct journal_entry *e, enum journal_entry_text which)
{
    struct str text = shown(a, e, which);
    return text.n > 0 ? text : (struct str){NULL, 0};
}

/* Keeps the order received. Counts first, so that it allocates the list once. */
static void show_headers(struct arena *a, const struct journal_entry *e, struct journal_header_list *ret)
{
    struct str lines = journal_entry_text(e, ENTRY_HEADERS), rest = lines;
    struct header h;
    size_t n = 0;
    while (journal_entry_next_header(&rest, &h))
        n++;
    *ret = (struct journal_header_list){ARENA_ARRAY(a, struct journal_header, n), n, true};
    for (size_t i = 0; i < n && journal_entry_next_header(&lines, &h); i++)
        ret->v[i] = (struct journal_header){.name = utf8_replace_invalid(a, h.name),
                                            .value = utf8_replace_invalid(a, h.value)};
}

/* Sets the texts that are empty, and not null, when the call has none. */
static void show_texts(struct arena *a, const struct journal_entry *e, struct journal_call *ret)
{
    ret->action = shown(a, e, ENTRY_ACTION);
    ret->version = shown(a, e, ENTRY_VERSION);
    ret->region = shown(a, e, ENTRY_REGION);
    ret->secret_id = shown(a, e, ENTRY_SECRET_ID);
    ret->trace = shown(a, e, ENTRY_TRACE);
    ret->client = shown(a, e, ENTRY_CLIENT);
    ret->language = shown(a, e, ENTRY_LANGUAGE);
    ret->method = shown(a, e, ENTRY_METHOD);
    ret->target = shown(a, e, ENTRY_TARGET);
    ret->body = shown(a, e, ENTRY_BODY);
    ret->message = shown(a, e, ENTRY_MESSAGE);
    ret->answer = shown(a, e, ENTRY_ANSWER);
}

/* Lists the steps before the one at which the call ended; all steps for a call that was done, or whose change
 * was lost afterwards. */
static void show_steps(struct arena *a, const struct journal_entry *e, struct journal_call *ret)
{
    ret->failed_step = str_from(e->failed_step);
    ret->steps.set = true;
    for (size_t i = 0; i < pipeline_steps; i++) {
        if (ret->failed_step.p && str_eq(ret->failed_step, str_from(pipeline[i].name)))
            break;
        str_list_add(a, &ret->steps, str_from(pipeline[i].name));
    }
}

struct str_list journal_leniencies(struct arena *a, const struct journal_entry *e)
{
    struct str_list list = {.set = true};
    struct str name;
    for (size_t i = 0; (name = journal_entry_leniency(e, i)).p; i++)
        str_list_add(a, &list, name);
    return list;
}

void journal_show(struct arena *a, const struct journal_entry *e, struct journal_call *ret_call)
{
    *ret_call = (struct journal_call){.serial = U64(e->serial),
                                      .request_id = {e->request_id, REQUEST_ID_CHARS},
                                      .time = journal_time(a, e->real_ms),
                                      .unix_ms = I64(e->real_ms),
                                      .service_ms = I64(e->service_ms),
                                      .duration_us = I64(e->duration_us),
                                      .product = e->product->name,
                                      .signature = e->v1 ? STR("v1") : STR("v3"),
                                      .body_bytes = I64((int64_t)e->body_n),
                                      .params = journal_entry_params(a, e),
                                      .code = journal_entry_code(e),
                                      .http_status = I64(e->http_status),
                                      .answer_bytes = I64((int64_t)e->answer_n),
                                      .flow_id = {e->flow_id, e->flow_id != 0},
                                      .why = journal_text(a, e, ENTRY_WHY),
                                      .why_text = journal_text(a, e, ENTRY_WHY_TEXT),
                                      .leniencies = journal_leniencies(a, e),
                                      .injected = journal_text(a, e, ENTRY_INJECTED)};
    show_texts(a, e, ret_call);
    show_headers(a, e, &ret_call->headers);
    show_steps(a, e, ret_call);
}

/* --- routes --- */

/* GET /_virga/requests: the newest `limit` calls that match, oldest first, and how many the journal has in
 * all. */
int control_get_requests(struct control *k, const struct get_requests_query *query,
                         struct journal_page *answer)
{
    const struct journal *j = k->call->world->journal;
    struct arena *a = k->call->arena;
    struct selection s;
    if (journal_select(k, query, &s) != 0)
        return -1;
    journal_widen_answer(k);
    answer->requests = (struct journal_call_list){ARENA_ARRAY(a, struct journal_call, s.n), s.n, true};
    for (size_t i = 0; i < s.n; i++)
        journal_show(a, s.v[i], &answer->requests.v[i]);
    answer->total = I64((int64_t)j->n);
    answer->dropped = I64((int64_t)j->dropped);
    return 0;
}

/* GET /_virga/requests/{request_id} */
int control_get_request(struct control *k, struct journal_call *answer)
{
    const struct journal_entry *e = journal_find(k->call->world->journal, k->id);
    if (!e)
        return control_fail(k, HTTP_NOT_FOUND, STR("the journal has no call of that RequestId"),
                            STR("GET /_virga/requests lists what it has, and how many it dropped"));
    journal_show(k->call->arena, e, answer);
    return 0;
}

/* DELETE /_virga/requests: empties the journal. The counts of coverage are kept. */
int control_delete_requests(struct control *k, struct journal_cleared *answer)
{
    answer->removed = I64((int64_t)journal_clear(k->call->world->journal));
    return 0;
}
