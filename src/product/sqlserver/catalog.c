/* The catalog: DescribeRegions and DescribeZones, from the regions, zones and sizes in the schema. */
#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver.h"

/* Names are in the language of the call. */
static struct str title(const struct call *c, struct str english, struct str chinese)
{
    return call_in_chinese(c) ? chinese : english;
}

int describe_regions(struct call *c, const struct describe_regions_in *in, struct describe_regions_out *out)
{
    (void)in;
    const struct product *p = c->product;
    for (size_t i = 0; i < p->n_regions; i++)
        *LIST_ADD(c->arena, &out->region_set) =
            (struct region_info){.region = p->regions[i].name,
                                 .region_name = title(c, p->regions[i].title, p->regions[i].title_zh),
                                 .region_id = I64(p->regions[i].id),
                                 .region_state = STR("AVAILABLE")};
    out->region_set.set = true;
    out->total_count = I64((int64_t)out->region_set.n);
    return 0;
}

/* Adds one row for each size that the zone sells (documented). A zone without sizes has no row. */
static void add_zone(const struct call *c, const struct zone *zone, struct zone_info_list *list)
{
    for (size_t i = 0; i < SQLSERVER_SPECS; i++)
        *LIST_ADD(c->arena, list) = (struct zone_info){.zone = zone->name,
                                                       .zone_name = title(c, zone->title, zone->title_zh),
                                                       .zone_id = I64(zone->id),
                                                       .spec_id = I64(sqlserver_specs[i].id),
                                                       .version = sqlserver_specs[i].version};
}

int describe_zones(struct call *c, const struct describe_zones_in *in, struct describe_zones_out *out)
{
    (void)in;
    const struct region *region = product_find_region(c->product, c->common.region);
    assert(region); /* the step `region` has checked it */
    for (size_t i = 0; i < region->n_zones; i++)
        add_zone(c, &region->zones[i], &out->zone_set);
    out->zone_set.set = true;
    out->total_count = I64((int64_t)out->zone_set.n);
    return 0;
}
