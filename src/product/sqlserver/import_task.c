/* Reading imports, the names of their files, and the ends of their flows. */
#include "product/sqlserver/import_task.h"

#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver_flows.h"

/* --- finding one --- */

/* 1 and the row, 0 when there is none, -1 after failing the call. */
static int read_task(struct call *c, const struct instance *instance, struct str full_id,
                     struct str incremental_id, struct import_task *ret_task)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT name, recovery_type, upload_type, file, is_recovery, status FROM backup_migration"
                " WHERE instance = :instance AND full_id = :full AND incremental_id = :incremental");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":full", full_id);
    stmt_bind_str(s, ":incremental", incremental_id);
    int rc = stmt_step(s);
    if (rc != 1)
        return rc < 0 ? call_fail_store(c) : 0;
    assert(full_id.n > 0);
    *ret_task = (struct import_task){
        .full_id = full_id,
        .incremental_id = incremental_id,
        .name = stmt_str(s, c->arena, "name"),
        .recovery_type = stmt_str(s, c->arena, "recovery_type"),
        .upload_type = stmt_str(s, c->arena, "upload_type"),
        .file = stmt_str(s, c->arena, "file"),
        .is_recovery = stmt_str(s, c->arena, "is_recovery"),
        .status = (enum backup_migration_status)stmt_i64(s, "status"),
    };
    return 1;
}

/* Fails with `code`, or with the other code of the two where the action does not declare that (assumed). */
static int reject_none(struct call *c, enum error_id code, const struct import *import, struct str id)
{
    const enum error_id codes[] = {code, ERR_RESOURCE_NOT_FOUND_FULL_BACKUP_MIGRATION_NOT_EXIST,
                                   ERR_RESOURCE_NOT_FOUND_INCRE_BACKUP_MIGRATION_NOT_EXIST};
    return call_fail_explained(c, call_first_declared(c, codes, sizeof codes / sizeof codes[0]),
                               "import.not-found", "%.*s has no import %.*s",
                               STR_ARG(import->instance.instance_id), STR_ARG(id));
}

int import_get(struct call *c, struct str instance_id, struct str full_id, struct import *ret_import)
{
    if (instance_get(c, instance_id, &ret_import->instance) != 0)
        return -1;
    ret_import->task = &ret_import->full;
    int rc = read_task(c, &ret_import->instance, full_id, STR(""), &ret_import->full);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    return reject_none(c, ERR_RESOURCE_NOT_FOUND_FULL_BACKUP_MIGRATION_NOT_EXIST, ret_import, full_id);
}

/* An empty id names no incremental import: the row with it is the full one. */
int import_get_incremental(struct call *c, struct str instance_id, struct str full_id,
                           struct str incremental_id, struct import *ret_import)
{
    struct import *import = ret_import;
    if (import_get(c, instance_id, full_id, import) != 0)
        return -1;
    import->task = &import->incremental;
    int rc = incremental_id.n == 0
                 ? 0
                 : read_task(c, &import->instance, full_id, incremental_id, &import->incremental);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    return reject_none(c, ERR_RESOURCE_NOT_FOUND_INCRE_BACKUP_MIGRATION_NOT_EXIST, import, incremental_id);
}

int import_accept(struct call *c, const struct import *import, uint32_t statuses)
{
    const struct import_task *task = import->task;
    const bool is_full = task == &import->full;
    assert((unsigned)task->status < 32);
    if (import->full.status == BACKUP_MIGRATION_STATUS_INCREMENTAL &&
        (is_full || task->status != BACKUP_MIGRATION_STATUS_INCREMENTAL))
        return call_fail_explained(c, ERR_FAILED_OPERATION_MIGRATION_LOCK_ERROR, "import.locked",
                                   "an incremental import of %.*s runs", STR_ARG(import->full.full_id));
    if (statuses >> task->status & 1)
        return 0;
    return call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_COS_STATUS_ERR, "import.status",
                               "%.*s has the status %d, in which it does not allow this",
                               STR_ARG(is_full ? task->full_id : task->incremental_id), (int)task->status);
}

/* --- files --- */

struct str import_file_name(struct str file)
{
    struct str name = str_head(file, str_find(file, '?'));
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '/')
            return str_skip(name, i);
    return name;
}

