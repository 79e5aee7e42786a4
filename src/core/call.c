/* How a call ends: the error with its text, or the result, and the envelope around either. */
#include "core/call.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"
#include "base/log.h"
#include "wire/encode.h"

enum { EVIDENCE_ROOM = 640, ANSWER_FIRST_ROOM = 512, MESSAGE_FIRST_ROOM = 256 };

void call_init(struct call *c, struct world *w, struct arena *a)
{
    *c = (struct call){.world = w, .arena = a, .product = registry_default(w->registry), .error = ERR_NONE};
    rng_uuid(&w->rng, c->request_id);
}

bool call_in_chinese(const struct call *c)
{
    return str_eq(c->common.language, STR("zh-CN"));
}

struct str call_secret_id(const struct call *c)
{
    return c->v1 ? c->common.secret_id : c->auth.secret_id;
}

/* SDKs send RequestClient and sign it (observed). */
bool call_is_common_param(struct str key)
{
    static const struct str names[] = {
        STR_INIT("Action"),          STR_INIT("Version"),  STR_INIT("Region"),        STR_INIT("Timestamp"),
        STR_INIT("Nonce"),           STR_INIT("Token"),    STR_INIT("Signature"),     STR_INIT("SecretId"),
        STR_INIT("SignatureMethod"), STR_INIT("Language"), STR_INIT("RequestClient"),
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq(key, names[i]))
            return true;
    return false;
}

static int language_of(const struct call *c)
{
    return call_in_chinese(c) ? LANG_ZH : LANG_EN;
}

static struct str fill_in(struct arena *a, struct str text, const struct str *args, size_t n_args)
{
    struct buf b;
    buf_init(&b, a, MESSAGE_FIRST_ROOM, LIMIT_MESSAGE);
    buf_put_filled(&b, text, args, n_args);
    return buf_str(&b);
}

int call_fail(struct call *c, enum error_id id)
{
    return call_fail_with(c, id, NULL, 0);
}

int call_fail_with(struct call *c, enum error_id id, const struct str *args, size_t n_args)
{
    const struct str *text = error_table[id].text;
    struct str tail = {c->request_id + REQUEST_ID_CHARS - 12,
                       12}; /* observed: InternalError begins with it */
    if (id == ERR_INTERNAL_ERROR) {
        args = &tail;
        n_args = 1;
    }
    assert(id != ERR_NONE);
    assert(c->error == ERR_NONE); /* the first error wins */
    c->error = id;
    c->message = fill_in(c->arena, text[language_of(c)], args, n_args);
    c->english = call_in_chinese(c) ? fill_in(c->arena, text[LANG_EN], args, n_args) : (struct str){NULL, 0};
    return -1;
}

int call_fail_explained(struct call *c, enum error_id id, const char *problem, const char *format, ...)
{
    char text[EVIDENCE_ROOM];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct str sentence = {text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1};
    utf8_mask_unprintable(text, sentence.n);
    c->explanation.cause = str_from(problem);
    c->explanation.evidence = arena_dup(c->arena, sentence);
    return call_fail(c, id);
}

void call_unread(struct call *c, bool given, const char *parameter)
{
    if (given)
        c->unread = CONCAT(c->arena, c->unread, c->unread.n > 0 ? STR(" ") : STR(""), str_from(parameter));
}

struct str call_code(const struct call *c)
{
    assert((c->error == ERR_UNDOCUMENTED) == (c->own_code.p != NULL));
    return c->error == ERR_UNDOCUMENTED ? c->own_code : error_table[c->error].code;
}

bool call_declares(const struct call *c, enum error_id id)
{
    assert(c->action);
    for (size_t i = 0; i < c->action->n_errors; i++)
        if (c->action->errors[i] == id)
            return true;
    return false;
}

enum error_id call_first_declared(const struct call *c, const enum error_id *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (call_declares(c, ids[i]))
            return ids[i];
    return ERR_INTERNAL_ERROR;
}

static enum error_id store_code(const struct call *c, enum db_fault fault)
{
    const struct product *p = c->product;
    for (size_t i = 0; i < p->n_store_errors; i++)
        if (p->store_errors[i].fault == fault)
            return call_first_declared(c, p->store_errors[i].codes, p->store_errors[i].n_codes);
    return ERR_INTERNAL_ERROR;
}

