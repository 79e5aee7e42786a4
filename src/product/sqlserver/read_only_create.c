/*
 * The actions that buy read-only instances, on local disks and on cloud disks.
 *
 * A read-only instance copies a primary one, which is a cluster or becomes one. It belongs to a read-only
 * group: one of its own, a new one of the whole order, or one that exists. The flow of the order works on the
 * primary instance, which accepts no task meanwhile.
 */
#include <assert.h>

#include "core/page.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/purchase.h"
#include "product/sqlserver/spec.h"

/* As ReadOnlyGroupType numbers them (documented). */
enum group_type { GROUP_FOR_EACH = 1, GROUP_FOR_ALL = 2, GROUP_EXISTING = 3 };

/* What the order says about the group. */
struct group_plan {
    enum group_type type;
    bool forced_upgrade;
    struct str id, name;
    struct opt_i64 offline_delay, max_delay, min_in_group;
    int64_t row; /* of the group, when it exists or is inserted */
};

#define GROUP_PLAN(in)                                                                                       \
    {                                                                                                        \
        .type = (enum group_type)(in)->read_only_group_type.v,                                               \
        .forced_upgrade = (in)->read_only_group_forced_upgrade.v != 0, .id = (in)->read_only_group_id,       \
        .name = (in)->read_only_group_name, .offline_delay = (in)->read_only_group_is_offline_delay,         \
        .max_delay = (in)->read_only_group_max_delay_time,                                                   \
        .min_in_group = (in)->read_only_group_min_in_group,                                                  \
    }

/* --- the primary instance --- */

/* What its read-only instances have in common with it. */
struct primary {
    struct instance instance;
    struct str type, version, vpc_id, subnet_id, high_availability;
};

static int read_primary(struct call *c, struct primary *primary)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT instance_type, version, vpc_id, subnet_id, high_availability FROM instance"
                " WHERE id = :id");
    stmt_bind_i64(s, ":id", primary->instance.row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    primary->type = stmt_str(s, c->arena, "instance_type");
    primary->version = stmt_str(s, c->arena, "version");
    primary->vpc_id = stmt_str(s, c->arena, "vpc_id");
    primary->subnet_id = stmt_str(s, c->arena, "subnet_id");
    primary->high_availability = stmt_str(s, c->arena, "high_availability");
    return 0;
}

static bool has_many_nodes(const struct primary *primary)
{
    return str_eq(primary->type, STR("MultiHA")) || str_eq(primary->type, STR("cvmMultiHA"));
}

/* An instance with one node, or read-only itself, has no copies (assumed). One that is no cluster must become
 * one (documented); that it must have a version with clusters is assumed. */
static int check_primary(struct call *c, const struct primary *primary, const struct group_plan *group)
{
    struct str id = primary->instance.instance_id;
    bool two_nodes = str_eq(primary->type, STR("HA")) || str_eq(primary->type, STR("cvmHA"));
    if (!two_nodes && !has_many_nodes(primary))
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "read-only.primary",
                                   "%.*s has the type %.*s, which has no read-only instances", STR_ARG(id),
                                   STR_ARG(primary->type));
    if (has_many_nodes(primary) || str_eq(primary->high_availability, STR("ALWAYSON")))
        return 0;
    if (!group->forced_upgrade)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "read-only.no-cluster",
                                   "%.*s is no cluster; ReadOnlyGroupForcedUpgrade 1 makes it one",
                                   STR_ARG(id));
    if (str_cmp(primary->version, STR("2017")) >= 0)
        return 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "read-only.version",
                               "%.*s has the version %.*s, which has no cluster; 2017 and later have",
                               STR_ARG(id), STR_ARG(primary->version));
}

static int get_primary(struct call *c, struct str instance_id, const struct group_plan *group,
                       struct primary *ret_primary)
{
    if (instance_get(c, instance_id, &ret_primary->instance) != 0 ||
        instance_accept_sole_task(c, &ret_primary->instance) != 0 || read_primary(c, ret_primary) != 0)
        return -1;
    return check_primary(c, ret_primary, group);
}

/* --- the group --- */

