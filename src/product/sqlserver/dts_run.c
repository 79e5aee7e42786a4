/* Checking, running, stopping and completing migrations, and the ends of these flows. */
#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver_flows.h"
#include "product/sqlserver/dts_task.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/import_task.h"

/* --- the start of a flow --- */

/* Runs and releases a statement that gives a migration its flow. */
static int mark(struct stmt *taken, const struct dts_task *task, const struct flow *flow)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = taken;
    stmt_bind_i64(s, ":id", task->id);
    stmt_bind_i64(s, ":flow", flow->id);
    return stmt_run(s);
}

/* Starts a flow on the target. `marking` is a statement for mark. */
static int start(struct call *c, const struct dts_task *task, enum flow_kind kind,
                 const struct database_set *set, struct stmt *marking, struct opt_i64 *ret_flow)
{
    struct flow flow;
    struct flow_plan plan = {.type = &sqlserver_flow_kinds[kind],
                             .resource = task->target,
                             .start_ms = world_now_ms(c->world),
                             .effect = &c->effect};
    assert(task->target > 0 && plan.type->settle);
    if (flow_effect_begin(c->world, &plan, set->v, set->n, &flow) != 0) {
        stmt_release(&marking);
        return call_fail_store(c);
    }
    if (mark(marking, task, &flow) != 0)
        return call_fail_store(c);
    if (flow.over && plan.type->settle(c->world, &flow) != 0)
        return call_fail_store(c);
    *ret_flow = I64(flow.id);
    return 0;
}

/* The target of a migration, which exists: its end takes the migration with it. */
static int get_target(struct call *c, const struct dts_task *task, struct instance *ret_target)
{
    return instance_get(c, task->spec.target_id, ret_target);
}

/* --- StartMigrationCheck --- */

/* The databases of a source instance: those that the migration names, or all. */
static int choose_source(struct call *c, const struct dts_task *task, struct database_set *ret_set)
{
    struct instance source;
    if (instance_get(c, task->spec.source.instance_id, &source) != 0)
        return -1;
    if (task->spec.databases.n > 0)
        return database_choose(c, &source, &task->spec.databases, DATABASE_EFFECT_HOLD, ret_set);
    return database_all(c->world, c->arena, source.row, ret_set) == 0 ? 0 : call_fail_store(c);
}

/* Looks at the databases of the source at once; the flow that follows stands for the rest of the check. */
int start_migration_check(struct call *c, const struct start_migration_check_in *in,
                          struct start_migration_check_out *out)
{
    const enum error_id code = ERR_RESOURCE_UNAVAILABLE_INSTANCE_MIGRATE_STATUS_INVALID;
    struct dts_task task;
    struct instance target;
    struct database_set set = {0}, none = {0};
    if (dts_get(c, in->migrate_id.v, &task) != 0)
        return -1;
    if (task.spec.source_type != DTS_SOURCE_INSTANCE)
        return dts_reject_no_check(c, &task);
    if (!dts_is_ready(&task))
        return dts_reject_status(c, code, &task);
    if (get_target(c, &task, &target) != 0 || instance_accept(c, &target, ACCEPT_TASK, code) != 0 ||
        choose_source(c, &task, &set) != 0)
        return -1;
    return start(c, &task, FLOW_KIND_MIGRATIONCHECK, &none,
                 stmt_get(c->world->db, "UPDATE migration SET checked = " MIGRATION_CHECK_SQL_RUNNING
                                        ", check_flow = :flow WHERE id = :id"),
                 &out->flow_id);
}

/* --- RunMigration --- */

static const struct db_create_codes codes = {.chars = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                             .reserved = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                             .exists = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                             .too_many = ERR_LIMIT_EXCEEDED_TOO_MANY_DB};

/* Adds a new database to the plan, and its name to those that the migration makes. */
static int add_new(struct db_create_plan *plan, struct str name, struct str_list *made)
{
    str_list_add(plan->c->arena, made, name);
    return db_create_check_name(plan, name) == 0 ? db_create_new(plan, name) : -1;
}

/* From an instance: copies with the settings of their sources. What it lacks by now is no database to copy,
 * but a named one becomes an empty database (assumed: the action has no code for it). */
