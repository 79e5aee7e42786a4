#include "diagnosis/diagnose.h"

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"
#include "core/redact.h"
#include "diagnosis/search.h"
#include "diagnosis/visible.h"
#include "gateway/route.h"

enum { WHY_ROOM = 256, WHY_MAX = 32 * 1024 };

/* --- the form of the header --- */

static void take_part(struct str part, struct str key, struct str *value, size_t *repeated)
{
    if (!str_starts(part, key))
        return;
    *repeated += value->p != NULL;
    *value = str_skip(part, key.n);
}

static void read_malformed(const struct call *c, struct malformed *m)
{
    struct str rest, part;
    *m = (struct malformed){.value = str_trim(request_header(&c->request, STR("Authorization")))};
    rest = m->value;
    (void)str_next(&rest, ' ', &m->algorithm);
    while (str_next(&rest, ',', &part)) {
        part = str_trim(part);
        m->stray += part.n > 0 && str_find(part, '=') == part.n;
        take_part(part, STR("Credential="), &m->credential, &m->repeated);
        take_part(part, STR("SignedHeaders="), &m->signed_headers, &m->repeated);
        take_part(part, STR("Signature="), &m->signature, &m->repeated);
    }
    /* The step that refused the header has taken it apart before it looked at the service. */
    m->service_known = c->auth.service.n == 0 || hosts_allow_service(c, c->auth.service);
}

static void examine_form(const struct call *c, struct diagnosis *d)
{
    struct malformed m;
    read_malformed(c, &m);
    for (size_t i = 0; i < n_malformations; i++) {
        if (!malformations[i].shows(&m))
            continue;
        d->kind = DIAGNOSIS_FORM;
        d->found[d->n_found++] = &malformations[i].about;
        return;
    }
}

/* --- the signature --- */

static struct str right_signature(struct diagnosis_case *p, struct str text)
{
    struct signing_key key;
    uint8_t mac[SHA256_BYTES];
    char *hex = arena_alloc(p->arena, SHA256_HEX);
    signing_make_key(p->arena, &p->right.key, &key);
    signing_sign(&p->right, &key, text, mac);
    hex_encode(mac, sizeof mac, hex);
    return (struct str){hex, SHA256_HEX};
}

/* Both texts, and the signature only where the user asks for it. */
static void show_own(struct diagnosis_case *p, struct diagnosis *d)
{
    struct arena *a = p->arena;
    const bool reveal = p->call->world->settings.doctor_reveal;
    struct str text;
    if (p->call->v1) {
        text = signing_v1_string(a, &p->right, &p->order[V1_SORTED]);
        d->signature = reveal ? signing_v1_sign(a, &p->right, text) : (struct str){NULL, 0};
    } else {
        d->canonical_plain = signing_canonical(a, &p->right, &p->call->request, p->call->auth.payload_hash);
        d->canonical_request = visible(a, d->canonical_plain);
        text = signing_string(a, &p->right, signing_digest(a, &p->right, d->canonical_plain));
        d->signature = reveal ? right_signature(p, text) : (struct str){NULL, 0};
    }
    d->string_plain = text;
    d->string_to_sign = visible(a, text);
}

static void examine_signature(struct call *c, struct diagnosis *d)
{
    struct diagnosis_case p;
    const struct mistake *found[2];
    if (case_init(&p, c) != 0) {
        d->kind = DIAGNOSIS_TOO_LARGE;
        return;
    }
    d->n_found = search(&p, found);
    if (p.passed_over)
        d->kind = DIAGNOSIS_TOO_LARGE;
    for (size_t i = 0; i < d->n_found; i++)
        d->found[i] = &found[i]->about;
    if (d->n_found > 0)
        d->kind = DIAGNOSIS_SIGNATURE;
    show_own(&p, d);
    case_done(&p);
}

int doctor_examine(struct call *c, struct diagnosis *ret_diagnosis)
{
    struct diagnosis d = {.kind = DIAGNOSIS_UNKNOWN};
    if (c->error == ERR_AUTH_FAILURE_SIGNATURE_FAILURE)
        examine_signature(c, &d);
    else if (c->error == ERR_AUTH_FAILURE_INVALID_AUTHORIZATION ||
             c->error == ERR_AUTH_FAILURE_INVALID_AUTHORIZATION_PART)
        examine_form(c, &d);
    else
        return -1;
    *ret_diagnosis = d;
    return 0;
}

/* --- for the log and the server --- */

static bool refused(const struct call *c)
{
    return c->error == ERR_AUTH_FAILURE_SIGNATURE_FAILURE ||
           c->error == ERR_AUTH_FAILURE_INVALID_AUTHORIZATION ||
           c->error == ERR_AUTH_FAILURE_INVALID_AUTHORIZATION_PART;
}

static bool take_from_budget(struct world *w)
{
    const int64_t second = clock_real_ms() / 1000;
    if (w->doctor.second != second)
        w->doctor = (struct diagnosis_budget){.second = second};
    if (w->doctor.taken >= w->settings.doctor_per_second)
        return false;
    w->doctor.taken++;
    return true;
}

