/*
 * The world: everything that outlives a call. One thread owns it, so nothing here is locked.
 *
 * Time, random numbers and state come from the world only: with a seed and a frozen clock every run gives the
 * same answers.
 */
#ifndef VIRGA_CORE_WORLD_H
#define VIRGA_CORE_WORLD_H

#include "base/clock.h"
#include "base/map.h"
#include "base/rng.h"
#include "core/account.h"
#include "core/fault.h"
#include "core/kept_request.h"
#include "core/metrics.h"
#include "core/rate_counter.h"
#include "core/registry.h"
#include "core/settings.h"
#include "store/db.h"

struct journal;

enum { LIMIT_OFF = -1 };

/* Counts the rejected signatures that were diagnosed in one second of the machine's clock. */
struct diagnosis_budget {
    int64_t second, taken;
};

/* The numbers that a reset and a loaded state replace in memory, as they were before. */
struct world_numbers {
    bool replaced, reseeded; /* next_flow_id, rng */
    int64_t next_flow_id;
    struct rng rng;
};

struct world {
    struct arena arena; /* for what lives as long as the world */
    struct settings settings;
    const struct registry *registry; /* the products that are emulated */
    struct db *db;
    struct clock clock;
    struct rng rng;
    struct accounts accounts;
    struct rate_counter rate_counter;
    struct diagnosis_budget doctor, doctor_on_demand;
    struct kept_requests kept_requests;
    struct journal *journal; /* core/journal.h */
    size_t state_copies;     /* bytes of the copies of the database, see state_stream (core/snapshot.h) */
    struct metrics metrics;
    const struct world_file *file; /* the fixtures, decoded, and their text */
    struct str file_text;
    int64_t *limits;         /* calls a second by registry_row, or LIMIT_OFF */
    bool account_limits_off; /* the limits that the world file sets for accounts */
    bool *offline;           /* by registry_row: actions that answer ActionOffline; NULL when there are
                              * none */
    bool unavailable;        /* every call that reaches the product gets ServiceUnavailable */
    struct str endpoint;     /* the server's URL for clients: "http://127.0.0.1:8328" */
    struct str tls_endpoint, unix_socket; /* likewise; p == NULL: not used */
    uint16_t port;
    bool exposed;       /* other machines may reach the server */
    bool warned_of_key; /* the log has a warning about a SecretId that looks real */
    bool stopping;      /* a client asked the program to end */
    bool replaced;      /* this transaction changed data of the store that memory has a copy of: read it again
                         * when the transaction is lost */
    bool stale;         /* reading it again has failed: once more at the end of the next transaction */
    struct world_numbers before; /* what to set back when this transaction is lost */
    unsigned memory_scopes;      /* what to clear when it is committed (core/memory_scope.h) */
    struct str secret;           /* signs addresses, see secret_load */
    struct str example_region, example_resource; /* the first of the fixtures, for texts to copy */
    struct faults faults;
    int64_t next_flow_id;
    int64_t next_due_ms; /* no running flow is due before this */
};

/* Sets the rate limits to those of the settings. */
void world_set_limits(struct world *w);

/* Restarts the random numbers of a seeded world, so that the ids of its start come again. */
void world_reseed(struct world *w);

/* Runs work(w, arg) as a whole. When it returns 0, what it wrote to the store and the changes of flows that
 * it noted in the journal are kept; else both are undone. -1 when it failed or the store did; db_fault still
 * names the failure. */
int world_attempt(struct world *w, int (*work)(struct world *w, void *arg), void *arg);

/* The same for work that calls world_reload or world_restart: when it fails, what the world keeps in memory
 * is as before, too. */
int world_attempt_reload(struct world *w, int (*work)(struct world *w, void *arg), void *arg);

/* The service's time. */
static inline int64_t world_now_ms(const struct world *w)
{
    return clock_service_ms(&w->clock);
}

/* --- lifecycle --- */

/* The reason why a world could not be opened; it decides the program's exit status (cli/main.h). */
enum world_fault {
    WORLD_OK,
    WORLD_FILE_BAD,
    WORLD_DB_LOCKED,
    WORLD_DB_NEWER,
    WORLD_DB_FOREIGN,
    WORLD_DB_FAILED,
    WORLD_JOURNAL_LOCKED
};

/* Opens the store, reads the world file and inserts the accounts and resources that the store does not have
 * yet. The registry must outlive the world. On failure *ret_problem is one sentence for the user, in the
 * world's arena, and the store is unchanged; world_done must be called in either case. */
enum world_fault world_init(struct world *w, const struct settings *settings, const struct registry *registry,
                            struct str *ret_problem);
void world_done(struct world *w);

/* To be called within world_attempt_reload after another state was written to the store: reads again the data
 * that the world keeps in memory. `next_flow_id` is the id of the next flow. -1 when the store failed. */
int world_reload(struct world *w, int64_t next_flow_id);
/* The same after the state of a start was written: a seeded world gives the ids of its start again. */
int world_restart(struct world *w);

/* Commits the current transaction and writes the journal's file. -1: the store undid the calls of the
 * transaction, and the data that the world keeps in memory was read again. */
int world_commit(struct world *w);

/* --- secret --- */

/* Reads w->secret from the store: the key with which virga signs its own addresses, so that no client can
 * construct the address of another account's file. The store keeps it, because addresses must stay valid
 * after a restart; the state's document leaves it out. A store without one gets a random one, or, in a seeded
 * world, the one of the seed. -1 when the store failed. */
int secret_load(struct world *w);

#endif
