/* Fuzzes the signature doctor in two ways. A request is signed with one of its known mistakes: it must find
 * one. And header and signature are any bytes: then it must only end, within its limits and without a
 * secret in its texts. */
#include "demand.h"
#include "sample_world.h"

#include "base/codec.h"
#include "base/limits.h"
#include "diagnosis/diagnose.h"
#include "diagnosis/search.h"
#include "gateway/pipeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bits of the first byte. */
enum {
    DOCTOR_V1 = 1,
    DOCTOR_GET = 2,
    DOCTOR_SHA256 = 4,
    DOCTOR_HEADER = 8,
    DOCTOR_PAIR = 16,
    DOCTOR_KNOWN = 32
};

static const struct str names[] = {
    STR_INIT("Content-Type"),     STR_INIT("Host"),
    STR_INIT("X-Forwarded-Host"), STR_INIT("X-TC-Content-SHA256"),
    STR_INIT("X-Original-Host"),  STR_INIT("X-TC-Timestamp"),
    STR_INIT("Authorization"),
};

static struct sample_request make_request(const struct world *w, struct arena *a, struct input *in,
                                          uint8_t flags)
{
    struct sample_request r =
        sample_request(w, registry_find_action(w->registry, w->registry->products[0]->examples.write.action));
    r.v1 = flags & DOCTOR_V1;
    r.sha256 = flags & DOCTOR_SHA256;
    r.method = flags & DOCTOR_GET ? STR("GET") : STR("POST");
    r.fields = input_text(a, in);
    return r;
}

/* Replaces headers that the request has, or adds some. They are signed where a client signs them. */
static void change_headers(struct call *c, struct input *in, size_t n_names)
{
    for (int i = input_byte(in) % 4; i > 0; i--) {
        const struct str name = names[input_byte(in) % n_names];
        sample_put_header(c, name, str_trim(input_text(c->arena, in)));
    }
}

/* --- a known mistake --- */

/* The text of the signature of a signing. */
static struct str sign(struct diagnosis_case *dc, const struct signing *r)
{
    struct arena *a = dc->arena;
    const struct request *request = &dc->call->request;
    struct signing_key key;
    uint8_t mac[SHA256_BYTES];
    if (dc->call->v1)
        return signing_v1_sign(a, r, signing_v1_string(a, r, &dc->order[r->v1.order]));
    const struct str canonical = signing_canonical(a, r, request, signing_payload(a, r));
    signing_make_key(a, &r->key, &key);
    signing_sign(r, &key, signing_string(a, r, signing_digest(a, r, canonical)), mac);
    const struct str hex = hex_text(a, mac, sizeof mac);
    return r->upper ? upper_case(a, hex) : hex;
}

/* One mistake, or two. False when none of them can be made in this request. */
static bool make_mistakes(struct diagnosis_case *dc, struct input *in, int n, struct signing *r)
{
    bool made = false;
    for (int i = 0; i < n; i++) {
        const struct mistake *m = &mistakes[input_byte(in) % n_mistakes];
        struct signing changed = *r;
        if (!(dc->call->v1 ? m->v1 : m->v3))
            continue;
        if (!mistake_apply(dc, m, input_byte(in) % m->variants, &changed))
            continue;
        *r = changed;
        made = true;
    }
    return made;
}

static struct str escaped(struct arena *a, struct str text)
{
    struct buf b;
    buf_init(&b, a, 256, SIZE_MAX);
    put_escaped(&b, text);
    return buf_str(&b);
}

/* Puts another signature in the place of the one that is last in the header or in the form. */
static void put_signature(struct call *c, bool v1, struct str signature)
{
    struct str *form = str_eq(c->request.method, STR("GET")) ? &c->request.query : &c->request.body;
    const struct str header = request_header(&c->request, STR("Authorization"));
    const struct str mark = STR("&Signature=");
    if (!v1) {
        sample_put_header(c, STR("Authorization"),
                          CONCAT(c->arena, str_head(header, header.n - SHA256_HEX), signature));
        return;
    }
    const char *at = memmem(form->p, form->n, mark.p, mark.n);
    for (const char *next = at; next;
         next = memmem(next + 1, (size_t)(form->p + form->n - next - 1), mark.p, mark.n))
        at = next;
    if (at)
        *form =
            CONCAT(c->arena, str_head(*form, (size_t)(at - form->p) + mark.n), escaped(c->arena, signature));
}

static struct call again(const struct call *c)
{
    struct call other;
    call_init(&other, c->world, c->arena);
    other.request = c->request;
    return other;
}

static void check_known_mistake(struct call *c, struct input *in, int n)
{
    struct diagnosis_case dc;
    struct diagnosis d;
    if (c->error != ERR_AUTH_FAILURE_SIGNATURE_FAILURE || case_init(&dc, c) != 0)
        return;
    struct signing r = dc.right;
    const bool made = make_mistakes(&dc, in, n, &r);
    struct call other = again(c);
    put_signature(&other, c->v1, sign(&dc, &r));
    pipeline_run(&other);
    if (made && n == 1 && other.error == ERR_AUTH_FAILURE_SIGNATURE_FAILURE && diagnose(&other, &d) == 0)
        demand(d.found || other.request.body.n > LIMIT_DOCTOR_TEXT ||
                   other.request.query.n > LIMIT_DOCTOR_TEXT,
               "a known mistake is found");
    case_done(&dc);
}

/* --- any bytes --- */

static void check_any(struct call *c)
{
    const struct explanation *e = &c->explanation;
    const struct str answer = c->answer;
    diagnose_call(c);
    demand(c->answer.p == answer.p && c->answer.n == answer.n, "a diagnosis leaves the answer as it is");
    demand(e->findings.n <= FINDINGS_MAX, "a diagnosis names two mistakes at most");
    demand(utf8_valid(e->evidence), "an explanation is text");
    for (int language = 0; language < 2; language++)
        demand(utf8_valid(findings_text(c->arena, &e->findings, language)), "in each language");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str wrong =
        STR_INIT("0000000000000000000000000000000000000000000000000000000000000000");
    struct input in = {data, size};
    struct world *w = sample_world();
    struct arena a;
    struct call c;
    arena_init(&a);
    const uint8_t flags = input_byte(&in);
    const struct sample_request r = make_request(w, &a, &in, flags);
    sample_prepare(&c, w, &a, &r);
    put_signature(&c, r.v1, wrong);
    change_headers(&c, &in, sizeof names / sizeof names[0] - !(flags & DOCTOR_HEADER));
    c.request.path = flags & DOCTOR_HEADER ? input_text(&a, &in) : STR("/");
    pipeline_run(&c);
    if (flags & DOCTOR_KNOWN)
        check_known_mistake(&c, &in, flags & DOCTOR_PAIR ? 2 : 1);
    else
        check_any(&c);
    arena_done(&a);
    return 0;
}
