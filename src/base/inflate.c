/*
 * Codes are decoded bit by bit: one bit longer, one table row further. That is slower than tables of whole
 * codes, and fast enough for half a megabyte at a time.
 */
#include "base/inflate.h"

#include <assert.h>
#include <stdint.h>

enum {
    HEADER_BYTES = 10, /* of a member without optional fields */
    TRAILER_BYTES = 8,
    CODE_BITS_MAX = 15,
    END_OF_BLOCK = 256,
    LITERALS = 288,
    DISTANCES = 30,
    LENGTHS = 19, /* the codes in which the lengths of the other codes are written */
};

/* The input is read from the lowest bit of each byte. */
struct inflater {
    struct str in;
    size_t at;        /* the next byte */
    unsigned bits, n; /* bits that were read and not used */
    char *to;
    size_t done, room;
    bool failed; /* the input ended too early; what was read after that is zero */
};

/* A canonical code: the symbols in the order of their codes, and how many codes have each length. */
struct code {
    uint16_t count[CODE_BITS_MAX + 1];
    uint16_t symbol[LITERALS];
};

static unsigned take_bits(struct inflater *f, unsigned n)
{
    assert(n <= 16);
    while (f->n < n) {
        f->failed |= f->at >= f->in.n;
        f->bits |= (f->failed ? 0u : (unsigned char)f->in.p[f->at++]) << f->n;
        f->n += 8;
    }
    unsigned taken = f->bits & ((1u << n) - 1);
    f->bits >>= n;
    f->n -= n;
    return taken;
}

/* --- codes --- */

/* Makes a code from the length of each symbol's code; 0: the symbol is not used. */
static void make_code(struct code *c, const uint8_t *lengths, size_t n)
{
    uint16_t next[CODE_BITS_MAX + 2] = {0};
    *c = (struct code){.count = {0}};
    for (size_t i = 0; i < n; i++)
        c->count[lengths[i]]++;
    c->count[0] = 0;
    for (size_t i = 1; i <= CODE_BITS_MAX; i++)
        next[i + 1] = (uint16_t)(next[i] + c->count[i]);
    for (size_t i = 0; i < n; i++)
        if (lengths[i] > 0)
            c->symbol[next[lengths[i]]++] = (uint16_t)i;
}

/* The next symbol, or -1. `first` is the first code of each length, `index` the place of its symbol. */
static int take_symbol(struct inflater *f, const struct code *c)
{
    int code = 0, first = 0, index = 0;
    for (int length = 1; length <= CODE_BITS_MAX; length++) {
        code |= (int)take_bits(f, 1);
        int count = c->count[length];
        if (code - first < count)
            return f->failed ? -1 : c->symbol[index + code - first];
        index += count;
        first = (first + count) << 1;
        code <<= 1;
    }
    return -1;
}

/* --- blocks --- */

static int copy_match(struct inflater *f, size_t length, size_t distance)
{
    if (distance > f->done || length > f->room - f->done)
        return -1;
    for (; length > 0; length--, f->done++) /* the two may overlap */
        f->to[f->done] = f->to[f->done - distance];
    return 0;
}

static int take_match(struct inflater *f, unsigned row, const struct code *distances)
{
    static const uint16_t length_base[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                           31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t length_bits[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                          2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    static const uint16_t distance_base[] = {1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
                                             33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
                                             1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
    if (row >= sizeof length_bits)
        return -1;
    size_t length = length_base[row] + take_bits(f, length_bits[row]);
    int far = take_symbol(f, distances);
    if (far < 0 || far >= DISTANCES)
        return -1;
    unsigned bits = far < 4 ? 0 : (unsigned)far / 2 - 1;
    return copy_match(f, length, distance_base[far] + (size_t)take_bits(f, bits));
}

static int read_coded(struct inflater *f, const struct code *literals, const struct code *distances)
{
    for (;;) {
        int symbol = take_symbol(f, literals);
        if (symbol == END_OF_BLOCK)
            return 0;
        if (symbol > END_OF_BLOCK) {
            if (take_match(f, (unsigned)symbol - END_OF_BLOCK - 1, distances) != 0)
                return -1;
        } else if (symbol < 0 || f->done == f->room) {
            return -1;
        } else {
            f->to[f->done++] = (char)symbol;
        }
    }
}

static int read_stored(struct inflater *f)
{
    f->bits = f->n = 0; /* it begins with a whole byte */
    size_t n = take_bits(f, 16);
    if (take_bits(f, 16) != (n ^ 0xffff) || f->failed || n > f->in.n - f->at || n > f->room - f->done)
        return -1;
    memcpy(f->to + f->done, f->in.p + f->at, n);
    f->at += n;
    f->done += n;
    return 0;
}

static int read_fixed(struct inflater *f)
{
    uint8_t lengths[LITERALS];
    struct code literals, distances;
    for (size_t i = 0; i < LITERALS; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    make_code(&literals, lengths, LITERALS);
    memset(lengths, 5, DISTANCES);
    make_code(&distances, lengths, DISTANCES);
    return read_coded(f, &literals, &distances);
}

/* The lengths of both codes are one list, in which runs are written as one symbol. */
static int read_lengths(struct inflater *f, const struct code *code, uint8_t *lengths, size_t n)
{
    for (size_t i = 0; i < n;) {
        int symbol = take_symbol(f, code);
        uint8_t repeated = 0;
        size_t times = 1;
        if (symbol < 0 || (symbol == 16 && i == 0))
            return -1;
        if (symbol < 16)
            repeated = (uint8_t)symbol;
        else if (symbol == 16)
            repeated = lengths[i - 1], times = 3 + take_bits(f, 2);
        else
            times = symbol == 17 ? 3 + take_bits(f, 3) : 11 + take_bits(f, 7);
        if (times > n - i)
            return -1;
        memset(lengths + i, repeated, times);
        i += times;
    }
    return 0;
}

static int read_dynamic(struct inflater *f)
{
    static const uint8_t order[LENGTHS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[LITERALS + 32] = {0};
    struct code code, literals, distances;
    size_t n_literals = 257 + take_bits(f, 5), n_distances = 1 + take_bits(f, 5), n = 4 + take_bits(f, 4);
    for (size_t i = 0; i < n; i++)
        lengths[order[i]] = (uint8_t)take_bits(f, 3);
    make_code(&code, lengths, LENGTHS);
    if (n_literals > LITERALS || read_lengths(f, &code, lengths, n_literals + n_distances) != 0)
        return -1;
    make_code(&literals, lengths, n_literals);
    make_code(&distances, lengths + n_literals, n_distances);
    return read_coded(f, &literals, &distances);
}

static int read_block(struct inflater *f)
{
    switch (take_bits(f, 2)) {
    case 0:
        return read_stored(f);
    case 1:
        return read_fixed(f);
    case 2:
        return read_dynamic(f);
    default:
        return -1;
    }
}

int inflate_gzip(struct str member, char *to, size_t n)
{
    if (member.n < HEADER_BYTES + TRAILER_BYTES || !str_starts(member, STR("\x1f\x8b\x08\0")))
        return -1;
    struct str deflated = str_head(str_skip(member, HEADER_BYTES), member.n - HEADER_BYTES - TRAILER_BYTES);
    struct inflater f = {.in = deflated, .to = to, .room = n};
    bool last = false;
    while (!last) {
        last = take_bits(&f, 1) == 1;
        if (read_block(&f) != 0)
            return -1;
    }
    return f.failed || f.done != n ? -1 : 0;
}