static int add_copies(struct db_create_plan *plan, const struct dts_spec *spec, struct str_list *made)
{
    struct call *c = plan->c;
    struct instance source;
    struct database_set all = {0};
    struct str_list names = spec->databases;
    if (instance_get(c, spec->source.instance_id, &source) != 0)
        return -1;
    if (names.n == 0 && database_all(c->world, c->arena, source.row, &all) != 0)
        return call_fail_store(c);
    for (size_t i = 0; i < all.n; i++)
        str_list_add(c->arena, &names, all.v[i].name);
    for (size_t i = 0; i < names.n; i++) {
        str_list_add(c->arena, made, names.v[i]);
        if (db_create_check_name(plan, names.v[i]) != 0 ||
            db_create_copy(plan, &source, names.v[i], names.v[i]) != 0)
            return -1;
    }
    return 0;
}

/* From files: the databases of RenameRestore, or those that the names of the files tell. */
static int add_restored(struct db_create_plan *plan, const struct dts_spec *spec, struct str_list *made)
{
    for (size_t i = 0; i < spec->renames.n; i++) {
        const struct rename_restore_database *rename = &spec->renames.v[i];
        if (add_new(plan, rename->new_name.n > 0 ? rename->new_name : rename->old_name, made) != 0)
            return -1;
    }
    for (size_t i = 0; spec->renames.n == 0 && i < spec->source.url.n; i++)
        if (add_new(plan, import_file_database(plan->c->arena, spec->source.url.v[i]), made) != 0)
            return -1;
    return 0;
}

/* A server on a CVM is not emulated: it has the databases that MigrateDBSet names (assumed). */
static int add_databases(struct db_create_plan *plan, const struct dts_spec *spec, struct str_list *made)
{
    if (spec->source_type == DTS_SOURCE_INSTANCE)
        return add_copies(plan, spec, made);
    if (spec->source_type >= DTS_SOURCE_FILES)
        return add_restored(plan, spec, made);
    for (size_t i = 0; i < spec->databases.n; i++)
        if (add_new(plan, spec->databases.v[i], made) != 0)
            return -1;
    return 0;
}

/* Creates the databases at once, so that their names are taken, and keeps their names: a later change of the
 * source must not change what a stop removes or a completion makes usable. */
int run_migration(struct call *c, const struct run_migration_in *in, struct run_migration_out *out)
{
    const enum error_id code = ERR_INVALID_PARAMETER_INPUT_ILLEGAL;
    struct dts_task task;
    struct instance target;
    struct str_list made = {.set = true};
    struct db_create_plan plan = {.c = c, .target = &target, .codes = &codes};
    if (dts_get(c, (int64_t)in->migrate_id.v, &task) != 0)
        return -1;
    if (!dts_is_ready(&task))
        return dts_reject_status(c, code, &task);
    if (get_target(c, &task, &target) != 0 || instance_accept(c, &target, ACCEPT_TASK, code) != 0 ||
        db_create_begin(&plan) != 0 || add_databases(&plan, &task.spec, &made) != 0)
        return -1;
    if (dts_put_items(c->world, task.id, "made", &made) != 0)
        return call_fail_store(c);
    return start(c, &task, FLOW_KIND_MIGRATION, &plan.set,
                 stmt_get(c->world->db, "UPDATE migration SET status = " MIGRATION_STATUS_SQL_RUNNING
                                        ", flow = :flow, start_ms = (SELECT start_ms FROM flow WHERE id = "
                                        ":flow), end_ms = NULL WHERE id = :id"),
                 &out->flow_id);
}

/* --- StopMigration, CompleteMigration --- */

/* Ends the copying as failed, which removes the databases; those that wait for a completion are removed, too.
 */
static int end_copying(struct call *c, const struct dts_task *task)
{
    assert(!task->copies || task->flow > 0);
    if (task->copies && flow_finish(c->world, task->flow, true) < 0)
        return call_fail_store(c);
    return dts_drop_databases(c->world, task->id) == 0 ? 0 : call_fail_store(c);
}

/* What is copied is lost at once, whether or not the stop succeeds (assumed). */
int stop_migration(struct call *c, const struct stop_migration_in *in, struct stop_migration_out *out)
{
    struct dts_task task;
    struct database_set none = {0};
    if (dts_get(c, in->migrate_id.v, &task) != 0)
        return -1;
    if (task.status != MIGRATION_STATUS_RUNNING && task.status != MIGRATION_STATUS_STOP_FAILED)
        return dts_reject_status(c, ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS, &task);
    if (end_copying(c, &task) != 0)
        return -1;
    return start(c, &task, FLOW_KIND_STOPMIGRATION, &none,
                 stmt_get(c->world->db, "UPDATE migration SET status = " MIGRATION_STATUS_SQL_STOPPING
                                        ", end_flow = :flow, end_ms = NULL WHERE id = :id"),
                 &out->flow_id);
}

