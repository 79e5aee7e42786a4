/* The world file's words about a credential or an account, judged once at the start and kept in a form that a
 * step can compare. */
#include "core/access.h"

#include "base/clock.h"

/* The file's own texts live in the arena that it was read into, which for a made account is gone after the
 * call. */
static struct str_list copy_list(struct arena *a, const struct str_list *from)
{
    struct str_list copy = {.v = ARENA_ARRAY(a, struct str, from->n), .n = from->n, .set = from->set};
    for (size_t i = 0; i < from->n; i++)
        copy.v[i] = arena_dup(a, from->v[i]);
    return copy;
}

/* Most credentials are, and then a step has one comparison with NULL to make. */
static bool is_ordinary(const struct world_credential *from)
{
    return from->enabled.v && !from->mfa_required.v && !from->token.p && !from->expires.p && !from->policy &&
           str_eq(from->kind, STR("api"));
}

/* A permanent key has no end of its own: who writes one has forgotten the token. */
static int parse_expiry(struct arena *a, const struct world_credential *from, int64_t *ret_ms,
                        struct str *ret_why)
{
    *ret_ms = INT64_MAX;
    if (!from->expires.p)
        return 0;
    if (from->token.p && time_parse_rfc3339(from->expires, ret_ms) == 0)
        return 0;
    const char *why = from->token.p ? "is not a time such as 2026-01-01T00:00:00+08:00" : "needs a token";
    *ret_why = arena_printf(a, "expires of the credential %.*s %s", STR_ARG(from->secret_id), why);
    return -1;
}

/* Whatever the file leaves out has the schema's default by now, so that nothing here is absent but texts and
 * objects. */
int access_parse(struct arena *a, const struct world_credential *from, const struct access **ret_access,
                 struct str *ret_why)
{
    int64_t expires_ms;
    if (is_ordinary(from)) {
        *ret_access = NULL;
        return 0;
    }
    if (parse_expiry(a, from, &expires_ms, ret_why) != 0)
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
                           struct str *ret_why)
{
    struct address_range *ranges = ARENA_ARRAY(a, struct address_range, from->n);
    for (size_t i = 0; i < from->n; i++) {
        if (address_range_parse(from->v[i], &ranges[i]) == 0)
            continue;
        *ret_why = arena_printf(a, "%.*s is neither an address nor a network such as 10.0.0.0/8",
                                STR_ARG(from->v[i]));
        return -1;
    }
    *ret_list = (struct address_list){ranges, from->n};
    return 0;
}

/* An allow list that is there and empty lets nobody in; one that is absent lets everybody: so `set` counts
 * and not the length. */
int account_rules_parse(struct arena *a, const struct world_account *from,
                        const struct account_rules **ret_rules, struct str *ret_why)
{
    *ret_rules = NULL;
    if (!from->ip_deny.set && !from->ip_allow.set && !from->limits)
        return 0;
    struct account_rules *rules = ARENA_NEW(a, struct account_rules);
    rules->allow_given = from->ip_allow.set;
    if (parse_addresses(a, &from->ip_deny, &rules->deny, ret_why) != 0 ||
        parse_addresses(a, &from->ip_allow, &rules->allow, ret_why) != 0)
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
