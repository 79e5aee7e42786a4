/* What an answer tells of a backup depends on how far it is: the fields of its file are there only once there
 * is one. */
#include "product/sqlserver/backup_list.h"

#include <stdlib.h>

#include "gen/sqlserver.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/download.h"
#include "product/sqlserver/explain.h"

bool backup_has_file(const struct backup_row *row)
{
    return row->status == BACKUP_STATUS_SUCCEEDED && (!row->single || row->database.p);
}

/* The fields that only a file has; all zero while there is none, and for a row that stands for a group (by
 * example). */
static void put_file(struct call *c, const struct instance *instance, const struct backup_row *row,
                     struct backup *view)
{
    view->file_name = backup_file_name(c->arena, instance, row);
    view->id = U64((uint64_t)backup_file_id((struct backup_file_ref){row->flow, row->ordinal}));
    view->internal_addr = download_address(c, instance, row);
    view->external_addr = view->internal_addr;
}

struct backup backup_view(struct call *c, const struct instance *instance, const struct backup_row *row)
{
    struct backup view = {
        .start_time = time_beijing(c->arena, row->start_ms),
        .end_time = row->end_ms ? time_beijing(c->arena, row->end_ms) : NO_TIME,
        .status = U64((uint64_t)row->status),
        .dbs = row->databases,
        .strategy = I64(row->strategy),
        .storage_strategy = I64(row->storage_strategy),
        .backup_way = I64(row->way),
        .backup_name = row->name,
        .group_id = backup_group_id(c->arena, row),
        .backup_format = row->single ? STR("single") : STR("pkg"),
        .region = instance->region,
    };
    if (row->status == BACKUP_STATUS_SUCCEEDED) /* a group's row has the sum of its files: so the sample */
        view.size = I64(backup_file_kb(row));
    if (backup_has_file(row))
        put_file(c, instance, row, &view);
    return view;
}

/* --- backup list --- */

/* DescribeBackups: an instance's backups, filtered, in pages. */

enum { TYPE_DATA = 1 };

/*
 * A backup of single files is a row a file, unless they are grouped (that Group 0 means so is assumed;
 * Terraform reads a backup by its first file's id). The window tests the start, to the second, both ends
 * included. What retention has ended is not there. The files are looked for only where they are rows: a join
 * whose condition stood beside the flow would look for those of every archive too.
 */
#define FROM_AND_WHERE                                                                                       \
    " FROM backup LEFT JOIN flow_database AS file"                                                           \
    " ON file.flow = CASE WHEN backup.single AND :by_file THEN backup.flow END"                              \
    " WHERE backup.instance = :instance AND backup.start_ms BETWEEN :from AND :to"                           \
    " AND (backup.start_ms > :kept_from OR backup.storage_strategy = 1)"                                     \
    " AND (:name IS NULL OR backup.name = :name)"                                                            \
    " AND (:strategy IS NULL OR backup.strategy = :strategy)"                                                \
    " AND (:way IS NULL OR backup.way = :way)"                                                               \
    " AND (:storage IS NULL OR backup.storage_strategy = :storage)"                                          \
    " AND (:single IS NULL OR backup.single = :single)"                                                      \
    " AND (:flow IS NULL OR (backup.flow = :flow AND coalesce(file.ordinal, 0) = :ordinal))"                 \
    " AND (:database IS NULL OR CASE WHEN file.name IS NULL THEN EXISTS (SELECT 1 FROM flow_database AS "    \
    "held"                                                                                                   \
    " WHERE held.flow = backup.flow AND held.name = :database) ELSE file.name = :database END)"

/* The window in milliseconds and the file that was asked for, taken from the texts of the request. */
struct search {
    const struct describe_backups_in *in;
    int64_t instance, from_ms, to_ms, kept_from_ms;
    struct backup_file_ref file;
    bool no_such_file; /* BackupId is the id of no file */
};

