/* The maintenance window of an instance: ModifyMaintenanceSpan, DescribeMaintenanceSpan. */
#include "core/flow.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/change.h"

static int check_start(struct call *c, struct str start)
{
    enum { SHOWN_TEXT = 32 };
    int64_t ms;
    if (!start.p || maintenance_parse(start, &ms) == 0)
        return 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "time.form",
                               "StartTime \"%.*s\" is no time of a day, HH:MM",
                               STR_ARG(str_head(start, SHOWN_TEXT)));
}

/* What is absent stays as it is (documented). */
int modify_maintenance_span(struct call *c, const struct modify_maintenance_span_in *in,
                            struct modify_maintenance_span_out *out)
{
    struct instance instance;
    int64_t days = weekdays_to_bits(&in->weekly);
    (void)out;
    if (instance_get(c, in->instance_id, &instance) != 0 || check_start(c, in->start_time) != 0)
        return -1;
    if (days != 0 && instance_set(c, &instance, INSTANCE_FIELD_MAINTENANCE_DAYS, FIELD_NUMBER(days)) != 0)
        return -1;
    if (in->start_time.p &&
        instance_set(c, &instance, INSTANCE_FIELD_MAINTENANCE_START, FIELD_TEXT(in->start_time)) != 0)
        return -1;
    if (in->span.set &&
        instance_set(c, &instance, INSTANCE_FIELD_MAINTENANCE_SPAN, FIELD_NUMBER((int64_t)in->span.v)) != 0)
        return -1;
    return flow_reschedule(c->world) == 0 ? 0 : call_fail_store(c); /* a switch of nodes may wait for it */
}

int describe_maintenance_span(struct call *c, const struct describe_maintenance_span_in *in,
                              struct describe_maintenance_span_out *out)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT maintenance_days, maintenance_start, maintenance_span FROM instance WHERE id = :id");
    struct instance instance;
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    stmt_bind_i64(s, ":id", instance.row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    out->weekly = weekdays_of_bits(c->arena, stmt_i64(s, "maintenance_days"));
    out->start_time = stmt_str(s, c->arena, "maintenance_start");
    out->span = U64((uint64_t)stmt_i64(s, "maintenance_span"));
    return 0;
}
