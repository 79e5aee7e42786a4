/* The checks come first, in the order zone, size, network, replicas, security groups, tags, maintenance
 * (assumed), so that a call that is rejected has written nothing. */
#include "product/sqlserver/purchase.h"

#include <assert.h>

#include "core/page.h"
#include "product/sqlserver/deal.h"
#include "product/sqlserver/security_group.h"
#include "product/sqlserver/spec.h"
#include "product/sqlserver/world_instance.h"

/* --- zones --- */

/* "<region>-<digits>". Other zones of a region than those of the schema exist: the cloud opens new ones. */
static bool zone_in(struct str zone, struct str region)
{
    if (!str_starts(zone, region) || zone.n < region.n + 2 || zone.p[region.n] != '-')
        return false;
    for (size_t i = region.n + 1; i < zone.n; i++)
        if (zone.p[i] < '0' || zone.p[i] > '9')
            return false;
    return true;
}

/* The action's most fitting code for a wrong zone (assumed). Three of the six actions have codes for it. */
static enum error_id zone_code(const struct call *c, enum error_id wanted)
{
    const enum error_id codes[] = {wanted, ERR_INVALID_PARAMETER_INPUT_ILLEGAL};
    return call_first_declared(c, codes, sizeof codes / sizeof codes[0]);
}

int purchase_check_zone(struct call *c, struct str zone)
{
    if (zone_in(zone, c->common.region))
        return 0;
    for (size_t i = 0; i < c->product->n_regions; i++)
        if (zone_in(zone, c->product->regions[i].name))
            return call_fail_explained(c, zone_code(c, ERR_INVALID_PARAMETER_VALUE_ILLEGAL_REGION),
                                       "zone.other-region", "%.*s is in %.*s, and the call went to %.*s",
                                       STR_ARG(zone), STR_ARG(c->product->regions[i].name),
                                       STR_ARG(c->common.region));
    return call_fail_explained(c, zone_code(c, ERR_INVALID_PARAMETER_VALUE_ILLEGAL_ZONE), "zone.unknown",
                               "\"%.*s\" is no zone of %.*s", STR_ARG(zone), STR_ARG(c->common.region));
}

/* --- size --- */

static int check_size(const struct purchase *p)
{
    struct instance_spec spec = {.instance_type = p->like.instance_type,
                                 .cpu = p->like.cpu.v,
                                 .memory_gb = p->like.memory.v,
                                 .storage_gb = p->like.storage.v};
    if (instance_spec_check(p->c, &spec) != 0)
        return -1;
    if (p->like.throughput.v > 0 && !str_eq(p->like.machine_type, STR("CLOUD_HSSD")))
        return call_fail_explained(p->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "spec.throughput",
                                   "only CLOUD_HSSD has ThroughputPerformance, not %.*s",
                                   STR_ARG(p->like.machine_type));
    if (!str_eq(p->like.high_availability, STR("ALWAYSON")) || str_cmp(p->like.version, STR("2017")) >= 0)
        return 0;
    return call_fail_explained(p->c, ERR_INVALID_PARAMETER_VALUE_ILLEGAL_SPEC, "spec.cluster",
                               "version %.*s has no cluster; 2017 and later versions have",
                               STR_ARG(p->like.version));
}

/* --- network --- */

/* Documented: both or none. virga has no networks, so an id of the right form exists (assumed). */
static int check_network(const struct purchase *p)
{
    struct str vpc = p->like.vpc_id, subnet = p->like.subnet_id;
    if ((vpc.n > 0) != (subnet.n > 0))
        return call_fail_explained(p->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "network.half",
                                   "VpcId and SubnetId must both be given, or neither");
    if (vpc.n == 0 || (str_starts(vpc, STR("vpc-")) && str_starts(subnet, STR("subnet-"))))
        return 0;
    return call_fail_explained(p->c, ERR_RESOURCE_NOT_FOUND_VPC_NOT_EXIST, "network.unknown",
                               "\"%.*s\" and \"%.*s\" are not ids like vpc-... and subnet-...", STR_ARG(vpc),
                               STR_ARG(subnet));
}

static int check_tags(const struct purchase *p)
{
    for (size_t i = 0; i < p->tags->n; i++)
        if (p->tags->v[i].tag_key.n == 0)
            return call_fail_explained(p->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                                       "element %zu of ResourceTags has no TagKey", i);
    return 0;
}