static void bind_opt(struct stmt *s, const char *name, struct opt_i64 value)
{
    if (value.set)
        stmt_bind_i64(s, name, value.v);
    else
        stmt_bind_null(s, name);
}

static void bind_text(struct stmt *s, const char *name, struct str value)
{
    stmt_bind_str(s, name, value.n > 0 ? value : (struct str){NULL, 0}); /* an empty filter filters nothing */
}

static void bind_search(struct stmt *s, const struct search *search)
{
    const struct describe_backups_in *in = search->in;
    struct opt_i64 single = {.v = str_eq(in->backup_format, STR("single")), .set = in->backup_format.n > 0};
    struct opt_i64 flow = {.v = search->file.flow, .set = in->backup_id.set};
    stmt_bind_i64(s, ":by_file", in->group.v == 0);
    stmt_bind_i64(s, ":instance", search->instance);
    stmt_bind_i64(s, ":from", search->from_ms);
    stmt_bind_i64(s, ":to", search->to_ms);
    stmt_bind_i64(s, ":kept_from", search->kept_from_ms);
    bind_text(s, ":name", in->backup_name);
    bind_opt(s, ":strategy", in->strategy);
    bind_opt(s, ":way", in->backup_way);
    bind_opt(s, ":storage", in->storage_strategy);
    bind_opt(s, ":single", single);
    bind_opt(s, ":flow", flow);
    stmt_bind_i64(s, ":ordinal", search->file.ordinal);
    bind_text(s, ":database", in->database_name);
}

static int count_rows(struct call *c, const struct search *search, int64_t *ret_count)
{
    SCOPED_STMT(s, c->world->db, "SELECT count(*) AS n" FROM_AND_WHERE);
    bind_search(s, search);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_count = stmt_i64(s, "n");
    return 0;
}

static int read_page(struct call *c, const struct search *search, const struct instance *instance,
                     struct backup_list *ret_list)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " BACKUP_COLUMNS
                ", file.name AS file_database, file.ordinal AS file_ordinal" FROM_AND_WHERE
                " ORDER BY backup.start_ms DESC, backup.flow DESC, file.ordinal LIMIT :limit OFFSET :offset");
    struct backup *rows = ARENA_ARRAY(c->arena, struct backup, (size_t)search->in->limit.v);
    size_t n = 0;
    int rc;
    bind_search(s, search);
    stmt_bind_i64(s, ":limit", search->in->limit.v);
    stmt_bind_i64(s, ":offset", search->in->offset.v * search->in->limit.v); /* pages, not rows */
    while ((rc = stmt_step(s)) == 1) {
        struct backup_row row;
        if (backup_row_read(c, s, &row) != 0)
            return call_fail_store(c);
        if (!stmt_is_null(s, "file_database"))
            backup_row_narrow(c->arena, &row, stmt_i64(s, "file_ordinal"),
                              stmt_str(s, c->arena, "file_database"));
        rows[n++] = backup_view(c, instance, &row);
    }
    *ret_list = (struct backup_list){rows, n, true};
    return rc == 0 ? 0 : call_fail_store(c);
}

static int make_search(struct call *c, const struct describe_backups_in *in, const struct instance *instance,
                       struct search *ret_search)
{
    struct search s = {
        .in = in, .instance = instance->row, .kept_from_ms = world_now_ms(c->world) - instance->keep_ms};
    (void)time_parse_beijing(in->start_time, &s.from_ms); /* the schema's rule has seen their form */
    (void)time_parse_beijing(in->end_time, &s.to_ms);
    s.to_ms += 999;
    if (s.from_ms > s.to_ms)
        return reject_span(c, in->start_time, in->end_time);
    s.no_such_file = in->backup_id.set && !backup_file_ref((int64_t)in->backup_id.v, &s.file);
    *ret_search = s;
    return 0;
}

