/* Creating, changing, deleting and starting imports. */
#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver_flows.h"
#include "product/sqlserver/import_task.h"

/* --- creating one --- */

/* BackupFiles has one element at most (documented, and a rule of the schema). An absent list is no file. */
static struct str first_file(const struct str_list *files)
{
    return files->n > 0 ? files->v[0] : STR("");
}

static int insert(struct call *c, const struct instance *instance, const struct import_task *task)
{
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO backup_migration (instance, full_id, incremental_id, name, recovery_type,"
                " upload_type, file, is_recovery, status, created_ms)"
                " VALUES (:instance, :full, :incremental, :name, :recovery_type, :upload_type, :file,"
                " :is_recovery, " BACKUP_MIGRATION_STATUS_SQL_CREATED ", :now)");
    assert(task->full_id.n > 0 && task->file.p && task->is_recovery.p);
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":full", task->full_id);
    stmt_bind_str(s, ":incremental", task->incremental_id);
    stmt_bind_str(s, ":name", task->name);
    stmt_bind_str(s, ":recovery_type", task->recovery_type);
    stmt_bind_str(s, ":upload_type", task->upload_type);
    stmt_bind_str(s, ":file", task->file);
    stmt_bind_str(s, ":is_recovery", task->is_recovery);
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* The file may be named later, by ModifyBackupMigration (its parameter is not required). */
int create_backup_migration(struct call *c, const struct create_backup_migration_in *in,
                            struct create_backup_migration_out *out)
{
    struct instance instance;
    struct import_task task = {.incremental_id = STR(""),
                               .name = in->migration_name,
                               .recovery_type = in->recovery_type,
                               .upload_type = in->upload_type,
                               .file = first_file(&in->backup_files),
                               .is_recovery = STR("")};
    if (instance_get(c, in->instance_id, &instance) != 0 || import_check_file(c, &task) != 0)
        return -1;
    task.full_id = resource_id_new(c, "mssql-backup-migration-");
    out->backup_migration_id = task.full_id;
    return insert(c, &instance, &task);
}

/* A ready one has to be started or deleted first (documented by the code). */
static int check_none_ready(struct call *c, const struct import *import)
{
    SCOPED_STMT(
        s, c->world->db,
        "SELECT incremental_id FROM backup_migration WHERE instance = :instance"
        " AND full_id = :full AND incremental_id > '' AND status = " BACKUP_MIGRATION_STATUS_SQL_CREATED
        " LIMIT 1");
    stmt_bind_i64(s, ":instance", import->instance.row);
    stmt_bind_str(s, ":full", import->full.full_id);
    int rc = stmt_step(s);
    if (rc != 1)
        return rc < 0 ? call_fail_store(c) : 0;
    struct str id = stmt_str(s, c->arena, "incremental_id");
    return call_fail_explained(c, ERR_RESOURCE_IN_USE_INCREMENTAL_MIGRATION_EXIST, "import.exists",
                               "%.*s is ready to start", STR_ARG(id));
}

/* The recovery type first: it never changes again, and the status does (assumed order). */
static int check_incremental(struct call *c, const struct import *import)
{
    if (str_eq(import->full.recovery_type, STR("FULL")))
        return call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_BACKUP_MIGRATION_RECOVERY_TYPE_ERR,
                                   "import.recovery-type", "the RecoveryType of %.*s is FULL",
                                   STR_ARG(import->full.full_id));
    return import_accept(c, import, 1u << BACKUP_MIGRATION_STATUS_WAITING) == 0 ? check_none_ready(c, import)
                                                                                : -1;
}

/* It has the recovery type and the way of upload of its full import. */
int create_incremental_migration(struct call *c, const struct create_incremental_migration_in *in,
                                 struct create_incremental_migration_out *out)
{
    struct import import;
    if (import_get(c, in->instance_id, in->backup_migration_id, &import) != 0 ||
        check_incremental(c, &import) != 0)
        return -1;
    struct import_task task = import.full;
    task.incremental_id = resource_id_new(c, "mssql-incremental-migration-");
    task.name = STR("");
    task.file = first_file(&in->backup_files);
    task.is_recovery = in->is_recovery;
    out->incremental_migration_id = task.incremental_id;
    return import_check_file(c, &task) == 0 ? insert(c, &import.instance, &task) : -1;
}

