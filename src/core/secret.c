/* The secret is a row of the store. It is made at the first start of a store and never again, since addresses
 * that were given must stay good. */
#include "core/secret.h"

#include "base/codec.h"
#include "wire/digest.h"

/* 1 and the secret, 0 if there is none yet, -1. */
static int find(struct world *w)
{
    DB_STMT(s, w->db, "SELECT secret FROM world_secret WHERE id = 1");
    int rc = stmt_step(s);
    if (rc == 1)
        w->secret = stmt_str(s, &w->arena, "secret");
    return rc;
}

/* Not from w->rng: ids of a seeded world would then be others, and 64 bits of seed can be tried out. */
static struct str make(struct world *w)
{
    uint8_t bytes[SHA256_BYTES];
    char *hex = arena_alloc(&w->arena, SHA256_HEX);
    if (w->settings.seeded)
        sha256(arena_printf(&w->arena, "virga %llu", (unsigned long long)w->settings.seed), bytes);
    else
        random_bytes(bytes, sizeof bytes);
    hex_encode(bytes, sizeof bytes, hex);
    return (struct str){hex, SHA256_HEX};
}

static int put(struct world *w, struct str secret)
{
    DB_STMT(s, w->db, "INSERT INTO world_secret (id, secret) VALUES (1, :secret)");
    stmt_bind_str(s, ":secret", secret);
    return stmt_run(s);
}

int secret_load(struct world *w)
{
    int found = find(w);
    if (found != 0)
        return found == 1 ? 0 : -1;
    struct str secret = make(w);
    if (db_savepoint(w->db) != 0)
        return -1;
    if (put(w, secret) != 0 || db_keep(w->db) != 0) {
        db_undo(w->db);
        return -1;
    }
    w->secret = secret;
    return 0;
}
