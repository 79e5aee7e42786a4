/* ModifyDBInstanceNetwork: another network and address of an instance or of its readable replica. */
#include <assert.h>

#include "gen/sqlserver.h"
#include "product/sqlserver/address.h"
#include "product/sqlserver/change.h"
#include "product/sqlserver/readable_replica.h"

/* Which network changes. */
enum moved_node { NODE_PRIMARY = 0, NODE_REPLICA = 1 };

static const struct address_fields {
    enum instance_field vip, vpc_id, subnet_id;
} fields[] = {
    [NODE_PRIMARY] = {INSTANCE_FIELD_VIP, INSTANCE_FIELD_VPC_ID, INSTANCE_FIELD_SUBNET_ID},
    [NODE_REPLICA] = {INSTANCE_FIELD_READ_VIP, INSTANCE_FIELD_READ_VPC_ID, INSTANCE_FIELD_READ_SUBNET_ID},
};

struct move {
    struct instance instance;
    enum moved_node node;
    struct address from, to;
};

/* --- what there is --- */

static int read_address(struct call *c, struct move *move)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT iif(:node = 0, vip, read_vip) AS vip, iif(:node = 0, vpc_id, read_vpc_id) AS vpc_id,"
                " iif(:node = 0, subnet_id, read_subnet_id) AS subnet_id FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":node", move->node);
    stmt_bind_i64(s, ":id", move->instance.row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    move->from = (struct address){.vip = stmt_str(s, c->arena, "vip"),
                                  .vpc_id = stmt_str(s, c->arena, "vpc_id"),
                                  .subnet_id = stmt_str(s, c->arena, "subnet_id")};
    return 0;
}

/* A replica that cannot be read has no address (assumed). */
static int check_replica(struct call *c, const struct move *move, struct str replica_id)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT 1 FROM instance LEFT JOIN replica ON replica.instance = instance.id"
                " WHERE instance.id = :id AND read_mode <> '' AND " READABLE_REPLICA_ID
                " = :replica LIMIT 1");
    stmt_bind_i64(s, ":id", move->instance.row);
    stmt_bind_str(s, ":replica", replica_id);
    int rc = stmt_step(s);
    if (rc != 0)
        return rc == 1 ? 0 : call_fail_store(c);
    return call_fail_explained(c, ERR_RESOURCE_NOT_FOUND, "replica.not-found",
                               "%.*s has no readable replica \"%.*s\"", STR_ARG(move->instance.instance_id),
                               STR_ARG(replica_id));
}

static int find_address(struct call *c, const struct modify_db_instance_network_in *in, struct move *move)
{
    move->node = in->dr_network.v == NODE_REPLICA ? NODE_REPLICA : NODE_PRIMARY;
    if (move->node == NODE_REPLICA && in->dr_instance_id.n == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER, "parameter.missing",
                                   "with DRNetwork 1, DrInstanceId is required");
    if (move->node == NODE_REPLICA && check_replica(c, move, in->dr_instance_id) != 0)
        return -1;
    return read_address(c, move);
}

/* --- where it goes --- */

/* Only from a VPC to a VPC (documented); the code for an instance in the classic network is assumed. The same
 * network with another address is a change too. */
static int check_target(struct call *c, const struct modify_db_instance_network_in *in,
                        const struct move *move)
{
    if (move->from.vpc_id.n == 0)
        return call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_VPC_NOT_EXIST, "network.classic",
                                   "%.*s is in the classic network, not in a VPC",
                                   STR_ARG(move->instance.instance_id));
    if (address_check_network(c, in->new_vpc_id, in->new_subnet_id) != 0)
        return -1;
    bool same_network =
        str_eq(move->from.vpc_id, in->new_vpc_id) && str_eq(move->from.subnet_id, in->new_subnet_id);
    if (!same_network || (in->vip.n > 0 && !str_eq(in->vip, move->from.vip)))
        return 0;
    return call_fail_explained(c, ERR_UNSUPPORTED_OPERATION_NOT_SUPPORT_REPEAT, "network.same",
                               "%.*s is in %.*s and %.*s already", STR_ARG(move->instance.instance_id),
                               STR_ARG(in->new_vpc_id), STR_ARG(in->new_subnet_id));
}

/* --- the old address --- */

/* Keeps the old address, from the end of the flow on; without hours it is given back at once. Forgets those
 * whose time has passed. */
static int keep_old(struct call *c, const struct move *move, int64_t hours)
{
    SCOPED_STMT(past, c->world->db, "DELETE FROM old_vip WHERE instance = :instance AND until_ms <= :now");
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO old_vip (instance, vip, hours) VALUES (:instance, :vip, :hours)"
                " ON CONFLICT (instance, vip) DO UPDATE SET hours = excluded.hours, until_ms = NULL");
    stmt_bind_i64(past, ":instance", move->instance.row);
    stmt_bind_i64(past, ":now", world_now_ms(c->world));
    if (stmt_run(past) != 0)
        return call_fail_store(c);
    if (hours == 0)
        return 0;
    stmt_bind_i64(s, ":instance", move->instance.row);
    stmt_bind_str(s, ":vip", move->from.vip);
    stmt_bind_i64(s, ":hours", hours);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

static int give_back(struct world *w, int64_t instance)
{
    SCOPED_STMT(s, w->db, "DELETE FROM old_vip WHERE instance = :instance AND until_ms IS NULL");
    stmt_bind_i64(s, ":instance", instance);
    return stmt_run(s);
}

static int start_hours(struct world *w, int64_t instance, int64_t end_ms)
{
    SCOPED_STMT(s, w->db,
                "UPDATE old_vip SET until_ms = :end + hours * 3600000"
                " WHERE instance = :instance AND until_ms IS NULL");
    stmt_bind_i64(s, ":end", end_ms);
    stmt_bind_i64(s, ":instance", instance);
    return stmt_run(s);
}

int network_settle(struct world *w, const struct flow *f)
{
    int rc = f->fails ? give_back(w, f->resource) : start_hours(w, f->resource, f->due_ms);
    return rc == 0 ? changes_settle(w, f) : -1;
}

/* --- the action --- */

int modify_db_instance_network(struct call *c, const struct modify_db_instance_network_in *in,
                               struct modify_db_instance_network_out *out)
{
    struct move move;
    struct change_plan plan = {.c = c, .instance = &move.instance};
    struct flow flow;
    if (instance_get(c, in->instance_id, &move.instance) != 0 ||
        instance_accept_sole_task(c, &move.instance) != 0 || find_address(c, in, &move) != 0 ||
        check_target(c, in, &move) != 0 ||
        address_choose(c, &move.instance, in->new_vpc_id, in->vip, &move.to.vip) != 0 ||
        keep_old(c, &move, in->old_ip_retain_time.v) != 0)
        return -1;
    const struct address_fields *field = &fields[move.node];
    change_then(&plan, field->vip, FIELD_TEXT(move.to.vip));
    change_then(&plan, field->vpc_id, FIELD_TEXT(in->new_vpc_id));
    change_then(&plan, field->subnet_id, FIELD_TEXT(in->new_subnet_id));
    if (change_start(&plan, FLOW_KIND_NETWORK, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}
