/*
 * Tries each mistake alone, then each pair of them.
 *
 * The single attempts give most stages of a pair already: only the stages that both mistakes change are made
 * again. So most pairs cost one HMAC over a short text.
 */
#include "diagnosis/search.h"

#include <assert.h>

#include "base/codec.h"
#include "base/limits.h"
#include "gateway/route.h"

/* The results of the stages that are worth keeping; the string to sign is made each time. */
struct made {
    struct str payload, digest;
    const struct signing_key *key;
};

struct candidate {
    const struct mistake *row;
    size_t variant;
    struct made made; /* version 3 */
};

/* One walk over all mistakes, from a signing in which they are made. */
struct search {
    struct diagnosis_case *dc;
    struct signing base;
    struct made right; /* of the base; version 3 */
    struct candidate *list;
    size_t n, room;
};

/* The stages to make for a signing, and the sources of the results of the other stages. */
struct plan {
    unsigned stages;
    const struct made *payload, *digest, *key;
};

/* Makes payload, digest and key, with the texts in `a`. */
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

static bool gives_signature(struct diagnosis_case *dc, const struct signing *r, const struct made *made)
{
    uint8_t mac[SHA256_BYTES];
    if (r->upper != dc->upper)
        return false;
    signing_sign(r, made->key, signing_string(&dc->scratch, r, made->digest), mac);
    return memcmp(mac, dc->mac, sizeof mac) == 0;
}

static bool gives_v1_signature(struct diagnosis_case *dc, const struct signing *r)
{
    const struct str text = signing_v1_string(&dc->scratch, r, &dc->order[r->v1.order]);
    return equal_constant_time(signing_v1_sign(&dc->scratch, r, text), dc->sent);
}

/* --- cost --- */

/* About how many bytes the stages of a signing have to hash. To write JSON is slower than to hash it. */
static size_t cost_of(const struct diagnosis_case *dc, const struct signing *r, unsigned stages)
{
    enum { REWRITING = 4 };
    const struct payload_part *payload = &r->payload;
    size_t n = 0;
    if (dc->call->v1)
        return dc->call->request.query.n + dc->call->request.body.n;
    if (stages & STAGE_PAYLOAD)
        n += payload->text.n * (payload_is_rewritten(payload) ? REWRITING : 1);
    if (stages & STAGE_CANONICAL)
        n += r->canonical.query.n + (payload->form == DIGEST_PLAIN ? payload->text.n : 0);
    return n;
}

/* Short texts are always affordable, so a search of a small request is complete. Long ones are until their
 * sum reaches a limit, because the server answers no other call meanwhile. */
static bool is_affordable(struct diagnosis_case *dc, size_t n)
{
    assert(dc->work <= LIMIT_DOCTOR_WORK);
    if (n <= LIMIT_DOCTOR_TEXT)
        return true;
    if (n > LIMIT_DOCTOR_WORK - dc->work) {
        dc->incomplete = true;
        return false;
    }
    dc->work += n;
    return true;
}

/* --- one mistake --- */

/* Does the mistake give the signature? One that is possible stays on the list, for the pairs. */
static bool try_single(struct search *s, const struct mistake *row, size_t variant)
{
    struct diagnosis_case *dc = s->dc;
    struct signing r = s->base;
    const struct plan plan = {row->stages, &s->right, &s->right, &s->right};
    arena_reset(&dc->scratch);
    if (!mistake_apply(dc, row, variant, &r) || !is_affordable(dc, cost_of(dc, &r, row->stages)))
        return false;
    assert(s->n < s->room);
    struct candidate *own = &s->list[s->n];
    *own = (struct candidate){.row = row, .variant = variant};
    s->n += variant < row->paired;
    if (dc->call->v1)
        return gives_v1_signature(dc, &r);
    make(dc->arena, &dc->call->request, &r, &plan, &own->made);
    return gives_signature(dc, &r, &own->made);
}

/* --- a series of timestamps --- */

/* The text that is signed, the place of the timestamp in it, and its digits. */
struct series {
    struct str text;
    char *number;
    size_t digits;
    const struct hmac_key *key;
};

