/* Addresses of both families have sixteen bytes, so that a range is a number of leading bits. */
#include "core/account.h"

#include <arpa/inet.h>
#include <assert.h>

#include "base/clock.h"
#include "base/limits.h"

enum { IPV4_BYTES = 4, IPV4_AT = ADDRESS_BYTES - IPV4_BYTES, TEXT_MAX = 46 };

static const uint8_t mapped_prefix[IPV4_AT] = {[10] = 0xff, [11] = 0xff};

/* Parses an address: 0 and the number of leading bits that the mapping of IPv4 adds; -1 when the text is no
 * address. */
static int parse_address(struct str text, uint8_t ret_bytes[ADDRESS_BYTES], unsigned *ret_mapped)
{
    char copy[TEXT_MAX]; /* inet_pton needs a NUL; no address is longer */
    if (text.n >= sizeof copy || memchr(text.p ? text.p : "", '\0', text.n))
        return -1;
    memcpy(copy, text.p ? text.p : "", text.n);
    copy[text.n] = '\0';
    memcpy(ret_bytes, mapped_prefix, sizeof mapped_prefix);
    *ret_mapped = 8 * IPV4_AT;
    if (inet_pton(AF_INET, copy, ret_bytes + IPV4_AT) == 1)
        return 0;
    *ret_mapped = 0;
    return inet_pton(AF_INET6, copy, ret_bytes) == 1 ? 0 : -1;
}

/* A prefix counts the bits of the address as written; for IPv4 the 96 of the mapping are added. */
int address_range_parse(struct str text, struct address_range *ret_range)
{
    size_t slash = str_find(text, '/');
    unsigned mapped;
    uint64_t bits = 8 * ADDRESS_BYTES;
    struct address_range range = {.bits = 8 * ADDRESS_BYTES};
    if (parse_address(str_head(text, slash), range.bytes, &mapped) != 0)
        return -1;
    if (slash < text.n) {
        if (str_to_u64(str_skip(text, slash + 1), &bits) != 0 || bits > 8 * ADDRESS_BYTES - mapped)
            return -1;
        range.bits = (unsigned)bits + mapped;
    }
    *ret_range = range;
    return 0;
}

