/* Changes of read-only groups: ModifyReadOnlyGroupDetails, BalanceReadOnlyGroup, RecycleReadOnlyGroup. */
#include "core/page.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/change.h"
#include "product/sqlserver/read_only_group.h"

/* --- weights --- */

/* Gives each instance the weight that DescribeReadOnlyGroupAutoWeight proposes: its number of cores
 * (assumed from the documented examples). */
static int balance(struct call *c, const struct ro_group *group)
{
    SCOPED_STMT(s, c->world->db, "UPDATE instance SET ro_weight = min(cpu, 100) WHERE ro_group = :group");
    stmt_bind_i64(s, ":group", group->row);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* An instance that is not in the group is InputIllegal (assumed). */
static int set_weight(struct call *c, const struct ro_group *group,
                      const struct read_only_instance_weight_pair *pair)
{
    enum { SHOWN_ID = 64 };
    SCOPED_STMT(s, c->world->db,
                "UPDATE instance SET ro_weight = :weight WHERE ro_group = :group AND instance_id = :id"
                " RETURNING 1");
    stmt_bind_i64(s, ":weight", pair->read_only_weight.v);
    stmt_bind_i64(s, ":group", group->row);
    stmt_bind_str(s, ":id", pair->read_only_instance_id);
    int rc = stmt_step(s);
    if (rc != 0)
        return rc == 1 ? 0 : call_fail_store(c);
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "read-only-group.member",
                               "\"%.*s\" is not in the group %.*s",
                               STR_ARG(str_head(pair->read_only_instance_id, SHOWN_ID)), STR_ARG(group->id));
}

/* With AutoWeight 1 the pairs have no effect (documented). */
static int set_weights(struct call *c, const struct ro_group *group,
                       const struct modify_read_only_group_details_in *in)
{
    if (in->auto_weight.v == 1)
        return balance(c, group);
    for (size_t i = 0; i < in->weight_pairs.n; i++)
        if (set_weight(c, group, &in->weight_pairs.v[i]) != 0)
            return -1;
    return 0;
}

/* --- ModifyReadOnlyGroupDetails, BalanceReadOnlyGroup --- */

/* What is absent stays as it is (documented). */
static int set_details(struct call *c, const struct ro_group *group,
                       const struct modify_read_only_group_details_in *in)
{
    SCOPED_STMT(s, c->world->db,
                "UPDATE ro_group SET name = coalesce(:name, name),"
                " is_offline_delay = coalesce(:offline_delay, is_offline_delay),"
                " max_delay_time = coalesce(:max_delay, max_delay_time),"
                " min_in_group = coalesce(:least, min_in_group) WHERE id = :row");
    stmt_bind_str(s, ":name", in->read_only_group_name);
    filter_i64(s, ":offline_delay", in->is_offline_delay);
    filter_i64(s, ":max_delay", in->read_only_max_delay_time);
    filter_i64(s, ":least", in->min_read_only_in_group);
    stmt_bind_i64(s, ":row", group->row);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* BalanceWeight 1 moves connections that exist, of which virga has none. */
int modify_read_only_group_details(struct call *c, const struct modify_read_only_group_details_in *in,
                                   struct modify_read_only_group_details_out *out)
{
    struct instance primary;
    struct ro_group group;
    (void)out;
    if (instance_get(c, in->instance_id, &primary) != 0 ||
        read_only_group_get(c, &primary, in->read_only_group_id, &group) != 0 ||
        set_details(c, &group, in) != 0)
        return -1;
    return set_weights(c, &group, in);
}

int balance_read_only_group(struct call *c, const struct balance_read_only_group_in *in,
                            struct balance_read_only_group_out *out)
{
    struct instance primary;
    struct ro_group group;
    (void)out;
    if (instance_get(c, in->instance_id, &primary) != 0 ||
        read_only_group_get(c, &primary, in->read_only_group_id, &group) != 0)
        return -1;
    return balance(c, &group);
}

/* --- RecycleReadOnlyGroup --- */

/* Counts the instances of the group that still run; those in the recycle bin do not keep it. */
static int count_members(struct call *c, const struct ro_group *group, int64_t *ret_n)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT count(*) AS n FROM instance WHERE ro_group = :group AND status NOT IN"
                " (" INSTANCE_STATUS_SQL_ISOLATED ", " INSTANCE_STATUS_SQL_RECYCLING
                ", " INSTANCE_STATUS_SQL_RECYCLED ", " INSTANCE_STATUS_SQL_OFFLINE ")");
    stmt_bind_i64(s, ":group", group->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_n = stmt_i64(s, "n");
    return 0;
}

/* Only a group that is normal and that no instance needs can be freed (assumed). */
static int check_idle(struct call *c, const struct ro_group *group)
{
    int64_t members = 0;
    if (count_members(c, group, &members) != 0)
        return -1;
    if (group->status == RO_GROUP_STATUS_NORMAL && !group->has_flow && members == 0)
        return 0;
    if (members > 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_RO_GROUP_STATUS_IS_ILLEGAL,
                                   "read-only-group.members", "%lld instances of %.*s still run",
                                   (long long)members, STR_ARG(group->id));
    return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_RO_GROUP_STATUS_IS_ILLEGAL,
                               "read-only-group.status", "%.*s has the status %d, and a flow works on it: %s",
                               STR_ARG(group->id), (int)group->status, group->has_flow ? "yes" : "no");
}

static int remove_group(struct world *w, const struct flow *f)
{
    SCOPED_STMT(s, w->db, "DELETE FROM ro_group WHERE flow = :flow");
    stmt_bind_i64(s, ":flow", f->id);
    return stmt_run(s);
}

static int keep_group(struct world *w, const struct flow *f)
{
    SCOPED_STMT(s, w->db, "UPDATE ro_group SET flow = NULL WHERE flow = :flow");
    stmt_bind_i64(s, ":flow", f->id);
    return stmt_run(s);
}

int recycle_group_settle(struct world *w, const struct flow *f)
{
    int rc = f->fails ? keep_group(w, f) : remove_group(w, f);
    return rc == 0 ? changes_settle(w, f) : -1;
}

int recycle_read_only_group(struct call *c, const struct recycle_read_only_group_in *in,
                            struct recycle_read_only_group_out *out)
{
    struct instance primary;
    struct ro_group group;
    struct change_plan plan = {.c = c, .instance = &primary};
    struct flow flow;
    if (instance_get(c, in->instance_id, &primary) != 0 ||
        read_only_group_get(c, &primary, in->read_only_group_id, &group) != 0 || check_idle(c, &group) != 0 ||
        change_begin(&plan, FLOW_KIND_RECYCLEGROUP, &flow) != 0 ||
        read_only_group_set_flow(c, &group, &flow) != 0 || change_end(c, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}