/* What is written down must hold no password and no token, though both are signed. */
static struct str without_secrets(struct arena *a, struct str text,
                                  void (*redact)(struct buf *b, struct str text))
{
    struct buf b;
    buf_init(&b, a, WHY_ROOM, 2 * (text.n + WHY_ROOM));
    redact(&b, text);
    return buf_str(&b);
}

static struct str texts_of(struct arena *a, const struct diagnosis *d)
{
    struct buf b;
    buf_init(&b, a, WHY_ROOM, WHY_MAX);
    for (size_t i = 0; i < d->n_found; i++)
        buf_printf(&b, "%s%.*s; %.*s", i > 0 ? "; and " : "", STR_ARG(d->found[i]->cause[LANG_EN]),
                   STR_ARG(d->found[i]->cure[LANG_EN]));
    if (d->kind == DIAGNOSIS_UNKNOWN)
        buf_put(&b, STR("no known mistake, nor two of them, would have given this"));
    if (d->kind == DIAGNOSIS_TOO_LARGE)
        buf_put(&b, STR("no mistake found, but of a request as large as this not all were tried"));
    if (d->n_found == 0 && d->canonical_request.p) {
        struct str shown = visible(a, without_secrets(a, d->canonical_plain, redact_canonical));
        buf_printf(&b, "; the canonical request is %.*s", STR_ARG(shown));
    }
    if (d->n_found == 0 && d->string_to_sign.p) {
        struct str shown = without_secrets(a, d->string_to_sign, redact_target);
        buf_printf(&b, "; the string to sign is %.*s", STR_ARG(shown));
    }
    if (d->signature.p)
        buf_printf(&b, "; the right signature is %.*s", STR_ARG(d->signature));
    return buf_str(&b);
}

static const struct finding *find_about(struct str id)
{
    for (size_t i = 0; i < n_mistakes; i++)
        if (str_eq(mistakes[i].about.id, id))
            return &mistakes[i].about;
    for (size_t i = 0; i < n_malformations; i++)
        if (str_eq(malformations[i].about.id, id))
            return &malformations[i].about;
    return NULL;
}

struct str doctor_words_zh(struct arena *a, struct str ids)
{
    struct buf b;
    struct str id;
    if (str_ends(ids, STR(".unknown")) && (str_starts(ids, STR("sig.")) || str_starts(ids, STR("auth."))))
        return STR("\346\262\241\346\234\211\345\223\252\344\270\252\345\267\262\347\237\245\347\232\204\351"
                   "\224\231\350\257\257\343\200\201\344\271\237\346\262\241\346\234\211\345\223\252\344\270"
                   "\244\344\270\252\351\224\231\350\257\257\344\274\232\345\276\227\345\210\260\350\277\231"
                   "\344\270\252\347\273\223\346\236\234");
    if (str_eq(ids, STR("sig.too-large")))
        return STR("\346\262\241\346\234\211\346\211\276\345\210\260\351\224\231\350\257\257\357\274\233\350"
                   "\257\267\346\261\202\350\277\207\345\244\247\357\274\214\346\262\241\346\234\211\350\257"
                   "\225\350\277\207\346\211\200\346\234\211\347\232\204\345\217\257\350\203\275");
    buf_init(&b, a, WHY_ROOM, WHY_MAX);
    while (str_next(&ids, ',', &id)) {
        const struct finding *f = find_about(str_trim(id));
        if (!f)
            return (struct str){NULL, 0};
        buf_printf(&b, "%s%.*s\357\274\233%.*s",
                   b.n > 0 ? "\357\274\233\345\217\246\345\244\226\357\274\214" : "",
                   STR_ARG(f->cause[LANG_ZH]), STR_ARG(f->cure[LANG_ZH]));
    }
    return b.n > 0 ? buf_str(&b) : (struct str){NULL, 0};
}

static struct str ids_of(const struct call *c, const struct diagnosis *d)
{
    if (d->kind == DIAGNOSIS_TOO_LARGE)
        return STR("sig.too-large");
    if (d->kind == DIAGNOSIS_UNKNOWN)
        return c->error == ERR_AUTH_FAILURE_SIGNATURE_FAILURE ? STR("sig.unknown") : STR("auth.unknown");
    if (d->n_found == 1)
        return d->found[0]->id;
    return JOINED(c->arena, d->found[0]->id, STR(", "), d->found[1]->id);
}

/* For whoever compares them with his own. */
static void keep_own(struct call *c, const struct diagnosis *d)
{
    if (d->canonical_plain.p)
        c->own_canonical = without_secrets(c->arena, d->canonical_plain, redact_canonical);
    if (d->string_plain.p)
        c->own_string = without_secrets(c->arena, d->string_plain, redact_target);
}

void diagnose_call(struct call *c)
{
    struct diagnosis d;
    if (!refused(c) || !take_from_budget(c->world) || doctor_examine(c, &d) != 0)
        return;
    c->explanation.cause = ids_of(c, &d);
    c->explanation.evidence = texts_of(c->arena, &d);
    keep_own(c, &d);
}