/* "HH:MM"; the rules have checked its length and characters. */
static int check_maintenance(const struct purchase *p)
{
    int64_t at_ms;
    struct str start = p->like.maintenance_start;
    if (!start.p || maintenance_parse(start, &at_ms) == 0)
        return 0;
    return call_fail_explained(p->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "time.form",
                               "StartTime %.*s is no time of a day, HH:MM", STR_ARG(start));
}

/* --- replicas --- */

static bool all_in(const struct str_list *zones, struct str zone)
{
    for (size_t i = 0; i < zones->n; i++)
        if (!str_eq(zones->v[i], zone))
            return false;
    return true;
}

/* Documented: many nodes are in several zones, and have 2 to 5 zones of replicas, not all that of the primary
 * one. */
static int check_replicas(const struct purchase *p)
{
    enum { ZONES_LEAST = 2, ZONES_MOST = 5 };
    const struct str_list *zones = &p->like.replica_zones;
    for (size_t i = 0; i < zones->n; i++)
        if (purchase_check_zone(p->c, zones->v[i]) != 0)
            return -1;
    if (!p->many_nodes)
        return 0;
    if (p->like.multi_zones.v == 0)
        return call_fail_explained(p->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "replica.one-zone",
                                   "an instance with MultiNodes must have MultiZones");
    if (zones->n >= ZONES_LEAST && zones->n <= ZONES_MOST && !all_in(zones, p->like.zone))
        return 0;
    return call_fail_explained(p->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "replica.zones",
                               "DrZones must have %d to %d zones, not all %.*s", ZONES_LEAST, ZONES_MOST,
                               STR_ARG(p->like.zone));
}

int purchase_check(const struct purchase *p)
{
    return purchase_check_zone(p->c, p->like.zone) == 0 && check_size(p) == 0 && check_network(p) == 0 &&
                   check_replicas(p) == 0 && security_groups_check(p->c, p->security_groups) == 0 &&
                   check_tags(p) == 0 && check_maintenance(p) == 0
               ? 0
               : -1;
}

/* --- ids --- */

/* An id that the caller does not have in the region; 36^8 make a second attempt unlikely. -1 when the store
 * failed. */
static int new_id(const struct purchase *p, const struct resource_owner *owner, struct str *ret_id)
{
    int exists;
    do {
        *ret_id = resource_id_new(p->c, p->id_prefix);
        exists = world_instance_exists(p->c->world, owner, *ret_id);
    } while (exists == 1);
    return exists;
}

/* --- instances --- */

/* Only nodes in several zones have replicas that are shown. The one of two nodes is in the first other zone
 * of the region when the request names none (assumed). */
static void set_replicas(struct purchase *p)
{
    struct str_list *zones = &p->like.replica_zones;
    const struct region *region = product_find_region(p->c->product, p->c->common.region);
    if (p->like.multi_zones.v == 0)
        zones->n = 0;
    else if (!p->many_nodes && zones->n > 1)
        zones->n = 1;
    for (size_t i = 0; p->like.multi_zones.v != 0 && zones->n == 0 && i < region->n_zones; i++)
        if (!str_eq(region->zones[i].name, p->like.zone))
            *LIST_ADD(p->c->arena, zones) = region->zones[i].name;
}

/* Sets what a new instance has and no parameter chooses. */
static void complete(struct purchase *p)
{
    struct world_instance *like = &p->like;
    like->status = I64(INSTANCE_STATUS_CREATING);
    like->port = I64(1433);
    like->backup_model = STR("master_pkg");
    like->backup_type = STR("daily");
    like->backup_save_days = I64(7);
    like->vpc_id = like->vpc_id.p ? like->vpc_id : STR("");
    like->subnet_id = like->subnet_id.p ? like->subnet_id : STR("");
    like->note = STR("");
    like->security_groups = *p->security_groups;
    if (!like->maintenance_start.p) {
        like->maintenance_start = STR("00:00");
        like->maintenance_span = I64(6);
    }
    set_replicas(p);
    for (size_t i = 0; i < p->tags->n; i++)
        *LIST_ADD(p->c->arena, &like->tags) =
            (struct world_tag){.key = p->tags->v[i].tag_key,
                               .value = p->tags->v[i].tag_value.p ? p->tags->v[i].tag_value : STR("")};
    if (like->pay_mode.v == 1)
        like->end_time = time_beijing(p->c->arena, time_add_months(world_now_ms(p->c->world), p->months));
}