static bool range_has(const struct address_range *range, const uint8_t bytes[ADDRESS_BYTES])
{
    size_t whole = range->bits / 8;
    unsigned rest = range->bits % 8;
    if (memcmp(range->bytes, bytes, whole) != 0)
        return false;
    return rest == 0 || (range->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0;
}

bool address_in(const struct address_list *list, struct str address)
{
    uint8_t bytes[ADDRESS_BYTES];
    if (address.n != IPV4_BYTES && address.n != ADDRESS_BYTES)
        return false;
    memcpy(bytes, mapped_prefix, sizeof mapped_prefix);
    memcpy(bytes + ADDRESS_BYTES - address.n, address.p, address.n);
    for (size_t i = 0; i < list->n; i++)
        if (range_has(&list->v[i], bytes))
            return true;
    return false;
}

/* --- access --- */

/* The texts of the file are in the arena into which it was read; for a test account that is the call's. */
static struct str_list copy_list(struct arena *a, const struct str_list *from)
{
    struct str_list copy = {.v = ARENA_ARRAY(a, struct str, from->n), .n = from->n, .set = from->set};
    for (size_t i = 0; i < from->n; i++)
        copy.v[i] = arena_dup(a, from->v[i]);
    return copy;
}

/* Most credentials have no rules. */
static bool is_ordinary(const struct world_credential *from)
{
    return from->enabled.v && !from->mfa_required.v && !from->token.p && !from->expires.p && !from->policy &&
           str_eq(from->kind, STR("api"));
}

/* Rejects an expiry without a token: only a temporary key expires. */
static int parse_expiry(struct arena *a, const struct world_credential *from, int64_t *ret_ms,
                        struct str *ret_problem)
{
    *ret_ms = INT64_MAX;
    if (!from->expires.p)
        return 0;
    if (from->token.p && time_parse_rfc3339(from->expires, ret_ms) == 0)
        return 0;
    const char *problem = from->token.p ? "is not a time such as 2026-01-01T00:00:00+08:00" : "needs a token";
    *ret_problem = arena_printf(a, "expires of the credential %.*s %s", STR_ARG(from->secret_id), problem);
    return -1;
}

/* The decoder has filled in the schema's defaults, so only texts and objects can be absent. */
int access_parse(struct arena *a, const struct world_credential *from, const struct access **ret_access,
                 struct str *ret_problem)
{
    int64_t expires_ms;
    if (is_ordinary(from)) {
        *ret_access = NULL;
        return 0;
    }
    if (parse_expiry(a, from, &expires_ms, ret_problem) != 0)
        return -1;
    struct access *access = ARENA_NEW(a, struct access);
    *access = (struct access){.enabled = from->enabled.v,
                              .api_key = str_eq(from->kind, STR("api")),
                              .mfa_required = from->mfa_required.v,
                              .expires_ms = expires_ms};
    if (from->token.p)
        access->token = arena_dup(a, from->token);
    if (from->policy) {
        access->deny_actions = copy_list(a, &from->policy->deny_actions);
        access->deny_regions = copy_list(a, &from->policy->deny_regions);
    }
    *ret_access = access;
    return 0;
}

static int parse_addresses(struct arena *a, const struct str_list *from, struct address_list *ret_list,
                           struct str *ret_problem)
{
    struct address_range *ranges = ARENA_ARRAY(a, struct address_range, from->n);
    for (size_t i = 0; i < from->n; i++) {
        if (address_range_parse(from->v[i], &ranges[i]) == 0)
            continue;
        *ret_problem = arena_printf(a, "%.*s is neither an address nor a network such as 10.0.0.0/8",
                                    STR_ARG(from->v[i]));
        return -1;
    }
    *ret_list = (struct address_list){ranges, from->n};
    return 0;
}

/* An empty allow list rejects every address, an absent one none: `set` decides, not the length. */
int account_rules_parse(struct arena *a, const struct world_account *from,
                        const struct account_rules **ret_rules, struct str *ret_problem)
{
    *ret_rules = NULL;
    if (!from->ip_deny.set && !from->ip_allow.set && !from->limits)
        return 0;
    struct account_rules *rules = ARENA_NEW(a, struct account_rules);
    rules->allow_given = from->ip_allow.set;
    if (parse_addresses(a, &from->ip_deny, &rules->deny, ret_problem) != 0 ||
        parse_addresses(a, &from->ip_allow, &rules->allow, ret_problem) != 0)
        return -1;
    if (from->limits)
        rules->limits = (struct account_limits){from->limits->uin.v, from->limits->global_region_uin.v,
                                                from->limits->ip.v};
    *ret_rules = rules;
    return 0;
}

static bool pattern_matches(struct str pattern, struct str name)
{
    if (str_ends(pattern, STR("*")))
        return str_starts(name, str_head(pattern, pattern.n - 1));
    return str_eq(pattern, name);
}

bool access_matches(const struct str_list *patterns, struct str name)
{
    for (size_t i = 0; i < patterns->n; i++)
        if (pattern_matches(patterns->v[i], name))
            return true;
    return false;
}

/* --- accounts --- */

void accounts_init(struct accounts *id, struct arena *a)
{
    *id = (struct accounts){.arena = a};
    map_init(&id->credentials, a);
    arena_init(&id->key_arena);
    map_init(&id->signing_keys, &id->key_arena);
}

void accounts_done(struct accounts *id)
{
    arena_done(&id->key_arena);
}

/* The map has pointers, so a credential never moves: calls keep the one that they found. */
int accounts_add_credential(struct accounts *id, const struct account *account, struct str secret_id,
                            struct str secret_key)
{
    if (map_get(&id->credentials, secret_id))
        return -1;
    struct credential *cred = ARENA_NEW(id->arena, struct credential);
    cred->secret_id = arena_dup(id->arena, secret_id);
    cred->secret_key = arena_dup(id->arena, secret_key);
    cred->account = account;
    map_put(&id->credentials, secret_id, cred);
    if (!id->first)
        id->first = cred;
    return 0;
}

void accounts_set_access(struct accounts *id, struct str secret_id, const struct access *access)
{
    struct credential *cred = map_get(&id->credentials, secret_id);
    assert(cred);
    cred->access = access;
}

void accounts_set_test_account(struct accounts *id, struct str secret_id)
{
    struct credential *cred = map_get(&id->credentials, secret_id);
    assert(cred);
    cred->test_account = true;
}

const struct credential *accounts_find_credential(const struct accounts *id, struct str secret_id)
{
    return map_get(&id->credentials, secret_id);
}

static void forget_keys(struct accounts *id)
{
    arena_reset(&id->key_arena);
    map_init(&id->signing_keys, &id->key_arena);
}

/* The map keeps the SecretId with NULL. The SecretId may be added again with another key, so the signing keys
 * are dropped as well. */
void accounts_drop_test_accounts(struct accounts *id)
{
    for (size_t i = 0; i < id->credentials.room; i++) {
        struct credential *cred = id->credentials.slots[i].value;
        if (cred && cred->test_account)
            id->credentials.slots[i].value = NULL;
    }
    forget_keys(id);
}

struct str accounts_key_in(const struct accounts *id, struct str text)
{
    for (size_t i = 0; i < id->credentials.room; i++) {
        const struct credential *cred = id->credentials.slots[i].value;
        if (cred && text.n > 0 && cred->secret_key.n > 0 &&
            memmem(text.p, text.n, cred->secret_key.p, cred->secret_key.n))
            return cred->secret_key;
    }
    return (struct str){NULL, 0};
}

const struct hmac_key *accounts_signing_key(struct accounts *id, const struct credential *cred,
                                            const struct tc3_authorization *auth, struct arena *scratch)
{
    struct str name = CONCAT(scratch, cred->secret_id, STR("/"), auth->date, STR("/"), auth->service);
    struct hmac_key *key = map_get(&id->signing_keys, name);
    if (key)
        return key;
    if (id->signing_keys.n >= LIMIT_SIGNING_KEYS)
        forget_keys(id);
    key = ARENA_NEW(&id->key_arena, struct hmac_key);
    tc3_signing_key(cred->secret_key, auth->date, auth->service, key);
    map_put(&id->signing_keys, name, key);
    return key;
}

bool secret_id_looks_real(struct str secret_id)
{
    const struct str head = STR("AKID"), example = STR("EXAMPLE");
    enum { RANDOM_CHARACTERS = 32 };
    if (secret_id.n != head.n + RANDOM_CHARACTERS || !str_starts(secret_id, head))
        return false;
    for (size_t i = 0; i < secret_id.n; i++)
        if (!ascii_is_letter(secret_id.p[i]) && !ascii_is_digit(secret_id.p[i]))
            return false;
    return memmem(secret_id.p, secret_id.n, example.p, example.n) == NULL;
}
