/* RestoreInstance, which restores databases from a backup; RollbackInstance, which rolls them back to a point
 * in time. */
#include <assert.h>

#include "product/sqlserver/backup_file.h"
#include "product/sqlserver/database_create.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/restore_task.h"
#include "product/sqlserver/restore_time.h"
#include "product/sqlserver/sqlserver.h"

/* The parameter Type of both actions: 0 overwrites the databases of the target, any other value creates
 * copies. */
enum { TYPE_OVERWRITE = 0 };

/*
 * --- what restore and rollback share ---
 *
 * Both take data of databases of a source instance at one time: a restore from a backup, with the names in
 * it, a rollback from the retention, with the names that the call chooses. Type 0 writes it over the
 * databases of the target that have these names. Any other Type copies it into new databases: those that
 * RenameRestore mentions get its NewName, the others a default name with the time of the data. A restore that
 * mentions some copies only those.
 */

struct restore {
    struct call *c;
    struct db_create_plan plan;
    struct instance source, target; /* the same without TargetInstanceId */
    struct str_list names;          /* databases of the source with data */
    int64_t at_ms;                  /* the time of the data */
    int64_t flow;                   /* of the backup; 0 for a rollback */
};

/* Finds the source and the target, which is the source itself unless the call names another instance. */
static int find_instances(struct restore *r, struct str source_id, struct str target_id)
{
    if (instance_get(r->c, source_id, &r->source) != 0)
        return -1;
    r->target = r->source;
    if (target_id.n > 0 && instance_get(r->c, target_id, &r->target) != 0)
        return -1;
    return restore_check_version(r->c, &r->source, &r->target);
}

/* Checks that the restore has data of a database, and gives it the name that it has there: where the
 * collation ignores the case, a client may write it otherwise. */
static int check_has(const struct restore *r, struct str name, struct str *ret_name)
{
    for (size_t i = 0; i < r->names.n; i++)
        if (r->source.ignore_case ? str_eq_nocase(r->names.v[i], name) : str_eq(r->names.v[i], name)) {
            *ret_name = r->names.v[i];
            return 0;
        }
    if (r->flow == 0)
        return call_fail_explained(r->c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND, "database.not-chosen",
                                   "%.*s in RenameRestore is not one of the databases that are rolled back",
                                   STR_ARG(name));
    return call_fail_explained(r->c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND, "backup.lacks-database",
                               "the backup of flow %lld does not contain database %.*s", (long long)r->flow,
                               STR_ARG(name));
}

/* Type 0. */
static int overwrite(struct restore *r, const struct str_list *names)
{
    struct str name;
    for (size_t i = 0; i < names->n; i++)
        if (check_has(r, names->v[i], &name) != 0 || db_create_overwrite(&r->plan, &r->source, name) != 0)
            return -1;
    return 0;
}

/* Copies a database. `new_name` p == NULL: the default name, which needs no check. */
static int copy(struct restore *r, struct str old_name, struct str new_name)
{
    if (!new_name.p)
        new_name = database_copy_name(r->c->arena, old_name, r->at_ms);
    else if (db_create_check_name(&r->plan, new_name) != 0)
        return -1;
    return db_create_copy(&r->plan, &r->source, old_name, new_name);
}

/* Copies the databases of RenameRestore, in its order: the first wrong element decides the code. */
static int copy_renamed(struct restore *r, const struct rename_restore_database_list *pairs)
{
    for (size_t i = 0; i < pairs->n; i++) {
        const struct rename_restore_database *pair = &pairs->v[i];
        if (!pair->old_name.p)
            return reject_no_old_name(r->c, i);
        struct str old_name;
        if (check_has(r, pair->old_name, &old_name) != 0 || copy(r, old_name, pair->new_name) != 0)
            return -1;
    }
    return 0;
}

static bool is_renamed(const struct restore *r, const struct rename_restore_database_list *pairs,
                       struct str name)
{
    for (size_t i = 0; i < pairs->n; i++)
        if (r->source.ignore_case ? str_eq_nocase(pairs->v[i].old_name, name)
                                  : str_eq(pairs->v[i].old_name, name))
            return true;
    return false;
}

