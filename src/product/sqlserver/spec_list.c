/* What is on sale: DescribeProductConfig, DescribeProductSpec, DescribeSpecSellStatus and
 * DescribeCollationTimeZone. Every zone sells the same (assumed). */
#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/price.h"
#include "product/sqlserver/spec.h"

/* Documented: from this disk on, more throughput can be bought. */
enum { EXTRA_STORAGE_GB = 460 };

/* --- sizes --- */

/* The size of a number of _product.json: the numbers of a version stand for sizes that are spread evenly over
 * the places of the table. */
static const struct sale_size_row *size_of(size_t spec, bool local)
{
    enum { PLACES = SALE_SIZE_ROWS / 2 };
    struct str version = sqlserver_specs[spec].version;
    int64_t before = 0, all = 0;
    for (size_t i = 0; i < SQLSERVER_SPECS; i++) {
        bool same = str_eq(sqlserver_specs[i].version, version);
        all += same;
        before += same && i < spec;
    }
    int64_t place = (before + 1) * PLACES / all;
    for (size_t i = 0; i < SALE_SIZE_ROWS; i++)
        if (sale_size_rows[i].place == place && sale_size_rows[i].local == local)
            return &sale_size_rows[i];
    assert(false); /* the table has every place */
    return NULL;
}

/* The performance of a disk, which two objects have. */
#define PUT_PERFORMANCE(view, type)                                                                          \
    do {                                                                                                     \
        (view)->min_baseline_iops = U64((uint64_t)(type)->least_iops);                                       \
        (view)->max_baseline_iops = U64((uint64_t)(type)->most_iops);                                        \
        (view)->min_baseline_throughput = U64((uint64_t)(type)->least_throughput);                           \
        (view)->max_baseline_throughput = U64((uint64_t)(type)->most_throughput);                            \
        (view)->extra_io_supported = BOOL((type)->extra_throughput > 0);                                     \
        (view)->max_extra_throughput = U64((uint64_t)(type)->extra_throughput);                              \
        (view)->min_disk_size_for_extra_io = U64((type)->extra_throughput > 0 ? EXTRA_STORAGE_GB : 0);       \
    } while (0)

/* "SQL Server 2012 Enterprise" (documented by example); the numbers are all of this edition. */
static struct str version_name(struct arena *a, struct str version)
{
    enum { YEAR = 4 };
    return CONCAT(a, STR("SQL Server "), str_head(version, YEAR), STR(" Enterprise"));
}

static void add_size(struct call *c, const struct sale_type_row *type, size_t spec,
                     struct spec_info_list *list)
{
    const struct sale_size_row *size = size_of(spec, type->local);
    const struct spec_type *ranges = spec_type_find(type->type);
    struct spec_info *view = LIST_ADD(c->arena, list);
    assert(ranges);
    *view = (struct spec_info){
        .spec_id = I64(sqlserver_specs[spec].id),
        .machine_type = type->machine,
        .machine_type_name = call_in_chinese(c) ? type->machine_zh : type->machine_en,
        .version = sqlserver_specs[spec].version,
        .version_name = version_name(c->arena, sqlserver_specs[spec].version),
        .memory = I64(size->memory_gb),
        .cpu = I64(size->cpu),
        .min_storage = I64(ranges->storage_gb.least),
        .max_storage = I64(ranges->storage_gb.most),
        .qps = I64(size->qps),
        .suit_info = call_in_chinese(c) ? size->suits_zh : size->suits_en,
        .pid = I64(type->pid),
        .pay_mode_status = STR("ALL"),
        .instance_type = type->type,
        .multi_zones_status = type->zones,
        .post_pid = {.set = true},
    };
    *LIST_ADD(c->arena, &view->post_pid) = type->pid;
    PUT_PERFORMANCE(view, type);
}

/* All sizes of the types of this name; of all types when it is absent. */
static void add_sizes(struct call *c, struct str instance_type, struct spec_info_list *list)
{
    list->set = true;
    for (size_t t = 0; t < SALE_TYPE_ROWS; t++)
        for (size_t i = 0; i < SQLSERVER_SPECS; i++)
            if (instance_type.n == 0 || str_eq(instance_type, sale_type_rows[t].type))
                add_size(c, &sale_type_rows[t], i, list);
}

int describe_product_config(struct call *c, const struct describe_product_config_in *in,
                            struct describe_product_config_out *out)
{
    if (purchase_check_zone(c, in->zone) != 0)
        return -1;
    add_sizes(c, in->instance_type, &out->spec_info_list);
    out->total_count = I64((int64_t)out->spec_info_list.n);
    return 0;
}

/* A row for each zone, with the sizes of HA as in the documented example: those of all types would be
 * megabytes. The rows share one list. */
