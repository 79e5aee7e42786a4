/* Lists of backups and of their files: DescribeBackups, DescribeBackupByFlowId and DescribeBackupFiles. */
#include <assert.h>
#include <stdlib.h>

#include "core/page.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/backup_file.h"
#include "product/sqlserver/cross_backup.h"
#include "product/sqlserver/explain.h"

/* --- DescribeBackups --- */

/*
 * A backup of single files has one row for each file, or one row when files are grouped. Group 0 gives rows
 * for files (assumed; Terraform reads a backup by the id of its first file). The window compares the start,
 * to the second. Backups whose retention has ended are left out. The join has a condition that finds files
 * only where they become rows: a condition on the flow alone would also read the files of every archive.
 */
#define FROM_AND_WHERE                                                                                       \
    " FROM backup LEFT JOIN flow_database AS file"                                                           \
    " ON file.flow = CASE WHEN backup.single AND :by_file THEN backup.flow END"                              \
    " WHERE backup.instance = :instance AND backup.start_ms BETWEEN :from AND :to"                           \
    " AND (backup.start_ms > :kept_from OR backup.storage_strategy = " BACKUP_STORAGE_SQL_LIFETIME ")"       \
    " AND (:name IS NULL OR backup.name = :name)"                                                            \
    " AND (:strategy IS NULL OR backup.strategy = :strategy)"                                                \
    " AND (:way IS NULL OR backup.way = :way)"                                                               \
    " AND (:storage IS NULL OR backup.storage_strategy = :storage)"                                          \
    " AND (:single IS NULL OR backup.single = :single)"                                                      \
    " AND (NOT :log OR (backup.way = " BACKUP_WAY_SQL_SCHEDULED                                              \
    " AND backup.status = " BACKUP_STATUS_SQL_SUCCEEDED "))"                                                 \
    " AND (:flow IS NULL OR (backup.flow = :flow AND coalesce(file.ordinal, 0) = :ordinal))"                 \
    " AND (:database IS NULL OR CASE WHEN file.name IS NULL"                                                 \
    " THEN EXISTS (SELECT 1 FROM flow_database AS part"                                                      \
    " WHERE part.flow = backup.flow AND part.name = :database)"                                              \
    " ELSE file.name = :database END)"

/* The parameters of a request, parsed. */
struct search {
    const struct describe_backups_in *in;
    const struct instance *instance;
    int64_t window_ms[2];
    struct backup_file_ref file; /* of BackupId */
    bool log;                    /* the log backups, Type 2 */
};

/* Binds the parameters of FROM_AND_WHERE. */
static void bind_filters(struct call *c, const struct search *search, struct stmt *s)
{
    const struct describe_backups_in *in = search->in;
    struct opt_i64 single = {.v = str_eq(in->backup_format, STR("single")),
                             .set = in->backup_format.n > 0 && !search->log};
    struct opt_i64 flow = {.v = search->file.flow, .set = in->backup_id.set};
    stmt_bind_i64(s, ":by_file", in->group.v == 0 && !search->log);
    stmt_bind_i64(s, ":log", search->log);
    stmt_bind_i64(s, ":instance", search->instance->row);
    stmt_bind_i64(s, ":from", search->window_ms[0]);
    stmt_bind_i64(s, ":to", search->window_ms[1]);
    stmt_bind_i64(s, ":kept_from", world_now_ms(c->world) - search->instance->keep_ms);
    filter_text(s, ":name", in->backup_name);
    filter_i64(s, ":strategy", in->strategy);
    filter_i64(s, ":way", in->backup_way);
    filter_i64(s, ":storage", in->storage_strategy);
    filter_i64(s, ":single", single);
    filter_i64(s, ":flow", flow);
    stmt_bind_i64(s, ":ordinal", search->file.ordinal);
    filter_text(s, ":database", in->database_name);
}

/* Leaves the fields of the file empty while there is none, and in the row of a group (documented by example).
 * The row of a group has the size of all its files (as in the sample). */
