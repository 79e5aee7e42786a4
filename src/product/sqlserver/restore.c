/* Restoring and rolling back share where they may write to. */
#include "product/sqlserver/restore.h"

#include "gen/sqlserver.h"
#include "product/sqlserver/backup_file.h"
#include "product/sqlserver/database_create.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/sqlserver.h"

/* Versions begin with their year, as in 2008R2 and 2012SP3. */
static int check_version(struct call *c, const struct instance *source, const struct instance *target)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT source.version AS wanted, target.version AS there FROM instance source JOIN instance "
                "target ON target.id = :target"
                " WHERE source.id = :source AND substr(target.version, 1, 4) < substr(source.version, 1, 4)");
    stmt_bind_i64(s, ":source", source->row);
    stmt_bind_i64(s, ":target", target->row);
    int older = stmt_step(s);
    if (older < 0)
        return call_fail_store(c);
    if (!older)
        return 0;
    struct str wanted = stmt_str(s, c->arena, "wanted"), there = stmt_str(s, c->arena, "there");
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "target.older",
                               "%.*s has version %.*s, older than the source's %.*s",
                               STR_ARG(target->instance_id), STR_ARG(there), STR_ARG(wanted));
}

/* The source itself is never older than itself, so that the question is asked in either case. */
int restore_target_get(struct call *c, const struct instance *source, struct str target_id,
                       struct instance *ret_target)
{
    struct instance target = *source;
    if (target_id.n > 0 && instance_get(c, target_id, &target) != 0)
        return -1;
    if (check_version(c, source, &target) != 0)
        return -1;
    *ret_target = target;
    return 0;
}

/* --- restore --- */

/* RestoreInstance: databases come back from a backup. */

/* Type: over the databases that are there, or beside them. */
enum { RESTORE_OVERWRITES = 0 };

/* The action has no code for a bad name. */
static const struct create_codes codes = {.chars = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                          .reserved = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                          .exists = ERR_INVALID_PARAMETER_VALUE_DB_EXIST,
                                          .too_many = ERR_LIMIT_EXCEEDED_TOO_MANY_DB};

/* A single file stands for all files of its group when the group is named with it. */
static int widen_to_group(struct call *c, const struct instance *source, struct str group_id,
                          struct backup_row *row)
{
    int64_t flow;
    if (!row->single || !backup_group_flow(group_id, &flow) || flow != row->flow)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "backup.other-group",
                                   "the file of BackupId is not one of the group %.*s", STR_ARG(group_id));
    int rc = backup_find(c, source, flow, row);
    return rc == 0 ? reject_no_group(c, source, group_id) : rc < 0 ? -1 : 0;
}

/* What is restored from. The action has no BackupNotFound; that a file that is not there gets InputIllegal is
 * assumed. */
static int find_backup(struct call *c, const struct restore_instance_in *in, const struct instance *source,
                       struct backup_row *ret_row)
{
    int rc = backup_find_file(c, source, in->backup_id.v, ret_row);
    if (rc < 0)
        return -1;
    if (rc == 0)
        return reject_no_file(c, source, in->backup_id.v);
    return in->group_id.n > 0 ? widen_to_group(c, source, in->group_id, ret_row) : 0;
}

/* A restoring under way. */
struct restore {
    struct plan plan;
    struct instance source, target;
    struct backup_row backup;
};

/* Names of DBList are those in the backup, whatever the instance has now. */
static int check_holds(struct restore *r, struct str name)
{
    for (size_t i = 0; i < r->backup.databases.n; i++)
        if (str_eq(r->backup.databases.v[i], name))
            return 0;
    return call_fail_explained(r->plan.c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND, "backup.lacks-database",
                               "the backup of flow %lld does not hold database %.*s",
                               (long long)r->backup.flow, STR_ARG(name));
}

static int overwrite(struct restore *r, const struct str_list *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (check_holds(r, names->v[i]) != 0 || db_create_overwrite(&r->plan, &r->source, names->v[i]) != 0)
            return -1;
    return 0;
}

static int copy(struct restore *r, struct str old, struct str new_name)
{
    struct flow_database pair = {.name = old, .new_name = new_name};
    return db_create_copy_named(&r->plan, &r->source, &pair, r->backup.start_ms);
}

