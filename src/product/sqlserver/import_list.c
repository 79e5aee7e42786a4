/* Lists of imports: DescribeBackupMigration and DescribeIncrementalMigration. */
#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/import_task.h"

/* A part of the name is enough (documented by the example of BackupFileName). */
#define TASKS                                                                                                \
    " FROM backup_migration LEFT JOIN flow ON flow.id = backup_migration.flow"                               \
    " WHERE backup_migration.instance = :instance AND (:full IS NULL OR full_id = :full)"                    \
    " AND (incremental_id > '') = :incremental"                                                              \
    " AND (:id IS NULL OR incremental_id = :id)"                                                             \
    " AND (:name IS NULL OR instr(name, :name)) AND (:file IS NULL OR instr(file, :file))"                   \
    " AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))"                         \
    " AND (:recovery_type IS NULL OR recovery_type = :recovery_type)"                                        \
    " AND (:upload_type IS NULL OR upload_type = :upload_type)"

#define ORDER                                                                                                \
    " ORDER BY CASE WHEN :by_name AND NOT :descending THEN name END,"                                        \
    " CASE WHEN :by_name AND :descending THEN name END DESC,"                                                \
    " CASE :order WHEN 'name' THEN 0 WHEN 'startTime' THEN coalesce(backup_migration.start_ms, 0)"           \
    " WHEN 'endTime' THEN coalesce(end_ms, 0) ELSE created_ms END"                                           \
    " * CASE WHEN :descending THEN -1 ELSE 1 END, full_id, incremental_id"

/* The parameters of both actions; those that one of them lacks are zero. */
struct query {
    struct str instance_id, full_id, incremental_id;
    bool incremental;
    struct str name, file, recovery_type, upload_type;
    const struct i64_list *statuses;
    int64_t limit, offset; /* in rows */
    struct str order_by;
    bool descending;
};

/* Offset counts pages (documented). */
#define PAGE_OF(in)                                                                                          \
    .statuses = &(in)->status_set, .file = (in)->backup_file_name, .limit = (in)->limit.v,                   \
    .offset = (in)->offset.v * (in)->limit.v, .order_by = (in)->order_by,                                    \
    .descending = str_eq((in)->order_by_type, STR("desc"))

static void bind_query(struct call *c, const struct query *q, const struct instance *instance, struct stmt *s)
{
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":incremental", q->incremental);
    filter_i64_list(s, c->arena, ":statuses", q->statuses);
    filter_text(s, ":full", q->full_id);
    filter_text(s, ":id", q->incremental_id);
    filter_text(s, ":name", q->name);
    filter_text(s, ":file", q->file);
    filter_text(s, ":recovery_type", q->recovery_type);
    filter_text(s, ":upload_type", q->upload_type);
}

/* --- what follows from a row --- */

enum { STEPS = IMPORT_STEP_COUNT, FAILED_PERCENT = 66 };

enum step_status { STEP_SUCCEEDED = 1, STEP_FAILED, STEP_RUNNING, STEP_NOT_BEGUN };

/* How much of a running flow has passed, in percent; 0 of one that a client ends by hand. */
static int64_t percent_of(struct stmt *s, int64_t now)
{
    int64_t start = stmt_i64(s, "flow_start_ms"), due = stmt_i64(s, "flow_due_ms");
    if (due == FLOW_BY_HAND || now <= start)
        return 0;
    return now < due ? (now - start) * 100 / (due - start) : 100;
}

/* The name in the language of the call. */
static void add_step(struct call *c, struct migration_detail *detail, size_t i, enum step_status status)
{
    const struct enum_value *step = &import_step_values[i];
    *LIST_ADD(c->arena, &detail->step_info) = (struct migration_step){
        .step_no = I64((int64_t)i + 1),
        .step_name = step->meaning[call_in_chinese(c)],
        .step_id = step->text,
        .status = I64(status),
    };
}

/* The steps before the start are none (documented by example). A failed import failed in its last step. */
static struct migration_detail *detail_of(struct call *c, struct stmt *s)
{
    struct migration_detail *detail = ARENA_NEW(c->arena, struct migration_detail);
    const int64_t status = stmt_i64(s, "status");
    const bool runs = stmt_i64(s, "runs") != 0, failed = status == BACKUP_MIGRATION_STATUS_FAILURE;
    detail->step_info.set = true;
    if (status == BACKUP_MIGRATION_STATUS_CREATED)
        return detail;
    int64_t percent = runs ? percent_of(s, world_now_ms(c->world)) : failed ? FAILED_PERCENT : 100;
    assert(percent >= 0 && percent <= 100);
    size_t done = failed ? STEPS - 1 : (size_t)(percent * STEPS / 100);
    for (size_t i = 0; i < STEPS; i++)
        add_step(c, detail, i,
                 i < done   ? STEP_SUCCEEDED
                 : i > done ? STEP_NOT_BEGUN
                 : runs     ? STEP_RUNNING
                            : STEP_FAILED);
    detail->step_all = I64(STEPS);
    detail->step_now = I64((int64_t)(done < STEPS ? done + 1 : STEPS));
    detail->progress = I64(percent);
    return detail;
}

