/* Backup files: ids, rows, names, sizes and content. */
#include "product/sqlserver/backup_file.h"

#include <assert.h>
#include <stdio.h>

#include "base/archive.h"
#include "base/codec.h"
#include "core/flow.h"
#include "core/page.h"

/* --- ids --- */

/* The id of a group is this plus its flow. */
#define GROUP_ID_BASE INT64_C(10000000000000)

/* A state file that was edited by hand may have any number. */
static int64_t clamp(int64_t v, int64_t max)
{
    return v < 0 ? 0 : v > max ? max : v;
}

int64_t backup_file_id(struct backup_file_ref ref)
{
    return FILE_ID_BASE + clamp(ref.flow, FLOW_ID_MAX) * FILE_ORDINALS +
           clamp(ref.ordinal, FILE_ORDINALS - 1);
}

bool backup_file_ref(int64_t file_id, struct backup_file_ref *ret_ref)
{
    if (file_id < FILE_ID_BASE)
        return false;
    *ret_ref = (struct backup_file_ref){(file_id - FILE_ID_BASE) / FILE_ORDINALS,
                                        (file_id - FILE_ID_BASE) % FILE_ORDINALS};
    return true;
}

int64_t backup_row_file_id(const struct backup_row *row)
{
    assert(backup_has_file(row));
    return backup_file_id((struct backup_file_ref){row->flow, row->ordinal});
}

struct str backup_group_id(struct arena *a, const struct backup_row *row)
{
    return row->single ? arena_printf(a, "%lld", (long long)(GROUP_ID_BASE + clamp(row->flow, FLOW_ID_MAX)))
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

/* --- rows --- */

static int read_databases(struct call *c, struct backup_row *row)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT name, ordinal FROM flow_database WHERE flow = :flow ORDER BY ordinal");
    int rc;
    stmt_bind_i64(s, ":flow", row->flow);
    while ((rc = stmt_step(s)) == 1) {
        str_list_add(c->arena, &row->databases, stmt_str(s, c->arena, "name"));
        *LIST_ADD(c->arena, &row->ordinals) = stmt_i64(s, "ordinal");
    }
    return rc;
}

static void put_file(struct arena *a, struct backup_row *row, int64_t ordinal, struct str database)
{
    row->ordinal = ordinal;
    row->database = database;
    row->databases = (struct str_list){.set = true};
    row->ordinals = (struct i64_list){.n = 0};
    str_list_add(a, &row->databases, database);
}

int backup_row_read(struct call *c, struct stmt *s, struct backup_row *ret_row)
{
    *ret_row = (struct backup_row){.flow = stmt_i64(s, "flow"),
                                   .name = stmt_str(s, c->arena, "name"),
                                   .strategy = (enum backup_strategy)stmt_i64(s, "strategy"),
                                   .storage_strategy = (enum backup_storage)stmt_i64(s, "storage_strategy"),
                                   .way = (enum backup_way)stmt_i64(s, "way"),
                                   .status = (enum backup_status)stmt_i64(s, "status"),
                                   .single = stmt_i64(s, "single") != 0,
                                   .start_ms = stmt_i64(s, "start_ms"),
                                   .end_ms = stmt_i64(s, "end_ms"),
                                   .databases = {.set = true}};
    if (stmt_is_null(s, "file_database"))
        return read_databases(c, ret_row);
    put_file(c->arena, ret_row, stmt_i64(s, "file_ordinal"), stmt_str(s, c->arena, "file_database"));
    return 0;
}

bool backup_kept(const struct call *c, const struct instance *instance, const struct backup_row *row)
{
    return row->storage_strategy == BACKUP_STORAGE_LIFETIME ||
           row->start_ms > world_now_ms(c->world) - instance->keep_ms;
}

void backup_row_narrow(struct arena *a, struct backup_row *row, size_t i)
{
    assert(row->single && i < row->ordinals.n);
    put_file(a, row, row->ordinals.v[i], row->databases.v[i]);
}

void backup_row_to_log(struct backup_row *row)
{
    assert(row->way == BACKUP_WAY_SCHEDULED && row->status == BACKUP_STATUS_SUCCEEDED);
    row->log = true;
    row->single = false;
    row->ordinal = FILE_ORDINAL_LOG;
}

int backup_find(struct call *c, const struct instance *instance, int64_t flow, struct backup_row *ret_row)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " BACKUP_WHOLE_COLUMNS " FROM flow JOIN backup ON backup.instance = flow.instance"
                " AND backup.start_ms = flow.start_ms AND backup.flow = flow.id"
                " WHERE flow.id = :flow AND flow.instance = :instance");
    stmt_bind_i64(s, ":flow", flow);
    stmt_bind_i64(s, ":instance", instance->row);
    int rc = stmt_step(s);
    if (rc < 0 || (rc == 1 && backup_row_read(c, s, ret_row) != 0))
        return call_fail_store(c);
    return rc == 1 && backup_kept(c, instance, ret_row);
}

