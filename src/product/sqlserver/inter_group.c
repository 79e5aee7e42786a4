/* Communication between instances for business intelligence: OpenInterCommunication,
 * CloseInterCommunication, DescribeDBInstanceInter. The instances of an account in a region form one group,
 * with one address; each has a port of its own there. */
#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/change.h"

/* The statuses of an instance, and the flow, of a change in one direction. */
struct inter_change {
    enum inter_status during, then;
    enum flow_kind kind;
};

static const struct inter_change opening = {INTER_STATUS_OPENING, INTER_STATUS_JOINED, FLOW_KIND_OPENINTER};
static const struct inter_change closing = {INTER_STATUS_CLOSING, INTER_STATUS_LEFT, FLOW_KIND_CLOSEINTER};

/* --- one instance --- */

static int read_status(struct call *c, const struct instance *instance, enum inter_status *ret_status)
{
    SCOPED_STMT(s, c->world->db, "SELECT inter_status FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_status = (enum inter_status)stmt_i64(s, "inter_status");
    return 0;
}

/* The next port of the group, the first of which is 1025. */
static int next_port(struct call *c, int64_t *ret_port)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT min(coalesce(max(inter_port), 1024) + 1, 65535) AS port FROM instance"
                " WHERE account = :account AND region = :region AND inter_status <> 0");
    call_bind_owner(c, s);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_port = stmt_i64(s, "port");
    return 0;
}

/* Plans an address that the instance has during the flow, and keeps when it succeeds. */
static int plan_address(struct change_plan *plan)
{
    const struct str vip = STR("192.168.0.1");
    int64_t port = 0;
    if (next_port(plan->c, &port) != 0)
        return -1;
    change_during(plan, INSTANCE_FIELD_INTER_VIP, FIELD_TEXT(vip));
    change_then(plan, INSTANCE_FIELD_INTER_VIP, FIELD_TEXT(vip));
    change_during(plan, INSTANCE_FIELD_INTER_PORT, FIELD_NUMBER(port));
    change_then(plan, INSTANCE_FIELD_INTER_PORT, FIELD_NUMBER(port));
    return 0;
}

/* The id of the flow, or 0 for an instance that is in the group already, or is not. */
static int change_one(struct call *c, struct str instance_id, const struct inter_change *change,
                      struct inter_instance_flow *ret_flow)
{
    struct instance instance;
    struct change_plan plan = {.c = c, .instance = &instance};
    enum inter_status status = INTER_STATUS_NONE;
    struct flow flow;
    *ret_flow = (struct inter_instance_flow){.instance_id = instance_id, .flow_id = I64(0)};
    if (instance_get(c, instance_id, &instance) != 0 || instance_accept_sole_task(c, &instance) != 0 ||
        read_status(c, &instance, &status) != 0)
        return -1;
    if ((status == INTER_STATUS_JOINED) == (change == &opening))
        return 0;
    if (change == &opening && plan_address(&plan) != 0)
        return -1;
    change_during(&plan, INSTANCE_FIELD_INTER_STATUS, FIELD_NUMBER(change->during));
    change_then(&plan, INSTANCE_FIELD_INTER_STATUS, FIELD_NUMBER(change->then));
    if (change_start(&plan, change->kind, &flow) != 0)
        return -1;
    ret_flow->flow_id = I64(flow.id);
    return 0;
}

/* One instance that cannot be changed fails the whole call (assumed). */
static int change_all(struct call *c, const struct str_list *ids, const struct inter_change *change,
                      struct inter_instance_flow_list *list)
{
    list->set = true;
    for (size_t i = 0; i < ids->n; i++)
        if (change_one(c, ids->v[i], change, LIST_ADD(c->arena, list)) != 0)
            return -1;
    return 0;
}

int open_inter_communication(struct call *c, const struct open_inter_communication_in *in,
                             struct open_inter_communication_out *out)
{
    return change_all(c, &in->instance_id_set, &opening, &out->inter_instance_flow_set);
}

int close_inter_communication(struct call *c, const struct close_inter_communication_in *in,
                              struct close_inter_communication_out *out)
{
    return change_all(c, &in->instance_id_set, &closing, &out->inter_instance_flow_set);
}

/* --- the list --- */

/* Instances that have left are listed only when they are asked for (assumed). */
#define MEMBERS                                                                                              \
    " FROM instance WHERE account = :account AND region = :region AND inter_status <> 0"                     \
    " AND iif(:status IS NULL, inter_status <> " INTER_STATUS_SQL_LEFT ", inter_status = :status)"           \
    " AND (:id IS NULL OR instance_id = :id) AND (:zone IS NULL OR zone = :zone)"                            \
    " AND (:versions IS NULL OR version IN (SELECT value FROM json_each(:versions)))"

static void bind_filters(struct call *c, const struct describe_db_instance_inter_in *in, struct stmt *s)
{
    call_bind_owner(c, s);
    filter_i64(s, ":status", in->status);
    filter_text(s, ":id", in->instance_id);
    filter_text(s, ":zone", in->zone);
    filter_list(s, c->arena, ":versions", &in->version_set);
}

/* Offset counts pages (documented). */
int describe_db_instance_inter(struct call *c, const struct describe_db_instance_inter_in *in,
                               struct describe_db_instance_inter_out *out)
{
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" MEMBERS);
    SCOPED_STMT(rows, c->world->db,
                "SELECT " INTER_INSTANCE_COLUMNS MEMBERS " ORDER BY created_ms DESC, id" PAGE_LIMIT);
    bind_filters(c, in, count);
    bind_filters(c, in, rows);
    page_bind(rows, in->limit.v, in->offset.v * in->limit.v);
    if (page_count(c, count, &out->total_count) != 0)
        return -1;
    return inter_instance_list_read(c, rows, &out->inter_instance_set);
}
