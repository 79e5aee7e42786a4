/* Headers of tar members, and gzip with stored blocks, for which no library is needed. */
#include "base/archive.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* --- tar --- */

/* POSIX ustar: name at 0, mode, owner and group at 100, size at 124 and time at 136 in octal digits, checksum
 * at 148, type at 156, magic at 257. */
void tar_put_header(struct buf *b, struct str name, size_t size, int64_t at_ms)
{
    static const char modes[] = "0000644\0"
                                "0000000\0"
                                "0000000",
                      magic[] = "ustar\0"
                                "00";
    char block[TAR_BLOCK] = {0};
    unsigned sum = 0;
    assert(name.n <= TAR_NAME_MAX);
    memcpy(block, name.p, name.n);
    memcpy(block + 100, modes, sizeof modes);
    (void)snprintf(block + 124, 12, "%011zo", size);
    (void)snprintf(block + 136, 12, "%011llo", (unsigned long long)(at_ms / 1000) & 077777777777ULL);
    memset(block + 148, ' ', 8); /* the checksum counts as blanks */
    block[156] = '0';
    memcpy(block + 257, magic, sizeof magic - 1);
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += (unsigned char)block[i];
    (void)snprintf(block + 148, 8, "%06o", sum);
    buf_put(b, (struct str){block, TAR_BLOCK});
}

size_t tar_size(size_t size)
{
    return TAR_BLOCK + (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK + 2 * TAR_BLOCK;
}

/* --- gzip --- */

enum {
    BLOCK_MAX = 65535, /* of a stored block (RFC 1951) */
    BLOCK_HEAD = 5,
    GZIP_HEAD = 10,
    GZIP_TAIL = 8,
};

static size_t blocks_of(size_t size)
{
    return size == 0 ? 1 : (size + BLOCK_MAX - 1) / BLOCK_MAX;
}

size_t gzip_size(size_t size)
{
    return GZIP_HEAD + blocks_of(size) * BLOCK_HEAD + size + GZIP_TAIL;
}

/* CRC-32 as RFC 1952 defines it, bit by bit: these files are small. */
static uint32_t crc32_of(struct str data)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < data.n; i++) {
        crc ^= (unsigned char)data.p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static void put_little_endian(struct buf *b, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_putc(b, (char)(v >> 8 * i & 0xff));
}

/* The system is unknown (255), and there is no time, so that equal data makes equal files. */
struct str gzip_stored(struct arena *a, struct str data)
{
    static const char head[GZIP_HEAD] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, (char)0xff};
    struct buf b;
    size_t blocks = blocks_of(data.n);
    buf_init(&b, a, gzip_size(data.n), gzip_size(data.n));
    buf_put(&b, (struct str){head, sizeof head});
    for (size_t i = 0; i < blocks; i++) {
        struct str part = str_head(str_skip(data, i * BLOCK_MAX), BLOCK_MAX);
        buf_putc(&b, i + 1 == blocks);
        put_little_endian(&b, part.n, 2);
        put_little_endian(&b, ~(uint64_t)part.n, 2);
        buf_put(&b, part);
    }
    put_little_endian(&b, crc32_of(data), 4);
    put_little_endian(&b, data.n, 4);
    assert(!b.over && b.n == gzip_size(data.n));
    return buf_str(&b);
}
