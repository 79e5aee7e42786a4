/* An instance is looked up by its owner, region and id together: another account's is not forbidden but
 * simply not there. */
#include "product/sqlserver/instance.h"

#include "product/sqlserver/reason.h"

/* Documented (release note of 14 March 2022): five tasks at once on an instance; that a sixth gets
 * InstanceStatusInvalid is assumed. */
enum { INSTANCE_TASKS_MAX = 5 };

/* Of the world file; the action's own is 1830. */
enum { SAVE_DAYS_MAX = 3650 };

int64_t instance_keep_ms(int64_t save_days)
{
    const int64_t day_ms = INT64_C(24) * 3600 * 1000;
    return (save_days < 0 ? 0 : save_days > SAVE_DAYS_MAX ? SAVE_DAYS_MAX : save_days) * day_ms;
}

static void read_row(struct stmt *s, struct call *c, struct str instance_id, struct instance *ret_instance)
{
    *ret_instance = (struct instance){
        .row = stmt_i64(s, "id"),
        .instance_id = instance_id,
        .region = c->common.region,
        .status = stmt_i64(s, "status"),
        .running = stmt_i64(s, "running"),
        .automatic = stmt_i64(s, "automatic") != 0,
        .port = stmt_i64(s, "port"),
        .single_files = stmt_i64(s, "single_files") != 0,
        .keep_ms = instance_keep_ms(stmt_i64(s, "backup_save_days")),
    };
}

/* One statement for all that handlers ask of an instance: it is the first thing that nearly every call does.
 */
int instance_get(struct call *c, struct str instance_id, struct instance *ret_instance)
{
    DB_STMT(
        s, c->world->db,
        "SELECT id, status, port, backup_model IN ('master_no_pkg', 'slave_no_pkg') AS single_files, "
        "backup_save_days,"
        " (SELECT count(*) FROM flow WHERE flow.instance = instance.id AND flow.outcome IS NULL) AS running,"
        " EXISTS (SELECT 1 FROM flow WHERE flow.instance = instance.id AND flow.outcome IS NULL"
        " AND flow.kind = 'autobackup') AS automatic"
        " FROM instance WHERE account = :account AND region = :region AND instance_id = :instance_id");
    stmt_bind_str(s, ":account", c->credential->account->uin);
    stmt_bind_str(s, ":region", c->common.region);
    stmt_bind_str(s, ":instance_id", instance_id);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    c->refused_id = rc == 0 ? instance_id : (struct str){NULL, 0};
    if (rc == 0)
        return call_fail(c, ERR_RESOURCE_NOT_FOUND_INSTANCE_NOT_FOUND);
    read_row(s, c, instance_id, ret_instance);
    return 0;
}

int instance_accept_change(struct call *c, const struct instance *instance)
{
    if (instance->status != INSTANCE_RUNNING)
        return refuse_busy(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID, instance, instance->running);
    return 0;
}

int instance_accept_task(struct call *c, const struct instance *instance)
{
    if (instance->status != INSTANCE_RUNNING || instance->running >= INSTANCE_TASKS_MAX)
        return refuse_busy(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID, instance,
                           INSTANCE_TASKS_MAX - 1);
    return 0;
}

int instance_accept_sole_task(struct call *c, const struct instance *instance)
{
    if (instance->status != INSTANCE_RUNNING || instance->running > 0)
        return refuse_busy(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID, instance, 0);
    return 0;
}
