/* xoshiro256** by Blackman and Vigna, seeded through splitmix64 as they recommend (prng.di.unimi.it). */
#include "base/rng.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/os.h"

static uint64_t rotate_left(uint64_t v, int bits)
{
    assert(bits > 0 && bits < 64);
    return v << bits | v >> (64 - bits);
}

/* Spreads a small seed over all bits: neighbouring seeds give unrelated states, and none gives the all-zero
 * state, from which xoshiro returns only 0. */
static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void rng_seed(struct rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix64(&seed);
}

void random_bytes(uint8_t *out, size_t n)
{
    assert(n <= LIMIT_RANDOM);
    int rc;
    do
        rc = os_random(out, n);
    while (rc != 0 && errno == EINTR);
    if (rc != 0)
        die(EXIT_FAILURE, "cannot read random numbers from the system: %s", strerror(errno));
}

/* 64 bits are enough: ids must not collide by accident, and they are not secret. */
void rng_seed_system(struct rng *r)
{
    uint8_t bytes[sizeof(uint64_t)];
    uint64_t seed;
    random_bytes(bytes, sizeof bytes);
    memcpy(&seed, bytes, sizeof seed);
    rng_seed(r, seed);
}

/* The multipliers 5 and 9 and the distances 7, 17 and 45 are part of the algorithm. */
uint64_t rng_next(struct rng *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

void rng_uuid(struct rng *r, char out[36])
{
    static const char hex[] = "0123456789abcdef";
    uint64_t halves[2] = {rng_next(r), rng_next(r)};
    /* Version 4 and variant 10x (RFC 9562): the digits after the second and the third dash. */
    halves[0] = (halves[0] & ~UINT64_C(0xf000)) | UINT64_C(0x4000);
    halves[1] = (halves[1] & UINT64_C(0x3fffffffffffffff)) | UINT64_C(0x8000000000000000);
    int digit = 0; /* how many are written, without the dashes */
    for (int i = 0; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            out[i] = '-';
            continue;
        }
        /* By shifts, so that the byte order of the machine does not matter. */
        out[i] = hex[halves[digit / 16] >> (60 - digit % 16 * 4) & 15];
        digit++;
    }
    assert(digit == 32);
}