/* The name is a UUID until a client changes it (documented by example). */
static struct str new_name(struct call *c)
{
    char *uuid = ARENA_ARRAY(c->arena, char, REQUEST_ID_CHARS);
    rng_uuid(&c->world->rng, uuid);
    return (struct str){uuid, REQUEST_ID_CHARS};
}

int purchase_insert(struct purchase *p, int64_t ret_rows[PURCHASE_GOODS_MAX], struct str_list *ret_ids)
{
    struct resource_owner owner = {p->c->credential->account->uin, p->c->common.region};
    assert(p->goods >= 1 && p->goods <= PURCHASE_GOODS_MAX);
    complete(p);
    ret_ids->set = true;
    for (int64_t i = 0; i < p->goods; i++) {
        p->like.name = new_name(p->c);
        if (new_id(p, &owner, &p->like.instance_id) != 0 ||
            world_instance_insert(p->c->world, &owner, &p->like, &ret_rows[i]) != 0)
            return call_fail_store(p->c);
        *LIST_ADD(p->c->arena, ret_ids) = p->like.instance_id;
    }
    return flow_reschedule(p->c->world) == 0 ? 0 : call_fail_store(p->c);
}

/* --- the order --- */

int purchase_order(const struct purchase *p, const struct change_plan *plan, const int64_t *rows,
                   struct str *ret_deal, int64_t *ret_flow)
{
    struct instance first = {.row = rows[0]};
    struct change_plan own = {.c = p->c, .instance = &first};
    struct flow flow;
    if (change_begin(plan ? plan : &own, FLOW_KIND_CREATEINSTANCE, &flow) != 0)
        return -1;
    struct deal deal = {
        .name = deal_name_new(p->c), .flow = flow.id, .pay_mode = p->like.pay_mode.v, .creates = true};
    if (deal_put(p->c, &deal, rows, (size_t)p->goods) != 0 || change_end(p->c, &flow) != 0)
        return -1;
    *ret_deal = deal.name;
    *ret_flow = flow.id;
    return 0;
}

int purchase_run(struct purchase *p, struct str *ret_deal, int64_t *ret_flow, struct str_list *ret_ids)
{
    int64_t rows[PURCHASE_GOODS_MAX];
    if (purchase_check(p) != 0 || purchase_insert(p, rows, ret_ids) != 0)
        return -1;
    return purchase_order(p, NULL, rows, ret_deal, ret_flow);
}

/* --- the end of the flow --- */

#define OF_FLOW "id IN (SELECT instance FROM deal WHERE flow = :flow)"

static int bring_up(struct world *w, int64_t flow)
{
    SCOPED_STMT(groups, w->db,
                "UPDATE ro_group SET status = 1 WHERE id IN (SELECT ro_group FROM instance WHERE " OF_FLOW
                ")");
    SCOPED_STMT(instances, w->db,
                "UPDATE instance SET status = " INSTANCE_STATUS_SQL_NORMAL " WHERE " OF_FLOW);
    stmt_bind_i64(groups, ":flow", flow);
    stmt_bind_i64(instances, ":flow", flow);
    return stmt_run(groups) == 0 ? stmt_run(instances) : -1;
}

/* The rows stay, because the flow and the order refer to them. A read-only group that is new is removed. */
static int give_up(struct world *w, int64_t flow)
{
    SCOPED_STMT(
        groups, w->db,
        "DELETE FROM ro_group WHERE status = 5 AND id IN (SELECT ro_group FROM instance WHERE " OF_FLOW ")");
    SCOPED_STMT(instances, w->db,
                "UPDATE instance SET status = " INSTANCE_STATUS_SQL_OFFLINE
                ", hidden = 1, next_backup_ms = :never WHERE " OF_FLOW);
    stmt_bind_i64(groups, ":flow", flow);
    stmt_bind_i64(instances, ":never", INT64_MAX);
    stmt_bind_i64(instances, ":flow", flow);
    return stmt_run(groups) == 0 ? stmt_run(instances) : -1;
}

int creation_settle(struct world *w, const struct flow *f)
{
    int rc = f->fails ? give_up(w, f->id) : bring_up(w, f->id);
    return rc == 0 ? changes_settle(w, f) : -1;
}
