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
#include "core/action.h"
#include "core/fault.h"
#include "core/identity.h"
#include "core/limiter.h"
#include "core/metrics.h"
#include "core/settings.h"
#include "store/db.h"

struct flow_type;
struct journal;
struct schedule;
struct call;

enum { LIMIT_OFF = -1 };

/* How many refused signatures were examined in one second of the machine's clock. */
struct doctor_turns {
    int64_t second, taken;
};

struct world {
    struct arena arena; /* for what lives as long as the world */
    struct settings settings;
    const struct product *product;
    const struct flow_type *flow_types; /* the product's, core/flow.h */
    size_t n_flow_types;
    const struct schedule *schedule;   /* the product's, core/flow.h */
    int (*serve_file)(struct call *c); /* the product's, see struct emulation in core/life.h */
    struct db *db;
    struct clock clock;
    struct rng rng;
    struct identity identity;
    struct limiter limiter;
    struct doctor_turns doctor;
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
    const struct fault_effect
        *effect; /* of the call that is being handled: on the flow it starts; else NULL */
    int64_t next_flow_id;
    int64_t next_due_ms; /* no unfinished flow is due before this */
};

/* The limits as the settings ask for. */
void world_set_limits(struct world *w);

/* The ids that are given from now on are those that were given from the start on, of a seeded world. */
void world_reseed(struct world *w);

/* The service's time. */
static inline int64_t world_now_ms(const struct world *w)
{
    return clock_service_ms(&w->clock);
}

#endif