/* The words of an action, each with the statuses that allow it: bit N for the status N. */
static const struct {
    struct str word;
    uint32_t statuses;
    struct str upload_type; /* only of such imports; p == NULL: of all */
} task_actions[] = {
    {STR_INIT("view"), UINT32_MAX, {NULL, 0}},
    {STR_INIT("modify"), IMPORT_READY, {NULL, 0}},
    {STR_INIT("delete"), IMPORT_DELETABLE, {NULL, 0}},
    {STR_INIT("upload"), IMPORT_READY, STR_INIT("COS_UPLOAD")},
    {STR_INIT("start"), IMPORT_READY, {NULL, 0}},
    {STR_INIT("incremental"), 1u << BACKUP_MIGRATION_STATUS_WAITING, {NULL, 0}},
};

/* All words are in the answer for both kinds (documented by example). An incremental import never waits. */
static struct migration_action *actions_of(struct call *c, struct stmt *s, struct str upload_type)
{
    struct migration_action *action = ARENA_NEW(c->arena, struct migration_action);
    const unsigned status = (unsigned)stmt_i64(s, "status");
    assert(status < 32);
    action->all_action.set = action->allowed_action.set = true;
    for (size_t i = 0; i < sizeof task_actions / sizeof task_actions[0]; i++) {
        struct str only = task_actions[i].upload_type;
        str_list_add(c->arena, &action->all_action, task_actions[i].word);
        if (task_actions[i].statuses >> status & 1 && (!only.p || str_eq(only, upload_type)))
            str_list_add(c->arena, &action->allowed_action, task_actions[i].word);
    }
    return action;
}

/* null for an import without new names. */
static int read_renames(struct call *c, const struct instance *instance, struct migration_ *task)
{
    struct import_database_list list;
    if (import_read_renames(c->world, c->arena, instance->row, task->migration_id, &list) != 0)
        return call_fail_store(c);
    task->db_rename.set = list.n > 0;
    for (size_t i = 0; i < list.n; i++)
        *LIST_ADD(c->arena, &task->db_rename) =
            (struct db_rename_res){.old_name = list.v[i].old_name, .new_name = list.v[i].new_name};
    return 0;
}

/* The message of an import that failed, in the language of the call. */
static struct str failure_text(const struct call *c)
{
    for (size_t i = 0; i < BACKUP_MIGRATION_STATUS_COUNT; i++)
        if (backup_migration_status_values[i].value == BACKUP_MIGRATION_STATUS_FAILURE)
            return backup_migration_status_values[i].meaning[call_in_chinese(c)];
    return STR("");
}

static int read_task(struct call *c, struct stmt *s, const struct instance *instance, struct migration_ *task)
{
    uint64_t app_id = 0;
    struct str file = stmt_str(s, c->arena, "file");
    migration__from_row(s, c->arena, task);
    (void)str_to_u64(c->credential->account->uin, &app_id);
    task->app_id = U64(app_id);
    task->region = instance->region;
    task->instance_id = instance->instance_id;
    task->backup_files.set = true;
    if (file.n > 0)
        str_list_add(c->arena, &task->backup_files, file);
    if (task->status.v == BACKUP_MIGRATION_STATUS_FAILURE)
        task->message = failure_text(c);
    task->detail = detail_of(c, s);
    task->action = actions_of(c, s, task->upload_type);
    return read_renames(c, instance, task);
}

/* --- both actions --- */

static int list_tasks(struct call *c, const struct query *q, struct opt_i64 *ret_count,
                      struct migration__list *ret_list)
{
    struct instance instance;
    int rc;
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" TASKS);
    SCOPED_STMT(rows, c->world->db,
                "SELECT file, flow.id IS NOT NULL AND flow.outcome IS NULL AS runs,"
                " flow.start_ms AS flow_start_ms, flow.due_ms AS flow_due_ms, " MIGRATION__COLUMNS TASKS ORDER
                    PAGE_LIMIT);
    if (instance_get(c, q->instance_id, &instance) != 0)
        return -1;
    bind_query(c, q, &instance, count);
    bind_query(c, q, &instance, rows);
    stmt_bind_i64(rows, ":by_name", str_eq(q->order_by, STR("name")));
    stmt_bind_i64(rows, ":descending", q->descending);
    stmt_bind_str(rows, ":order", q->order_by);
    page_bind(rows, q->limit, q->offset);
    if (page_count(c, count, ret_count) != 0)
        return -1;
    ret_list->set = true;
    while ((rc = stmt_step(rows)) == 1)
        if (read_task(c, rows, &instance, LIST_ADD(c->arena, ret_list)) != 0)
            return -1;
    return rc == 0 ? 0 : call_fail_store(c);
}

int describe_backup_migration(struct call *c, const struct describe_backup_migration_in *in,
                              struct describe_backup_migration_out *out)
{
    const struct query q = {PAGE_OF(in),
                            .instance_id = in->instance_id,
                            .full_id = in->backup_migration_id,
                            .name = in->migration_name,
                            .recovery_type = in->recovery_type,
                            .upload_type = in->upload_type};
    return list_tasks(c, &q, &out->total_count, &out->backup_migration_set);
}

/* A full import that does not exist has no incremental ones: the action declares no code for it. */
int describe_incremental_migration(struct call *c, const struct describe_incremental_migration_in *in,
                                   struct describe_incremental_migration_out *out)
{
    const struct query q = {PAGE_OF(in), .instance_id = in->instance_id, .full_id = in->backup_migration_id,
                            .incremental_id = in->incremental_migration_id, .incremental = true};
    return list_tasks(c, &q, &out->total_count, &out->incremental_migration_set);
}