int backup_find_file(struct call *c, const struct instance *instance, int64_t file_id,
                     struct backup_row *ret_row)
{
    struct backup_file_ref ref;
    if (!backup_file_ref(file_id, &ref))
        return 0;
    int rc = backup_find(c, instance, ref.flow, ret_row);
    if (rc != 1 || ret_row->status != BACKUP_STATUS_SUCCEEDED)
        return rc == 1 ? 0 : rc;
    if (!ret_row->single)
        return ref.ordinal == 0;
    for (size_t i = 0; i < ret_row->ordinals.n; i++)
        if (ret_row->ordinals.v[i] == ref.ordinal) {
            backup_row_narrow(c->arena, ret_row, i);
            return 1;
        }
    return 0;
}

int backup_find_log(struct call *c, const struct instance *instance, int64_t file_id,
                    struct backup_row *ret_row)
{
    struct backup_file_ref ref;
    if (!backup_file_ref(file_id, &ref) || ref.ordinal != FILE_ORDINAL_LOG)
        return 0;
    int rc = backup_find(c, instance, ref.flow, ret_row);
    if (rc != 1 || ret_row->way != BACKUP_WAY_SCHEDULED || ret_row->status != BACKUP_STATUS_SUCCEEDED)
        return rc == 1 ? 0 : rc;
    backup_row_to_log(ret_row);
    return 1;
}

bool backup_has_file(const struct backup_row *row)
{
    return row->status == BACKUP_STATUS_SUCCEEDED && (!row->single || row->database.p);
}

/* --- names --- */

struct str backup_file_name(struct arena *a, const struct instance *instance, const struct backup_row *row)
{
    const char *how = row->way == BACKUP_WAY_MANUAL ? "manual" : "autoed";
    const char *what = row->strategy == BACKUP_STRATEGY_INSTANCE ? "instance" : "specific";
    struct str t = time_beijing_compact(a, row->start_ms);
    long long port = (long long)instance->port;
    if (row->log)
        return arena_printf(a, "autoed_log_%lld_%.*s.trn.tar", port, STR_ARG(t));
    if (!row->database.p)
        return arena_printf(a, "%s_%s_%lld_%.*s.bak.tar", how, what, port, STR_ARG(t));
    return arena_printf(a, "%s_%s_%lld_%.*s_%.4s_%.2s_%.8s.bak", how, what, port, STR_ARG(row->database), t.p,
                        t.p + 4, t.p + 6);
}

/* Returns the last `n` characters before `suffix`, with which the name must end; empty when the name has
 * fewer. */
static struct str tail(struct str name, struct str suffix, size_t n)
{
    size_t rest = name.n - suffix.n;
    return rest >= n ? str_head(str_skip(name, rest - n), n) : STR("");
}

