/* Security groups of instances: AssociateSecurityGroups, DisassociateSecurityGroups,
 * ModifyDBInstanceSecurityGroups, DescribeDBSecurityGroups, DescribeProjectSecurityGroups. */
#include "product/sqlserver/security_group.h"

#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver_rows.h"

/* Groups in one answer; ours. */
enum { GROUPS_MAX = 1000 };

static struct resource_owner owner_of(const struct call *c)
{
    return (struct resource_owner){.account = c->credential->account->uin, .region = c->common.region};
}

/* --- ids --- */

bool security_group_is_id(struct str id)
{
    const struct str prefix = STR("sg-");
    enum { ID_MAX = 64 };
    if (!str_starts(id, prefix) || id.n == prefix.n || id.n > ID_MAX)
        return false;
    for (size_t i = prefix.n; i < id.n; i++)
        if (!ascii_is_digit(id.p[i]) && (id.p[i] < 'a' || id.p[i] > 'z'))
            return false;
    return true;
}

static int check_id(struct call *c, struct str id)
{
    enum { SHOWN_ID = 64 };
    if (security_group_is_id(id))
        return 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_SECURITY_GROUP_ID_IS_ILLEGAL,
                               "security-group.id",
                               "\"%.*s\" is not an id like sg-igw86yth: sg- and small letters or digits",
                               STR_ARG(str_head(id, SHOWN_ID)));
}

int security_groups_check(struct call *c, const struct str_list *ids)
{
    for (size_t i = 0; i < ids->n; i++)
        if (check_id(c, ids->v[i]) != 0)
            return -1;
    return 0;
}

/* --- the groups --- */

/* 1 and the group's row, 0 when the owner has none of that id, -1 when the store failed. */
static int find(struct world *w, const struct resource_owner *owner, struct str id, int64_t *ret_row)
{
    SCOPED_STMT(s, w->db,
                "SELECT id FROM security_group"
                " WHERE account = :account AND region = :region AND security_group_id = :id");
    stmt_bind_str(s, ":account", owner->account);
    stmt_bind_str(s, ":region", owner->region);
    stmt_bind_str(s, ":id", id);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_row = stmt_i64(s, "id");
    return rc;
}

static int put_rule(struct world *w, int64_t group, struct str dir, size_t ordinal,
                    const struct world_security_group_rule *rule)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO security_group_rule (security_group, dir, ordinal, policy, cidr_ip, port_range,"
                " ip_protocol) VALUES (:group, :dir, :ordinal, :policy, :cidr, :ports, :protocol)");
    stmt_bind_i64(s, ":group", group);
    stmt_bind_str(s, ":dir", dir);
    stmt_bind_i64(s, ":ordinal", (int64_t)ordinal);
    stmt_bind_str(s, ":policy", rule->action);
    stmt_bind_str(s, ":cidr", rule->cidr_ip);
    stmt_bind_str(s, ":ports", rule->port_range);
    stmt_bind_str(s, ":protocol", rule->ip_protocol);
    return stmt_run(s);
}

/* A list that the world file leaves out accepts everything, as that of a new group does. */
static int put_rules(struct world *w, int64_t group, struct str dir,
                     const struct world_security_group_rule_list *rules)
{
    const struct world_security_group_rule every = {.action = STR("ACCEPT"),
                                                    .cidr_ip = STR("0.0.0.0/0"),
                                                    .port_range = STR("ALL"),
                                                    .ip_protocol = STR("ALL")};
    if (!rules->set)
        return put_rule(w, group, dir, 0, &every);
    for (size_t i = 0; i < rules->n; i++)
        if (put_rule(w, group, dir, i, &rules->v[i]) != 0)
            return -1;
    return 0;
}

static int insert(struct world *w, const struct resource_owner *owner,
                  const struct world_security_group *from, int64_t *ret_row)
{
    SCOPED_STMT(
        s, w->db,
        "INSERT INTO security_group (id, account, region, security_group_id, name, remark, project_id,"
        " created_ms) SELECT coalesce(max(id), 0) + 1, :account, :region, :id, :name, :remark, :project,"
        " :now FROM security_group RETURNING id");
    stmt_bind_str(s, ":account", owner->account);
    stmt_bind_str(s, ":region", owner->region);
    stmt_bind_str(s, ":id", from->security_group_id);
    stmt_bind_str(s, ":name", from->name.p ? from->name : from->security_group_id);
    stmt_bind_str(s, ":remark", from->remark.p ? from->remark : STR(""));
    stmt_bind_i64(s, ":project", from->project_id.v);
    stmt_bind_i64(s, ":now", world_now_ms(w));
    if (stmt_step(s) != 1)
        return -1;
    *ret_row = stmt_i64(s, "id");
    return put_rules(w, *ret_row, STR("INPUT"), &from->inbound) == 0
               ? put_rules(w, *ret_row, STR("OUTPUT"), &from->outbound)
               : -1;
}