static int read_backup(struct call *c, struct stmt *s, const struct search *search, struct backup *view)
{
    const struct instance *instance = search->instance;
    struct backup_row row;
    if (backup_row_read(c, s, &row) != 0)
        return call_fail_store(c);
    backup_from_row(s, c->arena, view);
    if (search->log) {
        backup_row_to_log(&row);
        view->backup_format = STR("pkg");
    }
    view->dbs = row.databases;
    view->group_id = backup_group_id(c->arena, &row);
    view->region = instance->region;
    if (row.status == BACKUP_STATUS_SUCCEEDED)
        view->size = I64(backup_file_kb(&row));
    if (!row.log &&
        cross_copies_read(c, instance, &row, &view->cross_backup_addr, &view->cross_backup_status) != 0)
        return -1;
    if (!backup_has_file(&row))
        return 0;
    view->file_name = backup_file_name(c->arena, instance, &row);
    view->id = U64((uint64_t)backup_row_file_id(&row));
    view->internal_addr = view->external_addr = backup_file_address(c, instance, &row);
    return 0;
}

/* Reads the count and the page. */
static int read_page(struct call *c, const struct search *search, struct describe_backups_out *out)
{
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" FROM_AND_WHERE);
    SCOPED_STMT(rows, c->world->db,
                "SELECT " BACKUP_FILE_COLUMNS FROM_AND_WHERE
                " ORDER BY backup.start_ms DESC, backup.flow DESC, file.ordinal" PAGE_LIMIT);
    int rc;
    bind_filters(c, search, count);
    bind_filters(c, search, rows);
    page_bind(rows, search->in->limit.v, search->in->offset.v * search->in->limit.v); /* Offset: pages */
    if (page_count(c, count, &out->total_count) != 0)
        return -1;
    while ((rc = stmt_step(rows)) == 1)
        if (read_backup(c, rows, search, LIST_ADD(c->arena, &out->backups)) != 0)
            return -1;
    return rc == 0 ? 0 : call_fail_store(c);
}

int describe_backups(struct call *c, const struct describe_backups_in *in, struct describe_backups_out *out)
{
    enum { TYPE_LOG = 2 };
    struct instance instance;
    struct search search = {.in = in, .instance = &instance};
    if (instance_get(c, in->instance_id, &instance) != 0 ||
        backup_window(c, in->start_time, in->end_time, search.window_ms) != 0)
        return -1;
    out->backups.set = true;
    out->total_count = I64(0);
    if (in->backup_id.set && !backup_file_ref((int64_t)in->backup_id.v, &search.file))
        return 0;
    search.log = in->type.v == TYPE_LOG;
    if (search.log && str_eq(in->backup_format, STR("single")))
        return 0;
    if (search.log) /* no row of the store has the ordinal of a log */
        search.file.ordinal = search.file.ordinal == FILE_ORDINAL_LOG ? 0 : FILE_ORDINAL_LOG;
    return read_page(c, &search, out);
}

/* --- DescribeBackupByFlowId --- */

/* The FlowId is a text here. One that is no number is an unknown backup. */
static int find_by_flow(struct call *c, const struct describe_backup_by_flow_id_in *in,
                        const struct instance *instance, struct backup_row *ret_row)
{
    int64_t flow;
    int rc = str_to_i64(in->flow_id, &flow) == 0 ? backup_find(c, instance, flow, ret_row) : 0;
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    return call_fail_explained(c, ERR_RESOURCE_NOT_FOUND_BACKUP_NOT_FOUND, "backup.not-found",
                               "%.*s keeps no backup of a flow %.*s", STR_ARG(in->instance_id),
                               STR_ARG(in->flow_id));
}

/* While the backup runs, Strategy and BackupWay are 0 and have no meaning (documented by example and
 * remark). */
static void put_backup(struct call *c, const struct backup_row *row,
                       struct describe_backup_by_flow_id_out *out)
{
    bool ended = row->status != BACKUP_STATUS_RUNNING;
    out->backup_name = row->name;
    out->start_time = time_beijing(c->arena, row->start_ms);
    out->end_time = ended ? time_beijing(c->arena, row->end_ms) : NO_TIME;
    out->status = I64(row->status);
    out->strategy = I64(ended ? (int64_t)row->strategy : 0);
    out->backup_way = I64(ended ? (int64_t)row->way : 0);
    out->dbs = row->databases;
    out->group_id = backup_group_id(c->arena, row);
}

/* Returns the first of several single files. Each answer has a new address, which is valid for fifteen
 * minutes (documented). */
