/* Replicas: ModifyDReadable, DescribeCrossRegionZone, and a part of DescribeDBInstancesAttribute. */
#include "product/sqlserver/readable_replica.h"

#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/address.h"
#include "product/sqlserver/change.h"

/* --- the instance --- */

/* What an instance has besides its own node, and whether that can be read. */
struct readable {
    struct instance instance;
    bool replicas, many; /* many: each replica may have an address of its own */
    struct str mode;     /* "" while no replica can be read */
    struct address primary, replica;
};

static int read_state(struct call *c, struct readable *r)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT instance_type IN ('MultiHA', 'cvmMultiHA') AS many, read_mode, vpc_id, subnet_id,"
                " read_vip FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", r->instance.row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    r->replicas = !r->instance.single_node && !r->instance.read_only;
    r->many = stmt_i64(s, "many") != 0;
    r->mode = stmt_str(s, c->arena, "read_mode");
    r->primary.vpc_id = stmt_str(s, c->arena, "vpc_id");
    r->primary.subnet_id = stmt_str(s, c->arena, "subnet_id");
    r->replica.vip = stmt_str(s, c->arena, "read_vip");
    return 0;
}

/* --- ModifyDReadable --- */

static const struct str balanced = STR_INIT("BalancedReadOnly"), single = STR_INIT("SingleReadOnly");

static bool is_enable(const struct modify_d_readable_in *in)
{
    return str_eq(in->type, STR("enable"));
}

/* Two nodes are always read one by one; the default of many is one address for all (documented). */
static struct str mode_of(const struct readable *r, const struct modify_d_readable_in *in)
{
    if (!r->many)
        return single;
    return in->read_mode.n > 0 ? in->read_mode : balanced;
}

/* NotSupport for what the instance cannot do, also for what is so already (assumed: the action declares no
 * code for a repetition). */
static int check_support(struct call *c, const struct modify_d_readable_in *in, const struct readable *r)
{
    struct str id = r->instance.instance_id;
    if (!r->replicas)
        return call_fail_explained(c, ERR_FAILED_OPERATION_NOT_SUPPORT, "replica.none", "%.*s has no replica",
                                   STR_ARG(id));
    if (is_enable(in) == (r->mode.n > 0))
        return call_fail_explained(c, ERR_FAILED_OPERATION_NOT_SUPPORT, "replica.same",
                                   "the replica of %.*s can %sbe read already", STR_ARG(id),
                                   is_enable(in) ? "" : "not ");
    if (!is_enable(in) || !r->many || in->vip.n == 0 || !str_eq(mode_of(r, in), single))
        return 0;
    return call_fail_explained(c, ERR_FAILED_OPERATION_NOT_SUPPORT, "replica.vip",
                               "Vip is not possible with many nodes in the mode SingleReadOnly");
}

/* Both ids or none: without them the network is that of the instance (documented), which must be a VPC. */
static int choose_network(struct call *c, const struct modify_d_readable_in *in, struct readable *r)
{
    if ((in->vpc_id.n > 0) != (in->subnet_id.n > 0))
        return call_fail_explained(c, ERR_RESOURCE_NOT_FOUND_PARAMS_NOT_FOUND, "network.half",
                                   "VpcId and SubnetId must both be given, or neither");
    r->replica.vpc_id = in->vpc_id.n > 0 ? in->vpc_id : r->primary.vpc_id;
    r->replica.subnet_id = in->vpc_id.n > 0 ? in->subnet_id : r->primary.subnet_id;
    if (r->replica.vpc_id.n > 0)
        return address_check_network(c, r->replica.vpc_id, r->replica.subnet_id);
    return call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_VPC_NOT_EXIST, "network.classic",
                               "%.*s is in the classic network; name a VPC",
                               STR_ARG(r->instance.instance_id));
}

