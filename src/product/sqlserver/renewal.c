/* Renewals: RenewDBInstance, which pays for more months, and ModifyDBInstanceRenewFlag, which says what
 * happens at the end of the paid time. */
#include "product/sqlserver/change.h"
#include "product/sqlserver/deal.h"
#include "product/sqlserver/explain.h"

/* --- RenewDBInstance --- */

/* How an instance is paid. */
struct payment {
    bool prepaid;
    int64_t until_ms;
};

static int read_payment(struct call *c, const struct instance *instance, struct payment *ret_payment)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT pay_mode, " INSTANCE_PAID_UNTIL " AS until FROM instance"
                " WHERE id = :id");
    stmt_bind_i64(s, ":id", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_payment = (struct payment){stmt_i64(s, "pay_mode") == 1, stmt_i64(s, "until")};
    return 0;
}

/* A normal instance, also while tasks run, and one in the recycle bin (assumed; so is the code, because the
 * action does not declare InstanceStatusInvalid). */
static int check_status(struct call *c, const struct instance *instance)
{
    const uint32_t statuses = 1u << INSTANCE_STATUS_NORMAL | 1u << INSTANCE_STATUS_ISOLATED;
    if (statuses >> instance->status & 1)
        return 0;
    return reject_status(c, ERR_FAILED_OPERATION_CREATE_ORDER_FAILED, instance, statuses);
}

/* The months begin at the end of the paid time, or now: for one that was billed by use, and after that end.
 */
static int64_t end_after(const struct call *c, const struct payment *payment, int64_t months)
{
    int64_t now = world_now_ms(c->world);
    bool running = payment->prepaid && payment->until_ms > now;
    return time_add_months(running ? payment->until_ms : now, months);
}

/* Turns an instance that is billed by use into one paid in advance (documented), and brings one back from the
 * recycle bin (assumed). */
static void plan_changes(struct change_plan *plan, const struct renew_db_instance_in *in,
                         const struct payment *payment)
{
    change_then(plan, INSTANCE_FIELD_PAID_UNTIL,
                FIELD_NUMBER(end_after(plan->c, payment, (int64_t)in->period.v)));
    if (!payment->prepaid) {
        change_then(plan, INSTANCE_FIELD_PAY_MODE, FIELD_NUMBER(1));
        if (in->auto_renew_flag.set)
            change_then(plan, INSTANCE_FIELD_RENEW_FLAG, FIELD_NUMBER(in->auto_renew_flag.v));
    }
    if (plan->instance->status == INSTANCE_STATUS_ISOLATED) {
        change_then(plan, INSTANCE_FIELD_STATUS, FIELD_NUMBER(INSTANCE_STATUS_NORMAL));
        change_then(plan, INSTANCE_FIELD_ISOLATED, FIELD_TEXT(((struct str){NULL, 0})));
    }
}

int renew_db_instance(struct call *c, const struct renew_db_instance_in *in,
                      struct renew_db_instance_out *out)
{
    struct instance instance;
    struct payment payment = {0};
    struct change_plan plan = {.c = c, .instance = &instance};
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || check_status(c, &instance) != 0 ||
        read_payment(c, &instance, &payment) != 0)
        return -1;
    plan_changes(&plan, in, &payment);
    if (change_begin(&plan, FLOW_KIND_RENEW, &flow) != 0)
        return -1;
    struct deal deal = {.name = deal_name_new(c), .flow = flow.id, .pay_mode = 1};
    if (deal_put(c, &deal, &instance.row, 1) != 0 || change_end(c, &flow) != 0)
        return -1;
    out->deal_name = deal.name;
    return 0;
}

/* --- ModifyDBInstanceRenewFlag --- */

int modify_db_instance_renew_flag(struct call *c, const struct modify_db_instance_renew_flag_in *in,
                                  struct modify_db_instance_renew_flag_out *out)
{
    for (size_t i = 0; i < in->renew_flags.n; i++) {
        const struct instance_renew_info *flag = &in->renew_flags.v[i];
        struct instance instance;
        if (instance_get(c, flag->instance_id, &instance) != 0 || instance_accept_change(c, &instance) != 0 ||
            instance_set(c, &instance, INSTANCE_FIELD_RENEW_FLAG, FIELD_NUMBER(flag->renew_flag.v)) != 0)
            return -1;
    }
    out->count = I64((int64_t)in->renew_flags.n);
    return 0;
}