int describe_backup_by_flow_id(struct call *c, const struct describe_backup_by_flow_id_in *in,
                               struct describe_backup_by_flow_id_out *out)
{
    struct instance instance;
    struct backup_row row;
    if (instance_get(c, in->instance_id, &instance) != 0 || find_by_flow(c, in, &instance, &row) != 0)
        return -1;
    if (row.single && row.status == BACKUP_STATUS_SUCCEEDED && row.databases.n > 0)
        backup_row_narrow(c->arena, &row, 0);
    put_backup(c, &row, out);
    if (!backup_has_file(&row))
        return 0;
    out->id = U64((uint64_t)backup_row_file_id(&row));
    out->file_name = backup_file_name(c->arena, &instance, &row);
    out->size = U64((uint64_t)backup_file_kb(&row));
    out->internal_addr = out->external_addr = backup_file_address(c, &instance, &row);
    return 0;
}

/* --- DescribeBackupFiles --- */

/* Finds the backup of the group, else fails with InputIllegal (assumed, because the action has no "not found"
 * code). */
static int find_group(struct call *c, const struct instance *instance, struct str group_id,
                      struct backup_row *ret_row)
{
    int64_t flow;
    int rc = backup_group_flow(group_id, &flow) ? backup_find(c, instance, flow, ret_row) : 0;
    if (rc < 0)
        return -1;
    return rc == 1 && ret_row->single ? 0 : reject_no_group(c, instance, group_id);
}

/* Lists the files of a backup that succeeded; only the one of `database` unless that is empty. */
static int list_files(struct call *c, const struct instance *instance, const struct backup_row *row,
                      struct str database, struct backup_file_list *list)
{
    struct cross_region_status_list statuses = {.n = 0}; /* not shown */
    list->set = true;
    for (size_t i = 0; row->status == BACKUP_STATUS_SUCCEEDED && i < row->databases.n; i++) {
        struct backup_row file = *row;
        if (database.n > 0 && !str_eq(row->databases.v[i], database))
            continue;
        backup_row_narrow(c->arena, &file, i);
        struct backup_file *view = LIST_ADD(c->arena, list);
        *view = (struct backup_file){
            .id = U64((uint64_t)backup_row_file_id(&file)),
            .file_name = backup_file_name(c->arena, instance, &file),
            .size = U64((uint64_t)backup_file_kb(&file)),
            .dbs = file.databases,
            .download_link = backup_file_address(c, instance, &file),
            .region = instance->region,
        };
        if (cross_copies_read(c, instance, &file, &view->cross_backup_addr, &statuses) != 0)
            return -1;
    }
    return 0;
}

/* For qsort: a file has exactly one database. */
static int by_database(const void *a, const void *b)
{
    return str_cmp(((const struct backup_file *)a)->dbs.v[0], ((const struct backup_file *)b)->dbs.v[0]);
}

/* For qsort: files of one size are in the order of their databases, so that pages are stable. */
static int by_size(const void *a, const void *b)
{
    uint64_t x = ((const struct backup_file *)a)->size.v, y = ((const struct backup_file *)b)->size.v;
    return x != y ? (x > y) - (x < y) : by_database(a, b);
}

/* Documented: OrderByType names the field and OrderBy the direction; without a direction, sizes descend and
 * databases ascend. The descending order is the exact reverse of the ascending one, also for equal values.
 * The code sorts here, because the store has no sizes. */
static struct backup_file_list sorted_page(struct arena *a, const struct describe_backup_files_in *in,
                                           struct backup_file_list files)
{
    bool databases = str_eq(in->order_by_type, STR("DBs"));
    bool descending = in->order_by.n > 0 ? str_eq(in->order_by, STR("desc")) : !databases;
    struct backup_file_list page = {.set = true};
    if (files.n > 0)
        qsort(files.v, files.n, sizeof *files.v, databases ? by_database : by_size);
    for (int64_t i = in->offset.v * in->limit.v; i < (int64_t)files.n && (int64_t)page.n < in->limit.v; i++)
        *LIST_ADD(a, &page) = files.v[descending ? (int64_t)files.n - 1 - i : i];
    return page;
}

int describe_backup_files(struct call *c, const struct describe_backup_files_in *in,
                          struct describe_backup_files_out *out)
{
    struct instance instance;
    struct backup_row row;
    if (instance_get(c, in->instance_id, &instance) != 0 || find_group(c, &instance, in->group_id, &row) != 0)
        return -1;
    struct backup_file_list files = {.n = 0};
    if (list_files(c, &instance, &row, in->database_name, &files) != 0)
        return -1;
    out->total_count = I64((int64_t)files.n);
    out->backup_files = sorted_page(c->arena, in, files);
    return 0;
}