int security_group_put(struct world *w, const struct resource_owner *owner,
                       const struct world_security_group *from)
{
    int64_t row;
    int known = find(w, owner, from->security_group_id, &row);
    return known == 0 ? insert(w, owner, from, &row) : known < 0 ? -1 : 0;
}

/* --- what is bound --- */

int security_group_bind(struct world *w, const struct resource_owner *owner, int64_t instance, struct str id)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO instance_security_group (instance, security_group) VALUES (:instance, :group)"
                " ON CONFLICT DO NOTHING");
    const struct world_security_group new_group = {.security_group_id = id};
    int64_t group = 0;
    int known = find(w, owner, id, &group);
    if (known < 0 || (known == 0 && insert(w, owner, &new_group, &group) != 0))
        return -1;
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_i64(s, ":group", group);
    return stmt_run(s);
}

static int unbind_all(struct world *w, int64_t instance)
{
    SCOPED_STMT(s, w->db, "DELETE FROM instance_security_group WHERE instance = :instance");
    stmt_bind_i64(s, ":instance", instance);
    return stmt_run(s);
}

int security_groups_set(struct call *c, int64_t instance, const struct str_list *ids)
{
    const struct resource_owner owner = owner_of(c);
    if (unbind_all(c->world, instance) != 0)
        return call_fail_store(c);
    for (size_t i = 0; i < ids->n; i++)
        if (security_group_bind(c->world, &owner, instance, ids->v[i]) != 0)
            return call_fail_store(c);
    return 0;
}

/* Removes the group from the instance. An instance that does not have it fails the call (assumed). */
static int unbind(struct call *c, const struct instance *instance, struct str id)
{
    SCOPED_STMT(s, c->world->db,
                "DELETE FROM instance_security_group WHERE instance = :instance AND security_group ="
                " (SELECT id FROM security_group WHERE account = :account AND region = :region"
                " AND security_group_id = :id) RETURNING 1");
    const struct resource_owner owner = owner_of(c);
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":account", owner.account);
    stmt_bind_str(s, ":region", owner.region);
    stmt_bind_str(s, ":id", id);
    int rc = stmt_step(s);
    if (rc != 0)
        return rc == 1 ? 0 : call_fail_store(c);
    return call_fail_explained(c, ERR_FAILED_OPERATION_SECURITY_GROUP_OPERATION_ERROR,
                               "security-group.not-bound", "%.*s does not have the security group %.*s",
                               STR_ARG(instance->instance_id), STR_ARG(id));
}

/* --- changes --- */

/* Where several instances of one call must be alike (documented). */
struct place {
    struct str zone;
    int64_t project;
};

static int read_place(struct call *c, const struct instance *instance, struct place *ret_place)
{
    SCOPED_STMT(s, c->world->db, "SELECT zone, project_id FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_place = (struct place){stmt_str(s, c->arena, "zone"), stmt_i64(s, "project_id")};
    return 0;
}

/* Fails with InputIllegal when the instance is not in the zone and the project of the first one. */
static int check_place(struct call *c, const struct instance *instance, const struct place *first)
{
    struct place own;
    if (read_place(c, instance, &own) != 0)
        return -1;
    if (str_eq(own.zone, first->zone) && own.project == first->project)
        return 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "security-group.place",
                               "%.*s is in %.*s and project %lld, and the first instance in %.*s and %lld",
                               STR_ARG(instance->instance_id), STR_ARG(own.zone), (long long)own.project,
                               STR_ARG(first->zone), (long long)first->project);
}

