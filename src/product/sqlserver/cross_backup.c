/* ModifyCrossBackupStrategy, DescribeCrossRegions, and the copies that follow from them. */
#include "product/sqlserver/cross_backup.h"

#include "core/page.h"

/* The address of a copy is that of the file itself, which has the same content (ours). */
static void add_copy(struct call *c, struct str region, int64_t status, struct str address,
                     struct cross_backup_addr_list *addresses, struct cross_region_status_list *statuses)
{
    *LIST_ADD(c->arena, statuses) = (struct cross_region_status){region, I64(status)};
    if (status == CROSS_STATUS_SUCCEEDED && address.p)
        *LIST_ADD(c->arena, addresses) = (struct cross_backup_addr){region, address, address};
}

int cross_copies_read(struct call *c, const struct instance *instance, const struct backup_row *row,
                      struct cross_backup_addr_list *addresses, struct cross_region_status_list *statuses)
{
    int64_t now = world_now_ms(c->world);
    int rc;
    SCOPED_STMT(s, c->world->db,
                "SELECT region FROM backup JOIN cross_copy ON " CROSS_COPY_OF_BACKUP
                " WHERE backup.instance = :instance AND backup.start_ms = :start AND backup.flow = :flow"
                " ORDER BY region");
    addresses->set = statuses->set = true;
    if (row->way != BACKUP_WAY_SCHEDULED || row->status != BACKUP_STATUS_SUCCEEDED)
        return 0;
    struct str address = {NULL, 0};
    int64_t status = now < row->end_ms + CROSS_COPY_MS ? CROSS_STATUS_COPYING : CROSS_STATUS_SUCCEEDED;
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":start", row->start_ms);
    stmt_bind_i64(s, ":flow", row->flow);
    stmt_bind_i64(s, ":now", now);
    while ((rc = stmt_step(s)) == 1) {
        if (!address.p && backup_has_file(row))
            address = backup_file_address(c, instance, row);
        add_copy(c, stmt_str(s, c->arena, "region"), status, address, addresses, statuses);
    }
    return rc == 0 ? 0 : call_fail_store(c);
}

int cross_regions_read(struct call *c, int64_t instance, struct str_list *regions)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT region FROM cross_copy WHERE instance = :instance AND until_ms IS NULL"
                " ORDER BY region");
    int rc;
    regions->set = true;
    stmt_bind_i64(s, ":instance", instance);
    while ((rc = stmt_step(s)) == 1)
        str_list_add(c->arena, regions, stmt_str(s, c->arena, "region"));
    return rc == 0 ? 0 : call_fail_store(c);
}

/* --- ModifyCrossBackupStrategy --- */

/* One or two regions (documented), which are not the instance's own. */
static int check_regions(struct call *c, const struct modify_cross_backup_strategy_in *in)
{
    if (in->cross_backup_region.n == 0)
        return call_fail_explained(
            c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
            "with CrossBackupEnabled enable, CrossBackupRegion names one or two regions");
    for (size_t i = 0; i < in->cross_backup_region.n; i++) {
        struct str region = in->cross_backup_region.v[i];
        if (str_eq(region, c->common.region) || !product_has_region(c->product, region))
            return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_ILLEGAL_REGION, "region.not-target",
                                       "%.*s is the instance's own region, or none of DescribeCrossRegions",
                                       STR_ARG(region));
    }
    return 0;
}

/* Ends the copying to regions that are not in `keep`, which is a JSON array or NULL for none. */
static int stop(struct call *c, const struct instance *instance, const struct str_list *keep)
{
    SCOPED_STMT(s, c->world->db,
                "UPDATE cross_copy SET until_ms = :now WHERE instance = :instance AND until_ms IS NULL"
                " AND (:keep IS NULL OR region NOT IN (SELECT value FROM json_each(:keep)))");
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    stmt_bind_i64(s, ":instance", instance->row);
    filter_list(s, c->arena, ":keep", keep);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* Begins to copy to a region, or changes the retention of the copies there. */
static int copy_to(struct call *c, const struct instance *instance, struct str region, int64_t save_days)
{
    SCOPED_STMT(change, c->world->db,
                "UPDATE cross_copy SET save_days = :days"
                " WHERE instance = :instance AND region = :region AND until_ms IS NULL");
    SCOPED_STMT(begin, c->world->db,
                "INSERT INTO cross_copy (instance, region, from_ms, save_days)"
                " SELECT :instance, :region, :now, :days WHERE NOT EXISTS (SELECT 1 FROM cross_copy"
                " WHERE instance = :instance AND region = :region AND until_ms IS NULL)"
                " ON CONFLICT (instance, region, from_ms) DO UPDATE"
                " SET until_ms = NULL, save_days = excluded.save_days");
    stmt_bind_i64(change, ":days", save_days);
    stmt_bind_i64(change, ":instance", instance->row);
    stmt_bind_str(change, ":region", region);
    stmt_bind_i64(begin, ":instance", instance->row);
    stmt_bind_str(begin, ":region", region);
    stmt_bind_i64(begin, ":now", world_now_ms(c->world));
    stmt_bind_i64(begin, ":days", save_days);
    return stmt_run(change) == 0 && stmt_run(begin) == 0 ? 0 : call_fail_store(c);
}

static int clean_up(struct call *c, const struct instance *instance)
{
    SCOPED_STMT(s, c->world->db, "DELETE FROM cross_copy WHERE instance = :instance");
    stmt_bind_i64(s, ":instance", instance->row);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

static int set_strategy(struct call *c, const struct modify_cross_backup_strategy_in *in,
                        struct str instance_id)
{
    static const struct str_list none;
    struct instance instance;
    bool enable = str_eq(in->cross_backup_enabled, STR("enable"));
    if (instance_get(c, instance_id, &instance) != 0 || instance_accept_change(c, &instance) != 0 ||
        stop(c, &instance, enable ? &in->cross_backup_region : &none) != 0)
        return -1;
    if (!enable)
        return in->clean_up_cross_backup.v == 1 ? clean_up(c, &instance) : 0;
    for (size_t i = 0; i < in->cross_backup_region.n; i++)
        if (copy_to(c, &instance, in->cross_backup_region.v[i], (int64_t)in->cross_backup_save_days.v) != 0)
            return -1;
    return 0;
}

/* InstanceId, InstanceIdSet or both name instances, as in the documented sample. */
int modify_cross_backup_strategy(struct call *c, const struct modify_cross_backup_strategy_in *in,
                                 struct modify_cross_backup_strategy_out *out)
{
    (void)out; /* only the RequestId */
    if (in->instance_id.n == 0 && in->instance_id_set.n == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                                   "InstanceId or InstanceIdSet must name an instance");
    if (str_eq(in->cross_backup_enabled, STR("enable")) && check_regions(c, in) != 0)
        return -1;
    if (in->instance_id.n > 0 && set_strategy(c, in, in->instance_id) != 0)
        return -1;
    for (size_t i = 0; i < in->instance_id_set.n; i++)
        if (set_strategy(c, in, in->instance_id_set.v[i]) != 0)
            return -1;
    return 0;
}

/* --- DescribeCrossRegions --- */

/* Where the product is served, without the region of the call (assumed). */
int describe_cross_regions(struct call *c, const struct describe_cross_regions_in *in,
                           struct describe_cross_regions_out *out)
{
    (void)in; /* empty */
    out->regions.set = true;
    for (size_t i = 0; i < c->product->n_regions; i++)
        if (!str_eq(c->product->regions[i].name, c->common.region))
            str_list_add(c->arena, &out->regions, c->product->regions[i].name);
    return 0;
}
