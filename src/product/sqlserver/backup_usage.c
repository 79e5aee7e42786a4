/* Sums of the backups of instances, and DescribeBackupSummary. */
#include "product/sqlserver/backup_usage.h"

#include <math.h>

#include "core/page.h"

/* --- sums ---
 *
 * The size of a file follows from the names of its databases, so a statement counts the rows of each name,
 * and a second one counts the archives, which are one file whatever is in them. */

#define KEPT                                                                                                 \
    " backup.instance = :instance AND backup.status = " BACKUP_STATUS_SQL_SUCCEEDED                          \
    " AND (backup.start_ms > :kept_from OR backup.storage_strategy = " BACKUP_STORAGE_SQL_LIFETIME ")"

#define COPIED                                                                                               \
    " JOIN cross_copy ON " CROSS_COPY_OF_BACKUP                                                              \
    " WHERE backup.instance = :instance AND backup.end_ms <= :copied_at"                                     \
    " AND (:region IS NULL OR cross_copy.region = :region)"

/* Adds the statement's rows: `n` files with the database `name`, or `n` whole backups when that is NULL. Each
 * automatic backup has a log backup beside it, which is one file; `log` NULL: they do not count. */
static int add_rows(struct call *c, struct stmt *s, struct usage *automatic, struct usage *manual,
                    struct usage *log)
{
    int rc;
    while ((rc = stmt_step(s)) == 1) {
        bool whole = stmt_is_null(s, "name"), logged = log && !stmt_i64(s, "manual");
        struct usage *usage = stmt_i64(s, "manual") ? manual : automatic;
        uint64_t n = (uint64_t)stmt_i64(s, "n");
        struct str name = stmt_str(s, c->arena, "name");
        usage->kb += whole ? 0 : n * (uint64_t)backup_database_kb(name);
        usage->files += whole != (stmt_i64(s, "single") != 0) ? n : 0;
        if (logged && whole)
            log->files += n;
        else if (logged)
            log->kb += n * (uint64_t)backup_log_kb(name);
    }
    return rc == 0 ? 0 : call_fail_store(c);
}

#define MANUAL "backup.way = " BACKUP_WAY_SQL_MANUAL " AS manual"
#define SELECT_FILES                                                                                         \
    "SELECT part.name AS name, backup.single AS single, count(*) AS n, " MANUAL                              \
    " FROM backup JOIN flow_database AS part ON part.flow = backup.flow"
#define SELECT_ARCHIVES "SELECT NULL AS name, backup.single AS single, count(*) AS n, " MANUAL " FROM backup"

static int add_local(struct call *c, int64_t instance, int64_t keep_ms, struct backup_usage *usage)
{
    SCOPED_STMT(files, c->world->db, SELECT_FILES " WHERE" KEPT " GROUP BY part.name, backup.single, manual");
    SCOPED_STMT(archives, c->world->db, SELECT_ARCHIVES " WHERE" KEPT " GROUP BY manual, backup.single");
    struct stmt *both[] = {files, archives};
    for (size_t i = 0; i < 2; i++) {
        stmt_bind_i64(both[i], ":instance", instance);
        stmt_bind_i64(both[i], ":kept_from", world_now_ms(c->world) - keep_ms);
        if (add_rows(c, both[i], &usage->automatic, &usage->manual, &usage->log) != 0)
            return -1;
    }
    return 0;
}

static int add_copies(struct call *c, int64_t instance, struct str region, struct backup_usage *usage)
{
    SCOPED_STMT(files, c->world->db, SELECT_FILES COPIED " GROUP BY part.name, backup.single, manual");
    SCOPED_STMT(archives, c->world->db, SELECT_ARCHIVES COPIED " AND NOT backup.single GROUP BY manual");
    struct stmt *both[] = {files, archives};
    for (size_t i = 0; i < 2; i++) {
        stmt_bind_i64(both[i], ":instance", instance);
        stmt_bind_i64(both[i], ":now", world_now_ms(c->world));
        stmt_bind_i64(both[i], ":copied_at", world_now_ms(c->world) - CROSS_COPY_MS);
        filter_text(both[i], ":region", region);
        if (add_rows(c, both[i], &usage->copies, &usage->copies, NULL) != 0)
            return -1;
    }
    return 0;
}

int backup_usage_add(struct call *c, int64_t instance, int64_t keep_ms, struct str copy_region,
                     struct backup_usage *usage)
{
    return add_local(c, instance, keep_ms, usage) == 0 ? add_copies(c, instance, copy_region, usage) : -1;
}

/* --- DescribeBackupSummary --- */

#define KB_IN_GB UINT64_C(1048576)

/* Whole GB at 0.0008 an hour (by the numbers of the documented example; that copies cost the same is
 * assumed). */
static struct opt_f64 price(uint64_t kb)
{
    return F64(floor((double)(kb / KB_IN_GB)) * 0.0008);
}

/* The numbers depend on each other as those of the documented example do. Log backups have no copies. */
static void put_summary(const struct backup_usage *u, uint64_t free_kb,
                        struct describe_backup_summary_out *out)
{
    uint64_t data_kb = u->automatic.kb + u->manual.kb, data_files = u->automatic.files + u->manual.files;
    uint64_t local_kb = data_kb + u->log.kb, local_files = data_files + u->log.files;
    uint64_t billed_kb = local_kb > free_kb ? local_kb - free_kb : 0;
    out->free_space = U64(free_kb);
    out->actual_used_space = U64(local_kb + u->copies.kb);
    out->backup_files_total = U64(local_files + u->copies.files);
    out->data_backup_space = U64(data_kb + u->copies.kb);
    out->data_backup_count = U64(data_files + u->copies.files);
    out->log_backup_space = out->local_log_backup_space = U64(u->log.kb);
    out->log_backup_count = out->local_log_backup_count = U64(u->log.files);
    out->billing_space = U64(billed_kb);
    out->manual_backup_space = U64(u->manual.kb);
    out->manual_backup_count = U64(u->manual.files);
    out->auto_backup_space = U64(u->automatic.kb);
    out->auto_backup_count = U64(u->automatic.files);
    out->local_backup_files_total = U64(local_files);
    out->cross_backup_files_total = out->cross_auto_backup_count = U64(u->copies.files);
    out->cross_billing_space = out->cross_auto_backup_space = U64(u->copies.kb);
    out->estimated_amount = price(billed_kb);
    out->cross_estimated_amount = price(u->copies.kb);
}

/* The free space is the storage of the primary instances (by the documented example). */
int describe_backup_summary(struct call *c, const struct describe_backup_summary_in *in,
                            struct describe_backup_summary_out *out)
{
    struct backup_usage usage = {.copies = {0, 0}};
    uint64_t free_kb = 0;
    int rc;
    SCOPED_STMT(s, c->world->db,
                "SELECT id, backup_save_days, CASE WHEN instance_type IN ('RO', 'cvmRO') THEN 0"
                " ELSE storage_gb END AS free_gb FROM instance"
                " WHERE account = :account AND region = :region AND hidden = 0");
    (void)in; /* empty */
    call_bind_owner(c, s);
    while ((rc = stmt_step(s)) == 1) {
        free_kb += (uint64_t)stmt_i64(s, "free_gb") * KB_IN_GB;
        if (backup_usage_add(c, stmt_i64(s, "id"), instance_keep_ms(stmt_i64(s, "backup_save_days")), STR(""),
                             &usage) != 0)
            return -1;
    }
    put_summary(&usage, free_kb, out);
    return rc == 0 ? 0 : call_fail_store(c);
}
