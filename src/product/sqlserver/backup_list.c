/* DescribeBackups: an instance's backups, filtered, in pages. */
#include "gen/sqlserver.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/backup_view.h"
#include "product/sqlserver/reason.h"

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
    DB_STMT(s, c->world->db, "SELECT count(*) AS n" FROM_AND_WHERE);
    bind_search(s, search);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_count = stmt_i64(s, "n");
    return 0;
}

static int read_page(struct call *c, const struct search *search, const struct instance *instance,
                     struct backup_list *ret_list)
{
    DB_STMT(s, c->world->db,
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
        return refuse_span(c, in->start_time, in->end_time);
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
