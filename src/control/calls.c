/*
 * Routes of the journal: lists of calls, single calls, and emptying it.
 *
 * The journal keeps the bytes of a request. An answer shows them as UTF-8, because JSON has no bytes, and
 * replaces what is not UTF-8. No code here masks secrets, because that was done when the call was recorded
 * (core/redact.h).
 */
#include "control/calls.h"

#include "base/codec.h"
#include "control/selection.h"
#include "gateway/pipeline.h"

/* --- showing --- */

struct str journal_time(struct arena *a, int64_t ms)
{
    char text[25];
    time_utc_ms(ms, text);
    return arena_dup(a, str_from(text));
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

struct str_list journal_unread(struct arena *a, const struct journal_entry *e)
{
    struct str_list list = {.set = true};
    struct str rest = journal_entry_text(e, ENTRY_UNREAD), name;
    while (rest.n > 0 && str_next(&rest, ' ', &name))
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
                                      .unread = journal_unread(a, e),
                                      .injected = journal_text(a, e, ENTRY_INJECTED)};
    show_texts(a, e, ret_call);
    show_headers(a, e, &ret_call->headers);
    show_steps(a, e, ret_call);
}

/* --- routes --- */

static const void *make_call(struct arena *a, const struct world *w, const struct journal_entry *e)
{
    struct journal_call *call = ARENA_NEW(a, struct journal_call);
    (void)w;
    journal_show(a, e, call);
    return call;
}

/* GET /_virga/requests: the newest `limit` calls that match, oldest first, and how many the journal has in
 * all. */
int control_get_requests(struct control *k, const struct get_requests_query *query,
                         struct journal_page *answer)
{
    const struct journal *j = k->call->world->journal;
    if (call_list_begin(k, query, STR("requests"), &journal_call_shape, make_call) != 0)
        return -1;
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