/* Only a migration that follows changes, after its copy, can be completed; again after a failure. */
int complete_migration(struct call *c, const struct complete_migration_in *in,
                       struct complete_migration_out *out)
{
    struct dts_task task;
    struct database_set none = {0};
    if (dts_get(c, in->migrate_id.v, &task) != 0)
        return -1;
    const bool follows = task.status == MIGRATION_STATUS_RUNNING && !task.copies;
    if (!follows && task.status != MIGRATION_STATUS_COMPLETE_FAILED)
        return dts_reject_status(c, ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS, &task);
    return start(c, &task, FLOW_KIND_COMPLETEMIGRATION, &none,
                 stmt_get(c->world->db, "UPDATE migration SET status = " MIGRATION_STATUS_SQL_COMPLETING
                                        ", end_flow = :flow, end_ms = NULL WHERE id = :id"),
                 &out->flow_id);
}

/* --- the ends of flows --- */

/* Runs and releases a statement about the migration of a flow. */
static int run(struct stmt *taken, const struct flow *f)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = taken;
    stmt_bind_i64(s, ":flow", f->id);
    stmt_bind_i64(s, ":fails", f->fails);
    stmt_bind_i64(s, ":now", f->due_ms);
    return stmt_run(s);
}

int dts_check_settle(struct world *w, const struct flow *f)
{
    SCOPED_STMT(s, w->db,
                "UPDATE migration SET checked = CASE WHEN :fails THEN " MIGRATION_CHECK_SQL_FAILED
                " ELSE " MIGRATION_CHECK_SQL_PASSED " END WHERE check_flow = :flow");
    stmt_bind_i64(s, ":flow", f->id);
    stmt_bind_i64(s, ":fails", f->fails);
    return stmt_run(s);
}

/* The databases of a migration that follows changes wait for its completion. */
static int keep_waiting(struct world *w, const struct flow *f)
{
    SCOPED_STMT(
        s, w->db,
        "UPDATE database SET status = " DATABASE_STATUS_SQL_CREATING " WHERE instance = :instance"
        " AND name IN (SELECT name FROM flow_database WHERE flow = :flow)"
        " AND EXISTS (SELECT 1 FROM migration WHERE flow = :flow AND status = " MIGRATION_STATUS_SQL_RUNNING
        ")");
    stmt_bind_i64(s, ":instance", f->resource);
    stmt_bind_i64(s, ":flow", f->id);
    return stmt_run(s);
}

/* One that follows changes goes on in its status; any other ends. */
int dts_run_settle(struct world *w, const struct flow *f)
{
    if (databases_settle(w, f) != 0 ||
        run(stmt_get(w->db, "UPDATE migration SET status = CASE WHEN :fails THEN " MIGRATION_STATUS_SQL_FAILED
                            " WHEN type = 3 THEN " MIGRATION_STATUS_SQL_RUNNING
                            " ELSE " MIGRATION_STATUS_SQL_SUCCEEDED " END,"
                            " end_ms = CASE WHEN :fails OR type <> 3 THEN :now END WHERE flow = :flow"),
            f) != 0)
        return -1;
    return keep_waiting(w, f);
}

/* The databases are gone since the start of the stop. */
int dts_stop_settle(struct world *w, const struct flow *f)
{
    return run(stmt_get(w->db, "UPDATE migration SET end_ms = :now,"
                               " status = CASE WHEN :fails THEN " MIGRATION_STATUS_SQL_STOP_FAILED
                               " ELSE " MIGRATION_STATUS_SQL_STOPPED " END WHERE end_flow = :flow"),
               f);
}

/* The migration that a flow stops or completes. 1, 0 when there is none, -1 when the store failed. */
static int migration_of(struct world *w, const struct flow *f, int64_t *ret_id)
{
    SCOPED_STMT(s, w->db, "SELECT id FROM migration WHERE end_flow = :flow");
    stmt_bind_i64(s, ":flow", f->id);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_id = stmt_i64(s, "id");
    return rc;
}

/* Success makes the databases usable. After a failure they wait for another attempt. */
int dts_complete_settle(struct world *w, const struct flow *f)
{
    int64_t id;
    int rc = migration_of(w, f, &id);
    if (rc != 1)
        return rc;
    if (!f->fails && dts_release_databases(w, id) != 0)
        return -1;
    return run(stmt_get(w->db, "UPDATE migration SET end_ms = :now,"
                               " status = CASE WHEN :fails THEN " MIGRATION_STATUS_SQL_COMPLETE_FAILED
                               " ELSE " MIGRATION_STATUS_SQL_SUCCEEDED " END WHERE end_flow = :flow"),
               f);
}
