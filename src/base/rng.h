/* Random numbers of the world: xoshiro256**, seeded by the user for exact tests or by the system. Not for
 * secrets, which random_bytes is for: ids only. */
#ifndef VIRGA_BASE_RNG_H
#define VIRGA_BASE_RNG_H

#include "base/str.h"

struct rng {
    uint64_t s[4];
};

/* The same seed gives the same ids, on every machine. */
void rng_seed(struct rng *r, uint64_t seed);
/* Seeds from the system's entropy; ends the program if the system has none. */
void rng_seed_system(struct rng *r);
/* From the system's entropy, for secrets: at most RANDOM_MOST bytes. Ends the program if the system has none.
 */
enum { RANDOM_MOST = 256 };
void random_bytes(uint8_t *out, size_t n);
/* All 64 bits are equally good; for a small range the remainder will do, since ids need not be fair. */
uint64_t rng_next(struct rng *r);
/* A random (version 4) UUID, 36 lower-case characters, no NUL. */
void rng_uuid(struct rng *r, char out[36]);

#endif
