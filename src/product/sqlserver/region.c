/* Regions and zones: what the schema says of them, as the answers show it. The actions are declared in the
 * generated header. */
#include "core/call.h"
#include "gen/sqlserver.h"

static struct str title(const struct call *c, struct str english, struct str chinese)
{
    return call_in_chinese(c) ? chinese : english;
}

int describe_regions(struct call *c, const struct describe_regions_in *in, struct describe_regions_out *out)
{
    (void)in;
    const struct product *p = c->world->product;
    struct region_info *rows = ARENA_ARRAY(c->arena, struct region_info, p->n_regions);
    for (size_t i = 0; i < p->n_regions; i++)
        rows[i] = (struct region_info){.region = p->regions[i].name,
                                       .region_name = title(c, p->regions[i].title, p->regions[i].title_zh),
                                       .region_id = I64(p->regions[i].id),
                                       .region_state = STR("AVAILABLE")};
    out->total_count = I64((int64_t)p->n_regions);
    out->region_set = (struct region_info_list){rows, p->n_regions, true};
    return 0;
}

/* A zone's rows, one for each size on sale (documented: not one for the zone). */
static void put_zone(const struct call *c, const struct zone *zone, struct zone_info *rows)
{
    const struct product *p = c->world->product;
    for (size_t i = 0; i < p->n_specs; i++)
        rows[i] = (struct zone_info){.zone = zone->name,
                                     .zone_name = title(c, zone->title, zone->title_zh),
                                     .zone_id = I64(zone->id),
                                     .spec_id = I64(p->specs[i].id),
                                     .version = p->specs[i].version};
}

int describe_zones(struct call *c, const struct describe_zones_in *in, struct describe_zones_out *out)
{
    (void)in;
    const struct product *p = c->world->product;
    const struct region *region = product_find_region(p, c->common.region); /* the pipeline has found it */
    size_t n = region->n_zones * p->n_specs;
    struct zone_info *rows = ARENA_ARRAY(c->arena, struct zone_info, n);
    for (size_t i = 0; i < region->n_zones; i++)
        put_zone(c, &region->zones[i], rows + i * p->n_specs);
    out->total_count = I64((int64_t)n);
    out->zone_set = (struct zone_info_list){rows, n, true};
    return 0;
}
