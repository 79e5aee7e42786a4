/* DescribeDBInstances: the caller's instances in the region, filtered, in pages. */
#include "product/sqlserver/instance_list.h"

#include <assert.h>

#include "core/page.h"
#include "product/sqlserver/cross_backup.h"

/* --- an instance as the answer shows it --- */

/* The fields that follow from the type of an instance. Several nodes are shown as one cluster in one zone
 * (assumed, because the store has no replicas). */
static const struct type_facts {
    struct str type;
    int64_t model;
    struct str ha, architecture, read_only;
} type_facts[] = {
    {STR_INIT("HA"), 1, STR_INIT("MIRROR"), STR_INIT("DOUBLE"), STR_INIT("")},
    {STR_INIT("cvmHA"), 1, STR_INIT("MIRROR"), STR_INIT("DOUBLE"), STR_INIT("")},
    {STR_INIT("MultiHA"), 6, STR_INIT("ALWAYSON"), STR_INIT("MULTI"), STR_INIT("")},
    {STR_INIT("cvmMultiHA"), 6, STR_INIT("ALWAYSON"), STR_INIT("MULTI"), STR_INIT("")},
    {STR_INIT("RO"), 2, STR_INIT("SINGLE"), STR_INIT("SINGLE"), STR_INIT("RO")},
    {STR_INIT("cvmRO"), 2, STR_INIT("SINGLE"), STR_INIT("SINGLE"), STR_INIT("RO")},
    {STR_INIT("SI"), 2, STR_INIT("SINGLE"), STR_INIT("SINGLE"), STR_INIT("")},
    {STR_INIT("BI"), 2, STR_INIT("SINGLE"), STR_INIT("SINGLE"), STR_INIT("")},
};

/* The number of a way of high availability: mirrored nodes, a cluster of two, or a cluster of many; each in
 * one zone and in several (documented). */
static int64_t model_of(const struct type_facts *facts, struct str high_availability, bool multi_zones)
{
    enum {
        DOUBLE = 1,
        SINGLE = 2,
        DOUBLE_ZONES = 3,
        CLUSTER_ZONES = 4,
        CLUSTER = 5,
        MULTI = 6,
        MULTI_ZONES = 7
    };
    if (facts->model == SINGLE)
        return SINGLE;
    if (facts->model == MULTI)
        return multi_zones ? MULTI_ZONES : MULTI;
    if (str_eq(high_availability, STR("ALWAYSON")))
        return multi_zones ? CLUSTER_ZONES : CLUSTER;
    return multi_zones ? DOUBLE_ZONES : DOUBLE;
}

/* A type that is not in the table leaves the fields empty. An instance whose nodes were made a cluster has
 * its own high availability. */
static void put_type(struct db_instance *view)
{
    for (size_t i = 0; i < sizeof type_facts / sizeof *type_facts; i++) {
        const struct type_facts *facts = &type_facts[i];
        if (!str_eq(facts->type, view->instance_type))
            continue;
        view->model = I64(model_of(facts, view->ha_flag, view->is_dr_zone.v != 0));
        if (view->ha_flag.n == 0)
            view->ha_flag = facts->ha;
        view->architecture = facts->architecture;
        if (facts->read_only.n > 0)
            view->ro_flag = facts->read_only;
    }
}

/* The numbers of region, zone and networks, which the store does not have. */
static void put_place(const struct region *region, struct db_instance *view)
{
    assert(region); /* the pipeline has found it */
    view->region = region->name;
    view->region_id = I64(region->id);
    for (size_t i = 0; i < region->n_zones; i++)
        if (str_eq(region->zones[i].name, view->zone))
            view->zone_id = I64(region->zones[i].id);
    view->vpc_id = I64(instance_network_number(view->uniq_vpc_id, 10000));
    view->subnet_id = I64(instance_network_number(view->uniq_subnet_id, 1000000));
}