int describe_product_spec(struct call *c, const struct describe_product_spec_in *in,
                          struct describe_product_spec_out *out)
{
    struct spec_info_list sizes = {0};
    (void)in;
    add_sizes(c, STR("HA"), &sizes);
    for (size_t r = 0; r < c->product->n_regions; r++) {
        const struct region *region = &c->product->regions[r];
        for (size_t z = 0; z < region->n_zones; z++)
            *LIST_ADD(c->arena, &out->spec_info_list) = (struct product_spec){
                .region_id = I64(region->id), .zone_id = I64(region->zones[z].id), .info = sizes};
    }
    out->spec_info_list.set = true;
    out->total_count = I64((int64_t)out->spec_info_list.n);
    return 0;
}

/* --- DescribeSpecSellStatus --- */

enum { ON_SALE = 1 }; /* documented, of Status */

static void add_zones(struct call *c, struct zone_status_list *list)
{
    list->set = true;
    for (size_t r = 0; r < c->product->n_regions; r++) {
        const struct region *region = &c->product->regions[r];
        for (size_t z = 0; z < region->n_zones; z++)
            *LIST_ADD(c->arena, list) = (struct zone_status){
                .zone = region->zones[z].name, .region = region->name, .status = U64(ON_SALE)};
    }
}

/* The price of cores and memory; storage is paid besides. A dollar is 7 yuan (assumed). */
static struct price *reference_price(struct call *c, const struct sale_type_row *type,
                                     const struct sale_size_row *size, struct str currency)
{
    enum { YUAN_OF_DOLLAR = 7 };
    struct node_size node = {.cpu = size->cpu, .memory_gb = size->memory_gb};
    int64_t month = price_of_month(type, &node), hour = price_of_hour(month);
    int64_t rate = str_eq(currency, STR("USD")) ? YUAN_OF_DOLLAR : 1;
    struct price *price = ARENA_NEW(c->arena, struct price);
    *price = (struct price){.prepaid_price = U64((uint64_t)((month + rate - 1) / rate)),
                            .prepaid_price_unit = STR("M"),
                            .postpaid_price = U64((uint64_t)((hour + rate - 1) / rate)),
                            .postpaid_price_unit = STR("H")};
    return price;
}

static void add_status(struct call *c, const struct sale_type_row *type, size_t spec, struct str currency,
                       struct spec_sell_status_list *list)
{
    struct spec_sell_status *view = LIST_ADD(c->arena, list);
    long long id = (long long)sqlserver_specs[spec].id;
    *view = (struct spec_sell_status){
        .id = arena_printf(c->arena, "%lld%04lld", (long long)type->pid, id),
        .spec_id = U64((uint64_t)id),
        .pay_mode_status = STR("ALL"),
        .instance_type = type->type,
        .multi_zones_status = type->zones,
        .architecture = type->architecture,
        .style = STR("EXCLUSIVE"),
        .version = sqlserver_specs[spec].version,
        .price = reference_price(c, type, size_of(spec, type->local), currency),
        .status = U64(ON_SALE),
    };
    add_zones(c, &view->zone_status_set);
    PUT_PERFORMANCE(view, type);
}

static bool is_wanted(const struct describe_spec_sell_status_in *in, const struct spec *spec)
{
    for (size_t i = 0; i < in->spec_id_set.n; i++)
        if (in->spec_id_set.v[i] == (uint64_t)spec->id)
            return str_eq(in->db_version, spec->version);
    return false;
}

/* What is not on sale is not in the answer (assumed). */
int describe_spec_sell_status(struct call *c, const struct describe_spec_sell_status_in *in,
                              struct describe_spec_sell_status_out *out)
{
    if (purchase_check_zone(c, in->zone) != 0)
        return -1;
    out->describe_spec_sell_status_set.set = true;
    for (size_t t = 0; t < SALE_TYPE_ROWS; t++)
        for (size_t i = 0; i < SQLSERVER_SPECS; i++)
            if (in->pid.v == (uint64_t)sale_type_rows[t].pid && is_wanted(in, &sqlserver_specs[i]))
                add_status(c, &sale_type_rows[t], i, in->currency, &out->describe_spec_sell_status_set);
    return 0;
}

/* --- DescribeCollationTimeZone --- */

/* The same for all machines and versions (assumed). */
int describe_collation_time_zone(struct call *c, const struct describe_collation_time_zone_in *in,
                                 struct describe_collation_time_zone_out *out)
{
    (void)in;
    out->collation.set = out->time_zone.set = true;
    for (size_t i = 0; i < COLLATION_ROWS; i++)
        str_list_add(c->arena, &out->collation, collation_rows[i].name);
    for (size_t i = 0; i < TIME_ZONE_ROWS; i++)
        str_list_add(c->arena, &out->time_zone, time_zone_rows[i].name);
    return 0;
}
