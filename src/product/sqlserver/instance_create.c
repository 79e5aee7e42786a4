/* The actions that buy primary instances: on local disks, with one node or two on cloud disks, and for
 * business intelligence. */
#include "core/page.h"
#include "product/sqlserver/purchase.h"
#include "product/sqlserver/spec.h"

/* What only these actions let a client choose. Macros, because each action has a type of its own. */
#define SET_RENEWAL(p, in) (p)->like.renew_flag = I64((p)->like.pay_mode.v == 1 ? (in)->auto_renew_flag.v : 0)
#define SET_MAINTENANCE(p, in)                                                                               \
    do {                                                                                                     \
        (p)->like.project_id = I64((int64_t)(in)->project_id.v);                                             \
        (p)->like.version = (in)->db_version;                                                                \
        (p)->like.maintenance_days = (in)->weekly;                                                           \
        (p)->like.maintenance_start = (in)->start_time;                                                      \
        (p)->like.maintenance_span = I64((in)->span.v);                                                      \
    } while (0)
#define SET_NODES(p, in, type, type_of_many)                                                                 \
    do {                                                                                                     \
        (p)->many_nodes = (in)->multi_nodes.v != 0;                                                          \
        (p)->like.instance_type = (p)->many_nodes ? (type_of_many) : (type);                                 \
        (p)->like.multi_zones = (in)->multi_zones;                                                           \
        (p)->like.replica_zones = (in)->dr_zones;                                                            \
    } while (0)

static int run(struct purchase *p, struct str *ret_deal)
{
    struct str_list ids = {0};
    int64_t flow;
    return purchase_run(p, ret_deal, &flow, &ids);
}

/* --- local disks --- */

int create_db_instances(struct call *c, const struct create_db_instances_in *in,
                        struct create_db_instances_out *out)
{
    struct purchase p = {PURCHASE_COMMON(c, in), .id_prefix = "mssql-"};
    PURCHASE_TERMS(&p, in);
    SET_RENEWAL(&p, in);
    SET_MAINTENANCE(&p, in);
    SET_NODES(&p, in, STR("HA"), STR("MultiHA"));
    p.like.cpu = I64(spec_local_cores(in->memory.v));
    p.like.machine_type = STR("TS85");
    if (str_eq(in->ha_type, STR("CLUSTER")))
        p.like.high_availability = STR("ALWAYSON");
    if (run(&p, &out->deal_name) != 0)
        return -1;
    *LIST_ADD(c->arena, &out->deal_names) = out->deal_name;
    out->deal_names.set = true;
    return 0;
}

/* --- cloud disks --- */

int create_basic_db_instances(struct call *c, const struct create_basic_db_instances_in *in,
                              struct create_basic_db_instances_out *out)
{
    struct purchase p = {PURCHASE_COMMON(c, in), .id_prefix = "mssql-"};
    PURCHASE_TERMS(&p, in);
    SET_RENEWAL(&p, in);
    SET_MAINTENANCE(&p, in);
    PURCHASE_SIZE(&p, in);
    PURCHASE_DISK(&p, in);
    p.like.instance_type = STR("SI");
    return run(&p, &out->deal_name);
}

int create_cloud_db_instances(struct call *c, const struct create_cloud_db_instances_in *in,
                              struct create_cloud_db_instances_out *out)
{
    struct purchase p = {PURCHASE_COMMON(c, in), .id_prefix = "mssql-"};
    PURCHASE_TERMS(&p, in);
    SET_RENEWAL(&p, in);
    SET_MAINTENANCE(&p, in);
    PURCHASE_SIZE(&p, in);
    PURCHASE_DISK(&p, in);
    SET_NODES(&p, in, STR("cvmHA"), STR("cvmMultiHA"));
    return run(&p, &out->deal_name);
}

/* --- business intelligence --- */

/* Billed by use (assumed: the action has no parameter for it). The answer has the instances at once
 * (documented). */
int create_business_db_instances(struct call *c, const struct create_business_db_instances_in *in,
                                 struct create_business_db_instances_out *out)
{
    struct purchase p = {PURCHASE_COMMON(c, in), .id_prefix = "mssqlbi-"};
    int64_t flow;
    SET_MAINTENANCE(&p, in);
    PURCHASE_SIZE(&p, in);
    p.like.instance_type = STR("BI");
    p.like.collation = STR("Chinese_PRC_CI_AS");
    p.like.time_zone = STR("China Standard Time");
    if (purchase_run(&p, &out->deal_name, &flow, &out->instance_id_set) != 0)
        return -1;
    out->flow_id = I64(flow);
    return 0;
}