/* The replicas in other zones: the one of two nodes has a field of its own. */
static int read_replicas(struct call *c, int64_t row, struct db_instance *view)
{
    enum { REPLICAS_MAX = 8 };
    SCOPED_STMT(s, c->world->db,
                "SELECT " SLAVE_ZONES_COLUMNS
                " FROM replica WHERE instance = :instance ORDER BY ordinal LIMIT :max");
    const struct region *region = product_find_region(c->product, c->common.region);
    bool many = str_eq(view->architecture, STR("MULTI"));
    int rc;
    stmt_bind_i64(s, ":instance", row);
    stmt_bind_i64(s, ":max", REPLICAS_MAX);
    while ((rc = stmt_step(s)) == 1) {
        struct slave_zones *zone = many || view->slave_zones
                                       ? LIST_ADD(c->arena, &view->multi_slave_zones)
                                       : (view->slave_zones = ARENA_NEW(c->arena, struct slave_zones));
        slave_zones_from_row(s, c->arena, zone);
        for (size_t i = 0; i < region->n_zones; i++)
            if (str_eq(region->zones[i].name, zone->slave_zone))
                zone->slave_zone_name =
                    call_in_chinese(c) ? region->zones[i].title_zh : region->zones[i].title;
    }
    view->multi_slave_zones.set = true;
    return rc == 0 ? 0 : call_fail_store(c);
}

/* An instance without tags has no list, which the answer shows as null. */
static int read_tags(struct call *c, int64_t row, struct resource_tag_list *list)
{
    enum { TAGS_MAX = 50 }; /* ours; the cloud allows no more for a resource */
    SCOPED_STMT(s, c->world->db,
                "SELECT " RESOURCE_TAG_COLUMNS
                " FROM tag WHERE instance = :instance ORDER BY key LIMIT :max");
    int rc;
    stmt_bind_i64(s, ":instance", row);
    stmt_bind_i64(s, ":max", TAGS_MAX);
    while ((rc = stmt_step(s)) == 1)
        resource_tag_from_row(s, c->arena, LIST_ADD(c->arena, list));
    list->set = list->n > 0;
    return rc == 0 ? 0 : call_fail_store(c);
}

int instance_read(struct call *c, struct stmt *s, struct db_instance *view)
{
    db_instance_from_row(s, c->arena, view);
    put_place(product_find_region(c->product, c->common.region), view);
    put_type(view);
    view->throughput_performance.set = view->throughput_performance.v > 0;
    view->backup_cycle = weekdays_of_bits(c->arena, stmt_i64(s, "backup_cycle"));
    if (view->is_dr_zone.v != 0 && read_replicas(c, stmt_i64(s, "id"), view) != 0)
        return -1;
    view->cross_regions.set = true;
    if (view->cross_backup_save_days.v > 0 &&
        cross_regions_read(c, stmt_i64(s, "id"), &view->cross_regions) != 0)
        return -1;
    return read_tags(c, stmt_i64(s, "id"), &view->resource_tags);
}

/* --- the query --- */

#define OWNED "instance.account = :account AND instance.region = :region"

/* Finds the requested ids one by one, so the cost does not depend on the number of instances. */
#define FROM_IDS                                                                                             \
    " FROM (SELECT DISTINCT value AS wanted FROM json_each(:ids)) CROSS JOIN instance"                       \
    " ON " OWNED " AND instance.instance_id = wanted WHERE 1"
#define FROM_ALL " FROM instance WHERE " OWNED " AND instance.hidden = 0"

/* Fuzzy filters ignore case (assumed). */
#define FILTERS                                                                                              \
    " AND (:project IS NULL OR instance.project_id = :project)"                                              \
    " AND (:pay_mode IS NULL OR instance.pay_mode = :pay_mode)"                                              \
    " AND (:vpc IS NULL OR instance.vpc_id = :vpc)"                                                          \
    " AND (:subnet IS NULL OR instance.subnet_id = :subnet)"                                                 \
    " AND (:zone IS NULL OR instance.zone = :zone)"                                                          \
    " AND (:type IS NULL OR instance.instance_type = :type)"                                                 \
    " AND (:status IS NULL OR " DB_INSTANCE_STATUS_SELECT " = :status)"                                      \
    " AND (:vips IS NULL OR instance.vip IN (SELECT value FROM json_each(:vips)))"                           \
    " AND (:versions IS NULL OR instance.version IN (SELECT value FROM json_each(:versions)))"               \
    " AND (:uids IS NULL OR " DB_INSTANCE_UID_SELECT " IN (SELECT value FROM json_each(:uids)))"             \
    " AND (:names IS NULL OR EXISTS (SELECT 1 FROM json_each(:names)"                                        \
    " WHERE instr(lower(instance.name), lower(value))))"                                                     \
    " AND (:tags IS NULL OR EXISTS (SELECT 1 FROM tag WHERE tag.instance = instance.id"                      \
    " AND tag.key IN (SELECT value FROM json_each(:tags))))"                                                 \
    " AND (:search IS NULL OR instr(lower(instance.instance_id), lower(:search))"                            \
    " OR instr(lower(instance.name), lower(:search)) OR instr(instance.vip, :search))"