static int reject_group(struct call *c, const char *missing)
{
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                               "%s is required for this ReadOnlyGroupType", missing);
}

/* What is required for a new group of the whole order (documented). */
static int check_new_group(struct call *c, const struct group_plan *group)
{
    if (!group->name.p)
        return reject_group(c, "ReadOnlyGroupName");
    if (!group->offline_delay.set)
        return reject_group(c, "ReadOnlyGroupIsOfflineDelay");
    if (group->offline_delay.v == 1 && !group->max_delay.set)
        return reject_group(c, "ReadOnlyGroupMaxDelayTime");
    if (group->offline_delay.v == 1 && !group->min_in_group.set)
        return reject_group(c, "ReadOnlyGroupMinInGroup");
    return 0;
}

static int find_group(struct call *c, const struct primary *primary, struct group_plan *group)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT id FROM ro_group WHERE instance = :instance AND ro_group_id = :id AND status = 1");
    stmt_bind_i64(s, ":instance", primary->instance.row);
    stmt_bind_str(s, ":id", group->id);
    int rc = stmt_step(s);
    if (rc == 1)
        group->row = stmt_i64(s, "id");
    if (rc != 0)
        return rc == 1 ? 0 : call_fail_store(c);
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "read-only-group.not-found",
                               "%.*s has no read-only group %.*s", STR_ARG(primary->instance.instance_id),
                               STR_ARG(group->id));
}

static int check_group(struct call *c, const struct primary *primary, struct group_plan *group)
{
    if (group->type == GROUP_EXISTING)
        return group->id.p ? find_group(c, primary, group) : reject_group(c, "ReadOnlyGroupId");
    return group->type == GROUP_FOR_ALL ? check_new_group(c, group) : 0;
}

static int next_group_row(struct call *c, int64_t *ret_row)
{
    SCOPED_STMT(s, c->world->db, "SELECT coalesce(max(id), 0) + 1 AS next FROM ro_group");
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_row = stmt_i64(s, "next");
    return 0;
}

/* Inserts a group that is being created, with an address of its own from 10.200.0.1 on. */
static int insert_group(const struct purchase *p, const struct primary *primary, struct group_plan *group)
{
    SCOPED_STMT(s, p->c->world->db,
                "INSERT INTO ro_group (id, instance, ro_group_id, name, type, forced_upgrade, status,"
                " is_offline_delay, max_delay_time, min_in_group, vip, port, vpc_id, subnet_id, created_ms)"
                " VALUES (:row, :instance, :id, :name, :type, :forced, 5, :offline_delay, :max_delay,"
                " :min_in_group, :vip, 1433, :vpc, :subnet, :now)");
    enum { HOSTS = 254, NETS = 256, DELAY_DEFAULT = 10, MIN_DEFAULT = 1 };
    if (next_group_row(p->c, &group->row) != 0)
        return -1;
    struct str id = resource_id_new(p->c, "mssqlrg-");
    stmt_bind_i64(s, ":row", group->row);
    stmt_bind_i64(s, ":instance", primary->instance.row);
    stmt_bind_str(s, ":id", id);
    stmt_bind_str(s, ":name", group->name.p ? group->name : id);
    stmt_bind_i64(s, ":type", group->type);
    stmt_bind_i64(s, ":forced", group->forced_upgrade);
    stmt_bind_i64(s, ":offline_delay", group->offline_delay.v);
    stmt_bind_i64(s, ":max_delay", group->max_delay.set ? group->max_delay.v : DELAY_DEFAULT);
    stmt_bind_i64(s, ":min_in_group", group->min_in_group.set ? group->min_in_group.v : MIN_DEFAULT);
    stmt_bind_str(s, ":vip",
                  arena_printf(p->c->arena, "10.200.%d.%d", (int)(group->row / HOSTS % NETS),
                               (int)(group->row % HOSTS + 1)));
    stmt_bind_str(s, ":vpc", p->like.vpc_id);
    stmt_bind_str(s, ":subnet", p->like.subnet_id);
    stmt_bind_i64(s, ":now", world_now_ms(p->c->world));
    return stmt_run(s) == 0 ? 0 : call_fail_store(p->c);
}

