/*
 * A diagnosis of one call, and the explanation that the log, the journal and the answer's header show of it.
 *
 * Findings are rows of the generated tables. Only the explanation makes text of them, and only it removes
 * secrets: the texts of a diagnosis are exact, since they are compared with those of a client.
 */
#include "diagnosis/diagnose.h"

#include <assert.h>

#include "base/buf.h"
#include "base/limits.h"
#include "core/redact.h"
#include "diagnosis/search.h"
#include "diagnosis/text_diff.h"
#include "gateway/pipeline.h"

enum { TEXT_ROOM = 256 };

/* The row for a search without a result. */
static void set_outcome(struct diagnosis *d, struct str id)
{
    for (size_t i = 0; i < n_outcomes; i++)
        if (str_eq(outcomes[i].id, id))
            d->findings = (struct findings){{&outcomes[i]}, 1};
    assert(d->findings.n == 1);
}

static bool is_malformed(const struct call *c)
{
    return c->error == ERR_AUTH_FAILURE_INVALID_AUTHORIZATION ||
           c->error == ERR_AUTH_FAILURE_INVALID_AUTHORIZATION_PART;
}

/* --- the form of the header --- */

/* The first check that fits is the most specific one. */
static void examine_header(const struct call *c, struct diagnosis *d)
{
    struct malformed m;
    malformed_parse(c, &m);
    for (size_t i = 0; i < n_malformations; i++) {
        if (!malformations[i].shows(&m))
            continue;
        d->findings = (struct findings){{&malformations[i].finding}, 1};
        d->found = true;
        return;
    }
    set_outcome(d, STR("auth.unknown"));
}

/* --- the signature --- */

/* Only on demand: with it a call can be made for five minutes. */
static struct str right_signature(struct diagnosis_case *dc, struct str text)
{
    struct signing_key key;
    uint8_t mac[SHA256_BYTES];
    if (dc->call->v1)
        return signing_v1_sign(dc->arena, &dc->right, text);
    signing_make_key(dc->arena, &dc->right.key, &key);
    signing_sign(&dc->right, &key, text, mac);
    return hex_text(dc->arena, mac, sizeof mac);
}

/* The texts that a client can compare with its own, byte by byte. */
static void set_own_texts(struct diagnosis_case *dc, struct diagnosis *d)
{
    struct arena *a = dc->arena;
    if (dc->call->v1) {
        d->string_to_sign = signing_v1_string(a, &dc->right, &dc->order[V1_SORTED]);
    } else {
        d->canonical_request =
            signing_canonical(a, &dc->right, &dc->call->request, dc->call->auth.payload_hash);
        d->string_to_sign =
            signing_string(a, &dc->right, signing_digest(a, &dc->right, d->canonical_request));
    }
    if (dc->call->world->settings.doctor_reveal)
        d->signature = right_signature(dc, d->string_to_sign);
}

static void examine_signature(struct call *c, struct diagnosis *d)
{
    struct diagnosis_case dc;
    const struct mistake *found[SEARCH_MISTAKES];
    static_assert((int)SEARCH_MISTAKES <= (int)FINDINGS_MAX, "an explanation must hold what a search finds");
    if (case_init(&dc, c) != 0) {
        set_outcome(d, STR("sig.too-large"));
        return;
    }
    d->findings.n = search(&dc, found);
    assert(d->findings.n <= SEARCH_MISTAKES);
    d->found = d->findings.n > 0;
    for (size_t i = 0; i < d->findings.n; i++)
        d->findings.v[i] = &found[i]->finding;
    if (!d->found)
        set_outcome(d, dc.incomplete ? STR("sig.too-large") : STR("sig.unknown"));
    set_own_texts(&dc, d);
    case_done(&dc);
}

int diagnose(struct call *c, struct diagnosis *ret_diagnosis)
{
    struct diagnosis d = {0};
    if (c->error == ERR_AUTH_FAILURE_SIGNATURE_FAILURE)
        examine_signature(c, &d);
    else if (is_malformed(c))
        examine_header(c, &d);
    else
        return -1;
    *ret_diagnosis = d;
    return 0;
}

/* --- the explanation of a call --- */

/* One diagnosis takes milliseconds, in which no other call is answered. */
static bool take_from_budget(struct diagnosis_budget *budget, int64_t most)
{
    const int64_t second = clock_real_ms() / 1000;
    if (budget->second != second)
        *budget = (struct diagnosis_budget){.second = second};
    if (budget->taken >= most)
        return false;
    budget->taken++;
    return true;
}

