/* Ids, names, sizes and groups are arithmetic on a backup's row, in both directions, so that an answer of any
 * age names a file that can still be found. */
#include "product/sqlserver/backup_file.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/codec.h"
#include "product/sqlserver/backup.h"

/* A group's id is this and its flow: a string of digits as long as a real one. */
#define GROUP_ID_BASE INT64_C(10000000000000)

/* A database's file: at least this many KB, and at most as many more less one. Small, so that a download is
 * quick. */
enum { FILE_KB_LEAST = 8, FILE_KB_SPREAD = 32 };

/* Flows of a file that somebody edited may have any number. */
static int64_t within(int64_t v, int64_t max)
{
    return v < 0 ? 0 : v > max ? max : v;
}

int64_t backup_file_id(struct backup_file_ref ref)
{
    return FILE_ID_BASE + within(ref.flow, FLOW_ID_MAX) * FILE_ORDINALS +
           within(ref.ordinal, FILE_ORDINALS - 1);
}

bool backup_file_ref(int64_t file_id, struct backup_file_ref *ret_ref)
{
    if (file_id < FILE_ID_BASE)
        return false;
    *ret_ref = (struct backup_file_ref){(file_id - FILE_ID_BASE) / FILE_ORDINALS,
                                        (file_id - FILE_ID_BASE) % FILE_ORDINALS};
    return true;
}

/* --- rows --- */

static int read_databases(struct call *c, struct backup_row *row)
{
    SCOPED_STMT(s, c->world->db, "SELECT name FROM flow_database WHERE flow = :flow ORDER BY ordinal");
    int rc;
    stmt_bind_i64(s, ":flow", row->flow);
    while ((rc = stmt_step(s)) == 1)
        str_list_add(c->arena, &row->databases, stmt_str(s, c->arena, "name"));
    return rc;
}

int backup_row_read(struct call *c, struct stmt *s, struct backup_row *ret_row)
{
    *ret_row = (struct backup_row){.flow = stmt_i64(s, "flow"),
                                   .name = stmt_str(s, c->arena, "name"),
                                   .strategy = stmt_i64(s, "strategy"),
                                   .storage_strategy = stmt_i64(s, "storage_strategy"),
                                   .way = stmt_i64(s, "way"),
                                   .status = stmt_i64(s, "status"),
                                   .single = stmt_i64(s, "single") != 0,
                                   .start_ms = stmt_i64(s, "start_ms"),
                                   .end_ms = stmt_i64(s, "end_ms"),
                                   .databases = {.set = true}};
    return read_databases(c, ret_row);
}

bool backup_kept(const struct call *c, const struct instance *instance, const struct backup_row *row)
{
    return row->storage_strategy == 1 || row->start_ms > world_now_ms(c->world) - instance->keep_ms;
}

int backup_find(struct call *c, const struct instance *instance, int64_t flow, struct backup_row *ret_row)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " BACKUP_COLUMNS " FROM flow JOIN backup ON backup.instance = flow.instance"
                " AND backup.start_ms = flow.start_ms AND backup.flow = flow.id"
                " WHERE flow.id = :flow AND flow.instance = :instance");
    stmt_bind_i64(s, ":flow", flow);
    stmt_bind_i64(s, ":instance", instance->row);
    int rc = stmt_step(s);
    if (rc < 0 || (rc == 1 && backup_row_read(c, s, ret_row) != 0))
        return call_fail_store(c);
    return rc == 1 && backup_kept(c, instance, ret_row);
}

void backup_row_narrow(struct arena *a, struct backup_row *row, int64_t ordinal, struct str database)
{
    row->ordinal = ordinal;
    row->database = database;
    row->databases = (struct str_list){.set = true};
    str_list_add(a, &row->databases, database);
}

