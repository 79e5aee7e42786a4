/* The bytes follow from the backup's row: a second download is the same as the first, and so is the half that
 * a client asks for later. */
#include "product/sqlserver/filebody.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/codec.h"

/* WHOLE_MAX: of a database, before its archive member's name has to be cut to fit into 100 bytes. */
enum { TAR_BLOCK = 512, WHOLE_MAX = 90 };

/* Fills up to `n` bytes with lines that count themselves, so that a cut or shifted copy is seen. */
static void pad(struct buf *b, size_t n)
{
    for (size_t line = 1; b->n < n && !b->over; line++) {
        char text[32];
        int length = snprintf(text, sizeof text, "virga %08zu\n", line);
        buf_put(b, str_head((struct str){text, (size_t)length}, n - b->n));
    }
}

static void put_head(struct buf *b, const struct instance *instance, const struct backup_row *row,
                     struct str database)
{
    struct backup_file_ref ref = {row->flow, row->ordinal};
    buf_printf(b, "virga backup file; there is no data in it\n");
    buf_printf(b, "instance: %.*s\nregion: %.*s\n", STR_ARG(instance->instance_id),
               STR_ARG(instance->region));
    buf_printf(b, "database: %.*s\nbackup id: %lld\nflow id: %lld\n", STR_ARG(database),
               (long long)backup_file_id(ref), (long long)row->flow);
    buf_printf(b, "backup name: %.*s\nstart: %.*s\n\n", STR_ARG(row->name),
               STR_ARG(time_beijing(b->arena, row->start_ms)));
}

/* A file of one database with `n` bytes. Only a name that no rule would let in makes a head longer than that;
 * then the buffer is full before the file is whole, and it ends there. */
static void put_database(struct buf *b, const struct instance *instance, const struct backup_row *row,
                         struct str database, size_t n)
{
    size_t end = b->n + n;
    put_head(b, instance, row, database);
    pad(b, end);
}

/* A name that does not fit is cut, and the member's number keeps it apart from others with that beginning.
 * It stays longer than any that is whole, so that it is no other's either. */
static struct str member_name(struct arena *a, struct str database, size_t ordinal)
{
    struct str head = str_head(database, WHOLE_MAX);
    if (database.n <= WHOLE_MAX)
        return arena_printf(a, "%.*s.bak", STR_ARG(database));
    return arena_printf(a, "%.*s~%04zu.bak", STR_ARG(str_head(head, utf8_prefix(head))), ordinal);
}

/* POSIX ustar: name at 0, mode, owner and group at 100, size at 124 and time at 136 in octal digits, checksum
 * at 148, type at 156, magic at 257. */
static void put_tar_head(struct buf *b, struct str name, size_t size, int64_t start_ms)
{
    char block[TAR_BLOCK] = {0};
    unsigned sum = 0;
    memcpy(block, name.p, name.n);
    memcpy(block + 100,
           "0000644\0"
           "0000000\0"
           "0000000\0",
           24);
    (void)snprintf(block + 124, 12, "%011zo", size);
    (void)snprintf(block + 136, 12, "%011llo", (unsigned long long)(start_ms / 1000) & 077777777777ULL);
    memset(block + 148, ' ', 8); /* the checksum is made with blanks in its place */
    block[156] = '0';
    memcpy(block + 257,
           "ustar\0"
           "00",
           8);
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += (unsigned char)block[i];
    (void)snprintf(block + 148, 8, "%06o", sum);
    buf_put(b, (struct str){block, TAR_BLOCK});
}

/* Each member takes a block for its head; what is left of the archive's size when all are in is the two empty
 * blocks of its end and the rest. */
static void put_archive(struct buf *b, const struct instance *instance, const struct backup_row *row,
                        size_t size)
{
    size_t n = row->databases.n;
    if (n == 0) /* flow's rows that somebody removed */
        return;
    size_t each = (size - 2 * TAR_BLOCK) / n / TAR_BLOCK * TAR_BLOCK - TAR_BLOCK;
    for (size_t i = 0; i < n; i++) {
        put_tar_head(b, member_name(b->arena, row->databases.v[i], i), each, row->start_ms);
        put_database(b, instance, row, row->databases.v[i], each);
    }
    while (b->n < size && !b->over)
        buf_putc(b, '\0');
}

struct str filebody_make(struct arena *a, const struct instance *instance, const struct backup_row *row)
{
    size_t size = (size_t)backup_file_kb(row) * 1024;
    struct buf b;
    buf_init(&b, a, size, size);
    if (row->database.p)
        put_database(&b, instance, row, row->database, size);
    else
        put_archive(&b, instance, row, size);
    return buf_str(&b);
}