static size_t count_digits(int64_t number)
{
    size_t n = 1;
    while (number >= 10) {
        number /= 10;
        n++;
    }
    return n;
}

/* False when the number in the text is not in its shortest form. */
static bool series_begin(struct search *s, struct series *ret_series)
{
    struct diagnosis_case *dc = s->dc;
    const struct str sent = dc->call->common.timestamp;
    const struct signing *r = &s->base;
    struct str text = dc->call->v1 ? signing_v1_string(&dc->scratch, r, &dc->order[V1_SORTED])
                                   : signing_string(&dc->scratch, r, s->right.digest);
    const struct str before = dc->call->v1 ? CONCAT(&dc->scratch, STR("&Timestamp="), sent)
                                           : CONCAT(&dc->scratch, r->string.newline, sent);
    char *at = memmem(text.p, text.n, before.p, before.n);
    if (!at || sent.n != count_digits(dc->call->timestamp))
        return false;
    *ret_series = (struct series){text, at + before.n - sent.n, sent.n, NULL};
    if (!dc->call->v1) {
        ret_series->key = &s->right.key->ready;
        return true;
    }
    struct hmac_key *key = arena_alloc(&dc->scratch, sizeof *key);
    (r->v1.sha256 ? hmac_key_init : hmac_sha1_key_init)(key, r->key.secret);
    ret_series->key = key;
    return true;
}

static bool series_gives_signature(struct diagnosis_case *dc, const struct series *x)
{
    uint8_t mac[SHA256_BYTES];
    if (!dc->call->v1) {
        hmac_key_sign(x->key, x->text, mac);
        return memcmp(mac, dc->mac, sizeof mac) == 0;
    }
    const bool sha256 = dc->right.v1.sha256;
    (sha256 ? hmac_key_sign : hmac_sha1_key_sign)(x->key, x->text, mac);
    return equal_constant_time(base64_encode(&dc->scratch, mac, sha256 ? SHA256_BYTES : SHA1_BYTES),
                               dc->sent);
}

/* Hundreds of texts that differ in a few digits: only these are written again, and a text that is signed is
 * not made. */
static bool try_series(struct search *s, const struct mistake *row)
{
    struct diagnosis_case *dc = s->dc;
    struct series x;
    arena_reset(&dc->scratch);
    if (s->base.upper != dc->upper || !series_begin(s, &x))
        return false;
    for (size_t variant = row->series; variant < row->variants; variant++) {
        int64_t number = dc->call->timestamp + mistake_step(variant);
        if (number < 0 || count_digits(number) != x.digits)
            continue;
        for (size_t i = x.digits; i-- > 0; number /= 10)
            x.number[i] = (char)('0' + number % 10);
        if (!is_affordable(dc, x.text.n))
            return false;
        if (series_gives_signature(dc, &x))
            return true;
    }
    return false;
}

/* --- all single mistakes --- */

static const struct mistake *try_singles(struct search *s)
{
    for (size_t i = 0; i < n_mistakes; i++) {
        if (s->dc->call->v1 ? !mistakes[i].v1 : !mistakes[i].v3)
            continue;
        const size_t singly = mistakes[i].series > 0 ? mistakes[i].series : mistakes[i].variants;
        for (size_t variant = 0; variant < singly; variant++)
            if (try_single(s, &mistakes[i], variant))
                return &mistakes[i];
        if (mistakes[i].series > 0 && try_series(s, &mistakes[i]))
            return &mistakes[i];
    }
    return NULL;
}

/* --- two mistakes --- */

/* Does it only sign another host that virga accepts? Then the other mistake of its pair is the cause. */
static bool is_accepted_host(const struct search *s, const struct candidate *c)
{
    struct signing r = s->base;
    struct hosts hosts;
    if (!mistake_apply(s->dc, c->row, c->variant, &r) || str_eq(r.host, s->base.host))
        return false;
    hosts_candidates(s->dc->call, &hosts);
    for (size_t i = 0; i < hosts.n; i++)
        if (str_eq(hosts.name[i], r.host))
            return true;
    return false;
}

