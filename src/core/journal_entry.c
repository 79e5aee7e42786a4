#include "core/journal_entry.h"

#include "base/codec.h"
#include "base/limits.h"
#include "core/redact.h"
#include "wire/json.h"

/* Most calls fit without growing; the sum of the texts' own limits is below the cap. */
enum {
    FIRST_ROOM = 2048,
    ROOM_MAX =
        4 * (LIMIT_JOURNAL_HEADERS + 2 * LIMIT_JOURNAL_BODY) + 3 * LIMIT_JOURNAL_BODY + LIMIT_TARGET_GET
};

/* The texts are collected in the call's arena and copied when their size is known. */
struct entry_builder {
    struct buf text;
    struct journal_entry *e; /* its numbers */
};

static void begin_text(struct entry_builder *b, enum journal_entry_text which)
{
    b->e->texts[which].at = (uint32_t)b->text.n;
}

static void end_text(struct entry_builder *b, enum journal_entry_text which)
{
    b->e->texts[which].n = (uint32_t)b->text.n - b->e->texts[which].at;
}

static void put_text(struct entry_builder *b, enum journal_entry_text which, struct str s, size_t most)
{
    begin_text(b, which);
    buf_put(&b->text, utf8_cut(s, most));
    end_text(b, which);
}

/* Of virga itself; it may quote the client. */
static void put_prose(struct entry_builder *b, enum journal_entry_text which, struct str s, size_t most)
{
    begin_text(b, which);
    redact_prose(&b->text, utf8_cut(s, most));
    end_text(b, which);
}

static void put_body(struct entry_builder *b, struct str body)
{
    begin_text(b, ENTRY_BODY);
    b->e->body_hidden = !redact_body(&b->text, body, LIMIT_JOURNAL_BODY);
    end_text(b, ENTRY_BODY);
}

static void put_answer(struct entry_builder *b, struct str answer)
{
    begin_text(b, ENTRY_ANSWER);
    redact_json(&b->text, utf8_cut(answer, LIMIT_JOURNAL_BODY));
    end_text(b, ENTRY_ANSWER);
}

static void put_headers(struct entry_builder *b, const struct request *r)
{
    begin_text(b, ENTRY_HEADERS);
    size_t start = b->text.n;
    for (size_t i = 0; i < r->n_headers && b->text.n - start < LIMIT_JOURNAL_HEADERS; i++) {
        const struct header *h = &r->headers[i];
        buf_put(&b->text, utf8_cut(h->name, LIMIT_JOURNAL_TEXT));
        buf_putc(&b->text, ':');
        redact_header(&b->text, &(struct header){h->name, utf8_cut(h->value, LIMIT_JOURNAL_HEADERS)});
        buf_putc(&b->text, '\n');
    }
    end_text(b, ENTRY_HEADERS);
}

static struct str client_of(const struct call *c)
{
    if (!c->v1)
        return request_header(&c->request, STR("X-TC-RequestClient"));
    const struct form_field *field = form_find(&c->form, STR("RequestClient"));
    return field ? field->value : STR("");
}

static void put_target(struct entry_builder *b, const struct request *r)
{
    begin_text(b, ENTRY_TARGET);
    redact_path(&b->text, utf8_cut(r->path, LIMIT_JOURNAL_TEXT));
    if (r->query.n > 0) {
        buf_putc(&b->text, '?');
        redact_form(&b->text, utf8_cut(r->query, LIMIT_JOURNAL_BODY));
    }
    end_text(b, ENTRY_TARGET);
}

/* The text, or none when it was cut: a part of it is of no use for a comparison. */
static struct str if_whole(struct str s)
{
    return s.n <= LIMIT_JOURNAL_BODY ? s : (struct str){NULL, 0};
}

/* Such an explanation speaks of keys and signatures, and diagnosis/diagnose.c has redacted what it quotes. */
static bool is_about_signing(const struct call *c)
{
    return str_starts(error_table[c->error].code, STR("AuthFailure"));
}

static void put_explanation(struct entry_builder *b, const struct call *c)
{
    put_text(b, ENTRY_WHY, c->explanation.cause, LIMIT_JOURNAL_TEXT);
    (is_about_signing(c) ? put_text : put_prose)(b, ENTRY_WHY_TEXT, c->explanation.evidence,
                                                 LIMIT_JOURNAL_BODY);
    put_prose(b, ENTRY_PATH, c->refused_path, LIMIT_JOURNAL_TEXT);
    put_text(b, ENTRY_CANONICAL, if_whole(c->own_canonical), LIMIT_JOURNAL_BODY);
    put_text(b, ENTRY_STRING_TO_SIGN, if_whole(c->own_string), LIMIT_JOURNAL_BODY);
}