/* The caller's instances, which have passed the checks, in the arena. */
static int get_instances(struct call *c, const struct str_list *ids, struct instance **ret_instances)
{
    struct instance *instances = ARENA_ARRAY(c->arena, struct instance, ids->n);
    struct place first;
    assert(ids->n > 0); /* a rule of the schema */
    for (size_t i = 0; i < ids->n; i++) {
        if (instance_get(c, ids->v[i], &instances[i]) != 0)
            return -1;
        if (i == 0 ? read_place(c, &instances[0], &first) : check_place(c, &instances[i], &first))
            return -1;
    }
    *ret_instances = instances;
    return 0;
}

/* A group that an instance has already is no failure (assumed). */
int associate_security_groups(struct call *c, const struct associate_security_groups_in *in,
                              struct associate_security_groups_out *out)
{
    const struct resource_owner owner = owner_of(c);
    struct instance *instances;
    (void)out;
    if (check_id(c, in->security_group_id) != 0 || get_instances(c, &in->instance_id_set, &instances) != 0)
        return -1;
    for (size_t i = 0; i < in->instance_id_set.n; i++)
        if (security_group_bind(c->world, &owner, instances[i].row, in->security_group_id) != 0)
            return call_fail_store(c);
    return 0;
}

int disassociate_security_groups(struct call *c, const struct disassociate_security_groups_in *in,
                                 struct disassociate_security_groups_out *out)
{
    struct instance *instances;
    (void)out;
    if (check_id(c, in->security_group_id) != 0 || get_instances(c, &in->instance_id_set, &instances) != 0)
        return -1;
    for (size_t i = 0; i < in->instance_id_set.n; i++)
        if (unbind(c, &instances[i], in->security_group_id) != 0)
            return -1;
    return 0;
}

int modify_db_instance_security_groups(struct call *c, const struct modify_db_instance_security_groups_in *in,
                                       struct modify_db_instance_security_groups_out *out)
{
    struct instance instance;
    (void)out;
    if (instance_get(c, in->instance_id, &instance) != 0 ||
        security_groups_check(c, &in->security_group_id_set) != 0)
        return -1;
    return security_groups_set(c, instance.row, &in->security_group_id_set);
}

/* --- lists --- */

/* Reads the rules of one direction, with the group's row. */
static int read_rules(struct call *c, int64_t group, struct str dir, struct security_group_policy_list *list)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " SECURITY_GROUP_POLICY_COLUMNS " FROM security_group_rule"
                " WHERE security_group = :group AND dir = :dir ORDER BY ordinal");
    stmt_bind_i64(s, ":group", group);
    stmt_bind_str(s, ":dir", dir);
    return security_group_policy_list_read(c, s, list);
}

/* Reads all rows of a statement that selects the groups' columns and `row`. */
static int read_groups(struct call *c, struct stmt *s, struct security_group_list *ret_list)
{
    int rc;
    stmt_bind_i64(s, ":max", GROUPS_MAX);
    ret_list->set = true;
    while ((rc = stmt_step(s)) == 1) {
        struct security_group *group = LIST_ADD(c->arena, ret_list);
        int64_t row = stmt_i64(s, "row");
        security_group_from_row(s, c->arena, group);
        if (read_rules(c, row, STR("INPUT"), &group->inbound_set) != 0 ||
            read_rules(c, row, STR("OUTPUT"), &group->outbound_set) != 0)
            return -1;
    }
    return rc == 0 ? 0 : call_fail_store(c);
}

int describe_db_security_groups(struct call *c, const struct describe_db_security_groups_in *in,
                                struct describe_db_security_groups_out *out)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT security_group.id AS row, " SECURITY_GROUP_COLUMNS
                " FROM instance_security_group AS bound JOIN security_group"
                " ON security_group.id = bound.security_group"
                " WHERE bound.instance = :instance ORDER BY bound.security_group LIMIT :max");
    struct instance instance;
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    stmt_bind_i64(s, ":instance", instance.row);
    return read_groups(c, s, &out->security_group_set);
}

int describe_project_security_groups(struct call *c, const struct describe_project_security_groups_in *in,
                                     struct describe_project_security_groups_out *out)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT security_group.id AS row, " SECURITY_GROUP_COLUMNS
                " FROM security_group WHERE account = :account AND region = :region AND project_id = :project"
                " ORDER BY created_ms, id LIMIT :max");
    const struct resource_owner owner = owner_of(c);
    stmt_bind_str(s, ":account", owner.account);
    stmt_bind_str(s, ":region", owner.region);
    stmt_bind_i64(s, ":project", in->project_id.v);
    return read_groups(c, s, &out->security_group_set);
}