/* --- changing one --- */

/* Writes all columns that a client may change. */
static int update(struct call *c, const struct import *import)
{
    const struct import_task *task = import->task;
    SCOPED_STMT(s, c->world->db,
                "UPDATE backup_migration SET name = :name, recovery_type = :recovery_type,"
                " upload_type = :upload_type, file = :file, is_recovery = :is_recovery"
                " WHERE instance = :instance AND full_id = :full AND incremental_id = :incremental");
    stmt_bind_i64(s, ":instance", import->instance.row);
    stmt_bind_str(s, ":full", task->full_id);
    stmt_bind_str(s, ":incremental", task->incremental_id);
    stmt_bind_str(s, ":name", task->name);
    stmt_bind_str(s, ":recovery_type", task->recovery_type);
    stmt_bind_str(s, ":upload_type", task->upload_type);
    stmt_bind_str(s, ":file", task->file);
    stmt_bind_str(s, ":is_recovery", task->is_recovery);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* What is absent stays as it is (documented for IsRecovery, assumed for the rest). */
static void change_text(struct str *text, struct str given)
{
    if (given.p)
        *text = given;
}

/* An empty list takes the file away (assumed). */
static void change_file(struct import_task *task, const struct str_list *files)
{
    if (files->set)
        task->file = first_file(files);
}

static int reject_rename(struct call *c, size_t i, const char *what)
{
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "import.rename",
                               "element %zu of DBRename %s", i, what);
}

/* Either name may be left out, but not both (documented); the old one is then that of the file. */
static int complete_rename(struct call *c, const struct import_task *full,
                           const struct rename_restore_database *from, size_t i,
                           struct import_database *ret_database)
{
    if (from->old_name.n == 0 && from->new_name.n == 0)
        return reject_rename(c, i, "has neither name");
    if (from->old_name.n == 0 && full->file.n == 0)
        return reject_rename(c, i, "has no OldName, and there is no file that tells it");
    ret_database->old_name =
        from->old_name.n > 0 ? from->old_name : import_file_database(c->arena, full->file);
    ret_database->new_name = from->new_name.n > 0 ? from->new_name : ret_database->old_name;
    if (!database_name_valid(ret_database->new_name) || database_name_reserved(ret_database->new_name))
        return reject_rename(c, i, "has no name that a database may have");
    return 0;
}

static int insert_rename(struct call *c, const struct import *import, const struct import_database *database,
                         size_t i)
{
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO backup_migration_rename (instance, full_id, ordinal, old_name, new_name)"
                " VALUES (:instance, :full, :ordinal, :old_name, :new_name)");
    stmt_bind_i64(s, ":instance", import->instance.row);
    stmt_bind_str(s, ":full", import->full.full_id);
    stmt_bind_i64(s, ":ordinal", (int64_t)i);
    stmt_bind_str(s, ":old_name", database->old_name);
    stmt_bind_str(s, ":new_name", database->new_name);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* A list replaces the one before; an empty one removes it. */
static int set_renames(struct call *c, const struct import *import,
                       const struct rename_restore_database_list *list)
{
    SCOPED_STMT(s, c->world->db,
                "DELETE FROM backup_migration_rename WHERE instance = :instance AND full_id = :full");
    if (!list->set)
        return 0;
    stmt_bind_i64(s, ":instance", import->instance.row);
    stmt_bind_str(s, ":full", import->full.full_id);
    if (stmt_run(s) != 0)
        return call_fail_store(c);
    for (size_t i = 0; i < list->n; i++) {
        struct import_database database;
        if (complete_rename(c, &import->full, &list->v[i], i, &database) != 0 ||
            insert_rename(c, import, &database, i) != 0)
            return -1;
    }
    return 0;
}

/* The file is checked with the new recovery type, so that both can change in one call. */
int modify_backup_migration(struct call *c, const struct modify_backup_migration_in *in,
                            struct modify_backup_migration_out *out)
{
    struct import import;
    if (import_get(c, in->instance_id, in->backup_migration_id, &import) != 0 ||
        import_accept(c, &import, IMPORT_READY) != 0)
        return -1;
    change_text(&import.full.name, in->migration_name);
    change_text(&import.full.recovery_type, in->recovery_type);
    change_text(&import.full.upload_type, in->upload_type);
    change_file(&import.full, &in->backup_files);
    out->backup_migration_id = import.full.full_id;
    if (import_check_file(c, &import.full) != 0 || update(c, &import) != 0)
        return -1;
    return set_renames(c, &import, &in->db_rename);
}

