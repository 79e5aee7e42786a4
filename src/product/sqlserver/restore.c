/* RestoreInstance: databases come back from a backup. */
#include "gen/sqlserver.h"
#include "product/sqlserver/backupfile.h"
#include "product/sqlserver/making.h"
#include "product/sqlserver/reason.h"
#include "product/sqlserver/target.h"
#include "product/sqlserver/task.h"

/* Type: over the databases that are there, or beside them. */
enum { RESTORE_OVERWRITES = 0 };

/* The action has no code for a bad name. */
static const struct making_codes codes = {.chars = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                          .reserved = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                          .exists = ERR_INVALID_PARAMETER_VALUE_DB_EXIST,
                                          .too_many = ERR_LIMIT_EXCEEDED_TOO_MANY_DB};

/* A single file stands for all files of its group when the group is named with it. */
static int widen_to_group(struct call *c, const struct instance *source, struct str group_id,
                          struct backup_row *row)
{
    int64_t flow;
    if (!row->single || !backup_group_flow(group_id, &flow) || flow != row->flow)
        return call_refuse(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "backup.other-group",
                           "the file of BackupId is not one of the group %.*s", STR_ARG(group_id));
    int rc = backup_find(c, source, flow, row);
    return rc == 0 ? refuse_no_group(c, source, group_id) : rc < 0 ? -1 : 0;
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
        return refuse_no_file(c, source, in->backup_id.v);
    return in->group_id.n > 0 ? widen_to_group(c, source, in->group_id, ret_row) : 0;
}

/* A restoring under way. */
struct restore {
    struct making making;
    struct instance source, target;
    struct backup_row backup;
};

/* Names of DBList are those in the backup, whatever the instance has now. */
static int check_holds(struct restore *r, struct str name)
{
    for (size_t i = 0; i < r->backup.databases.n; i++)
        if (str_eq(r->backup.databases.v[i], name))
            return 0;
    return call_refuse(r->making.c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND, "backup.lacks-database",
                       "the backup of flow %lld does not hold database %.*s", (long long)r->backup.flow,
                       STR_ARG(name));
}

static int overwrite(struct restore *r, const struct str_list *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (check_holds(r, names->v[i]) != 0 || making_overwrite(&r->making, &r->source, names->v[i]) != 0)
            return -1;
    return 0;
}

static int copy(struct restore *r, struct str old, struct str new_name)
{
    struct flow_database pair = {.name = old, .new_name = new_name};
    return making_copy_named(&r->making, &r->source, &pair, r->backup.start_ms);
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
            return refuse_no_old_name(r->making.c, i);
        if (check_holds(r, pairs->v[i].old_name) != 0 ||
            copy(r, pairs->v[i].old_name, pairs->v[i].new_name) != 0)
            return -1;
    }
    return 0;
}

static int make_databases(struct restore *r, const struct restore_instance_in *in)
{
    if (making_begin(&r->making) != 0)
        return -1;
    if (in->type.v == RESTORE_OVERWRITES)
        return overwrite(r, &in->db_list);
    return in->rename_restore.n > 0 ? copy_renamed(r, &in->rename_restore) : copy_all(r);
}

/* The source need not be free: its backup is read, not itself. */
int restore_instance(struct call *c, const struct restore_instance_in *in, struct restore_instance_out *out)
{
    struct restore r = {.making = {.c = c, .target = &r.target, .codes = &codes}};
    struct flow flow;
    if (in->type.v == RESTORE_OVERWRITES && in->db_list.n == 0)
        return call_refuse(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                           "Type 0 overwrites the databases in DBList, and there are none in it");
    if (instance_get(c, in->instance_id, &r.source) != 0 ||
        target_get(c, &r.source, in->target_instance_id, &r.target) != 0 ||
        find_backup(c, in, &r.source, &r.backup) != 0 || instance_accept_task(c, &r.target) != 0)
        return -1;
    if (make_databases(&r, in) != 0 || task_start(c, FLOW_RESTORE, &r.target, &r.making.set, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}