/* Narrows a row to one of its files. 1, 0 if the backup has no such file, -1 after failing the call. */
static int narrow(struct call *c, int64_t ordinal, struct backup_row *row)
{
    SCOPED_STMT(s, c->world->db, "SELECT name FROM flow_database WHERE flow = :flow AND ordinal = :ordinal");
    if (!row->single)
        return ordinal == 0;
    stmt_bind_i64(s, ":flow", row->flow);
    stmt_bind_i64(s, ":ordinal", ordinal);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 1)
        backup_row_narrow(c->arena, row, ordinal, stmt_str(s, c->arena, "name"));
    return rc;
}

int backup_find_file(struct call *c, const struct instance *instance, int64_t file_id,
                     struct backup_row *ret_row)
{
    struct backup_file_ref ref;
    if (!backup_file_ref(file_id, &ref))
        return 0;
    int rc = backup_find(c, instance, ref.flow, ret_row);
    if (rc != 1)
        return rc;
    return ret_row->status == BACKUP_STATUS_SUCCEEDED ? narrow(c, ref.ordinal, ret_row) : 0;
}

/* --- names --- */

struct str backup_file_name(struct arena *a, const struct instance *instance, const struct backup_row *row)
{
    const char *how = row->way == BACKUP_WAY_MANUAL ? "manual" : "autoed";
    const char *what = row->strategy == BACKUP_STRATEGY_INSTANCE ? "instance" : "specific";
    struct str t = time_beijing_compact(a, row->start_ms);
    long long port = (long long)instance->port;
    if (!row->database.p)
        return arena_printf(a, "%s_%s_%lld_%.*s.bak.tar", how, what, port, STR_ARG(t));
    return arena_printf(a, "%s_%s_%lld_%.*s_%.4s_%.2s_%.8s.bak", how, what, port, STR_ARG(row->database), t.p,
                        t.p + 4, t.p + 6);
}

/* The last `n` characters of `s`, or nothing when it is shorter. */
/* A database's name may hold anything that a time is made of, so that names are read from their ends. */
static struct str last(struct str s, size_t n)
{
    return s.n >= n ? str_skip(s, s.n - n) : STR("");
}

int backup_file_name_start(struct str file_name, int64_t *ret_ms)
{
    const struct str archive = STR(".bak.tar"), single = STR(".bak");
    char t[14], text[20];
    if (str_ends(file_name, archive)) {
        struct str digits = last(str_head(file_name, file_name.n - archive.n), 14);
        if (digits.n != 14)
            return -1;
        memcpy(t, digits.p, 14);
    } else if (str_ends(file_name, single)) {
        struct str parts = last(str_head(file_name, file_name.n - single.n), 16); /* YYYY_MM_DDHHMMSS */
        if (parts.n != 16 || parts.p[4] != '_' || parts.p[7] != '_')
            return -1;
        memcpy(t, parts.p, 4);
        memcpy(t + 4, parts.p + 5, 2);
        memcpy(t + 6, parts.p + 8, 8);
    } else {
        return -1;
    }
    (void)snprintf(text, sizeof text, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s", t, t + 4, t + 6, t + 8, t + 10,
                   t + 12);
    return time_parse_beijing(str_from(text), ret_ms);
}

/* Any number that stays the same will do. */
static int64_t database_kb(struct str name)
{
    return FILE_KB_LEAST + str_hash32(name) % FILE_KB_SPREAD;
}

int64_t backup_file_kb(const struct backup_row *row)
{
    int64_t kb = 0;
    for (size_t i = 0; i < row->databases.n; i++)
        kb += database_kb(row->databases.v[i]);
    return kb;
}

struct str backup_group_id(struct arena *a, const struct backup_row *row)
{
    return row->single ? arena_printf(a, "%lld", (long long)(GROUP_ID_BASE + within(row->flow, FLOW_ID_MAX)))
                       : STR("");
}

bool backup_group_flow(struct str group_id, int64_t *ret_flow)
{
    int64_t id;
    if (str_to_i64(group_id, &id) != 0 || id < GROUP_ID_BASE)
        return false;
    *ret_flow = id - GROUP_ID_BASE;
    return true;
}

/* --- filebody --- */

/* The bytes follow from the backup's row: a second download is the same as the first, and so is the half that
 * a client asks for later. */

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
