/*
 * The world's life: how it begins, how each turn of it ends, and how it ends.
 *
 * A part of the world that reads the store at a start (fixtures, guests, flows, the secret) is called from
 * here in the order in which they need each other, and again when the store is another one.
 */
#ifndef VIRGA_CORE_LIFE_H
#define VIRGA_CORE_LIFE_H

#include "core/world.h"

/* A product with what its handlers bring along. */
struct emulation {
    const struct product *product;
    const struct flow_type *flow_types;
    size_t n_flow_types;
    const struct schedule *schedule;
    int (*serve_file)(
        struct call *c); /* a GET or HEAD of a file that an answer named: 0 not one, else the HTTP status */
};

/* Why a world could not be made; the program's exit codes follow from it (cli/exit.h). */
enum world_fault {
    WORLD_OK,
    WORLD_FILE_BAD,
    WORLD_DB_HELD,
    WORLD_DB_NEWER,
    WORLD_DB_FOREIGN,
    WORLD_DB_FAILED
};

/* Opens the store, reads the fixtures and puts in what the store lacks: accounts, instances and databases
 * that are there stay as they are. On failure *ret_why is one sentence for the user, in the world's arena,
 * and nothing was changed. */
enum world_fault world_init(struct world *w, const struct settings *settings,
                            const struct emulation *emulation, struct str *ret_why);
void world_done(struct world *w);

/* The state in the store is another one: reads anew what the world remembers of it. 0 for `next_flow_id`: as
 * at a start. -1 when the store failed. */
int world_replaced(struct world *w, int64_t next_flow_id);

/* Ends a turn, as db_commit does. -1: what the turn's calls kept is undone, and so is what the world
 * remembers of it. */
int world_commit(struct world *w);

#endif