/* Sets mode and address that the replica is to have. */
static int choose(struct call *c, const struct modify_d_readable_in *in, struct readable *r)
{
    if (!is_enable(in)) {
        r->mode = STR("");
        r->replica = (struct address){STR(""), STR(""), STR("")};
        return 0;
    }
    if (choose_network(c, in, r) != 0)
        return -1;
    r->mode = mode_of(r, in);
    return address_choose(c, &r->instance, r->replica.vpc_id, in->vip, &r->replica.vip);
}

int modify_d_readable(struct call *c, const struct modify_d_readable_in *in,
                      struct modify_d_readable_out *out)
{
    struct readable r;
    struct change_plan plan = {.c = c, .instance = &r.instance};
    struct flow flow;
    if (instance_get(c, in->instance_id, &r.instance) != 0 ||
        instance_accept_sole_task(c, &r.instance) != 0 || read_state(c, &r) != 0 ||
        check_support(c, in, &r) != 0 || choose(c, in, &r) != 0)
        return -1;
    change_then(&plan, INSTANCE_FIELD_READ_MODE, FIELD_TEXT(r.mode));
    change_then(&plan, INSTANCE_FIELD_READ_VIP, FIELD_TEXT(r.replica.vip));
    change_then(&plan, INSTANCE_FIELD_READ_VPC_ID, FIELD_TEXT(r.replica.vpc_id));
    change_then(&plan, INSTANCE_FIELD_READ_SUBNET_ID, FIELD_TEXT(r.replica.subnet_id));
    if (change_start(&plan, FLOW_KIND_READABLE, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}

/* --- what is shown --- */

/* The address of the replica with that place, from 0: replicas that are read one by one have addresses that
 * follow each other. */
static struct str address_at(struct arena *a, struct str first, size_t place)
{
    size_t dot = first.n;
    uint64_t host;
    while (dot > 0 && first.p[dot - 1] != '.')
        dot--;
    if (dot == 0 || str_to_u64(str_skip(first, dot), &host) != 0)
        return first;
    return arena_printf(a, "%.*s%d", STR_ARG(str_head(first, dot)), (int)(host + place));
}

int readable_replicas_read(struct call *c, const struct instance *instance,
                           struct describe_db_instances_attribute_out *out)
{
    enum { REPLICAS_MAX = 8 };
    SCOPED_STMT(s, c->world->db,
                "SELECT " DR_READABLE_INFO_COLUMNS
                " FROM instance LEFT JOIN replica ON replica.instance = instance.id"
                " WHERE instance.id = :id ORDER BY replica.ordinal LIMIT :max");
    struct readable r = {.instance = *instance};
    int rc = 0;
    if (read_state(c, &r) != 0)
        return -1;
    stmt_bind_i64(s, ":id", instance->row);
    stmt_bind_i64(s, ":max", REPLICAS_MAX);
    out->multi_dr_readable_info.set = true;
    while (r.replicas && (rc = stmt_step(s)) == 1) {
        size_t place = out->multi_dr_readable_info.n;
        struct dr_readable_info *info = r.many ? LIST_ADD(c->arena, &out->multi_dr_readable_info)
                                               : ARENA_NEW(c->arena, struct dr_readable_info);
        dr_readable_info_from_row(s, c->arena, info);
        if (r.many && str_eq(r.mode, single))
            info->vip = address_at(c->arena, info->vip, place);
        if (!r.many)
            out->dr_readable_info = info;
    }
    return rc < 0 ? call_fail_store(c) : 0;
}

/* The zone of the first replica, in the instance's own region: virga has no replicas in others. */
int describe_cross_region_zone(struct call *c, const struct describe_cross_region_zone_in *in,
                               struct describe_cross_region_zone_out *out)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT coalesce(replica.zone, instance.zone) AS zone"
                " FROM instance LEFT JOIN replica ON replica.instance = instance.id"
                " WHERE instance.id = :id ORDER BY replica.ordinal LIMIT 1");
    struct instance instance;
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    if (instance.single_node || instance.read_only)
        return 0; /* no replica: both stay empty (assumed, because the action has no code for it) */
    stmt_bind_i64(s, ":id", instance.row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    out->region = instance.region;
    out->zone = stmt_str(s, c->arena, "zone");
    return 0;
}
