/* Read-only groups as they are shown: DescribeReadOnlyGroupList, DescribeReadOnlyGroupDetails,
 * DescribeReadOnlyGroupAutoWeight, DescribeReadOnlyGroupByReadOnlyInstance. */
#include "product/sqlserver/read_only_group.h"

#include "core/page.h"
#include "gen/sqlserver_rows.h"

/* Groups of an instance, and instances of a group, in one answer; ours. */
enum { GROUPS_MAX = 1000, MEMBERS_MAX = 1000 };

/* --- one group --- */

static int reject_group(struct call *c, const struct instance *primary, struct str id)
{
    enum { SHOWN_ID = 64 };
    static const enum error_id codes[] = {ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                          ERR_INVALID_PARAMETER_PARAMS_ASSERT_FAILED,
                                          ERR_RESOURCE_NOT_FOUND_INSTANCE_NOT_FOUND};
    return call_fail_explained(c, call_first_declared(c, codes, sizeof codes / sizeof codes[0]),
                               "read-only-group.not-found", "%.*s has no read-only group \"%.*s\"",
                               STR_ARG(primary->instance_id), STR_ARG(str_head(id, SHOWN_ID)));
}

int read_only_group_get(struct call *c, const struct instance *primary, struct str id,
                        struct ro_group *ret_group)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT id, status, flow IS NOT NULL AS has_flow, wan_domain <> '' AS is_public FROM ro_group"
                " WHERE instance = :instance AND ro_group_id = :id");
    stmt_bind_i64(s, ":instance", primary->row);
    stmt_bind_str(s, ":id", id);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 0)
        return reject_group(c, primary, id);
    *ret_group = (struct ro_group){.row = stmt_i64(s, "id"),
                                   .id = id,
                                   .status = (enum ro_group_status)stmt_i64(s, "status"),
                                   .has_flow = stmt_i64(s, "has_flow") != 0,
                                   .is_public = stmt_i64(s, "is_public") != 0};
    return 0;
}

int read_only_group_set_flow(struct call *c, const struct ro_group *group, const struct flow *flow)
{
    SCOPED_STMT(s, c->world->db, "UPDATE ro_group SET flow = :flow WHERE id = :id");
    stmt_bind_i64(s, ":flow", flow->id);
    stmt_bind_i64(s, ":id", group->row);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* --- the instances of a group --- */

/* Which weights are shown: those that the instances have, or those that BalanceReadOnlyGroup would give. */
enum weights { WEIGHTS_PRESENT = 0, WEIGHTS_AUTOMATIC = 1 };

static int read_members(struct call *c, int64_t group, enum weights weights,
                        struct read_only_instance_list *list)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " READ_ONLY_INSTANCE_COLUMNS " FROM instance WHERE instance.ro_group = :group"
                " ORDER BY instance.created_ms, instance.id LIMIT :max");
    const struct region *region = product_find_region(c->product, c->common.region);
    stmt_bind_i64(s, ":group", group);
    stmt_bind_i64(s, ":automatic", weights);
    stmt_bind_str(s, ":short_region", region->short_name);
    stmt_bind_i64(s, ":max", MEMBERS_MAX);
    return read_only_instance_list_read(c, s, list);
}

/* --- the actions --- */

#define GROUP_AND_PRIMARY " FROM ro_group JOIN instance ON instance.id = ro_group.instance"

/* The groups by age. An instance that has none, also a read-only one, has an empty list. */
int describe_read_only_group_list(struct call *c, const struct describe_read_only_group_list_in *in,
                                  struct describe_read_only_group_list_out *out)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT ro_group.id AS row, " READ_ONLY_GROUP_COLUMNS GROUP_AND_PRIMARY
                " WHERE ro_group.instance = :instance ORDER BY ro_group.created_ms, ro_group.id LIMIT :max");
    struct instance instance;
    int rc;
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    stmt_bind_i64(s, ":instance", instance.row);
    stmt_bind_i64(s, ":max", GROUPS_MAX);
    out->read_only_group_set.set = true;
    while ((rc = stmt_step(s)) == 1) {
        struct read_only_group *group = LIST_ADD(c->arena, &out->read_only_group_set);
        read_only_group_from_row(s, c->arena, group);
        if (read_members(c, stmt_i64(s, "row"), WEIGHTS_PRESENT, &group->read_only_instance_set) != 0)
            return -1;
    }
    return rc == 0 ? 0 : call_fail_store(c);
}