static void put_texts(struct entry_builder *b, const struct call *c)
{
    put_text(b, ENTRY_ACTION, c->common.action, LIMIT_JOURNAL_TEXT);
    put_text(b, ENTRY_VERSION, c->common.version, LIMIT_JOURNAL_TEXT);
    put_text(b, ENTRY_REGION, c->common.region, LIMIT_JOURNAL_TEXT);
    put_text(b, ENTRY_SECRET_ID, call_secret_id(c), LIMIT_JOURNAL_TEXT);
    put_text(b, ENTRY_TRACE, request_header(&c->request, STR("X-TC-TraceId")), LIMIT_JOURNAL_TEXT);
    put_text(b, ENTRY_CLIENT, client_of(c), LIMIT_JOURNAL_TEXT);
    put_text(b, ENTRY_LANGUAGE, c->common.language, LIMIT_JOURNAL_TEXT);
    put_text(b, ENTRY_METHOD, c->request.method, LIMIT_JOURNAL_TEXT);
    put_target(b, &c->request);
    put_headers(b, &c->request);
    put_body(b, c->request.body);
    put_text(b, ENTRY_OWN_CODE, c->own_code, LIMIT_JOURNAL_TEXT);
    put_text(b, ENTRY_UNREAD, c->unread, LIMIT_JOURNAL_TEXT);
    put_text(b, ENTRY_INJECTED, c->injected, LIMIT_JOURNAL_TEXT);
    put_prose(b, ENTRY_MESSAGE, c->message, LIMIT_JOURNAL_TEXT);
    put_answer(b, c->answer);
    put_explanation(b, c);
}

/* When a client sends its key as its id, the key is in every text that has the id. Stars of the same length
 * keep the offsets. */
static void mask_key(struct entry_builder *b, struct str key)
{
    char *p = b->text.p;
    size_t left = b->text.n;
    while (key.n > 0 && left > 0 && (p = memmem(p, left, key.p, key.n)) != NULL) {
        memset(p, '*', key.n);
        left = b->text.n - (size_t)(p - b->text.p);
    }
}

/* The flow that the answer names; 0 when it names none. */
static int64_t flow_of(const struct call *c)
{
    if (c->error != ERR_NONE || !c->out || !c->product->flow_field.p)
        return 0;
    const struct shape_field *f = shape_find(c->action->out, c->product->flow_field);
    if (!f || f->list || (f->type != SHAPE_INT64 && f->type != SHAPE_UINT64))
        return 0;
    return ((const struct opt_i64 *)(const void *)((const char *)c->out + f->offset))->v; /* same layout */
}

static struct journal_entry *move_to_heap(const struct entry_builder *b)
{
    struct journal_entry *e = memory_resize(NULL, sizeof *e + b->text.n);
    *e = *b->e;
    e->size = sizeof *e + b->text.n;
    if (b->text.n)
        memcpy(e->bytes, b->text.p, b->text.n);
    return e;
}

struct journal_entry *journal_entry_new(const struct call *c, int http_status)
{
    struct journal_entry head = {.v1 = c->v1,
                                 .tls = c->request.tls,
                                 .product = c->product,
                                 .http_status = http_status,
                                 .real_ms = clock_real_ms(),
                                 .service_ms = world_now_ms(c->world),
                                 .duration_us = (clock_mono_ns() - c->start_ns) / 1000,
                                 .action = c->action,
                                 .error = c->error,
                                 .failed_step = c->failed_step,
                                 .rule = c->refused_rule,
                                 .findings = c->explanation.findings,
                                 .leniencies = c->leniencies,
                                 .flow_id = flow_of(c),
                                 .body_n = c->request.body.n,
                                 .answer_n = c->answer.n};
    struct entry_builder b = {.e = &head};
    memcpy(head.request_id, c->request_id, REQUEST_ID_CHARS);
    buf_init(&b.text, c->arena, FIRST_ROOM, ROOM_MAX);
    put_texts(&b, c);
    mask_key(&b, c->key_as_id);
    return move_to_heap(&b);
}

/* --- reading it --- */

struct str journal_entry_text(const struct journal_entry *e, enum journal_entry_text which)
{
    return (struct str){e->bytes + e->texts[which].at, e->texts[which].n};
}

struct str journal_entry_code(const struct journal_entry *e)
{
    if (e->error == ERR_UNDOCUMENTED)
        return journal_entry_text(e, ENTRY_OWN_CODE);
    if (e->error != ERR_NONE)
        return error_table[e->error].code;
    return e->failed_step ? STR("") : STR("ok");
}

bool journal_entry_next_header(struct str *rest, struct header *ret_header)
{
    struct str line;
    if (rest->n == 0 || !str_next(rest, '\n', &line))
        return false;
    ret_header->name = str_head(line, str_find(line, ':'));
    ret_header->value = str_skip(line, ret_header->name.n + 1);
    return true;
}

const struct node *journal_entry_params(struct arena *a, const struct journal_entry *e)
{
    bool get = str_eq(journal_entry_text(e, ENTRY_METHOD), STR("GET"));
    struct str target = journal_entry_text(e, ENTRY_TARGET), key;
    struct str text = get ? str_skip(target, str_find(target, '?') + 1) : journal_entry_text(e, ENTRY_BODY);
    struct form form;
    struct node *tree;
    if (e->body_hidden && !get)
        return NULL;
    if (!e->v1 && !get)
        return json_parse(a, text, &tree, NULL) == 0 ? tree : NULL;
    if (form_parse(a, text, &form) != FORM_OK ||
        form_tree(a, &form, e->v1 ? call_is_common_param : NULL, &tree, &key) != FORM_OK)
        return NULL;
    return tree;
}

struct str journal_entry_leniency(const struct journal_entry *e, size_t n)
{
    static const struct {
        unsigned bit;
        struct str name;
    } rows[] = {{LENIENT_HOST, STR_INIT("signed_host")},
                {LENIENT_QUERY, STR_INIT("signed_query")},
                {LENIENT_SERVICE, STR_INIT("scope_service")}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (e->leniencies & rows[i].bit && n-- == 0)
            return rows[i].name;
    return (struct str){NULL, 0};
}
