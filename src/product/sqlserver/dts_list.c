/* Lists of migrations, their details, the progress of their checks, and the databases of a source. */
#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/dts_task.h"
#include "product/sqlserver/login.h"

/* --- progress --- */

/* A flow in the columns flow_id, flow_start_ms, flow_due_ms and outcome of a row. */
struct progress {
    bool begun, runs, failed;
    int64_t percent; /* 100 of one that succeeded, 0 of one that failed or that a client ends by hand */
};

static struct progress read_progress(struct call *c, struct stmt *s)
{
    struct progress p = {.begun = !stmt_is_null(s, "flow_id")};
    if (!p.begun)
        return p;
    const enum flow_state state = flow_state_read(s, c->arena);
    const int64_t now = world_now_ms(c->world);
    int64_t start = stmt_i64(s, "flow_start_ms"), due = stmt_i64(s, "flow_due_ms");
    p.runs = state == FLOW_RUNNING;
    p.failed = state == FLOW_FAILED;
    if (p.runs && due != FLOW_BY_HAND && now > start)
        p.percent = now < due ? (now - start) * 100 / (due - start) : 100;
    else if (state == FLOW_SUCCEEDED)
        p.percent = 100;
    assert(p.percent >= 0 && p.percent <= 100);
    return p;
}

/* The progress of a migration, the row's flow being the last that copied. One whose flow was removed, or that
 * the world file has, has copied everything when its status says so. */
static struct progress copy_progress(struct call *c, struct stmt *s)
{
    static const uint32_t copied = 1u << MIGRATION_STATUS_RUNNING | 1u << MIGRATION_STATUS_SUCCEEDED |
                                   1u << MIGRATION_STATUS_COMPLETING | 1u << MIGRATION_STATUS_COMPLETE_FAILED;
    struct progress p = read_progress(c, s);
    const uint64_t status = (uint64_t)stmt_i64(s, "status");
    if (!p.begun && status < 32 && (copied >> status & 1))
        p = (struct progress){.begun = true, .percent = 100};
    return p;
}

/* The owner as a number: virga has no AppId besides the uin (ours). */
static uint64_t app_id(const struct call *c)
{
    uint64_t id = 0;
    (void)str_to_u64(c->credential->account->uin, &id);
    return id;
}

/* --- DescribeMigrations --- */

/* Deleted ones only for who asks for their status (assumed). */
#define MIGRATIONS                                                                                           \
    " FROM migration LEFT JOIN flow ON flow.id = migration.flow"                                             \
    " WHERE migration.account = :account AND migration.region = :region"                                     \
    " AND (:name IS NULL OR instr(lower(migration.name), lower(:name)))"                                     \
    " AND CASE WHEN :statuses IS NULL THEN migration.status <> " MIGRATION_STATUS_SQL_DELETED                \
    " ELSE migration.status IN (SELECT value FROM json_each(:statuses)) END"

#define ORDER                                                                                                \
    " ORDER BY CASE WHEN :by_name AND NOT :descending THEN migration.name END,"                              \
    " CASE WHEN :by_name AND :descending THEN migration.name END DESC,"                                      \
    " CASE :order WHEN 'name' THEN 0 WHEN 'startTime' THEN coalesce(migration.start_ms, 0)"                  \
    " WHEN 'endTime' THEN coalesce(migration.end_ms, 0) WHEN 'status' THEN migration.status"                 \
    " ELSE migration.created_ms END * CASE WHEN :descending THEN -1 ELSE 1 END,"                             \
    " migration.id * CASE WHEN :descending THEN -1 ELSE 1 END"

/* Migrations of the caller in the region of the call. */
static void bind_filters(struct call *c, const struct describe_migrations_in *in, struct stmt *s)
{
    call_bind_owner(c, s);
    filter_text(s, ":name", in->migrate_name);
    filter_i64_list(s, c->arena, ":statuses", &in->status_set);
}

