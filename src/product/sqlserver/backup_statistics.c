/* DescribeBackupStatistical and DescribeCrossBackupStatistical: what the backups of each instance take. */
#include <assert.h>
#include <stdlib.h>

#include "core/page.h"
#include "product/sqlserver/backup_usage.h"

/* The instances of the caller that pass the filters; a fuzzy name ignores case (assumed). */
#define FROM_AND_WHERE                                                                                       \
    " FROM instance WHERE instance.account = :account AND instance.region = :region"                         \
    " AND instance.hidden = 0"                                                                               \
    " AND (:ids IS NULL OR instance.instance_id IN (SELECT value FROM json_each(:ids)))"                     \
    " AND (:names IS NULL OR EXISTS (SELECT 1 FROM json_each(:names)"                                        \
    " WHERE instr(lower(instance.name), lower(value))))"

static void bind_instances(struct call *c, struct stmt *s, const struct str_list *ids,
                           const struct str_list *names)
{
    call_bind_owner(c, s);
    filter_list(s, c->arena, ":ids", ids);
    filter_list(s, c->arena, ":names", names);
}

/* --- order and pages ---
 *
 * The store has no sizes, so the code sorts and pages here. */

struct place {
    uint64_t key; /* what the list is ordered by */
    size_t row;   /* of the unordered list */
    bool ascending;
};

struct place_list {
    struct place *v;
    size_t n;
    bool set;
};

/* For qsort: equal keys keep the order of the rows, so that pages are stable. */
static int by_key(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = (x->key > y->key) - (x->key < y->key);
    return order != 0 ? (x->ascending ? order : -order) : (x->row > y->row) - (x->row < y->row);
}

/* Sorts, and keeps the places on the page; Offset counts pages. */
static void keep_page(struct place_list *places, uint64_t limit, uint64_t offset)
{
    /* No more than one beyond the list, so that the product below cannot overflow. */
    limit = limit > places->n ? places->n + 1 : limit;
    offset = offset > places->n ? places->n + 1 : offset;
    uint64_t skipped = offset * limit;
    if (places->n > 0)
        qsort(places->v, places->n, sizeof *places->v, by_key);
    if (skipped >= places->n) {
        places->n = 0;
        return;
    }
    places->v += skipped;
    places->n -= (size_t)skipped;
    places->n = places->n > limit ? (size_t)limit : places->n;
}

/* --- DescribeBackupStatistical --- */

static uint64_t local_key(struct str order_by, const struct summary_detail_res *item)
{
    if (str_eq(order_by, STR("log")))
        return item->log_backup_space.v;
    if (str_eq(order_by, STR("auto")))
        return item->auto_backup_space.v;
    if (str_eq(order_by, STR("manual")))
        return item->manual_backup_space.v;
    return str_eq(order_by, STR("data")) ? item->data_backup_space.v : item->actual_used_space.v;
}

static void put_local(struct call *c, const struct backup_usage *u, struct summary_detail_res *item)
{
    const struct region *region = product_find_region(c->product, c->common.region);
    item->region = region->name;
    item->region_id = U64((uint64_t)region->id);
    item->data_backup_space = U64(u->automatic.kb + u->manual.kb);
    item->actual_used_space = U64(u->automatic.kb + u->manual.kb + u->log.kb);
    item->log_backup_space = U64(u->log.kb);
    item->log_backup_count = U64(u->log.files);
    item->data_backup_count = U64(u->automatic.files + u->manual.files);
    item->auto_backup_space = U64(u->automatic.kb);
    item->auto_backup_count = U64(u->automatic.files);
    item->manual_backup_space = U64(u->manual.kb);
    item->manual_backup_count = U64(u->manual.files);
}

