/*
 * Makes a mistake in a signing: from its row of data, or by one of the functions at the end.
 *
 * A search applies mistakes some ten thousand times, so a text is copied only where a row adds something to
 * it.
 */
#include <assert.h>

#include "gen/doctor.h"

/* The text of a change; p == NULL where the request lacks what it is made of. */
static struct str text_of(struct diagnosis_case *dc, const struct change *change, struct str now)
{
    assert(change->source < SOURCE_COUNT && change->size == sizeof now);
    const struct str text = change->source == SOURCE_NOW ? now : dc->source[change->source];
    if (!text.p || (change->before.n == 0 && change->after.n == 0))
        return text;
    if (text.n == 0 && change->after.n == 0)
        return change->before;
    return CONCAT(&dc->scratch, change->before, text, change->after);
}

enum effect { IMPOSSIBLE, UNCHANGED, CHANGED };

/* Sets one member. The effect is whether it had another value. */
static enum effect apply_change(struct diagnosis_case *dc, const struct change *change, struct signing *r)
{
    char *member = (char *)r + change->offset;
    struct str now, text;
    assert(change->offset + change->size <= sizeof *r);
    if (change->value) {
        const bool same = memcmp(member, change->value, change->size) == 0;
        memcpy(member, change->value, change->size);
        return same ? UNCHANGED : CHANGED;
    }
    memcpy(&now, member, sizeof now);
    text = text_of(dc, change, now);
    if (!text.p)
        return IMPOSSIBLE;
    memcpy(member, &text, sizeof text);
    return str_eq(now, text) ? UNCHANGED : CHANGED;
}

/* A variant that leaves the signing as it was is not tried: it would repeat an earlier attempt. */
static bool apply_set(struct diagnosis_case *dc, const struct variant *v, struct signing *r)
{
    bool changed = v->n == 0; /* a mistake of the header alone changes no signing */
    if (!dc->source[v->needs].p)
        return false;
    for (size_t i = 0; i < v->n; i++) {
        const enum effect effect = apply_change(dc, &v->changes[i], r);
        if (effect == IMPOSSIBLE)
            return false;
        changed |= effect == CHANGED;
    }
    return changed;
}

bool mistake_apply(struct diagnosis_case *dc, const struct mistake *m, size_t variant, struct signing *r)
{
    assert(variant < m->variants && (m->set != NULL) != (m->apply != NULL));
    return m->set ? apply_set(dc, &m->set[variant], r) : m->apply(dc, variant, r);
}

/* --- mistakes that are more than a row of data --- */

/* First the call's own region, then those of the product. */
bool mistake_host_regional(struct diagnosis_case *dc, size_t variant, struct signing *r)
{
    const struct product *product = dc->call->product;
    const struct str own = dc->source[SOURCE_REGION];
    if (variant > product->n_regions)
        return false;
    const struct str region = variant == 0 ? own : product->regions[variant - 1].name;
    if (!region.p || (variant > 0 && str_eq(region, own)))
        return false;
    r->host = CONCAT(&dc->scratch, product->name, STR("."), region, STR(".tencentcloudapi.com"));
    return !str_eq(r->host, dc->source[SOURCE_HOST]);
}

/* The credentials are in the order of a hash table, which is the same in every run with the same world. */
bool mistake_secret_other(struct diagnosis_case *dc, size_t variant, struct signing *r)
{
    const struct map *all = &dc->call->world->accounts.credentials;
    for (size_t i = 0, n = 0; i < all->room; i++) {
        const struct credential *credential = all->slots[i].value;
        if (!credential || credential == dc->call->credential || n++ != variant)
            continue;
        r->key.secret = credential->secret_key;
        return true;
    }
    return false;
}

int64_t mistake_step(size_t variant)
{
    const int64_t step = (int64_t)variant / 2 + 1;
    return variant % 2 == 0 ? -step : step;
}

/* The client read the time twice, or converted it between zones. */
static bool shift_timestamp(struct diagnosis_case *dc, int64_t seconds, struct signing *r)
{
    r->string.timestamp = arena_printf(&dc->scratch, "%lld", (long long)(dc->call->timestamp + seconds));
    return true;
}

/* By -1, +1, -2, +2 and so on. */
bool mistake_timestamp_shifted(struct diagnosis_case *dc, size_t variant, struct signing *r)
{
    return shift_timestamp(dc, mistake_step(variant), r);
}

/* By UTC+8, then by every quarter of an hour from -14 to +14 hours: zones are multiples of that. */
bool mistake_timestamp_local(struct diagnosis_case *dc, size_t variant, struct signing *r)
{
    enum { QUARTER = 15 * 60, MOST = 14 * 4, CHINA = 8 * 4 };
    const int64_t quarters = variant == 0 ? CHINA : (int64_t)variant - 1 - MOST;
    if (variant > 0 && (quarters == CHINA || quarters == 0))
        return false;
    return shift_timestamp(dc, quarters * QUARTER, r);
}

/* --- fields of version 1 --- */

/* Any one of them; a client adds it after it has signed. */
bool mistake_v1_left_out(struct diagnosis_case *dc, size_t variant, struct signing *r)
{
    const struct form *fields = &dc->order[V1_SORTED];
    if (variant >= fields->n)
        return false;
    r->v1.without = fields->fields[variant].key;
    return true;
}

static bool change_number(struct diagnosis_case *dc, struct str key, int64_t number, struct signing *r)
{
    r->v1.changed = key;
    r->v1.value_then = arena_printf(&dc->scratch, "%lld", (long long)number);
    return true;
}

/* By -1, +1, -2, +2 seconds and so on. */
bool mistake_v1_timestamp(struct diagnosis_case *dc, size_t variant, struct signing *r)
{
    return change_number(dc, STR("Timestamp"), dc->call->timestamp + mistake_step(variant), r);
}

/* A nonce that counts, or is made of the time. */
bool mistake_v1_nonce(struct diagnosis_case *dc, size_t variant, struct signing *r)
{
    int64_t nonce;
    return str_to_i64(dc->call->common.nonce, &nonce) == 0 && nonce > INT64_MIN / 2 &&
           nonce < INT64_MAX / 2 && change_number(dc, STR("Nonce"), nonce + mistake_step(variant), r);
}