/* Passwords and tokens are signed, but must not be kept or logged. */
static struct str without_secrets(struct arena *a, struct str text,
                                  void (*redact)(struct buf *b, struct str text))
{
    struct buf b;
    if (!text.p)
        return text;
    buf_init(&b, a, TEXT_ROOM, 2 * (text.n + TEXT_ROOM));
    redact(&b, text);
    return buf_str(&b);
}

struct str findings_text(struct arena *a, const struct findings *findings, int language)
{
    struct buf b;
    if (findings->n == 0)
        return (struct str){NULL, 0};
    buf_init(&b, a, TEXT_ROOM, LIMIT_FINDINGS_TEXT);
    for (size_t i = 0; i < findings->n; i++) {
        const struct finding *f = findings->v[i];
        if (i > 0)
            buf_put(&b, finding_further_separator[language]);
        buf_put(&b, f->cause[language]);
        if (f->fix[language].p) {
            buf_put(&b, finding_fix_separator[language]);
            buf_put(&b, f->fix[language]);
        }
    }
    return buf_str(&b);
}

/* "sig.secret-line-end, sig.host-example": the form of the header and of the journal. */
static struct str ids_of(struct arena *a, const struct findings *findings)
{
    const struct str first = findings->v[0]->id;
    assert(findings->n == 1 || findings->n == 2);
    return findings->n == 1 ? first : CONCAT(a, first, STR(", "), findings->v[1]->id);
}

/* The findings for the log and the journal; where there are none, what virga signed. */
static struct str evidence_of(const struct call *c, const struct diagnosis *d)
{
    struct arena *a = c->arena;
    struct buf b;
    buf_init(&b, a, TEXT_ROOM, LIMIT_FINDINGS_TEXT);
    buf_put(&b, findings_text(a, &d->findings, LANG_EN));
    if (!d->found && c->own_canonical.p) {
        const struct str shown = text_visible(a, c->own_canonical);
        buf_printf(&b, "; the canonical request is %.*s", STR_ARG(shown));
    }
    if (!d->found && d->string_to_sign.p) {
        const struct str shown = without_secrets(a, text_visible(a, d->string_to_sign), redact_target);
        buf_printf(&b, "; the string to sign is %.*s", STR_ARG(shown));
    }
    if (d->signature.p)
        buf_printf(&b, "; the right signature is %.*s", STR_ARG(d->signature));
    return buf_str(&b);
}

static void explain_by_diagnosis(struct call *c)
{
    struct diagnosis d;
    if (diagnose(c, &d) != 0)
        return;
    c->own_canonical = without_secrets(c->arena, d.canonical_request, redact_canonical);
    c->own_string = without_secrets(c->arena, d.string_to_sign, redact_target);
    c->explanation = (struct explanation){ids_of(c->arena, &d.findings), evidence_of(c, &d), d.findings};
}

void diagnose_call(struct call *c)
{
    struct world *w = c->world;
    if (c->error != ERR_AUTH_FAILURE_SIGNATURE_FAILURE && !is_malformed(c))
        return;
    if (take_from_budget(&w->doctor, w->settings.doctor_per_second))
        explain_by_diagnosis(c);
    else
        kept_requests_add(&w->kept_requests, c->request_id, c->failed_step, &c->request);
}

/* Runs the steps up to the one that rejected the call. Meanwhile the signature may have expired: that step is
 * left out. */
static void run_again(struct call *c, const char *failed_step)
{
    for (size_t i = 0; i < pipeline_steps && c->error == ERR_NONE; i++) {
        if (pipeline[i].run != step_expiry)
            (void)pipeline[i].run(c);
        if (strcmp(pipeline[i].name, failed_step) == 0)
            return;
    }
}

int diagnose_kept(struct world *w, struct arena *a, struct str request_id, struct call *ret_call)
{
    const struct kept_request *kept = kept_requests_find(&w->kept_requests, request_id);
    if (!kept || !take_from_budget(&w->doctor_on_demand, LIMIT_DOCTOR_ON_DEMAND))
        return -1;
    *ret_call = (struct call){
        .world = w, .arena = a, .request = kept->request, .product = registry_default(w->registry)};
    static_assert((int)KEPT_ID_CHARS == (int)REQUEST_ID_CHARS, "a kept id is a RequestId");
    memcpy(ret_call->request_id, kept->request_id, REQUEST_ID_CHARS);
    run_again(ret_call, kept->failed_step);
    explain_by_diagnosis(ret_call);
    return ret_call->explanation.cause.p ? 0 : -1;
}
