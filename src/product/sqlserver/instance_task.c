/* What has run on an instance: DescribeInstanceTasks, and the switches of its nodes with
 * SwitchCloudInstanceHA and DescribeHASwitchLog. All of it is the table of flows. */
#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/change.h"

/* --- DescribeInstanceTasks --- */

/* The index of flows leaves out backups, which are found by the table of backups. */
#define NOT_BACKUP "kind <> 'backup' AND kind <> 'autobackup'"
#define TASKS_FROM                                                                                           \
    " FROM (SELECT id, start_ms, due_ms, outcome FROM flow WHERE instance = :instance AND " NOT_BACKUP       \
    " UNION ALL SELECT flow.id, flow.start_ms, flow.due_ms, flow.outcome FROM backup"                        \
    " JOIN flow ON flow.id = backup.flow WHERE backup.instance = :instance"                                  \
    " AND flow.kind IN ('backup', 'autobackup'))"                                                            \
    " WHERE (:status IS NULL OR CASE WHEN outcome IS NULL THEN 1 WHEN outcome = 'success' THEN 2 ELSE 3 END" \
    " = :status)"

/* Newest first (assumed). Offset counts rows (documented). */
int describe_instance_tasks(struct call *c, const struct describe_instance_tasks_in *in,
                            struct describe_instance_tasks_out *out)
{
    struct instance instance;
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" TASKS_FROM);
    SCOPED_STMT(rows, c->world->db,
                "SELECT " INSTANCE_TASK_COLUMNS TASKS_FROM " ORDER BY start_ms DESC, id DESC" PAGE_LIMIT);
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    stmt_bind_i64(count, ":instance", instance.row);
    stmt_bind_i64(rows, ":instance", instance.row);
    filter_i64(count, ":status", in->status);
    filter_i64(rows, ":status", in->status);
    stmt_bind_i64(rows, ":now", world_now_ms(c->world));
    page_bind(rows, in->limit.v, in->offset.v);
    if (page_count(c, count, &out->total_count) != 0)
        return -1;
    return instance_task_list_read(c, rows, &out->instance_task_set);
}

/* --- SwitchCloudInstanceHA --- */

/* 1 when the instance has several nodes, 0 when not, -1 after failing the call. */
static int has_nodes(struct call *c, const struct instance *instance)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT 1 FROM instance WHERE id = :id"
                " AND instance_type IN ('HA', 'cvmHA', 'MultiHA', 'cvmMultiHA')");
    stmt_bind_i64(s, ":id", instance->row);
    return call_step(c, s);
}

/* The switch begins at once, also with WaitSwitch 1 (ours: a test need not wait for the maintenance window).
 * A busy instance gets GcsError (assumed: the action does not declare InstanceStatusInvalid). */
int switch_cloud_instance_ha(struct call *c, const struct switch_cloud_instance_ha_in *in,
                             struct switch_cloud_instance_ha_out *out)
{
    struct instance instance;
    struct change_plan plan = {.c = c, .instance = &instance};
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    int nodes = has_nodes(c, &instance);
    if (nodes <= 0)
        return nodes < 0 ? -1
                         : call_fail_explained(c, ERR_FAILED_OPERATION_NOT_SUPPORT, "instance.one-node",
                                               "%.*s has one node", STR_ARG(instance.instance_id));
    if (instance_accept(c, &instance, ACCEPT_SOLE_TASK, ERR_FAILED_OPERATION_GCS_ERROR) != 0)
        return -1;
    change_during(&plan, INSTANCE_FIELD_STATUS, FIELD_NUMBER(INSTANCE_STATUS_RESTRICTED));
    if (change_start(&plan, FLOW_KIND_SWITCHHA, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}

/* --- DescribeHASwitchLog --- */

/* Only manual switches happen here; a filter for automatic ones finds none. */
#define SWITCHES_FROM                                                                                        \
    " FROM flow WHERE instance = :instance AND " NOT_BACKUP " AND kind = " FLOW_KIND_SQL_SWITCHHA            \
    " AND outcome = 'success' AND start_ms BETWEEN :from AND :until AND coalesce(:type, 1) = 1"

static void bind_switches(struct stmt *s, const struct instance *instance, const int64_t window_ms[2],
                          struct opt_i64 type)
{
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":from", window_ms[0]);
    stmt_bind_i64(s, ":until", window_ms[1]);
    filter_i64(s, ":type", type);
}

/* The window is that of the start (assumed). Offset counts pages (documented). */
int describe_ha_switch_log(struct call *c, const struct describe_ha_switch_log_in *in,
                           struct describe_ha_switch_log_out *out)
{
    struct instance instance;
    int64_t window_ms[2];
    struct opt_i64 type = {(int64_t)in->switch_type.v, in->switch_type.set}, total;
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" SWITCHES_FROM);
    SCOPED_STMT(rows, c->world->db,
                "SELECT " SWITCH_LOG_COLUMNS SWITCHES_FROM " ORDER BY start_ms DESC, id DESC" PAGE_LIMIT);
    if (instance_get(c, in->instance_id, &instance) != 0 ||
        backup_window(c, in->start_time, in->end_time, window_ms) != 0)
        return -1;
    bind_switches(count, &instance, window_ms, type);
    bind_switches(rows, &instance, window_ms, type);
    page_bind(rows, (int64_t)in->limit.v, (int64_t)(in->offset.v * in->limit.v));
    if (page_count(c, count, &total) != 0)
        return -1;
    out->total_count = U64((uint64_t)total.v);
    return switch_log_list_read(c, rows, &out->switch_log);
}