/* The endings of names by what the file holds (documented): a full backup, and the ones that follow it. */
struct file_form {
    struct str recovery_type;
    struct str full, next, last;
};
static const struct file_form file_forms[] = {
    {STR_INIT("FULL_LOG"), STR_INIT("_2full2_2noreconvery2.bak"), STR_INIT("_2log2_2noreconvery2.bak"),
     STR_INIT("_2log2_2reconvery2.bak")},
    {STR_INIT("FULL_DIFF"), STR_INIT("_1full1_1noreconvery1.bak"), STR_INIT("_1diff1_1noreconvery1.bak"),
     STR_INIT("_1diff1_1reconvery1.bak")},
};

/* The name without "_<time>" and `form`; p == NULL when it does not end so. */
static struct str strip_form(struct str name, struct str form)
{
    if (!str_ends(name, form))
        return (struct str){NULL, 0};
    size_t digits = 0, n = name.n - form.n;
    while (digits < n && ascii_is_digit(name.p[n - digits - 1]))
        digits++;
    if (digits == 0 || n < digits + 2 || name.p[n - digits - 1] != '_')
        return (struct str){NULL, 0};
    return str_head(name, n - digits - 1);
}

/* Without the form of a full backup, which has the time in it; else without what follows the last dot. */
static struct str strip_ending(struct str name)
{
    for (size_t i = 0; i < sizeof file_forms / sizeof file_forms[0]; i++) {
        struct str stem = strip_form(name, file_forms[i].full);
        if (stem.p)
            return stem;
    }
    for (size_t i = name.n; i > 1; i--)
        if (name.p[i - 1] == '.')
            return str_head(name, i - 1);
    return name;
}

struct str import_file_database(struct arena *a, struct str file)
{
    enum { NAME_MAX_CHARS = 64 }; /* as database_name_valid */
    struct str stem = str_head(strip_ending(import_file_name(file)), NAME_MAX_CHARS);
    while (stem.n > 0 && stem.p[0] == '_')
        stem = str_skip(stem, 1);
    char *name = ARENA_ARRAY(a, char, stem.n + 1);
    for (size_t i = 0; i < stem.n; i++) {
        bool plain = ascii_is_letter(stem.p[i]) || ascii_is_digit(stem.p[i]);
        name[i] = plain || i == 0 ? stem.p[i] : '_';
    }
    struct str made = {name, stem.n};
    assert(stem.n <= NAME_MAX_CHARS);
    return database_name_valid(made) ? made : CONCAT(a, STR("db"), str_skip(made, 1));
}

/* An incremental backup may be the last one or not, whatever IsRecovery says: a client may change that later.
 */
static bool form_fits(const struct file_form *form, const struct import_task *task)
{
    struct str name = import_file_name(task->file);
    if (task->incremental_id.n == 0)
        return strip_form(name, form->full).p != NULL;
    return strip_form(name, form->next).p || strip_form(name, form->last).p;
}

/* The name of a full backup that stands alone is free (documented), but empty. */
static bool name_fits(const struct import_task *task)
{
    for (size_t i = 0; i < sizeof file_forms / sizeof file_forms[0]; i++)
        if (str_eq(file_forms[i].recovery_type, task->recovery_type))
            return form_fits(&file_forms[i], task);
    return import_file_name(task->file).n > 0;
}

int import_check_file(struct call *c, const struct import_task *task)
{
    const bool url = str_starts(task->file, STR("http://")) || str_starts(task->file, STR("https://"));
    if (task->file.n == 0)
        return 0;
    if (str_eq(task->upload_type, STR("COS_URL")) && !url)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "import.url",
                                   "\"%.*s\" is no URL, and UploadType is COS_URL", STR_ARG(task->file));
    if (name_fits(task))
        return 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_BACKUP_NAME_IS_ILLEGAL, "import.file-name",
                               "\"%.*s\" does not end as the file of such an import with %.*s does",
                               STR_ARG(task->file), STR_ARG(task->recovery_type));
}

/* --- databases --- */

int import_read_renames(struct world *w, struct arena *a, int64_t instance, struct str full_id,
                        struct import_database_list *ret_list)
{
    int rc;
    SCOPED_STMT(s, w->db,
                "SELECT old_name, new_name FROM backup_migration_rename"
                " WHERE instance = :instance AND full_id = :full ORDER BY ordinal");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":full", full_id);
    *ret_list = (struct import_database_list){NULL, 0};
    while ((rc = stmt_step(s)) == 1)
        *LIST_ADD(a, ret_list) =
            (struct import_database){stmt_str(s, a, "old_name"), stmt_str(s, a, "new_name")};
    return rc;
}

