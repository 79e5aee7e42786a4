/*
 * Who calls: accounts and their credentials, by SecretId, with the derived signing keys kept ready.
 */
#ifndef VIRGA_CORE_IDENTITY_H
#define VIRGA_CORE_IDENTITY_H

#include "base/map.h"
#include "core/access.h"
#include "wire/tc3.h"

struct account {
    struct str uin;
    const struct account_rules *rules; /* NULL: none */
};

struct credential {
    struct str secret_id, secret_key;
    const struct account *account;
    bool guest;                  /* of an account that was made while the server runs, core/guest.h */
    const struct access *access; /* NULL: everything, and nothing but a signature asked for */
};

struct identity {
    struct arena *arena;
    struct map credentials;         /* by SecretId */
    const struct credential *first; /* the one that start-up shows */
    struct arena key_arena;
    struct map signing_keys; /* by SecretId, date and service */
};

/* Nobody is known. Credentials live in `a`, signing keys in an arena of the identity's own, which
 * identity_done gives back. */
void identity_init(struct identity *id, struct arena *a);
void identity_done(struct identity *id);

/* The texts are copied. -1 when the SecretId is taken already. */
int identity_add(struct identity *id, const struct account *account, struct str secret_id,
                 struct str secret_key);

/* For a SecretId that was added: `access` lives as long as the identity's arena. */
void identity_set_access(struct identity *id, struct str secret_id, const struct access *access);

/* Marks a SecretId that was added as a guest's. */
void identity_set_guest(struct identity *id, struct str secret_id);

/* Forgets every guest's credential. Calls that have found one may go on using it. */
void identity_drop_guests(struct identity *id);

/* NULL when there is no such SecretId. */
const struct credential *identity_find(const struct identity *id, struct str secret_id);

/* The SecretKey of any credential that stands in the text; p == NULL: none. */
struct str identity_key_in(const struct identity *id, struct str text);

/* The TC3 signing key of a credential for the date and service of `auth`, derived once and kept. The pointer
 * is good until the next call of this function. */
const struct hmac_key *identity_signing_key(struct identity *id, const struct credential *cred,
                                            const struct tc3_authorization *auth, struct arena *scratch);

#endif