/* What a user can do about a failure of the store; its reason in words is in the log. */
static const struct explanation store_explanations[] = {
    [DB_OK] = {STR_INIT("store.failed"), STR_INIT("the store failed; the log has the reason"), {{NULL}, 0}},
    [DB_BUSY] = {STR_INIT("store.locked"),
                 STR_INIT("another program holds the lock of the state file; the call can be repeated"),
                 {{NULL}, 0}},
    [DB_FULL] = {STR_INIT("store.full"), STR_INIT("the disk of the state file is full"), {{NULL}, 0}},
    [DB_GONE] = {STR_INIT("store.gone"),
                 STR_INIT("the state file was moved, removed or made read-only while the server runs"),
                 {{NULL}, 0}},
    [DB_IO] = {STR_INIT("store.io"),
               STR_INIT("the system failed to read or write the state file"),
               {{NULL}, 0}},
    [DB_CORRUPT] = {STR_INIT("store.damaged"), STR_INIT("the state file is damaged"), {{NULL}, 0}},
    [DB_CONSTRAINT] = {STR_INIT("store.failed"),
                       STR_INIT("the store rejected a value; the log has the reason"),
                       {{NULL}, 0}},
    [DB_OTHER] = {STR_INIT("store.failed"),
                  STR_INIT("the store failed; the log has the reason"),
                  {{NULL}, 0}},
};

int call_fail_fault(struct call *c, enum db_fault fault, const char *problem)
{
    log_say(LOG_ERROR, "the store failed: %s (rid=%.*s)", problem, REQUEST_ID_CHARS, c->request_id);
    assert(c->action && fault < sizeof store_explanations / sizeof store_explanations[0]);
    c->explanation = store_explanations[fault];
    return call_fail(c, store_code(c, fault));
}

int call_fail_store(struct call *c)
{
    return call_fail_fault(c, db_fault(c->world->db), db_message(c->world->db));
}

int call_step(struct call *c, struct stmt *s)
{
    int rc = stmt_step(s);
    return rc < 0 ? call_fail_store(c) : rc;
}

void call_bind_owner(const struct call *c, struct stmt *s)
{
    stmt_bind_str(s, ":account", c->credential->account->uin);
    stmt_bind_str(s, ":region", c->common.region);
}

/* Writes the RequestId last in the object, as in the samples of the documentation. */
static void put_request_id(struct buf *b, const struct call *c)
{
    buf_put(b, STR("\"RequestId\":\""));
    buf_put(b, (struct str){c->request_id, REQUEST_ID_CHARS});
    buf_put(b, STR("\"}}"));
}

static void put_error(struct buf *b, const struct call *c)
{
    buf_put(b, STR("{\"Response\":{\"Error\":{\"Code\":\""));
    buf_put(b, call_code(c));
    buf_put(b, STR("\",\"Message\":"));
    buf_put_json_string(b, c->message);
    buf_put(b, STR("},"));
    put_request_id(b, c);
}

static void put_result(struct buf *b, const struct call *c)
{
    buf_put(b, STR("{\"Response\":{"));
    if (encode_members(b, c->action->out, c->out) > 0)
        buf_putc(b, ',');
    put_request_id(b, c);
}

/* A result that is too large becomes an error of its own, as the documentation lists it; an error always
 * fits. */
static struct str envelope(struct call *c)
{
    struct buf b;
    buf_init(&b, c->arena, ANSWER_FIRST_ROOM, LIMIT_ANSWER);
    if (c->error == ERR_NONE)
        put_result(&b, c);
    if (b.over) {
        (void)call_fail(c, ERR_RESPONSE_SIZE_LIMIT_EXCEEDED);
        buf_clear(&b);
    }
    if (c->error != ERR_NONE)
        put_error(&b, c);
    return buf_str(&b);
}

/* Applies the fault to the response. No other code lets a fault change it; the server sends it as it is
 * here. */
static void apply_effect(struct call *c)
{
    const struct fault_effect *e = &c->effect;
    c->delay_ms = e->delay_ms;
    c->truncated = e->truncates && e->truncate_bytes < c->answer.n;
    c->truncate_bytes = e->truncate_bytes;
    if (e->http_status) {
        c->http_status = e->http_status;
        c->content_type = "text/html";
    }
    if (e->close != FAULT_RESPONDS)
        c->http_status = 0;
}

void call_answer(struct call *c)
{
    bool suppressed = c->error == ERR_NONE && fault_suppresses_response(&c->effect);
    c->answer = suppressed ? fault_page(c->effect.http_status) : envelope(c);
    c->content_type = "application/json";
    c->http_status = 200;
    apply_effect(c);
}