/* Every instance has the same part of the load until a client changes that. */
static int join_group(const struct purchase *p, const struct primary *primary, const struct group_plan *group,
                      int64_t row)
{
    SCOPED_STMT(s, p->c->world->db,
                "UPDATE instance SET master = :master, ro_group = :group, ro_weight = 1 WHERE id = :id");
    stmt_bind_i64(s, ":master", primary->instance.row);
    stmt_bind_i64(s, ":group", group->row);
    stmt_bind_i64(s, ":id", row);
    return stmt_run(s) == 0 ? 0 : call_fail_store(p->c);
}

static int put_in_groups(const struct purchase *p, const struct primary *primary, struct group_plan *group,
                         const int64_t *rows)
{
    for (int64_t i = 0; i < p->goods; i++) {
        bool new_group = group->type == GROUP_FOR_EACH || (group->type == GROUP_FOR_ALL && i == 0);
        if ((new_group && insert_group(p, primary, group) != 0) ||
            join_group(p, primary, group, rows[i]) != 0)
            return -1;
    }
    return 0;
}

/* --- the order --- */

static int order(const struct purchase *p, const struct primary *primary, const struct group_plan *group,
                 const int64_t *rows, struct str *ret_deal)
{
    int64_t flow;
    struct change_plan plan = {.c = p->c, .instance = &primary->instance};
    change_during(&plan, INSTANCE_FIELD_STATUS, FIELD_NUMBER(INSTANCE_STATUS_REPLICA_CREATING));
    if (group->forced_upgrade && !has_many_nodes(primary))
        change_then(&plan, INSTANCE_FIELD_HIGH_AVAILABILITY, FIELD_TEXT(STR("ALWAYSON")));
    return purchase_order(p, &plan, rows, ret_deal, &flow);
}

/* Without a network of their own they are in that of the primary instance (assumed). */
static int buy(struct purchase *p, struct primary *primary, struct group_plan *group,
               struct str_list *ret_deals)
{
    int64_t rows[PURCHASE_GOODS_MAX];
    struct str_list ids = {0};
    struct str deal;
    p->like.version = primary->version;
    if (purchase_check(p) != 0 || check_group(p->c, primary, group) != 0)
        return -1;
    if (!p->like.vpc_id.p) {
        p->like.vpc_id = primary->vpc_id;
        p->like.subnet_id = primary->subnet_id;
    }
    if (purchase_insert(p, rows, &ids) != 0 || put_in_groups(p, primary, group, rows) != 0 ||
        order(p, primary, group, rows, &deal) != 0)
        return -1;
    *LIST_ADD(p->c->arena, ret_deals) = deal;
    ret_deals->set = true;
    return 0;
}

int create_read_only_db_instances(struct call *c, const struct create_read_only_db_instances_in *in,
                                  struct create_read_only_db_instances_out *out)
{
    struct purchase p = {PURCHASE_COMMON(c, in), .id_prefix = "mssqlro-"};
    struct group_plan group = GROUP_PLAN(in);
    struct primary primary;
    if (get_primary(c, in->instance_id, &group, &primary) != 0)
        return -1;
    PURCHASE_TERMS(&p, in);
    p.like.instance_type = STR("RO");
    p.like.machine_type = STR("TS85");
    p.like.cpu = I64(spec_local_cores(in->memory.v));
    return buy(&p, &primary, &group, &out->deal_names);
}

int create_cloud_read_only_db_instances(struct call *c,
                                        const struct create_cloud_read_only_db_instances_in *in,
                                        struct create_cloud_read_only_db_instances_out *out)
{
    struct purchase p = {PURCHASE_COMMON(c, in), .id_prefix = "mssqlro-"};
    struct group_plan group = GROUP_PLAN(in);
    struct primary primary;
    if (get_primary(c, in->instance_id, &group, &primary) != 0)
        return -1;
    PURCHASE_TERMS(&p, in);
    p.like.instance_type = STR("cvmRO");
    PURCHASE_SIZE(&p, in);
    PURCHASE_DISK(&p, in);
    return buy(&p, &primary, &group, &out->deal_names);
}