/* Copies the databases that RenameRestore does not mention, under default names. */
static int copy_others(struct restore *r, const struct rename_restore_database_list *pairs)
{
    for (size_t i = 0; i < r->names.n; i++)
        if (!is_renamed(r, pairs, r->names.v[i]) && copy(r, r->names.v[i], (struct str){NULL, 0}) != 0)
            return -1;
    return 0;
}

/* Starts the flow, which works on the target, and records it as a task of the source. */
static int start(struct restore *r, enum flow_kind kind, struct flow *ret_flow)
{
    if (task_start(r->c, kind, &r->target, &r->plan.set, ret_flow) != 0)
        return -1;
    return restore_task_insert(r->c, &r->source, ret_flow, r->at_ms) == 0 ? 0 : call_fail_store(r->c);
}

/* --- RestoreInstance --- */

/* The action has no code for a wrong name. */
static const struct db_create_codes restore_codes = {.chars = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                                     .reserved = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                                     .exists = ERR_INVALID_PARAMETER_VALUE_DB_EXIST,
                                                     .too_many = ERR_LIMIT_EXCEEDED_TOO_MANY_DB};

/* A single file together with its group means all files of the group. */
static int widen_to_group(struct restore *r, struct str group_id, struct backup_row *row)
{
    int64_t flow;
    if (!row->single || !backup_group_flow(group_id, &flow) || flow != row->flow)
        return call_fail_explained(r->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "backup.other-group",
                                   "the file of BackupId is not in the group %.*s", STR_ARG(group_id));
    int rc = backup_find(r->c, &r->source, flow, row);
    return rc == 0 ? reject_no_group(r->c, &r->source, group_id) : rc < 0 ? -1 : 0;
}

/* An unknown file gets InputIllegal (assumed, because the action has no BackupNotFound). The names are those
 * in the backup, even if the source has other databases now. */
static int find_backup(struct restore *r, const struct restore_instance_in *in)
{
    struct backup_row row;
    int rc = backup_find_file(r->c, &r->source, in->backup_id.v, &row);
    if (rc <= 0)
        return rc < 0 ? -1 : reject_no_file(r->c, &r->source, in->backup_id.v);
    if (in->group_id.n > 0 && widen_to_group(r, in->group_id, &row) != 0)
        return -1;
    assert(row.flow > 0);
    r->names = row.databases;
    r->at_ms = row.start_ms;
    r->flow = row.flow;
    return 0;
}

/* Writes the rows of the databases; the flow then works on them. */
static int restore_databases(struct restore *r, const struct restore_instance_in *in)
{
    if (db_create_begin(&r->plan) != 0)
        return -1;
    if (in->type.v == TYPE_OVERWRITE)
        return overwrite(r, &in->db_list);
    return in->rename_restore.n > 0 ? copy_renamed(r, &in->rename_restore)
                                    : copy_others(r, &in->rename_restore);
}

