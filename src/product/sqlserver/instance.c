#include "product/sqlserver/instance.h"

#include "core/flow.h"

/* The stored status of an instance that works; 7, "a task is running", follows from its flows and is not
 * stored. */
enum { INSTANCE_RUNNING = 2 };

/* Documented (release note of 14 March 2022): five tasks at once on an instance; that a sixth gets
 * InstanceStatusInvalid is assumed. */
enum { INSTANCE_TASKS_MAX = 5 };

int instance_get(struct call *c, struct str instance_id, struct instance *ret_instance)
{
    DB_STMT(s, c->world->db,
            "SELECT id, status FROM instance"
            " WHERE account = :account AND region = :region AND instance_id = :instance_id");
    stmt_bind_str(s, ":account", c->credential->account->uin);
    stmt_bind_str(s, ":region", c->common.region);
    stmt_bind_str(s, ":instance_id", instance_id);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 0)
        return call_fail(c, ERR_RESOURCE_NOT_FOUND_INSTANCE_NOT_FOUND);
    *ret_instance = (struct instance){
        .row = stmt_i64(s, "id"), .instance_id = instance_id, .status = stmt_i64(s, "status")};
    return 0;
}

int instance_accept_task(struct call *c, const struct instance *instance, int64_t *ret_running)
{
    if (instance->status != INSTANCE_RUNNING)
        return call_fail(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID);
    if (flow_count_running(c->world, instance->row, ret_running) != 0)
        return call_fail_store(c);
    if (*ret_running >= INSTANCE_TASKS_MAX)
        return call_fail(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID);
    return 0;
}
