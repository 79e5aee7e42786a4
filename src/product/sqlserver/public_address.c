/* ModifyOpenWanIp, ModifyCloseWanIp: the public address of an instance or of one of its read-only groups. */
#include "product/sqlserver/public_address.h"

#include "gen/sqlserver.h"
#include "product/sqlserver/change.h"
#include "product/sqlserver/read_only_group.h"

struct str public_address_name(struct arena *a, struct str resource_id)
{
    return CONCAT(a, resource_id, STR(PUBLIC_ADDRESS_DOMAIN));
}

int64_t public_address_port(int64_t row)
{
    return PUBLIC_PORT_FIRST + row % PUBLIC_PORTS;
}

/* The one whose address is to open or to close. */
struct target {
    struct instance instance;
    struct ro_group group;
    bool is_group;
};

static int is_public(struct call *c, const struct target *t, bool *ret_public)
{
    SCOPED_STMT(s, c->world->db, "SELECT wan_domain <> '' AS is_public FROM instance WHERE id = :id");
    if (t->is_group) {
        *ret_public = t->group.is_public;
        return 0;
    }
    stmt_bind_i64(s, ":id", t->instance.row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_public = stmt_i64(s, "is_public") != 0;
    return 0;
}

static int reject(struct call *c, const struct target *t, const char *reason)
{
    return call_fail_explained(c, ERR_FAILED_OPERATION_NOT_SUPPORT, "public-address.state", "%.*s %s",
                               STR_ARG(t->is_group ? t->group.id : t->instance.instance_id), reason);
}

/* NotSupport for what is so already, and for a group that is not normal (assumed). */
static int check_state(struct call *c, const struct target *t, bool open)
{
    bool now = false;
    if (is_public(c, t, &now) != 0)
        return -1;
    if (now == open)
        return reject(c, t, open ? "has a public address already" : "has no public address");
    if (t->is_group && (t->group.status != RO_GROUP_STATUS_NORMAL || t->group.has_flow))
        return reject(c, t, "is being changed");
    return 0;
}

static int find(struct call *c, struct str instance_id, struct str group_id, struct target *ret_target)
{
    ret_target->is_group = group_id.n > 0;
    if (instance_get(c, instance_id, &ret_target->instance) != 0 ||
        instance_accept_sole_task(c, &ret_target->instance) != 0)
        return -1;
    return ret_target->is_group ? read_only_group_get(c, &ret_target->instance, group_id, &ret_target->group)
                                : 0;
}

/* --- the flows --- */

static int set_group(struct stmt *taken, const struct flow *f)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = taken;
    stmt_bind_i64(s, ":flow", f->id);
    stmt_bind_i64(s, ":fails", f->fails);
    return stmt_run(s);
}

int open_wan_settle(struct world *w, const struct flow *f)
{
    const char *sql =
        "UPDATE ro_group SET flow = NULL, wan_domain = iif(:fails, '', ro_group_id || '" PUBLIC_ADDRESS_DOMAIN
        "'), wan_port = iif(:fails, 0, 20000 + id % 40000) WHERE flow = :flow";
    _Static_assert(PUBLIC_PORT_FIRST == 20000 && PUBLIC_PORTS == 40000, "as in the statement");
    return set_group(stmt_get(w->db, sql), f) == 0 ? changes_settle(w, f) : -1;
}

int close_wan_settle(struct world *w, const struct flow *f)
{
    const char *sql = "UPDATE ro_group SET flow = NULL, wan_domain = iif(:fails, wan_domain, ''),"
                      " wan_port = iif(:fails, wan_port, 0) WHERE flow = :flow";
    return set_group(stmt_get(w->db, sql), f) == 0 ? changes_settle(w, f) : -1;
}

static int start(struct call *c, const struct target *t, const struct change_plan *plan, enum flow_kind kind,
                 struct opt_u64 *ret_flow)
{
    struct flow flow;
    if (change_begin(plan, kind, &flow) != 0 ||
        (t->is_group && read_only_group_set_flow(c, &t->group, &flow) != 0) || change_end(c, &flow) != 0)
        return -1;
    *ret_flow = U64((uint64_t)flow.id);
    return 0;
}

/* --- the actions --- */

int modify_open_wan_ip(struct call *c, const struct modify_open_wan_ip_in *in,
                       struct modify_open_wan_ip_out *out)
{
    struct target t;
    struct change_plan plan = {.c = c, .instance = &t.instance};
    if (find(c, in->instance_id, in->ro_group_id, &t) != 0 || check_state(c, &t, true) != 0)
        return -1;
    if (!t.is_group) {
        struct str domain = public_address_name(c->arena, t.instance.instance_id);
        change_then(&plan, INSTANCE_FIELD_WAN_DOMAIN, FIELD_TEXT(domain));
        change_then(&plan, INSTANCE_FIELD_WAN_PORT, FIELD_NUMBER(public_address_port(t.instance.row)));
    }
    return start(c, &t, &plan, FLOW_KIND_OPENWAN, &out->flow_id);
}

int modify_close_wan_ip(struct call *c, const struct modify_close_wan_ip_in *in,
                        struct modify_close_wan_ip_out *out)
{
    struct target t;
    struct change_plan plan = {.c = c, .instance = &t.instance};
    if (find(c, in->instance_id, in->ro_group_id, &t) != 0 || check_state(c, &t, false) != 0)
        return -1;
    if (!t.is_group) {
        change_then(&plan, INSTANCE_FIELD_WAN_DOMAIN, FIELD_TEXT(STR("")));
        change_then(&plan, INSTANCE_FIELD_WAN_PORT, FIELD_NUMBER(0));
    }
    return start(c, &t, &plan, FLOW_KIND_CLOSEWAN, &out->flow_id);
}
