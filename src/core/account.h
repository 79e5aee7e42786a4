/* Network addresses and the ranges that an account's lists name. */
#ifndef VIRGA_CORE_ACCOUNT_H
#define VIRGA_CORE_ACCOUNT_H

#include "base/map.h"
#include "base/str.h"
#include "gen/world.h"
#include "wire/tc3.h"

enum { ADDRESS_BYTES = 16 };

/* IPv4 stands as ::ffff:a.b.c.d, so that a client counts the same however it has reached us. */
struct address_range {
    uint8_t bytes[ADDRESS_BYTES];
    unsigned bits; /* how many from the start must be equal */
};

struct address_list {
    const struct address_range *v;
    size_t n;
};

/* "192.168.1.7", "10.0.0.0/8", "::1", "fd00::/8". Bits behind the prefix are ignored. -1 if it is none. */
int address_range_parse(struct str text, struct address_range *ret_range);

/* Is this address, 4 or 16 bytes in network order, in any of the ranges? False for one that is not known. */
bool address_in(const struct address_list *list, struct str address);

/* --- access --- */

/*
 * Access: what a credential and its account are held to beyond the signature. Both structs come from the
 * world file and exist only where it says something, so that an ordinary call passes at one comparison.
 */

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
                 struct str *ret_problem);
int account_rules_parse(struct arena *a, const struct world_account *from,
                        const struct account_rules **ret_rules, struct str *ret_problem);

/* Does one of the patterns fit? A pattern is the exact name, or its beginning and a '*'. */
bool access_matches(const struct str_list *patterns, struct str name);

/* --- identity --- */

/*
 * Who calls: accounts and their credentials, by SecretId, with the derived signing keys kept ready.
 */

struct account {
    struct str uin;
    const struct account_rules *rules; /* NULL: none */
};

struct credential {
    struct str secret_id, secret_key;
    const struct account *account;
    bool test_account;           /* of an account that was made while the server runs, core/guest.h */
    const struct access *access; /* NULL: everything, and nothing but a signature asked for */
};

struct accounts {
    struct arena *arena;
    struct map credentials;         /* by SecretId */
    const struct credential *first; /* the one that start-up shows */
    struct arena key_arena;
    struct map signing_keys; /* by SecretId, date and service */
};

/* Nobody is known. Credentials live in `a`, signing keys in an arena of the identity's own, which
 * accounts_done gives back. */
void accounts_init(struct accounts *id, struct arena *a);
void accounts_done(struct accounts *id);

/* The texts are copied. -1 when the SecretId is taken already. */
int accounts_add_credential(struct accounts *id, const struct account *account, struct str secret_id,
                            struct str secret_key);

/* For a SecretId that was added: `access` lives as long as the identity's arena. */
void accounts_set_access(struct accounts *id, struct str secret_id, const struct access *access);

/* Marks a SecretId that was added as a guest's. */
void accounts_set_test_account(struct accounts *id, struct str secret_id);

/* Forgets every guest's credential. Calls that have found one may go on using it. */
void accounts_drop_test_accounts(struct accounts *id);

/* NULL when there is no such SecretId. */
const struct credential *accounts_find_credential(const struct accounts *id, struct str secret_id);

/* The SecretKey of any credential that stands in the text; p == NULL: none. */
struct str accounts_key_in(const struct accounts *id, struct str text);

/* The TC3 signing key of a credential for the date and service of `auth`, derived once and kept. The pointer
 * is good until the next call of this function. */
const struct hmac_key *accounts_signing_key(struct accounts *id, const struct credential *cred,
                                            const struct tc3_authorization *auth, struct arena *scratch);

#endif
