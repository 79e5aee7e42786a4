/*
 * Accounts: network addresses and ranges; the rules of the world file for a credential and its account, which
 * a call must meet besides its signature; and the credentials with their derived signing keys.
 */
#ifndef VIRGA_CORE_ACCOUNT_H
#define VIRGA_CORE_ACCOUNT_H

#include "base/map.h"
#include "base/str.h"
#include "gen/world.h"
#include "wire/tc3.h"

/* --- addresses --- */

enum { ADDRESS_BYTES = 16 };

/* IPv4 is stored as ::ffff:a.b.c.d, so that a client has one address on every kind of socket. */
struct address_range {
    uint8_t bytes[ADDRESS_BYTES];
    unsigned bits; /* how many from the start must be equal */
};

struct address_list {
    const struct address_range *v;
    size_t n;
};

/* "192.168.1.7", "10.0.0.0/8", "::1", "fd00::/8". Bits after the prefix are ignored. -1 for any other text.
 */
int address_range_parse(struct str text, struct address_range *ret_range);

/* Whether the address, 4 or 16 bytes in network order, is in one of the ranges; false for an unknown one. */
bool address_in(const struct address_list *list, struct str address);

/* --- access --- */

/* The rules of one credential. This struct and struct account_rules exist only where the world file has such
 * a rule, so that an ordinary call costs one comparison with NULL. */
struct access {
    bool enabled;
    bool api_key;
    bool mfa_required;
    struct str token;   /* a temporary credential's; p == NULL for a permanent one */
    int64_t expires_ms; /* by the service's clock; INT64_MAX: it does not expire */
    struct str_list deny_actions, deny_regions;
};

/* Calls a second; 0: not limited. */
struct account_limits {
    int64_t uin, global_region_uin, ip;
};

/* The rules of one account. */
struct account_rules {
    struct address_list deny;
    bool allow_given; /* the list was given: an empty one rejects every address */
    struct address_list allow;
    struct account_limits limits;
};

/* The rules of the world file, copied into `a`; NULL when it has none. -1 and a sentence when they contradict
 * each other. */
int access_parse(struct arena *a, const struct world_credential *from, const struct access **ret_access,
                 struct str *ret_problem);
int account_rules_parse(struct arena *a, const struct world_account *from,
                        const struct account_rules **ret_rules, struct str *ret_problem);

/* Whether one of the patterns matches. A pattern is the exact name, or its beginning and a '*'. */
bool access_matches(const struct str_list *patterns, struct str name);

/* --- accounts --- */

struct account {
    struct str uin;
    const struct account_rules *rules; /* NULL: none */
};

struct credential {
    struct str secret_id, secret_key;
    const struct account *account;
    bool test_account;           /* of a test account, core/test_account.h */
    const struct access *access; /* NULL: a signature is enough for everything */
};

struct accounts {
    struct arena *arena;
    struct map credentials;         /* by SecretId */
    const struct credential *first; /* the one that the start-up message shows */
    struct arena key_arena;
    struct map signing_keys; /* by SecretId, date and service */
};

/* No credential is known. Credentials are in `a`; signing keys are in an arena of their own, which
 * accounts_done frees. */
void accounts_init(struct accounts *id, struct arena *a);
void accounts_done(struct accounts *id);

/* The texts are copied. -1 when the SecretId is taken already. */
int accounts_add_credential(struct accounts *id, const struct account *account, struct str secret_id,
                            struct str secret_key);

/* For a SecretId that was added; `access` must live as long as `a` of accounts_init. */
void accounts_set_access(struct accounts *id, struct str secret_id, const struct access *access);

/* Marks a SecretId that was added as one of a test account. */
void accounts_set_test_account(struct accounts *id, struct str secret_id);

/* Removes the credentials of test accounts. Calls that have found one may continue to use it. */
void accounts_drop_test_accounts(struct accounts *id);

/* NULL when there is no such SecretId. */
const struct credential *accounts_find_credential(const struct accounts *id, struct str secret_id);

/* The SecretKey of any credential that is in the text; p == NULL: none. */
struct str accounts_key_in(const struct accounts *id, struct str text);

/* The TC3 signing key of a credential for the date and service of `auth`, derived once and kept. The pointer
 * is valid until the next call of this function. */
const struct hmac_key *accounts_signing_key(struct accounts *id, const struct credential *cred,
                                            const struct tc3_authorization *auth, struct arena *scratch);

/* Whether a SecretId has the form of one of the cloud: AKID and 32 letters or digits. One with EXAMPLE is
 * that of a document. */
bool secret_id_looks_real(struct str secret_id);

#endif