int modify_incremental_migration(struct call *c, const struct modify_incremental_migration_in *in,
                                 struct modify_incremental_migration_out *out)
{
    struct import import;
    if (import_get_incremental(c, in->instance_id, in->backup_migration_id, in->incremental_migration_id,
                               &import) != 0 ||
        import_accept(c, &import, IMPORT_READY) != 0)
        return -1;
    change_text(&import.incremental.is_recovery, in->is_recovery);
    change_file(&import.incremental, &in->backup_files);
    out->incremental_migration_id = import.incremental.incremental_id;
    return import_check_file(c, &import.incremental) == 0 ? update(c, &import) : -1;
}

/* --- deleting one --- */

/* Removes the databases of an import that waits: nothing could complete them any more (assumed). */
static int drop_waiting(struct call *c, const struct import *import)
{
    struct import_database_list list;
    if (import->full.status != BACKUP_MIGRATION_STATUS_WAITING)
        return 0;
    if (import_databases(c, import, &list) != 0)
        return -1;
    for (size_t i = 0; i < list.n; i++) {
        SCOPED_STMT(s, c->world->db,
                    "DELETE FROM database WHERE instance = :instance AND name = :name"
                    " AND status = " DATABASE_STATUS_SQL_CREATING);
        stmt_bind_i64(s, ":instance", import->instance.row);
        stmt_bind_str(s, ":name", list.v[i].new_name);
        if (stmt_run(s) != 0)
            return call_fail_store(c);
    }
    return 0;
}