/* The stage that a migration is at, or was last; none before its first start. */
static struct migrate_detail *detail_of(struct call *c, int64_t type, const struct progress *p)
{
    struct migrate_detail *detail = ARENA_NEW(c->arena, struct migrate_detail);
    enum migration_stage stage = type == DTS_TYPE_STRUCTURES                  ? MIGRATION_STAGE_STRUCTURE
                                 : type == DTS_TYPE_SYNC && p->percent == 100 ? MIGRATION_STAGE_SYNC
                                                                              : MIGRATION_STAGE_DATA;
    if (!p->begun)
        return detail;
    detail->step_name = migration_stage_values[stage].meaning[call_in_chinese(c)];
    detail->progress = I64(p->percent);
    return detail;
}

/* The failures of a migration as its message. */
static struct str message_of(const struct call *c, uint64_t status)
{
    static const uint64_t failures = UINT64_C(1) << MIGRATION_STATUS_FAILED |
                                     UINT64_C(1) << MIGRATION_STATUS_STOP_FAILED |
                                     UINT64_C(1) << MIGRATION_STATUS_COMPLETE_FAILED;
    for (size_t i = 0; i < MIGRATION_STATUS_COUNT; i++)
        if ((uint64_t)migration_status_values[i].value == status && failures >> status & 1)
            return migration_status_values[i].meaning[call_in_chinese(c)];
    return STR("");
}

static void read_task(struct call *c, struct stmt *s, struct migrate_task *task)
{
    const struct progress p = copy_progress(c, s);
    migrate_task_from_row(s, c->arena, task);
    task->app_id = U64(app_id(c));
    task->message = message_of(c, task->status.v);
    task->progress = I64(p.percent);
    task->migrate_detail = detail_of(c, stmt_i64(s, "type"), &p);
}

/* Offset counts pages (documented). */
int describe_migrations(struct call *c, const struct describe_migrations_in *in,
                        struct describe_migrations_out *out)
{
    int rc;
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" MIGRATIONS);
    SCOPED_STMT(rows, c->world->db,
                "SELECT migration.type AS type, flow.id AS flow_id, flow.start_ms AS flow_start_ms,"
                " flow.due_ms AS flow_due_ms, flow.outcome AS outcome, " MIGRATE_TASK_COLUMNS MIGRATIONS ORDER
                    PAGE_LIMIT);
    bind_filters(c, in, count);
    bind_filters(c, in, rows);
    stmt_bind_i64(rows, ":by_name", str_eq(in->order_by, STR("name")));
    stmt_bind_i64(rows, ":descending", str_eq(in->order_by_type, STR("desc")));
    stmt_bind_str(rows, ":order", in->order_by);
    page_bind(rows, in->limit.v, in->offset.v * in->limit.v);
    if (page_count(c, count, &out->total_count) != 0)
        return -1;
    out->migrate_task_set.set = true;
    while ((rc = stmt_step(rows)) == 1)
        read_task(c, rows, LIST_ADD(c->arena, &out->migrate_task_set));
    return rc == 0 ? 0 : call_fail_store(c);
}

/* --- DescribeMigrationDetail --- */

/* The members of the answer that follow from times and flows. */
static int read_times(struct call *c, int64_t id, struct describe_migration_detail_out *out)
{
    struct migrate_task task = {0};
    SCOPED_STMT(s, c->world->db,
                "SELECT flow.id AS flow_id, flow.start_ms AS flow_start_ms, flow.due_ms AS flow_due_ms,"
                " flow.outcome AS outcome, " MIGRATE_TASK_COLUMNS
                " FROM migration LEFT JOIN flow ON flow.id = migration.flow WHERE migration.id = :id");
    stmt_bind_i64(s, ":id", id);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    migrate_task_from_row(s, c->arena, &task);
    out->region = task.region;
    out->create_time = task.create_time;
    out->start_time = task.start_time;
    out->end_time = task.end_time;
    out->status = task.status;
    out->progress = I64(copy_progress(c, s).percent);
    return 0;
}