int import_databases(struct call *c, const struct import *import, struct import_database_list *ret_list)
{
    const struct import_task *full = &import->full;
    if (import_read_renames(c->world, c->arena, import->instance.row, full->full_id, ret_list) != 0)
        return call_fail_store(c);
    if (ret_list->n == 0 && full->file.n > 0) {
        struct str name = import_file_database(c->arena, full->file);
        *LIST_ADD(c->arena, ret_list) = (struct import_database){name, name};
    }
    return 0;
}

/* --- the ends of flows --- */

/* Runs and releases a statement about the tasks of a flow. */
static int run(struct stmt *taken, const struct flow *f)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = taken;
    stmt_bind_i64(s, ":flow", f->id);
    stmt_bind_i64(s, ":fails", f->fails);
    stmt_bind_i64(s, ":now", f->due_ms);
    return stmt_run(s);
}

/* Sets the databases of a flow to the status when its task has come to that point. */
static int set_databases(struct world *w, const struct flow *f, enum database_status status, bool waiting)
{
    SCOPED_STMT(s, w->db,
                "UPDATE database SET status = :status WHERE instance = :instance"
                " AND name IN (SELECT name FROM flow_database WHERE flow = :flow)"
                " AND EXISTS (SELECT 1 FROM backup_migration WHERE flow = :flow"
                " AND CASE WHEN :waiting THEN status = " BACKUP_MIGRATION_STATUS_SQL_WAITING
                " ELSE status = " BACKUP_MIGRATION_STATUS_SQL_SUCCESS " AND is_recovery = 'YES' END)");
    stmt_bind_i64(s, ":status", status);
    stmt_bind_i64(s, ":instance", f->resource);
    stmt_bind_i64(s, ":flow", f->id);
    stmt_bind_i64(s, ":waiting", waiting);
    return stmt_run(s);
}

/* Success makes the databases usable, unless the import waits for incremental ones. Failure removes them. */
int import_full_settle(struct world *w, const struct flow *f)
{
    if (databases_settle(w, f) != 0 ||
        run(stmt_get(w->db, "UPDATE backup_migration SET status = CASE WHEN :fails"
                            " THEN " BACKUP_MIGRATION_STATUS_SQL_FAILURE
                            " WHEN recovery_type = 'FULL' THEN " BACKUP_MIGRATION_STATUS_SQL_SUCCESS
                            " ELSE " BACKUP_MIGRATION_STATUS_SQL_WAITING " END,"
                            " end_ms = CASE WHEN :fails OR recovery_type = 'FULL' THEN :now END"
                            " WHERE flow = :flow"),
            f) != 0)
        return -1;
    return set_databases(w, f, DATABASE_STATUS_CREATING, true);
}

/* The full import goes on waiting, unless this was its last incremental one. */
int import_incremental_settle(struct world *w, const struct flow *f)
{
    if (run(stmt_get(w->db, "UPDATE backup_migration SET end_ms = :now, status = CASE WHEN :fails"
                            " THEN " BACKUP_MIGRATION_STATUS_SQL_FAILURE
                            " ELSE " BACKUP_MIGRATION_STATUS_SQL_SUCCESS " END WHERE flow = :flow"),
            f) != 0 ||
        run(stmt_get(w->db,
                     "UPDATE backup_migration SET"
                     " status = CASE WHEN :fails OR done.is_recovery = 'NO'"
                     " THEN " BACKUP_MIGRATION_STATUS_SQL_WAITING " ELSE " BACKUP_MIGRATION_STATUS_SQL_SUCCESS
                     " END,"
                     " end_ms = CASE WHEN NOT :fails AND done.is_recovery = 'YES' THEN :now END"
                     " FROM backup_migration AS done WHERE done.flow = :flow"
                     " AND backup_migration.instance = done.instance"
                     " AND backup_migration.full_id = done.full_id AND backup_migration.incremental_id = ''"),
            f) != 0)
        return -1;
    return set_databases(w, f, DATABASE_STATUS_NORMAL, false);
}