static int copy_all(struct restore *r)
{
    for (size_t i = 0; i < r->backup.databases.n; i++)
        if (copy(r, r->backup.databases.v[i], (struct str){NULL, 0}) != 0)
            return -1;
    return 0;
}

static int copy_renamed(struct restore *r, const struct rename_restore_database_list *pairs)
{
    for (size_t i = 0; i < pairs->n; i++) {
        if (!pairs->v[i].old_name.p)
            return reject_no_old_name(r->plan.c, i);
        if (check_holds(r, pairs->v[i].old_name) != 0 ||
            copy(r, pairs->v[i].old_name, pairs->v[i].new_name) != 0)
            return -1;
    }
    return 0;
}

static int make_databases(struct restore *r, const struct restore_instance_in *in)
{
    if (db_create_begin(&r->plan) != 0)
        return -1;
    if (in->type.v == RESTORE_OVERWRITES)
        return overwrite(r, &in->db_list);
    return in->rename_restore.n > 0 ? copy_renamed(r, &in->rename_restore) : copy_all(r);
}

/* The source need not be free: its backup is read, not itself. */
int restore_instance(struct call *c, const struct restore_instance_in *in, struct restore_instance_out *out)
{
    struct restore r = {.plan = {.c = c, .target = &r.target, .codes = &codes}};
    struct flow flow;
    if (in->type.v == RESTORE_OVERWRITES && in->db_list.n == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                                   "Type 0 overwrites the databases in DBList, and there are none in it");
    if (instance_get(c, in->instance_id, &r.source) != 0 ||
        restore_target_get(c, &r.source, in->target_instance_id, &r.target) != 0 ||
        find_backup(c, in, &r.source, &r.backup) != 0 || instance_accept_task(c, &r.target) != 0)
        return -1;
    if (make_databases(&r, in) != 0 || task_start(c, FLOW_KIND_RESTORE, &r.target, &r.plan.set, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}

/* --- clone --- */

/* CloneDB: copies of databases beside them, in the same instance. */

static const struct create_codes clone_codes = {.chars = ERR_INVALID_PARAMETER_VALUE_DB_CHAR_ILLEGAL,
                                                .reserved = ERR_INVALID_PARAMETER_VALUE_DB_NAME_IS_KEY_WRODS,
                                                .exists = ERR_INVALID_PARAMETER_VALUE_DB_EXIST,
                                                .too_many = ERR_LIMIT_EXCEEDED_TOO_MANY_DB};

/* Documented: both names are needed and differ. That a missing one gets InputIllegal is assumed. */
static int check_pair(struct call *c, const struct rename_restore_database *pair)
{
    if (pair->old_name.n == 0 || pair->new_name.n == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                                   "each element of RenameRestore needs OldName and NewName");
    if (str_eq(pair->old_name, pair->new_name))
        return reject_same(c, ERR_INVALID_PARAMETER_VALUE_DB_NAME_SAME, pair->new_name);
    return 0;
}

/* The databases to copy must work and be free; the flow holds them. */
static int hold_sources(struct plan *m, const struct rename_restore_database_list *pairs)
{
    struct str_list names = {ARENA_ARRAY(m->c->arena, struct str, pairs->n), pairs->n, true};
    for (size_t i = 0; i < pairs->n; i++) {
        if (check_pair(m->c, &pairs->v[i]) != 0)
            return -1;
        names.v[i] = pairs->v[i].old_name;
    }
    return database_choose(m->c, m->target, &names, DATABASE_EFFECT_HOLD, &m->set);
}

static int clone_all(struct plan *m, const struct rename_restore_database_list *pairs)
{
    if (db_create_begin(m) != 0)
        return -1;
    for (size_t i = 0; i < pairs->n; i++)
        if (db_create_check_name(m, pairs->v[i].new_name) != 0 ||
            db_create_copy(m, m->target, pairs->v[i].old_name, pairs->v[i].new_name) != 0)
            return -1;
    return 0;
}

int clone_db(struct call *c, const struct clone_db_in *in, struct clone_db_out *out)
{
    struct instance instance;
    struct plan plan = {.c = c, .target = &instance, .codes = &clone_codes};
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_task(c, &instance) != 0)
        return -1;
    if (hold_sources(&plan, &in->rename_restore) != 0 || clone_all(&plan, &in->rename_restore) != 0 ||
        task_start(c, FLOW_KIND_CLONE, &instance, &plan.set, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}
