/* What the core needs to know of the product beside its actions: the kinds of flow, and what is done by the
 * clock. */
#include "product/sqlserver/sqlserver.h"

#include "core/call.h"
#include "core/flow.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/schedule.h"

/*
 * The service takes 5 to 120 minutes for a backup (documented); 2 seconds let a client see it running. An
 * automatic backup takes no time unless told to: while it ran, a manual one would be refused, and no test
 * should fail because of the hour.
 */
const struct flow_type sqlserver_flow_types[FLOW_TYPES] = {
    [FLOW_BACKUP] = {STR_INIT("backup"), 2000, backup_settle},
    [FLOW_AUTOBACKUP] = {STR_INIT("autobackup"), 0, backup_settle},
    [FLOW_RESTORE] = {STR_INIT("restore"), 2000, NULL},
    [FLOW_ROLLBACK] = {STR_INIT("rollback"), 2000, NULL},
    [FLOW_CLONE] = {STR_INIT("clone"), 2000, NULL},
    [FLOW_CREATEDB] = {STR_INIT("createdb"), 1000, NULL},
    [FLOW_DELETEDB] = {STR_INIT("deletedb"), 1000, backup_settle}, /* of the backup before it, if any */
    [FLOW_RENAMEDB] = {STR_INIT("renamedb"), 1000, NULL},
};

const struct schedule sqlserver_schedule = {policy_next, policy_run};

/* --- flow --- */

/* What a client may ask about a flow. */

/* The action has no "not found" among its codes; that an unknown FlowId gets InvalidParameter is assumed. */
int describe_flow_status(struct call *c, const struct describe_flow_status_in *in,
                         struct describe_flow_status_out *out)
{
    enum flow_state state;
    int rc = flow_find(c->world, c->credential->account->uin, c->common.region, in->flow_id.v, &state);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER, "flow.not-found",
                                   "no flow %lld was begun in %.*s by account %.*s", (long long)in->flow_id.v,
                                   STR_ARG(c->common.region), STR_ARG(c->credential->account->uin));
    out->status = I64(state);
    return 0;
}

/* --- task --- */

/* The start that most tasks share; a backup has one of its own, since it may fail for what it holds. */

int task_start(struct call *c, size_t kind, const struct instance *instance, const struct database_set *set,
               struct flow *ret_flow)
{
    struct flow_plan plan = {.kind = kind,
                             .instance = instance->row,
                             .start_ms = world_now_ms(c->world),
                             .effect = &c->effect,
                             .databases = set->v,
                             .n_databases = set->n};
    return flow_start(c->world, &plan, ret_flow) == 0 ? 0 : call_fail_store(c);
}

/* --- region --- */

/* Regions and zones: what the schema says of them, as the answers show it. The actions are declared in the
 * generated header. */

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