int describe_backup_statistical(struct call *c, const struct describe_backup_statistical_in *in,
                                struct describe_backup_statistical_out *out)
{
    struct summary_detail_res_list all = {.n = 0};
    struct place_list places = {.n = 0};
    int rc;
    SCOPED_STMT(s, c->world->db,
                "SELECT instance.id AS id, instance.backup_save_days AS days, " SUMMARY_DETAIL_RES_COLUMNS
                    FROM_AND_WHERE " ORDER BY instance.created_ms DESC, instance.id");
    bind_instances(c, s, &in->instance_id_set, &in->instance_name_set);
    while ((rc = stmt_step(s)) == 1) {
        struct backup_usage usage = {.copies = {0, 0}};
        struct summary_detail_res *item = LIST_ADD(c->arena, &all);
        summary_detail_res_from_row(s, c->arena, item);
        if (backup_usage_add(c, stmt_i64(s, "id"), instance_keep_ms(stmt_i64(s, "days")), STR(""), &usage) !=
            0)
            return -1;
        put_local(c, &usage, item);
        *LIST_ADD(c->arena, &places) =
            (struct place){local_key(in->order_by, item), all.n - 1, str_eq(in->order_by_type, STR("asc"))};
    }
    if (rc < 0)
        return call_fail_store(c);
    out->total_count = U64(all.n);
    out->items.set = true;
    keep_page(&places, in->limit.v, in->offset.v);
    for (size_t i = 0; i < places.n; i++)
        *LIST_ADD(c->arena, &out->items) = all.v[places.v[i].row];
    return 0;
}

/* --- DescribeCrossBackupStatistical --- */

/* Those that copy to a region now, for the filters. */
#define COPYING                                                                                              \
    "EXISTS (SELECT 1 FROM cross_copy WHERE cross_copy.instance = instance.id AND until_ms IS NULL"          \
    " AND (:target IS NULL OR cross_copy.region = :target))"

static int put_copies(struct call *c, int64_t instance, struct str target,
                      struct cross_summary_detail_res *item)
{
    struct backup_usage usage = {.copies = {0, 0}};
    if (backup_usage_add(c, instance, 0, target, &usage) != 0 ||
        cross_regions_read(c, instance, &item->cross_regions) != 0)
        return -1;
    item->region = c->common.region;
    item->data_backup_space = item->actual_used_space = U64(usage.copies.kb);
    item->data_backup_count = item->actual_used_count = U64(usage.copies.files);
    return 0;
}

static int check_target(struct call *c, struct str target)
{
    if (target.n == 0 || product_has_region(c->product, target))
        return 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_ILLEGAL_REGION, "region.not-target",
                               "%.*s is none of DescribeCrossRegions", STR_ARG(target));
}

int describe_cross_backup_statistical(struct call *c, const struct describe_cross_backup_statistical_in *in,
                                      struct describe_cross_backup_statistical_out *out)
{
    struct cross_summary_detail_res_list all = {.n = 0};
    struct place_list places = {.n = 0};
    struct opt_i64 enabled = {str_eq(in->cross_backup_status, STR("enable")), in->cross_backup_status.n > 0};
    bool by_log = str_eq(in->order_by, STR("log")); /* they have no copies, so all are equal */
    int rc;
    if (check_target(c, in->cross_region) != 0)
        return -1;
    SCOPED_STMT(s, c->world->db,
                "SELECT instance.id AS id, " CROSS_SUMMARY_DETAIL_RES_COLUMNS FROM_AND_WHERE
                " AND (:target IS NULL OR " COPYING ") AND (:enabled IS NULL OR :enabled = " COPYING ")"
                " ORDER BY instance.created_ms DESC, instance.id");
    bind_instances(c, s, &in->instance_id_set, &in->instance_name_set);
    filter_text(s, ":target", in->cross_region);
    filter_i64(s, ":enabled", enabled);
    while ((rc = stmt_step(s)) == 1) {
        struct cross_summary_detail_res *item = LIST_ADD(c->arena, &all);
        cross_summary_detail_res_from_row(s, c->arena, item);
        if (put_copies(c, stmt_i64(s, "id"), in->cross_region, item) != 0)
            return -1;
        *LIST_ADD(c->arena, &places) = (struct place){by_log ? 0 : item->actual_used_space.v, all.n - 1,
                                                      str_eq(in->order_by_type, STR("asc"))};
    }
    if (rc < 0)
        return call_fail_store(c);
    out->total_count = I64((int64_t)all.n);
    out->items.set = true;
    keep_page(&places, in->limit.v, in->offset.v);
    for (size_t i = 0; i < places.n; i++)
        *LIST_ADD(c->arena, &out->items) = all.v[places.v[i].row];
    return 0;
}
