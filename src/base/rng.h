/* Random numbers: a generator for ids, which a seed makes repeatable, and random_bytes for secrets. */
#ifndef VIRGA_BASE_RNG_H
#define VIRGA_BASE_RNG_H

#include "base/str.h"

/* xoshiro256**. Not for secrets. */
struct rng {
    uint64_t s[4];
};

/* The same seed gives the same numbers on every machine. */
void rng_seed(struct rng *r, uint64_t seed);
/* Seeds from the system's entropy; ends the program if the system has none. */
void rng_seed_system(struct rng *r);
/* Bytes of the system's entropy for secrets, at most LIMIT_RANDOM; ends the program if the system
 * has none. */
void random_bytes(uint8_t *out, size_t n);
/* 64 random bits. For a small range the remainder is good enough: ids need no uniform distribution. */
uint64_t rng_next(struct rng *r);
/* A random (version 4) UUID: 36 lower-case characters, no NUL. */
void rng_uuid(struct rng *r, char out[36]);

#endif
