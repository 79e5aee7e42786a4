/*
 * One mistake after the other, then two at a time.
 *
 * Of a pair most stages are known already from its single mistakes: only what both touch is made again. So a
 * pair costs one HMAC over a short text in most cases.
 */
#include "diagnosis/search.h"

#include "base/codec.h"
#include "base/limits.h"
#include "gateway/route.h"
#include "gen/doctor.h"

/* The results of the stages that are worth keeping. */
struct made {
    struct str payload, digest;
    const struct signing_key *key;
};

struct candidate {
    const struct mistake *row;
    size_t variant;
    struct made made;
};

struct search {
    struct diagnosis_case *p;
    struct signing base;
    struct made right; /* of the base */
    struct candidate *list;
    size_t n;
};

/* Which stages must be made for a signing, and what the others have given. */
struct plan {
    unsigned stages;
    const struct made *payload, *digest, *key; /* where the stage is not made */
};

/* Payload, digest and key into `ret_made`, the texts into `a`. */
static void make(struct arena *a, const struct request *request, const struct signing *r,
                 const struct plan *plan, struct made *ret_made)
{
    ret_made->payload = plan->stages & STAGE_PAYLOAD ? signing_payload(a, r) : plan->payload->payload;
    ret_made->digest = plan->stages & STAGE_CANONICAL
                           ? signing_digest(a, r, signing_canonical(a, r, request, ret_made->payload))
                           : plan->digest->digest;
    if (plan->stages & STAGE_KEY) {
        struct signing_key *key = arena_alloc(a, sizeof *key);
        signing_make_key(a, &r->key, key);
        ret_made->key = key;
    } else {
        ret_made->key = plan->key->key;
    }
}

static bool gives_signature(struct diagnosis_case *p, const struct signing *r, const struct made *made)
{
    uint8_t mac[SHA256_BYTES];
    if (r->upper != p->upper)
        return false;
    signing_sign(r, made->key, signing_string(&p->scratch, r, made->digest), mac);
    return memcmp(mac, p->mac, sizeof mac) == 0;
}

static bool gives_v1_signature(struct diagnosis_case *p, const struct signing *r)
{
    struct arena *a = &p->scratch;
    const struct str text = signing_v1_string(a, r, &p->order[r->v1.order]);
    return equal_constant_time(signing_v1_sign(a, r, text), p->sent);
}

/* How many bytes the stages of a signing are about. Writing JSON is slower than hashing. */
static size_t size_of(const struct diagnosis_case *p, const struct signing *r, unsigned stages)
{
    enum { WRITING = 4 };
    const struct payload_part *payload = &r->payload;
    size_t n = 0;
    if (p->call->v1)
        return p->call->request.query.n + p->call->request.body.n;
    if (stages & STAGE_PAYLOAD)
        n += payload->text.n * (payload->json && payload->style.anew ? WRITING : 1);
    if (stages & STAGE_CANONICAL)
        n += r->canonical.query.n + (payload->form == DIGEST_PLAIN ? payload->text.n : 0);
    return n;
}

/* How many it takes to change the signing at all: a long query is sorted or encoded anew for each pair. */
static size_t size_of_change(const struct diagnosis_case *p, const struct mistake *a, const struct mistake *b)
{
    enum { SORTING = 16 };
    return a->group == GROUP_QUERY || b->group == GROUP_QUERY ? SORTING * p->call->request.query.n : 0;
}

/* Most requests are small, and all is tried. Of a large one only so much, since the server stands still. */
static bool affordable(struct diagnosis_case *p, size_t n)
{
    if (n <= LIMIT_DOCTOR_TEXT)
        return true;
    if (n > LIMIT_DOCTOR_WORK - p->work) {
        p->passed_over = true;
        return false;
    }
    p->work += n;
    return true;
}

/* --- one mistake --- */

/* Whether the candidate's signing gives the signature. One that cannot have happened is taken off the list.
 */
static bool try_single(struct search *s, const struct mistake *row, size_t variant)
{
    struct diagnosis_case *p = s->p;
    struct signing r = s->base;
    struct candidate *own = &s->list[s->n];
    const struct plan plan = {row->stages, &s->right, &s->right, &s->right};
    arena_reset(&p->scratch);
    if (!row->apply(p, variant, &r) || !affordable(p, size_of(p, &r, row->stages)))
        return false;
    own->row = row;
    own->variant = variant;
    if (!p->call->v1)
        make(p->arena, &p->call->request, &r, &plan, &own->made);
    s->n += variant < row->paired;
    return p->call->v1 ? gives_v1_signature(p, &r) : gives_signature(p, &r, &own->made);
}

