/*
 * The world: everything that outlives a call. One thread owns it, so nothing here is locked.
 *
 * Time, chance and state come from here and from nowhere else; with a seed and a frozen clock every run is
 * the same. What it is made of is here; how it begins, commits and ends is core/life.h, which knows all its
 * parts.
 */
#ifndef VIRGA_CORE_WORLD_H
#define VIRGA_CORE_WORLD_H

#include "base/clock.h"
#include "base/map.h"
#include "base/rng.h"
#include "core/account.h"
#include "core/fault.h"
#include "core/metrics.h"
#include "core/rate_counter.h"
#include "core/registry.h"
#include "core/settings.h"
#include "store/db.h"

struct flow_type;
struct journal;
struct schedule;
struct call;
struct request;

enum { LIMIT_OFF = -1 };

/* How many refused signatures were examined in one second of the machine's clock. */
struct diagnosis_budget {
    int64_t second, taken;
};

struct world {
    struct arena arena; /* for what lives as long as the world */
    struct settings settings;
    const struct product *product;
    const struct flow_type *flow_types; /* the product's, core/flow.h */
    size_t n_flow_types;
    const struct schedule *schedule;            /* the product's, core/flow.h */
    bool (*owns_file)(const struct request *r); /* the product's, see struct emulation below */
    int (*serve_file)(struct call *c);          /* likewise */
    struct db *db;
    struct clock clock;
    struct rng rng;
    struct accounts accounts;
    struct rate_counter rate_counter;
    struct diagnosis_budget doctor;
    struct journal *journal; /* the calls so far, core/journal.h */
    struct metrics metrics;
    const struct world_file *file; /* the fixtures, and the text they were read from */
    struct str file_text;
    int64_t *limits;         /* calls a second, one for each action of the product; or LIMIT_OFF */
    bool account_limits_off; /* those that the world file puts on accounts */
    bool *offline;           /* one for each action of the product: taken out of service; NULL when none is */
    bool unavailable;        /* the product behind the gateway is down */
    struct str endpoint;     /* where the server listens: "http://127.0.0.1:8328" */
    struct str tls_endpoint, unix_socket; /* likewise; p == NULL: not there */
    uint16_t port;
    bool exposed;      /* other machines may reach the server */
    bool stopping;     /* a client asked for the end of the program */
    bool replaced;     /* this turn changed what is remembered of the store: to be read again if it is lost */
    struct str secret; /* the world's own, core/secret.h */
    struct str example_region, example_instance; /* the first of the fixtures, for start-up's line to copy */
    struct faults faults;
    int64_t next_flow_id;
    int64_t next_due_ms; /* no unfinished flow is due before this */
};

/* The limits as the settings ask for. */
void world_set_limits(struct world *w);

/* The ids that are given from now on are those that were given from the start on, of a seeded world. */
void world_reseed(struct world *w);

/* Runs work(w, arg) as a whole. When it returns 0, what it wrote to the store and the changes of flows that
 * it noted in the journal are kept; else both are undone. -1 when it failed or the store did; db_fault still
 * names the failure. */
int world_attempt(struct world *w, int (*work)(struct world *w, void *arg), void *arg);

/* The service's time. */
static inline int64_t world_now_ms(const struct world *w)
{
    return clock_service_ms(&w->clock);
}

/* --- life --- */

/*
 * The world's life: how it begins, how each turn of it ends, and how it ends.
 *
 * A part of the world that reads the store at a start (fixtures, guests, flows, the secret) is called from
 * here in the order in which they need each other, and again when the store is another one.
 */

/* A product with what its handlers bring along. */
struct emulation {
    const struct product *product;
    const struct flow_type *flow_types;
    size_t n_flow_types;
    const struct schedule *schedule;
    /* Is the request a download of a file that an answer named? By method and path alone. */
    bool (*owns_file)(const struct request *r);
    /* Writes the file, or the refusal, into c->answer and returns the HTTP status. */
    int (*serve_file)(struct call *c);
};

/* Why a world could not be made; the program's exit codes follow from it (cli/exit.h). */
enum world_fault {
    WORLD_OK,
    WORLD_FILE_BAD,
    WORLD_DB_LOCKED,
    WORLD_DB_NEWER,
    WORLD_DB_FOREIGN,
    WORLD_DB_FAILED
};

/* Opens the store, reads the fixtures and puts in what the store lacks: accounts, instances and databases
 * that are there stay as they are. On failure *ret_problem is one sentence for the user, in the world's
 * arena, and nothing was changed. */
enum world_fault world_init(struct world *w, const struct settings *settings,
                            const struct emulation *emulation, struct str *ret_problem);
void world_done(struct world *w);

/* The state in the store is another one: reads anew what the world remembers of it. 0 for `next_flow_id`: as
 * at a start. -1 when the store failed. */
int world_reload(struct world *w, int64_t next_flow_id);

/* Ends a turn, as transaction_commit does. -1: what the turn's calls kept is undone, and so is what the world
 * remembers of it. */
int world_commit(struct world *w);

/* --- secret --- */

/*
 * The world's own secret: what virga signs for itself, so that nobody makes by himself what only an answer
 * may give him (the address of another account's file).
 *
 * It is kept in the store, so that an address outlives a restart, and is no part of the state's document: who
 * may see the state need not be able to sign.
 */

/* Reads w->secret from the store; one that has none gets it: random, or from the seed of a seeded world. -1
 * when the store failed. */
int secret_load(struct world *w);

#endif