int describe_migration_detail(struct call *c, const struct describe_migration_detail_in *in,
                              struct describe_migration_detail_out *out)
{
    struct dts_task task;
    if (dts_get(c, (int64_t)in->migrate_id.v, &task) != 0 || read_times(c, task.id, out) != 0)
        return -1;
    const struct dts_spec *spec = &task.spec;
    out->migrate_id = in->migrate_id;
    out->migrate_name = spec->name;
    out->app_id = U64(app_id(c));
    out->source_type = I64(spec->source_type);
    out->migrate_type = I64(spec->type);
    out->source = ARENA_NEW(c->arena, struct migrate_source);
    *out->source = spec->source;
    out->target = ARENA_NEW(c->arena, struct migrate_target);
    out->target->instance_id = spec->target_id;
    out->target->user_name = spec->target_user;
    out->migrate_db_set.set = true;
    for (size_t i = 0; i < spec->databases.n; i++)
        LIST_ADD(c->arena, &out->migrate_db_set)->db_name = spec->databases.v[i];
    return 0;
}

/* --- QueryMigrationCheckProcess --- */

enum { CHECK_STEPS = MIGRATION_CHECK_STEP_COUNT };

/* 0 and -2 are documented; a step that failed has -1 (assumed). */
enum { CHECK_PASSED = 0, CHECK_FAILED = -1, CHECK_NOT_BEGUN = -2 };

/* Names and texts in the language of the call. */
static void add_step(struct call *c, struct step_detail_list *list, size_t i, int64_t status)
{
    const bool chinese = call_in_chinese(c);
    *LIST_ADD(c->arena, list) = (struct step_detail){
        .name = migration_check_step_values[i].meaning[chinese],
        .msg = migration_check_text_values[i].meaning[chinese],
        .status = I64(status),
    };
}

/* A failed check failed in its last step; before the first check none has begun. */
static void put_steps(struct call *c, const struct progress *p, struct query_migration_check_process_out *out)
{
    assert(p->percent >= 0 && p->percent <= 100);
    size_t done = p->failed ? CHECK_STEPS - 1 : (size_t)(p->percent * CHECK_STEPS / 100);
    out->total_step = I64(CHECK_STEPS);
    out->current_step = I64(!p->begun ? 0 : (int64_t)(done < CHECK_STEPS ? done + 1 : done));
    out->step_details.set = true;
    for (size_t i = 0; i < CHECK_STEPS; i++)
        add_step(c, &out->step_details, i,
                 i < done    ? CHECK_PASSED
                 : p->failed ? CHECK_FAILED
                             : CHECK_NOT_BEGUN);
}

int query_migration_check_process(struct call *c, const struct query_migration_check_process_in *in,
                                  struct query_migration_check_process_out *out)
{
    struct dts_task task;
    SCOPED_STMT(s, c->world->db,
                "SELECT flow.id AS flow_id, flow.start_ms AS flow_start_ms, flow.due_ms AS flow_due_ms,"
                " flow.outcome AS outcome FROM migration"
                " LEFT JOIN flow ON flow.id = migration.check_flow WHERE migration.id = :id");
    if (dts_get(c, in->migrate_id.v, &task) != 0)
        return -1;
    if (task.spec.source_type != DTS_SOURCE_INSTANCE)
        return dts_reject_no_check(c, &task);
    stmt_bind_i64(s, ":id", task.id);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    struct progress p = read_progress(c, s);
    p.begun = p.begun && task.checked != MIGRATION_CHECK_NONE;
    put_steps(c, p.begun ? &p : &(struct progress){0}, out);
    return 0;
}

/* --- DescribeMigrationDatabases --- */

/* Databases in normal status, by name, whatever the account may use (assumed). null when there is none. */
int describe_migration_databases(struct call *c, const struct describe_migration_databases_in *in,
                                 struct describe_migration_databases_out *out)
{
    struct instance instance;
    struct login login;
    struct database_set set;
    if (instance_get(c, in->instance_id, &instance) != 0 ||
        login_check_password(c, in->user_name, in->password) != 0 ||
        login_get(c, &instance, in->user_name, &login) != 0)
        return -1;
    if (database_all(c->world, c->arena, instance.row, &set) != 0)
        return call_fail_store(c);
    for (size_t i = 0; i < set.n; i++)
        str_list_add(c->arena, &out->migrate_db_set, set.v[i].name);
    out->migrate_db_set.set = set.n > 0;
    out->amount = I64((int64_t)set.n);
    return 0;
}