static const struct mistake *try_singles(struct search *s)
{
    for (size_t i = 0; i < n_mistakes; i++) {
        if (s->p->call->v1 ? !mistakes[i].v1 : !mistakes[i].v3)
            continue;
        for (size_t variant = 0; variant < mistakes[i].variants; variant++)
            if (try_single(s, &mistakes[i], variant))
                return &mistakes[i];
    }
    return NULL;
}

/* --- two --- */

/* A host that virga takes for its own is no mistake against it: beside such a one the other is the reason. */
static bool is_forgiven(const struct search *s, const struct candidate *c)
{
    struct signing r = s->base;
    struct hosts hosts;
    if (!c->row->apply(s->p, c->variant, &r) || str_eq(r.host, s->base.host))
        return false;
    hosts_candidates(s->p->call, &hosts);
    for (size_t i = 0; i < hosts.n; i++)
        if (str_eq(hosts.name[i], r.host))
            return true;
    return false;
}

/* Those of a pair that count; two of them, or one. */
static size_t take_pair(const struct search *s, const struct candidate *const pair[2],
                        const struct mistake *ret_found[2])
{
    size_t n = 0;
    for (size_t i = 0; i < 2; i++)
        if (!is_forgiven(s, pair[i]))
            ret_found[n++] = pair[i]->row;
    return n;
}

/* A stage that one of them touches is known from that one, a stage that none touches from the base. */
static const struct made *known(const struct search *s, const struct candidate *a, const struct candidate *b,
                                unsigned stage)
{
    if (a->row->stages & stage)
        return &a->made;
    return b->row->stages & stage ? &b->made : &s->right;
}

static bool try_pair(struct search *s, const struct candidate *a, const struct candidate *b)
{
    struct diagnosis_case *p = s->p;
    struct signing r = s->base;
    const struct plan plan = {a->row->stages & b->row->stages, known(s, a, b, STAGE_PAYLOAD),
                              known(s, a, b, STAGE_CANONICAL), known(s, a, b, STAGE_KEY)};
    struct made made;
    arena_reset(&p->scratch);
    if (!affordable(p, size_of_change(p, a->row, b->row)) || !a->row->apply(p, a->variant, &r) ||
        !b->row->apply(p, b->variant, &r) || !affordable(p, size_of(p, &r, plan.stages)))
        return false;
    if (p->call->v1)
        return gives_v1_signature(p, &r);
    if (r.upper != p->upper)
        return false;
    make(&p->scratch, &p->call->request, &r, &plan, &made);
    return gives_signature(p, &r, &made);
}

static size_t try_pairs(struct search *s, const struct mistake *ret_found[2])
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = i + 1; k < s->n; k++) {
            if (s->list[i].row->group == s->list[k].row->group || !try_pair(s, &s->list[i], &s->list[k]))
                continue;
            return take_pair(s, (const struct candidate *const[2]){&s->list[i], &s->list[k]}, ret_found);
        }
    return 0;
}

/* --- both spellings of the values --- */

static size_t all_paired(void)
{
    size_t n = 1; /* for the one that is being tried */
    for (size_t i = 0; i < n_mistakes; i++)
        n += mistakes[i].paired;
    return n;
}

static void begin(struct search *s, struct diagnosis_case *p, bool lower_values)
{
    const struct made hashed = {.payload = p->call->auth.payload_hash}; /* while it was verified */
    const struct plan everything = {STAGE_CANONICAL | STAGE_KEY, &hashed, NULL, NULL};
    *s = (struct search){
        .p = p, .base = p->right, .list = ARENA_ARRAY(p->arena, struct candidate, all_paired())};
    s->base.canonical.lower_values = lower_values;
    if (!p->call->v1)
        make(p->arena, &p->call->request, &s->base, &everything, &s->right);
}

/* Whether lower case would change any value that version 3 signs. */
static bool values_have_capitals(const struct diagnosis_case *p)
{
    struct str names = p->call->auth.signed_headers, name;
    while (str_next(&names, ';', &name)) {
        const struct str value = request_header(&p->call->request, name);
        for (size_t i = 0; i < value.n; i++)
            if (value.p[i] >= 'A' && value.p[i] <= 'Z')
                return true;
    }
    return false;
}

const struct mistake *search_single(struct diagnosis_case *p)
{
    struct search s;
    begin(&s, p, false);
    return try_singles(&s);
}

/* Values in lower case are right, and so are values as sent: a client made its mistakes beside either. */
size_t search(struct diagnosis_case *p, const struct mistake *ret_found[2])
{
    struct search either[2];
    const size_t n = !p->call->v1 && values_have_capitals(p) ? 2 : 1;
    for (size_t i = 0; i < n; i++) {
        begin(&either[i], p, i == 1);
        ret_found[0] = try_singles(&either[i]);
        if (ret_found[0])
            return 1;
    }
    size_t found = 0;
    for (size_t i = 0; i < n && found == 0; i++)
        found = try_pairs(&either[i], ret_found);
    return found;
}