/* The mistakes of a pair that count: both, or one of them. */
static size_t take_pair(const struct search *s, const struct candidate *const pair[SEARCH_MISTAKES],
                        const struct mistake *ret_found[SEARCH_MISTAKES])
{
    size_t n = 0;
    for (size_t i = 0; i < SEARCH_MISTAKES; i++)
        if (!is_accepted_host(s, pair[i]))
            ret_found[n++] = pair[i]->row;
    return n;
}

/* A stage that one of them changes has that one's result, a stage that none changes that of the base. */
static const struct made *maker(const struct search *s, const struct candidate *a, const struct candidate *b,
                                unsigned stage)
{
    if (a->row->stages & stage)
        return &a->made;
    return b->row->stages & stage ? &b->made : &s->right;
}

static bool try_pair(struct search *s, const struct candidate *a, const struct candidate *b)
{
    struct diagnosis_case *dc = s->dc;
    struct signing r = s->base;
    const struct plan plan = {a->row->stages & b->row->stages, maker(s, a, b, STAGE_PAYLOAD),
                              maker(s, a, b, STAGE_CANONICAL), maker(s, a, b, STAGE_KEY)};
    struct made made;
    arena_reset(&dc->scratch);
    if (!mistake_apply(dc, a->row, a->variant, &r) || !mistake_apply(dc, b->row, b->variant, &r) ||
        !is_affordable(dc, cost_of(dc, &r, plan.stages)))
        return false;
    if (dc->call->v1)
        return gives_v1_signature(dc, &r);
    if (r.upper != dc->upper)
        return false;
    make(&dc->scratch, &dc->call->request, &r, &plan, &made);
    return gives_signature(dc, &r, &made);
}

static size_t try_pairs(struct search *s, const struct mistake *ret_found[SEARCH_MISTAKES])
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = i + 1; k < s->n; k++) {
            const struct candidate *const pair[SEARCH_MISTAKES] = {&s->list[i], &s->list[k]};
            if (pair[0]->row->group != pair[1]->row->group && try_pair(s, pair[0], pair[1]))
                return take_pair(s, pair, ret_found);
        }
    return 0;
}

/* --- the whole search --- */

static size_t list_room(void)
{
    size_t n = 1; /* for the attempt that is not kept */
    for (size_t i = 0; i < n_mistakes; i++)
        n += mistakes[i].paired;
    return n;
}

static void begin(struct search *s, struct diagnosis_case *dc, bool lower_values)
{
    const struct made verified = {.payload = dc->call->auth.payload_hash};
    const struct plan plan = {STAGE_CANONICAL | STAGE_KEY, &verified, NULL, NULL};
    *s = (struct search){.dc = dc, .base = dc->right, .room = list_room()};
    s->list = ARENA_ARRAY(dc->arena, struct candidate, s->room);
    s->base.canonical.lower_values = lower_values;
    if (!dc->call->v1)
        make(dc->arena, &dc->call->request, &s->base, &plan, &s->right);
}

/* Would lower case change a header value that version 3 signs? */
static bool values_have_upper_case(const struct diagnosis_case *dc)
{
    struct str names = dc->call->auth.signed_headers, name;
    while (str_next(&names, ';', &name)) {
        const struct str value = request_header(&dc->call->request, name);
        for (size_t i = 0; i < value.n; i++)
            if (ascii_is_upper(value.p[i]))
                return true;
    }
    return false;
}

const struct mistake *search_single(struct diagnosis_case *dc)
{
    struct search s;
    begin(&s, dc, false);
    return try_singles(&s);
}

/* Clients may sign header values in lower case or as sent, so mistakes are tried in both. */
size_t search(struct diagnosis_case *dc, const struct mistake *ret_found[SEARCH_MISTAKES])
{
    struct search walks[2];
    const size_t n = !dc->call->v1 && values_have_upper_case(dc) ? 2 : 1;
    for (size_t i = 0; i < n; i++) {
        begin(&walks[i], dc, i == 1);
        ret_found[0] = try_singles(&walks[i]);
        if (ret_found[0])
            return 1;
    }
    for (size_t i = 0; i < n; i++) {
        const size_t found = try_pairs(&walks[i], ret_found);
        if (found > 0)
            return found;
    }
    return 0;
}
