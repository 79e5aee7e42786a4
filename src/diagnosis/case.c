/* The right signing of a call, from which every mistake departs. */
#include <stdlib.h>

#include "base/codec.h"
#include "base/limits.h"
#include "diagnosis/search.h"
#include "wire/json.h"
#include "wire/v1.h"

enum { DAY_SECONDS = 24 * 3600 };

static bool is_get(const struct call *c)
{
    return str_eq(c->request.method, STR("GET"));
}

static struct payload_part right_payload(struct call *c)
{
    const struct str mark = STR("UNSIGNED-PAYLOAD"), body = c->request.body;
    struct payload_part p = {.text = is_get(c) ? STR("") : body, .before = STR(""), .after = STR("")};
    struct node *tree;
    if (str_eq(request_header(&c->request, STR("X-TC-Content-SHA256")), mark)) {
        p.text = mark;
        return p;
    }
    if (p.text.n == 0 || p.text.n > LIMIT_DOCTOR_BODY || json_parse(c->arena, p.text, &tree, NULL) != 0)
        return p;
    p.json = tree;
    p.style = json_style_of(p.text);
    return p;
}

static void set_v3(struct diagnosis_case *p, struct call *c)
{
    const struct str date = {p->day[1], sizeof p->day[1] - 1};
    const struct str terminator = STR("tc3_request"), type = request_header(&c->request, STR("Content-Type"));
    struct signing *r = &p->right;
    r->payload = right_payload(c);
    r->canonical = (struct canonical_part){.uri = STR("/"),
                                           .query = is_get(c) ? c->request.query : STR(""),
                                           .content_type = str_trim(type),
                                           .lines = c->auth.signed_headers,
                                           .listed = c->auth.signed_headers,
                                           .colon = STR(":"),
                                           .value_end = STR(""),
                                           .newline = STR("\n"),
                                           .end = STR(""),
                                           .blank_lines = 1};
    r->string = (struct string_part){.algorithm = STR("TC3-HMAC-SHA256"),
                                     .timestamp = c->common.timestamp,
                                     .newline = STR("\n"),
                                     .end = STR(""),
                                     .before = STR(""),
                                     .date = date,
                                     .region = STR(""),
                                     .service = c->auth.service,
                                     .terminator = terminator};
    r->key.prefix = STR("TC3");
    r->key.date = date;
    r->key.service = c->auth.service;
    r->key.terminator = terminator;
}

static void read_signature(struct diagnosis_case *p)
{
    (void)hex_decode(p->sent, p->mac); /* cannot fail: tc3_parse has accepted the signature */
    for (size_t i = 0; i < p->sent.n; i++)
        p->upper |= p->sent.p[i] >= 'A' && p->sent.p[i] <= 'F';
}

static int compare_keys(const void *left, const void *right)
{
    return str_cmp(((const struct form_field *)left)->key, ((const struct form_field *)right)->key);
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : (unsigned char)c;
}

static int compare_nocase(const void *left, const void *right)
{
    const struct str a = ((const struct form_field *)left)->key, b = ((const struct form_field *)right)->key;
    for (size_t i = 0; i < a.n && i < b.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return lower(a.p[i]) - lower(b.p[i]);
    return (a.n > b.n) - (a.n < b.n);
}

static struct form fields_in_order(struct call *c, int (*compare)(const void *, const void *))
{
    struct form out = {.fields = ARENA_ARRAY(c->arena, struct form_field, c->form.n)};
    for (size_t i = 0; i < c->form.n; i++)
        if (!str_eq(c->form.fields[i].key, STR("Signature")))
            out.fields[out.n++] = c->form.fields[i];
    if (compare && out.n > 1)
        qsort(out.fields, out.n, sizeof out.fields[0], compare);
    return out;
}

/* White space at the end is forgiven, in front it may have been a '+'. */
static struct str without_end(struct str s)
{
    const struct str trimmed = str_trim(s);
    return trimmed.n == 0 ? trimmed : str_head(s, (size_t)(trimmed.p - s.p) + trimmed.n);
}

static void set_v1(struct diagnosis_case *p, struct call *c)
{
    p->order[V1_SORTED] = fields_in_order(c, compare_keys);
    p->order[V1_AS_SENT] = fields_in_order(c, NULL);
    p->order[V1_NOCASE] = fields_in_order(c, compare_nocase);
    p->right.v1 = (struct v1_part){.path = STR("/?"), .sha256 = v1_method_of(&c->form) == V1_HMAC_SHA256};
    p->sent = without_end(c->common.signature);
}

int case_init(struct diagnosis_case *p, struct call *c)
{
    const struct str none = STR("");
    *p = (struct diagnosis_case){.arena = c->arena, .call = c};
    if (c->v1 && (c->request.body.n > LIMIT_DOCTOR_BODY || c->request.query.n > LIMIT_DOCTOR_BODY))
        return -1;
    arena_init(&p->scratch);
    for (int i = 0; i < 3; i++)
        time_utc_date(c->timestamp + (i - 1) * (int64_t)DAY_SECONDS, p->day[i]);
    p->right =
        (struct signing){.method = c->request.method, .host = request_header(&c->request, STR("Host"))};
    p->right.key = (struct key_part){
        .secret = c->credential->secret_key, .prefix = none, .before = none, .after = none, .region = none};
    if (c->v1) {
        set_v1(p, c);
        return 0;
    }
    p->sent = c->auth.signature;
    set_v3(p, c);
    read_signature(p);
    return 0;
}

void case_done(struct diagnosis_case *p)
{
    arena_done(&p->scratch);
}