int describe_backups(struct call *c, const struct describe_backups_in *in, struct describe_backups_out *out)
{
    struct instance instance;
    struct search search;
    int64_t count = 0;
    if (instance_get(c, in->instance_id, &instance) != 0 || make_search(c, in, &instance, &search) != 0)
        return -1;
    out->backups = (struct backup_list){.set = true};
    out->total_count = I64(0);
    if (in->type.v != TYPE_DATA || search.no_such_file) /* there are no log backups here */
        return 0;
    if (count_rows(c, &search, &count) != 0 || read_page(c, &search, &instance, &out->backups) != 0)
        return -1;
    out->total_count = I64(count);
    return 0;
}

/* --- backup show --- */

/* DescribeBackupByFlowId and DescribeBackupFiles: one backup, and the files of one. */

/* While a backup is being made Strategy and BackupWay are 0 and mean nothing (by example and remark). */
static void put_common(struct call *c, const struct backup_row *row,
                       struct describe_backup_by_flow_id_out *out)
{
    bool made = row->status != BACKUP_STATUS_RUNNING;
    out->backup_name = row->name;
    out->start_time = time_beijing(c->arena, row->start_ms);
    out->end_time = made ? time_beijing(c->arena, row->end_ms) : NO_TIME;
    out->status = I64(row->status);
    out->strategy = I64(made ? row->strategy : 0);
    out->backup_way = I64(made ? row->way : 0);
    out->dbs = row->databases;
    out->group_id = backup_group_id(c->arena, row);
}

/* Of single files the first stands for all. */
static int first_file(struct call *c, struct backup_row *row)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT name, ordinal FROM flow_database WHERE flow = :flow ORDER BY ordinal LIMIT 1");
    if (!row->single || row->status != BACKUP_STATUS_SUCCEEDED)
        return 0;
    stmt_bind_i64(s, ":flow", row->flow);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 1)
        backup_row_narrow(c->arena, row, stmt_i64(s, "ordinal"), stmt_str(s, c->arena, "name"));
    return 0;
}

/* The address is made anew for each answer, with fifteen minutes of its own (documented). */
int describe_backup_by_flow_id(struct call *c, const struct describe_backup_by_flow_id_in *in,
                               struct describe_backup_by_flow_id_out *out)
{
    struct instance instance;
    struct backup_row row;
    int64_t flow;
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    int rc = str_to_i64(in->flow_id, &flow) == 0 ? backup_find(c, &instance, flow, &row) : 0;
    if (rc < 0)
        return -1;
    if (rc == 0)
        return call_fail_explained(c, ERR_RESOURCE_NOT_FOUND_BACKUP_NOT_FOUND, "backup.not-found",
                                   "%.*s keeps no backup of a flow %.*s", STR_ARG(in->instance_id),
                                   STR_ARG(in->flow_id));
    if (first_file(c, &row) != 0)
        return -1;
    put_common(c, &row, out);
    if (!backup_has_file(&row))
        return 0;
    out->id = U64((uint64_t)backup_file_id((struct backup_file_ref){row.flow, row.ordinal}));
    out->file_name = backup_file_name(c->arena, &instance, &row);
    out->size = U64((uint64_t)backup_file_kb(&row));
    out->internal_addr = download_address(c, &instance, &row);
    out->external_addr = out->internal_addr;
    return 0;
}

/* --- DescribeBackupFiles --- */

static struct backup_file view_of(struct call *c, const struct instance *instance,
                                  const struct backup_row *row)
{
    return (struct backup_file){
        .id = U64((uint64_t)backup_file_id((struct backup_file_ref){row->flow, row->ordinal})),
        .file_name = backup_file_name(c->arena, instance, row),
        .size = U64((uint64_t)backup_file_kb(row)),
        .dbs = row->databases,
        .download_link = download_address(c, instance, row),
        .region = instance->region,
        .cross_backup_addr = {.set = true},
    };
}

struct files {
    struct backup_file v[FILE_ORDINALS];
    size_t n;
};