/* The incremental imports of a full one go with it. */
int delete_backup_migration(struct call *c, const struct delete_backup_migration_in *in,
                            struct delete_backup_migration_out *out)
{
    (void)out;
    struct import import;
    SCOPED_STMT(s, c->world->db,
                "DELETE FROM backup_migration WHERE instance = :instance AND full_id = :full");
    if (import_get(c, in->instance_id, in->backup_migration_id, &import) != 0 ||
        import_accept(c, &import, IMPORT_DELETABLE) != 0 || drop_waiting(c, &import) != 0)
        return -1;
    stmt_bind_i64(s, ":instance", import.instance.row);
    stmt_bind_str(s, ":full", import.full.full_id);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

int delete_incremental_migration(struct call *c, const struct delete_incremental_migration_in *in,
                                 struct delete_incremental_migration_out *out)
{
    (void)out;
    struct import import;
    SCOPED_STMT(s, c->world->db,
                "DELETE FROM backup_migration WHERE instance = :instance AND full_id = :full"
                " AND incremental_id = :incremental");
    if (import_get_incremental(c, in->instance_id, in->backup_migration_id, in->incremental_migration_id,
                               &import) != 0 ||
        import_accept(c, &import, IMPORT_DELETABLE) != 0)
        return -1;
    stmt_bind_i64(s, ":instance", import.instance.row);
    stmt_bind_str(s, ":full", import.full.full_id);
    stmt_bind_str(s, ":incremental", import.incremental.incremental_id);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* --- starting one --- */

/* Gives a task its flow and the status of one that runs. */
static int mark_running(struct call *c, const struct import *import, struct str incremental_id,
                        const struct flow *flow, enum backup_migration_status status)
{
    SCOPED_STMT(s, c->world->db,
                "UPDATE backup_migration SET status = :status, end_ms = NULL,"
                " flow = CASE WHEN :started THEN :flow ELSE flow END,"
                " start_ms = CASE WHEN :started THEN :now ELSE start_ms END"
                " WHERE instance = :instance AND full_id = :full AND incremental_id = :incremental");
    stmt_bind_i64(s, ":status", status);
    stmt_bind_i64(s, ":started", str_eq(incremental_id, import->task->incremental_id));
    stmt_bind_i64(s, ":flow", flow->id);
    stmt_bind_i64(s, ":now", flow->start_ms);
    stmt_bind_i64(s, ":instance", import->instance.row);
    stmt_bind_str(s, ":full", import->full.full_id);
    stmt_bind_str(s, ":incremental", incremental_id);
    return stmt_run(s);
}

/* Starts the flow of the call's task. While an incremental import runs, the full one has its status, too. */
static int start(struct call *c, const struct import *import, enum flow_kind kind,
                 const struct database_set *set, struct opt_u64 *ret_flow)
{
    const bool is_full = import->task == &import->full;
    struct flow flow;
    struct flow_plan plan = {.type = &sqlserver_flow_kinds[kind],
                             .resource = import->instance.row,
                             .start_ms = world_now_ms(c->world),
                             .effect = &c->effect};
    enum backup_migration_status status =
        is_full ? BACKUP_MIGRATION_STATUS_FULL : BACKUP_MIGRATION_STATUS_INCREMENTAL;
    assert(plan.type->settle && (is_full || import->full.status == BACKUP_MIGRATION_STATUS_WAITING));
    if (flow_effect_begin(c->world, &plan, set->v, set->n, &flow) != 0 ||
        mark_running(c, import, STR(""), &flow, status) != 0)
        return call_fail_store(c);
    if (!is_full && mark_running(c, import, import->task->incremental_id, &flow, status) != 0)
        return call_fail_store(c);
    if (flow.over && plan.type->settle(c->world, &flow) != 0)
        return call_fail_store(c);
    *ret_flow = U64((uint64_t)flow.id);
    return 0;
}

/* The action has no code of its own for the instance's status or for a name that is taken: InputIllegal
 * (assumed). */
static int accept_start(struct call *c, const struct import *import)
{
    if (import_accept(c, import, IMPORT_READY) != 0)
        return -1;
    if (import->task->file.n == 0)
        return call_fail_explained(c, ERR_RESOURCE_NOT_FOUND_BACKUP_NOT_FOUND, "import.no-file",
                                   "the import names no file in BackupFiles");
    return instance_accept(c, &import->instance, ACCEPT_TASK, ERR_INVALID_PARAMETER_INPUT_ILLEGAL);
}

static const struct db_create_codes codes = {.chars = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                             .reserved = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                             .exists = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                             .too_many = ERR_INVALID_PARAMETER_INPUT_ILLEGAL};

/* Creates the databases at once, in the status of ones that are being created: their names are taken, and the
 * flow makes them usable or removes them. */
int start_backup_migration(struct call *c, const struct start_backup_migration_in *in,
                           struct start_backup_migration_out *out)
{
    struct import import;
    struct import_database_list list;
    struct db_create_plan plan = {.c = c, .target = &import.instance, .codes = &codes};
    if (import_get(c, in->instance_id, in->backup_migration_id, &import) != 0 ||
        accept_start(c, &import) != 0 || import_databases(c, &import, &list) != 0 ||
        db_create_begin(&plan) != 0)
        return -1;
    for (size_t i = 0; i < list.n; i++)
        if (db_create_check_name(&plan, list.v[i].new_name) != 0 ||
            db_create_new(&plan, list.v[i].new_name) != 0)
            return -1;
    return start(c, &import, FLOW_KIND_COLDMIGRATION, &plan.set, &out->flow_id);
}

/* The last incremental import may have completed the full one while another was ready. */
static int accept_incremental(struct call *c, const struct import *import)
{
    const struct import_task *full = &import->full;
    if (accept_start(c, import) != 0)
        return -1;
    if (full->status == BACKUP_MIGRATION_STATUS_WAITING)
        return 0;
    return call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_COS_STATUS_ERR, "import.status",
                               "%.*s has the status %d and waits for no incremental import",
                               STR_ARG(full->full_id), (int)full->status);
}

/* The flow holds the databases: they have the status "creating" before and while it runs. */
int start_incremental_migration(struct call *c, const struct start_incremental_migration_in *in,
                                struct start_incremental_migration_out *out)
{
    struct import import;
    struct import_database_list list;
    struct database_set set = {0};
    if (import_get_incremental(c, in->instance_id, in->backup_migration_id, in->incremental_migration_id,
                               &import) != 0 ||
        accept_incremental(c, &import) != 0 || import_databases(c, &import, &list) != 0)
        return -1;
    for (size_t i = 0; i < list.n; i++)
        *LIST_ADD(c->arena, &set) = (struct flow_database){.name = list.v[i].new_name};
    return start(c, &import, FLOW_KIND_INCREMENTALMIGRATION, &set, &out->flow_id);
}