/* The group that two parameters name. */
static int get_group(struct call *c, struct str instance_id, struct str group_id, struct ro_group *ret_group)
{
    struct instance primary;
    return instance_get(c, instance_id, &primary) == 0 ? read_only_group_get(c, &primary, group_id, ret_group)
                                                       : -1;
}

/* Steps a statement over the one group with that row. */
static int step_group(struct call *c, struct stmt *s, int64_t row)
{
    stmt_bind_i64(s, ":row", row);
    return stmt_step(s) == 1 ? 0 : call_fail_store(c);
}

int describe_read_only_group_details(struct call *c, const struct describe_read_only_group_details_in *in,
                                     struct describe_read_only_group_details_out *out)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " DESCRIBE_READ_ONLY_GROUP_DETAILS_OUT_COLUMNS GROUP_AND_PRIMARY
                " WHERE ro_group.id = :row");
    struct ro_group group;
    if (get_group(c, in->instance_id, in->read_only_group_id, &group) != 0 ||
        step_group(c, s, group.row) != 0)
        return -1;
    describe_read_only_group_details_out_from_row(s, c->arena, out);
    return read_members(c, group.row, WEIGHTS_PRESENT, &out->read_only_instance_set);
}

int describe_read_only_group_auto_weight(struct call *c,
                                         const struct describe_read_only_group_auto_weight_in *in,
                                         struct describe_read_only_group_auto_weight_out *out)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " DESCRIBE_READ_ONLY_GROUP_AUTO_WEIGHT_OUT_COLUMNS GROUP_AND_PRIMARY
                " WHERE ro_group.id = :row");
    struct ro_group group;
    if (get_group(c, in->instance_id, in->read_only_group_id, &group) != 0 ||
        step_group(c, s, group.row) != 0)
        return -1;
    describe_read_only_group_auto_weight_out_from_row(s, c->arena, out);
    return read_members(c, group.row, WEIGHTS_AUTOMATIC, &out->read_only_instance_set);
}

/* 1 and the row of the instance's group, 0 when it has none, -1 when the store failed. */
static int group_of(struct call *c, const struct instance *instance, int64_t *ret_row)
{
    SCOPED_STMT(s, c->world->db, "SELECT ro_group FROM instance WHERE id = :id AND ro_group IS NOT NULL");
    stmt_bind_i64(s, ":id", instance->row);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_row = stmt_i64(s, "ro_group");
    return rc;
}

/* An instance of another type is InputIllegal, a read-only one without a group InstanceStatusInvalid
 * (assumed). */
static int reject_no_group(struct call *c, const struct instance *instance)
{
    if (!instance->read_only)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "read-only-group.no-copy",
                                   "%.*s is not a read-only instance", STR_ARG(instance->instance_id));
    return call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID, "read-only-group.none",
                               "%.*s is in no read-only group", STR_ARG(instance->instance_id));
}

int describe_read_only_group_by_read_only_instance(
    struct call *c, const struct describe_read_only_group_by_read_only_instance_in *in,
    struct describe_read_only_group_by_read_only_instance_out *out)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " DESCRIBE_READ_ONLY_GROUP_BY_READ_ONLY_INSTANCE_OUT_COLUMNS GROUP_AND_PRIMARY
                " WHERE ro_group.id = :row");
    struct instance instance;
    int64_t row = 0;
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    int rc = group_of(c, &instance, &row);
    if (rc <= 0)
        return rc < 0 ? call_fail_store(c) : reject_no_group(c, &instance);
    if (step_group(c, s, row) != 0)
        return -1;
    describe_read_only_group_by_read_only_instance_out_from_row(s, c->arena, out);
    return 0;
}
