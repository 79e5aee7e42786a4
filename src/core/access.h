/*
 * Access: what a credential and its account are held to beyond the signature. Both structs come from the
 * world file and exist only where it says something, so that an ordinary call passes at one comparison.
 */
#ifndef VIRGA_CORE_ACCESS_H
#define VIRGA_CORE_ACCESS_H

#include "core/address.h"
#include "gen/world.h"

/* One credential's. */
struct access {
    bool enabled;
    bool api_key;
    bool mfa_required;
    struct str token;   /* a temporary credential's; p == NULL for a permanent one */
    int64_t expires_ms; /* by the service's clock; INT64_MAX: never */
    struct str_list deny_actions, deny_regions;
};

/* Calls a second; 0: not limited. */
struct account_limits {
    int64_t uin, global_region_uin, ip;
};

/* One account's. */
struct account_rules {
    struct address_list deny;
    bool allow_given; /* an empty list lets nobody in */
    struct address_list allow;
    struct account_limits limits;
};

/* What the world file says of a credential, copied into `a`; NULL when it says nothing. -1 and a sentence
 * when that makes no sense. */
int access_parse(struct arena *a, const struct world_credential *from, const struct access **ret_access,
                 struct str *ret_why);
int account_rules_parse(struct arena *a, const struct world_account *from,
                        const struct account_rules **ret_rules, struct str *ret_why);

/* Does one of the patterns fit? A pattern is the exact name, or its beginning and a '*'. */
bool access_matches(const struct str_list *patterns, struct str name);

#endif