/* Reads the name from its end, because the name of a database may contain digits and underscores, too. */
int backup_file_name_start(struct str file_name, int64_t *ret_ms)
{
    const struct str archive = STR(".bak.tar"), single = STR(".bak");
    char t[14], text[20];
    if (str_ends(file_name, archive)) {
        struct str digits = tail(file_name, archive, sizeof t);
        if (digits.n == 0)
            return -1;
        memcpy(t, digits.p, sizeof t);
    } else if (str_ends(file_name, single)) {
        struct str parts = tail(file_name, single, sizeof "YYYY_MM_DDHHMMSS" - 1);
        if (parts.n == 0 || parts.p[4] != '_' || parts.p[7] != '_')
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

/* --- sizes --- */

/* Each database has a few KB, so that a download is quick. Any number would do, as long as it stays the
 * same. */
int64_t backup_database_kb(struct str database)
{
    enum { KB_LEAST = 8, KB_SPREAD = 32 };
    return KB_LEAST + str_hash32(database) % KB_SPREAD;
}

int64_t backup_log_kb(struct str database)
{
    return backup_database_kb(database) / 4;
}

int64_t backup_file_kb(const struct backup_row *row)
{
    int64_t kb = 0;
    for (size_t i = 0; i < row->databases.n; i++)
        kb += row->log ? backup_log_kb(row->databases.v[i]) : backup_database_kb(row->databases.v[i]);
    return kb;
}

/* --- content --- */

enum {
    MEMBER_NAME_MAX = 90
}; /* of the database; the name of a member in the archive has room for 100 bytes */

/* The data from which the content of a file is made. */
struct body {
    struct buf b;
    const struct instance *instance;
    const struct backup_row *row;
};

/* Writes the text about one database, `n` bytes. A head that is longer than that (only with a name that no
 * rule accepts) is cut there. */
static void put_database(struct body *body, struct str database, size_t n)
{
    struct buf *b = &body->b;
    const struct backup_row *row = body->row;
    struct backup_file_ref ref = {row->flow, row->ordinal};
    size_t end = b->n + n;
    buf_printf(b, "virga backup file; there is no data in it\n");
    buf_printf(b, "instance: %.*s\nregion: %.*s\n", STR_ARG(body->instance->instance_id),
               STR_ARG(body->instance->region));
    buf_printf(b, "database: %.*s\nbackup id: %lld\nflow id: %lld\n", STR_ARG(database),
               (long long)backup_file_id(ref), (long long)row->flow);
    buf_printf(b, "backup name: %.*s\nstart: %.*s\n\n", STR_ARG(row->name),
               STR_ARG(time_beijing(b->arena, row->start_ms)));
    download_pad(b, end);
}

/* Cuts a name that does not fit and appends the number of the member, which distinguishes it from others with
 * the same beginning. A cut name is longer than any whole one, so the two are never equal. */
static struct str member_name(struct arena *a, struct str database, size_t ordinal)
{
    struct str head = str_head(database, MEMBER_NAME_MAX);
    if (database.n <= MEMBER_NAME_MAX)
        return arena_printf(a, "%.*s.bak", STR_ARG(database));
    return arena_printf(a, "%.*s~%04zu.bak", STR_ARG(str_head(head, utf8_prefix(head))), ordinal);
}

/* Each member has a block for its header. What remains of the size after the members is zero: at least the
 * two blocks that end an archive. */
static void put_archive(struct body *body, size_t size)
{
    const struct str_list *databases = &body->row->databases;
    if (databases->n == 0) /* an edited state file */
        return;
    size_t each = (size - 2 * TAR_BLOCK) / databases->n / TAR_BLOCK * TAR_BLOCK - TAR_BLOCK;
    for (size_t i = 0; i < databases->n; i++) {
        struct str name = member_name(body->b.arena, databases->v[i], i);
        tar_put_header(&body->b, name, each, body->row->start_ms);
        put_database(body, databases->v[i], each);
    }
    while (body->b.n < size && !body->b.over)
        buf_putc(&body->b, '\0');
}

struct str backup_file_body(struct arena *a, const struct instance *instance, const struct backup_row *row)
{
    struct body body = {.instance = instance, .row = row};
    size_t size = (size_t)backup_file_kb(row) * 1024;
    buf_init(&body.b, a, size, size);
    if (row->database.p)
        put_database(&body, row->database, size);
    else
        put_archive(&body, size);
    return buf_str(&body.b);
}

/* --- downloads --- */

struct str backup_file_address(struct call *c, const struct instance *instance, const struct backup_row *row)
{
    const struct download_file file = {.id = backup_row_file_id(row),
                                       .uin = c->credential->account->uin,
                                       .instance_id = instance->instance_id,
                                       .name = backup_file_name(c->arena, instance, row)};
    return download_address(c, DOWNLOAD_BACKUP, &file);
}

/* The backup and its instance, of which the content of the file is made. */
struct found {
    struct instance instance;
    struct backup_row row;
};

/* Finds the instance of a flow and its account. 1, 0 when there is none, -1 when the store failed. */
static int find_owner(struct call *c, int64_t flow, struct instance *ret_instance, struct str *ret_uin)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT instance.id, instance.account, instance.instance_id, instance.region, instance.port,"
                " instance.backup_save_days FROM flow JOIN instance ON instance.id = flow.instance"
                " WHERE flow.id = :flow");
    stmt_bind_i64(s, ":flow", flow);
    int rc = stmt_step(s);
    if (rc != 1)
        return rc;
    *ret_instance = (struct instance){.row = stmt_i64(s, "id"),
                                      .instance_id = stmt_str(s, c->arena, "instance_id"),
                                      .region = stmt_str(s, c->arena, "region"),
                                      .port = stmt_i64(s, "port"),
                                      .keep_ms = instance_keep_ms(stmt_i64(s, "backup_save_days"))};
    *ret_uin = stmt_str(s, c->arena, "account");
    return 1;
}

int backup_download_find(struct call *c, int64_t file_id, struct download_file *ret_file)
{
    struct backup_file_ref ref;
    struct str uin;
    struct found *found = ARENA_NEW(c->arena, struct found);
    if (!backup_file_ref(file_id, &ref))
        return 0;
    int rc = find_owner(c, ref.flow, &found->instance, &uin);
    if (rc == 1 && (rc = backup_find_file(c, &found->instance, file_id, &found->row)) == 0)
        rc = backup_find_log(c, &found->instance, file_id, &found->row);
    if (rc != 1)
        return rc;
    *ret_file = (struct download_file){.id = file_id,
                                       .uin = uin,
                                       .instance_id = found->instance.instance_id,
                                       .name = backup_file_name(c->arena, &found->instance, &found->row),
                                       .source = found};
    return 1;
}

struct str backup_download_body(struct call *c, const struct download_file *file)
{
    const struct found *found = file->source;
    return backup_file_body(c->arena, &found->instance, &found->row);
}