/* LIMIT 1024 is FILE_ORDINALS: no backup has more files, and the array has room for no more. */
static int read_files(struct call *c, const struct instance *instance, const struct backup_row *row,
                      struct str database, struct files *files)
{
    SCOPED_STMT(
        s, c->world->db,
        "SELECT name, ordinal FROM flow_database"
        " WHERE flow = :flow AND (:database IS NULL OR name = :database) ORDER BY ordinal LIMIT 1024");
    int rc;
    stmt_bind_i64(s, ":flow", row->flow);
    stmt_bind_str(s, ":database", database.n > 0 ? database : (struct str){NULL, 0});
    while ((rc = stmt_step(s)) == 1) {
        struct backup_row file = *row;
        backup_row_narrow(c->arena, &file, stmt_i64(s, "ordinal"), stmt_str(s, c->arena, "name"));
        files->v[files->n++] = view_of(c, instance, &file);
    }
    return rc == 0 ? 0 : call_fail_store(c);
}

static int by_database(const void *a, const void *b)
{
    return str_cmp(((const struct backup_file *)a)->dbs.v[0], ((const struct backup_file *)b)->dbs.v[0]);
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = ((const struct backup_file *)a)->size.v, y = ((const struct backup_file *)b)->size.v;
    return x != y ? (x > y) - (x < y) : by_database(a, b);
}

/* The whole order, ties included: desc is asc read from its end. */
static void reverse(struct files *files)
{
    for (size_t i = 0; i < files->n / 2; i++) {
        struct backup_file other = files->v[i];
        files->v[i] = files->v[files->n - 1 - i];
        files->v[files->n - 1 - i] = other;
    }
}

/* Documented: OrderByType names the field and OrderBy the direction, desc by size and asc by database unless
 * told otherwise. */
static void sort_files(const struct describe_backup_files_in *in, struct files *files)
{
    bool databases = str_eq(in->order_by_type, STR("DBs"));
    bool desc = in->order_by.n > 0 ? str_eq(in->order_by, STR("desc")) : !databases;
    qsort(files->v, files->n, sizeof files->v[0], databases ? by_database : by_size);
    if (desc)
        reverse(files);
}

static struct backup_file_list page_of(const struct describe_backup_files_in *in, struct files *files)
{
    size_t limit = (size_t)in->limit.v;
    size_t first = (uint64_t)in->offset.v < files->n ? (size_t)in->offset.v * limit : files->n;
    if (first > files->n)
        first = files->n;
    size_t n = files->n - first < limit ? files->n - first : limit;
    return (struct backup_file_list){files->v + first, n, true};
}

/* The backup of the group, if it is one of single files that succeeded; the action has no "not found" code:
 * InputIllegal is assumed. */
static int find_group(struct call *c, const struct instance *instance, struct str group_id,
                      struct backup_row *ret_row)
{
    int64_t flow;
    int rc = backup_group_flow(group_id, &flow) ? backup_find(c, instance, flow, ret_row) : 0;
    if (rc < 0)
        return -1;
    if (rc == 0 || !ret_row->single)
        return reject_no_group(c, instance, group_id);
    return 0;
}

/* Sorted here and not by the store: the size is not stored, it follows from the name. */
int describe_backup_files(struct call *c, const struct describe_backup_files_in *in,
                          struct describe_backup_files_out *out)
{
    struct instance instance;
    struct backup_row row;
    struct files *files = arena_zalloc(c->arena, sizeof *files);
    if (instance_get(c, in->instance_id, &instance) != 0 || find_group(c, &instance, in->group_id, &row) != 0)
        return -1;
    if (row.status == BACKUP_STATUS_SUCCEEDED &&
        read_files(c, &instance, &row, in->database_name, files) != 0)
        return -1;
    sort_files(in, files);
    out->total_count = I64((int64_t)files->n);
    out->backup_files = page_of(in, files);
    return 0;
}
