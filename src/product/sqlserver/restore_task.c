/* DescribeRestoreTask and DeleteRestoreTask. Kind, target, times and status of a task are its flow's. */
#include "product/sqlserver/restore_task.h"

#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/backup.h"

int restore_task_insert(struct call *c, const struct instance *source, const struct flow *flow, int64_t at_ms)
{
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO restore_task (instance, start_ms, flow, data_ms)"
                " VALUES (:instance, :start, :flow, :data)");
    stmt_bind_i64(s, ":instance", source->row);
    stmt_bind_i64(s, ":start", flow->start_ms);
    stmt_bind_i64(s, ":flow", flow->id);
    stmt_bind_i64(s, ":data", at_ms);
    return stmt_run(s);
}

/* --- DescribeRestoreTask --- */

/* `instance` is the target, whose columns the generated expressions select. The window compares the start. */
#define FROM_AND_WHERE                                                                                       \
    " FROM restore_task CROSS JOIN flow ON flow.id = restore_task.flow"                                      \
    " CROSS JOIN instance ON instance.id = flow.instance"                                                    \
    " WHERE restore_task.instance = :source AND restore_task.start_ms BETWEEN :from AND :to"                 \
    " AND (:restore_type IS NULL OR " RESTORE_TASK_RESTORE_TYPE_SELECT " = :restore_type)"                   \
    " AND (:region IS NULL OR instance.region = :region)"                                                    \
    " AND (:target_type IS NULL OR " RESTORE_TASK_TARGET_TYPE_SELECT " = :target_type)"                      \
    " AND (:status IS NULL OR " RESTORE_TASK_STATUS_SELECT " = :status)"                                     \
    " AND (:flow IS NULL OR restore_task.flow = :flow)"

/* The key of the order ascends; a descending one is its negative. A task that runs is the last to end. */
#define ORDER                                                                                                \
    " ORDER BY :sign * CASE :by WHEN 'restoreTime' THEN restore_task.data_ms WHEN 'endTime'"                 \
    " THEN CASE WHEN flow.outcome IS NULL THEN 9007199254740991 ELSE flow.due_ms END"                        \
    " ELSE restore_task.start_ms END, :sign * restore_task.flow"

static void bind_filters(struct stmt *s, const struct describe_restore_task_in *in,
                         const struct instance *source, const int64_t window_ms[2])
{
    stmt_bind_i64(s, ":source", source->row);
    stmt_bind_i64(s, ":from", window_ms[0]);
    stmt_bind_i64(s, ":to", window_ms[1]);
    filter_u64(s, ":restore_type", in->restore_type);
    filter_text(s, ":region", in->target_region);
    filter_u64(s, ":target_type", in->target_type);
    filter_u64(s, ":status", in->status);
    filter_i64(s, ":flow", in->flow_id);
}

int describe_restore_task(struct call *c, const struct describe_restore_task_in *in,
                          struct describe_restore_task_out *out)
{
    struct instance source;
    int64_t window_ms[2];
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" FROM_AND_WHERE);
    SCOPED_STMT(rows, c->world->db, "SELECT " RESTORE_TASK_COLUMNS FROM_AND_WHERE ORDER PAGE_LIMIT);
    if (instance_get(c, in->instance_id, &source) != 0 ||
        backup_window(c, in->start_time, in->end_time, window_ms) != 0)
        return -1;
    bind_filters(count, in, &source, window_ms);
    bind_filters(rows, in, &source, window_ms);
    stmt_bind_str(rows, ":by", in->order_by);
    stmt_bind_i64(rows, ":sign", str_eq(in->order_by_type, STR("asc")) ? 1 : -1);
    page_bind(rows, in->limit.v, in->offset.v * in->limit.v); /* Offset: pages */
    if (page_count(c, count, &out->total_count) != 0)
        return -1;
    return restore_task_list_read(c, rows, &out->tasks);
}

/* --- DeleteRestoreTask --- */

/* Deletes the record; its flow stays, also one that runs (assumed). */
static int delete_task(struct call *c, const struct instance *source, int64_t restore_id)
{
    SCOPED_STMT(find, c->world->db,
                "SELECT start_ms FROM restore_task WHERE flow = :flow AND instance = :instance");
    SCOPED_STMT(s, c->world->db,
                "DELETE FROM restore_task"
                " WHERE instance = :instance AND start_ms = :start AND flow = :flow");
    stmt_bind_i64(find, ":flow", restore_id);
    stmt_bind_i64(find, ":instance", source->row);
    int rc = stmt_step(find);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 0)
        return call_fail_explained(c, ERR_RESOURCE_NOT_FOUND_PARAMS_NOT_FOUND, "restore-task.not-found",
                                   "%.*s has no restore task %lld", STR_ARG(source->instance_id),
                                   (long long)restore_id);
    stmt_bind_i64(s, ":instance", source->row);
    stmt_bind_i64(s, ":start", stmt_i64(find, "start_ms"));
    stmt_bind_i64(s, ":flow", restore_id);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* An id that is given twice is unknown the second time, and the savepoint of the call undoes the first. */
int delete_restore_task(struct call *c, const struct delete_restore_task_in *in,
                        struct delete_restore_task_out *out)
{
    struct instance source;
    (void)out; /* only the RequestId */
    if (instance_get(c, in->instance_id, &source) != 0)
        return -1;
    for (size_t i = 0; i < in->restore_ids.n; i++)
        if (delete_task(c, &source, in->restore_ids.v[i]) != 0)
            return -1;
    return 0;
}