/* Tasks on the source may run, because only its backup is read. */
int restore_instance(struct call *c, const struct restore_instance_in *in, struct restore_instance_out *out)
{
    struct restore r = {.c = c, .plan = {.c = c, .target = &r.target, .codes = &restore_codes}};
    struct flow flow;
    call_unread(c, in->type.v == TYPE_OVERWRITE && in->rename_restore.n > 0, "RenameRestore");
    call_unread(c, in->type.v != TYPE_OVERWRITE && in->db_list.n > 0, "DBList");
    if (in->type.v == TYPE_OVERWRITE && in->db_list.n == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                                   "Type 0 overwrites the databases in DBList, which is empty");
    if (find_instances(&r, in->instance_id, in->target_instance_id) != 0 || find_backup(&r, in) != 0 ||
        instance_accept_task(c, &r.target) != 0 || restore_databases(&r, in) != 0)
        return -1;
    if (start(&r, FLOW_KIND_RESTORE, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}

/* --- RollbackInstance --- */

/* InputIllegal is assumed in place of DBExist, DBNameIsKeyWrods and TooManyDB, which the action does not
 * have. */
static const struct db_create_codes rollback_codes = {.chars = ERR_INVALID_PARAMETER_VALUE_DB_CHAR_ILLEGAL,
                                                      .reserved = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                                      .exists = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                                      .too_many = ERR_INVALID_PARAMETER_INPUT_ILLEGAL};

/* Appends the names that RenameRestore mentions. */
static int old_names(struct call *c, const struct rename_restore_database_list *pairs, struct str_list *names)
{
    for (size_t i = 0; i < pairs->n; i++) {
        if (!pairs->v[i].old_name.p)
            return reject_no_old_name(c, i);
        str_list_add(c->arena, names, pairs->v[i].old_name);
    }
    return 0;
}

/* Chooses the databases in DBs; without it (Terraform never sends it) those in RenameRestore; without both,
 * all. */
static int choose_databases(struct restore *r, const struct rollback_instance_in *in,
                            struct database_set *ret_set)
{
    struct str_list names = in->dbs;
    if (names.n == 0 && in->type.v != TYPE_OVERWRITE && old_names(r->c, &in->rename_restore, &names) != 0)
        return -1;
    if (names.n > 0)
        return database_choose(r->c, &r->source, &names, DATABASE_EFFECT_HOLD, ret_set);
    if (database_all(r->c->world, r->c->arena, r->source.row, ret_set) != 0)
        return call_fail_store(r->c);
    return ret_set->n > 0 ? 0 : reject_no_databases(r->c, &r->source);
}

/* Each database must have existed at that time: one that was created yesterday cannot be rolled back to last
 * week. */
static int check_time(const struct restore *r, struct str name)
{
    struct rollback_window window;
    struct arena *a = r->c->arena;
    int rc = rollback_window_read(r->c, &r->source, name, &window);
    if (rc < 0)
        return -1;
    if (rc == 0)
        return call_fail_explained(r->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "time.no-window",
                                   "no backup exists from which database %.*s could be rolled back",
                                   STR_ARG(name));
    if (r->at_ms >= window.start_ms && r->at_ms <= window.end_ms)
        return 0;
    return call_fail_explained(r->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "time.outside-window",
                               "database %.*s can be rolled back to a time from %.*s to %.*s, not to %.*s",
                               STR_ARG(name), STR_ARG(time_beijing(a, window.start_ms)),
                               STR_ARG(time_beijing(a, window.end_ms)), STR_ARG(time_beijing(a, r->at_ms)));
}

static int roll_back_databases(struct restore *r, const struct rollback_instance_in *in)
{
    if (db_create_begin(&r->plan) != 0)
        return -1;
    if (in->type.v == TYPE_OVERWRITE)
        return overwrite(r, &r->names);
    return copy_renamed(r, &in->rename_restore) == 0 ? copy_others(r, &in->rename_restore) : -1;
}

/* Documented (238/55305): no other task may run on the source. A flow locks the databases that are
 * copied on their own instance. */
int rollback_instance(struct call *c, const struct rollback_instance_in *in,
                      struct rollback_instance_out *out)
{
    struct restore r = {.c = c, .plan = {.c = c, .target = &r.target, .codes = &rollback_codes}};
    struct database_set chosen;
    struct flow flow;
    call_unread(c, in->type.v == TYPE_OVERWRITE && in->rename_restore.n > 0, "RenameRestore");
    if (time_parse_beijing(in->time, &r.at_ms) != 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "time.form",
                                   "%.*s is not a time such as 2026-01-01 00:00:00", STR_ARG(in->time));
    if (find_instances(&r, in->instance_id, in->target_instance_id) != 0 ||
        instance_accept_sole_task(c, &r.source) != 0 || instance_accept_task(c, &r.target) != 0 ||
        choose_databases(&r, in, &chosen) != 0)
        return -1;
    for (size_t i = 0; i < chosen.n; i++)
        str_list_add(c->arena, &r.names, chosen.v[i].name);
    for (size_t i = 0; i < r.names.n; i++)
        if (check_time(&r, r.names.v[i]) != 0)
            return -1;
    if (in->type.v != TYPE_OVERWRITE && r.source.row == r.target.row)
        r.plan.set = chosen;
    if (roll_back_databases(&r, in) != 0 || start(&r, FLOW_KIND_ROLLBACK, &flow) != 0)
        return -1;
    out->flow_id = U64((uint64_t)flow.id);
    return 0;
}