/* The newest first, as in every list of the product (assumed for this one). */
#define ORDER " ORDER BY instance.created_ms DESC, instance.id"

void instance_bind_owner(const struct call *c, struct stmt *s)
{
    const struct region *region = product_find_region(c->product, c->common.region);
    assert(region); /* the pipeline has found it */
    call_bind_owner(c, s);
    stmt_bind_str(s, ":short_region", region->short_name);
}

/* An empty text does not filter, except that an empty network means the classic one (documented). */
static void bind_filters(const struct call *c, const struct describe_db_instances_in *in, struct stmt *s)
{
    instance_bind_owner(c, s);
    filter_u64(s, ":project", in->project_id);
    filter_i64(s, ":status", in->status);
    filter_i64(s, ":pay_mode", in->pay_mode);
    stmt_bind_str(s, ":vpc", in->vpc_id);
    stmt_bind_str(s, ":subnet", in->subnet_id);
    filter_text(s, ":zone", in->zone);
    filter_text(s, ":type", in->instance_type);
    filter_text(s, ":search", in->search_key);
    filter_list(s, c->arena, ":vips", &in->vip_set);
    filter_list(s, c->arena, ":versions", &in->version_set);
    filter_list(s, c->arena, ":uids", &in->uid_set);
    filter_list(s, c->arena, ":names", &in->instance_name_set);
    filter_list(s, c->arena, ":tags", &in->tag_keys);
    if (in->instance_id_set.n > 0)
        filter_list(s, c->arena, ":ids", &in->instance_id_set);
}

/* Whether the request has any filter, as bind_filters understands it. */
static bool has_filter(const struct describe_db_instances_in *in)
{
    bool lists = in->instance_id_set.n > 0 || in->vip_set.n > 0 || in->version_set.n > 0 ||
                 in->uid_set.n > 0 || in->instance_name_set.n > 0 || in->tag_keys.n > 0;
    bool texts =
        in->vpc_id.p || in->subnet_id.p || in->zone.n > 0 || in->instance_type.n > 0 || in->search_key.n > 0;
    return lists || texts || in->project_id.set || in->status.set || in->pay_mode.set;
}

/* Most requests have no filter. For these the store keeps the number, so no rows are counted. */
static int count(struct call *c, const struct describe_db_instances_in *in, struct opt_i64 *ret_count)
{
    SCOPED_STMT(every, c->world->db,
                "SELECT coalesce(sum(n), 0) AS n FROM instance_count"
                " WHERE account = :account AND region = :region");
    SCOPED_STMT(all, c->world->db, "SELECT count(*) AS n" FROM_ALL FILTERS);
    SCOPED_STMT(ids, c->world->db, "SELECT count(*) AS n" FROM_IDS FILTERS);
    struct stmt *s = in->instance_id_set.n > 0 ? ids : all;
    if (!has_filter(in)) {
        call_bind_owner(c, every);
        return page_count(c, every, ret_count);
    }
    bind_filters(c, in, s);
    return page_count(c, s, ret_count);
}

int describe_db_instances(struct call *c, const struct describe_db_instances_in *in,
                          struct describe_db_instances_out *out)
{
    SCOPED_STMT(all, c->world->db, "SELECT " INSTANCE_COLUMNS FROM_ALL FILTERS ORDER PAGE_LIMIT);
    SCOPED_STMT(ids, c->world->db, "SELECT " INSTANCE_COLUMNS FROM_IDS FILTERS ORDER PAGE_LIMIT);
    struct stmt *s = in->instance_id_set.n > 0 ? ids : all;        /* only one of the two is stepped */
    bool counts_rows = str_eq(in->pagination_type, STR("offset")); /* else Offset counts pages (documented) */
    int rc;
    if (count(c, in, &out->total_count) != 0)
        return -1;
    bind_filters(c, in, s);
    page_bind(s, in->limit.v, counts_rows ? in->offset.v : in->offset.v * in->limit.v);
    out->db_instances.set = true;
    while ((rc = stmt_step(s)) == 1)
        if (instance_read(c, s, LIST_ADD(c->arena, &out->db_instances)) != 0)
            return -1;
    return rc == 0 ? 0 : call_fail_store(c);
}
