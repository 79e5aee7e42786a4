/* DescribeBackupByFlowId and DescribeBackupFiles: one backup, and the files of one. */
#include <stdlib.h>

#include "gen/sqlserver.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/backup_view.h"
#include "product/sqlserver/download.h"
#include "product/sqlserver/reason.h"

/* While a backup is being made Strategy and BackupWay are 0 and mean nothing (by example and remark). */
static void put_common(struct call *c, const struct backup_row *row,
                       struct describe_backup_by_flow_id_out *out)
{
    bool made = row->status != BACKUP_BEING_MADE;
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
    DB_STMT(s, c->world->db,
            "SELECT name, ordinal FROM flow_database WHERE flow = :flow ORDER BY ordinal LIMIT 1");
    if (!row->single || row->status != BACKUP_SUCCEEDED)
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
        return call_refuse(c, ERR_RESOURCE_NOT_FOUND_BACKUP_NOT_FOUND, "backup.not-found",
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
    DB_STMT(s, c->world->db,
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
        return refuse_no_group(c, instance, group_id);
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
    if (row.status == BACKUP_SUCCEEDED && read_files(c, &instance, &row, in->database_name, files) != 0)
        return -1;
    sort_files(in, files);
    out->total_count = I64((int64_t)files->n);
    out->backup_files = page_of(in, files);
    return 0;
}
