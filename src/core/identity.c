/* A signing key takes three HMACs and is the same all day, so it is kept: to make it is as much work again as
 * to check a signature. */
#include "core/identity.h"

#include <assert.h>

/* Date and service come from the client, so the number of keys kept is bounded; past it all are forgotten. */
enum { KEYS_KEPT = 256 };

void identity_init(struct identity *id, struct arena *a)
{
    *id = (struct identity){.arena = a};
    map_init(&id->credentials, a);
    arena_init(&id->key_arena);
    map_init(&id->signing_keys, &id->key_arena);
}

void identity_done(struct identity *id)
{
    arena_done(&id->key_arena);
}

/* The map keeps pointers, so that a credential never moves: calls hold on to the one they found. */
int identity_add(struct identity *id, const struct account *account, struct str secret_id,
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

void identity_set_access(struct identity *id, struct str secret_id, const struct access *access)
{
    struct credential *cred = map_get(&id->credentials, secret_id);
    assert(cred);
    cred->access = access;
}

void identity_set_guest(struct identity *id, struct str secret_id)
{
    struct credential *cred = map_get(&id->credentials, secret_id);
    assert(cred);
    cred->guest = true;
}

const struct credential *identity_find(const struct identity *id, struct str secret_id)
{
    return map_get(&id->credentials, secret_id);
}

static void forget_keys(struct identity *id)
{
    arena_reset(&id->key_arena);
    map_init(&id->signing_keys, &id->key_arena);
}

/* The map keeps the name with nothing behind it. A SecretId may come again with another key, so that the
 * signing keys go too. */
void identity_drop_guests(struct identity *id)
{
    for (size_t i = 0; i < id->credentials.room; i++) {
        struct credential *cred = id->credentials.slots[i].value;
        if (cred && cred->guest)
            id->credentials.slots[i].value = NULL;
    }
    forget_keys(id);
}

struct str identity_key_in(const struct identity *id, struct str text)
{
    for (size_t i = 0; i < id->credentials.room; i++) {
        const struct credential *cred = id->credentials.slots[i].value;
        if (cred && text.n > 0 && cred->secret_key.n > 0 &&
            memmem(text.p, text.n, cred->secret_key.p, cred->secret_key.n))
            return cred->secret_key;
    }
    return (struct str){NULL, 0};
}

const struct hmac_key *identity_signing_key(struct identity *id, const struct credential *cred,
                                            const struct tc3_authorization *auth, struct arena *scratch)
{
    struct str name = CONCAT(scratch, cred->secret_id, STR("/"), auth->date, STR("/"), auth->service);
    struct hmac_key *key = map_get(&id->signing_keys, name);
    if (key)
        return key;
    if (id->signing_keys.n >= KEYS_KEPT)
        forget_keys(id);
    key = ARENA_NEW(&id->key_arena, struct hmac_key);
    tc3_signing_key(cred->secret_key, auth->date, auth->service, key);
    map_put(&id->signing_keys, name, key);
    return key;
}
