/* The window is read from the backups that there are, not kept: retention moves its start all the time. */
#include "product/sqlserver/rollback.h"

#include "gen/sqlserver.h"
#include "product/sqlserver/database_create.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/restore.h"
#include "product/sqlserver/sqlserver.h"

static int64_t whole_second(int64_t ms)
{
    return ms - ms % 1000;
}

/* The index of an instance's backups by their start ends the search at the first that holds the database. */
int rollback_window_of(struct call *c, const struct instance *instance, struct str database,
                       struct rollback_window *ret_window)
{
    int64_t now = world_now_ms(c->world), kept_from = now - instance->keep_ms;
    SCOPED_STMT(s, c->world->db,
                "SELECT CASE WHEN created_ms >= :from THEN created_ms ELSE"
                " (SELECT end_ms FROM backup JOIN flow_database held"
                " ON held.flow = backup.flow AND held.name = database.name"
                " WHERE backup.instance = database.instance AND backup.status = 1 AND start_ms > :from"
                " ORDER BY start_ms LIMIT 1) END AS start"
                " FROM database WHERE instance = :instance AND name = :name AND status IN (2, 3)");
    stmt_bind_i64(s, ":from", kept_from);
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", database);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 0 || stmt_is_null(s, "start"))
        return 0;
    *ret_window = (struct rollback_window){whole_second(stmt_i64(s, "start")), whole_second(now)};
    return 1;
}

static struct db_rollback_time_info shown(struct call *c, struct str name,
                                          const struct rollback_window *window)
{
    return (struct db_rollback_time_info){.db_name = name,
                                          .start_time = time_beijing(c->arena, window->start_ms),
                                          .end_time = time_beijing(c->arena, window->end_ms)};
}

/* The action has no DBNotFound: a database that is not there is left out (assumed). */
int describe_rollback_time(struct call *c, const struct describe_rollback_time_in *in,
                           struct describe_rollback_time_out *out)
{
    struct instance instance;
    struct rollback_window window;
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    out->details = (struct db_rollback_time_info_list){
        ARENA_ARRAY(c->arena, struct db_rollback_time_info, in->dbs.n), 0, true};
    for (size_t i = 0; i < in->dbs.n; i++) {
        int rc = rollback_window_of(c, &instance, in->dbs.v[i], &window);
        if (rc < 0)
            return -1;
        if (rc > 0)
            out->details.v[out->details.n++] = shown(c, in->dbs.v[i], &window);
    }
    return 0;
}

/* --- rollback --- */

/* RollbackInstance: databases as they were at a point in time. */

/* Type: over the databases that are there, or beside them. */
enum { ROLLBACK_OVERWRITES = 0 };

/* The action has none of DBExist, DBNameIsKeyWrods and TooManyDB; InputIllegal instead is assumed. */
static const struct create_codes codes = {.chars = ERR_INVALID_PARAMETER_VALUE_DB_CHAR_ILLEGAL,
                                          .reserved = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                          .exists = ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                          .too_many = ERR_INVALID_PARAMETER_INPUT_ILLEGAL};

/* A rolling back under way. */
struct rollback {
    struct call *c;
    struct plan plan;
    struct instance source, target;
    struct database_set wanted; /* databases of the source */
    int64_t at_ms;
};

/* The names that are to get new ones; -1 when one is missing. */
static int old_names(struct call *c, const struct rename_restore_database_list *pairs,
                     struct str_list *ret_names)
{
    struct str_list names = {ARENA_ARRAY(c->arena, struct str, pairs->n), pairs->n, true};
    for (size_t i = 0; i < pairs->n; i++) {
        if (!pairs->v[i].old_name.p)
            return reject_no_old_name(c, i);
        names.v[i] = pairs->v[i].old_name;
    }
    *ret_names = names;
    return 0;
}

/* Those in DBs; without it (Terraform never sends it) those that are to get new names; else all. */
static int find_wanted(struct rollback *r, const struct rollback_instance_in *in)
{
    struct str_list names = in->dbs;
    bool renames = in->type.v != ROLLBACK_OVERWRITES && in->rename_restore.n > 0;
    if (names.n == 0 && renames && old_names(r->c, &in->rename_restore, &names) != 0)
        return -1;
    if (names.n > 0)
        return database_choose(r->c, &r->source, &names, DATABASE_EFFECT_HOLD, &r->wanted);
    if (database_all(r->c->world, r->c->arena, r->source.row, &r->wanted) != 0)
        return call_fail_store(r->c);
    return r->wanted.n > 0 ? 0 : reject_no_databases(r->c, &r->source);
}

static int reject_time(const struct rollback *r, struct str name, const struct rollback_window *window)
{
    struct arena *a = r->c->arena;
    if (!window)
        return call_fail_explained(r->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "time.no-window",
                                   "there is no backup yet from which database %.*s could be rolled back",
                                   STR_ARG(name));
    return call_fail_explained(r->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "time.outside-window",
                               "database %.*s can be rolled back to a time from %.*s to %.*s, not to %.*s",
                               STR_ARG(name), STR_ARG(time_beijing(a, window->start_ms)),
                               STR_ARG(time_beijing(a, window->end_ms)), STR_ARG(time_beijing(a, r->at_ms)));
}

/* Every database must have been there at that time. */
static int check_time(const struct rollback *r)
{
    struct rollback_window window;
    for (size_t i = 0; i < r->wanted.n; i++) {
        int rc = rollback_window_of(r->c, &r->source, r->wanted.v[i].name, &window);
        if (rc < 0)
            return -1;
        if (rc == 0 || r->at_ms < window.start_ms || r->at_ms > window.end_ms)
            return reject_time(r, r->wanted.v[i].name, rc ? &window : NULL);
    }
    return 0;
}

static int overwrite(struct rollback *r)
{
    for (size_t i = 0; i < r->wanted.n; i++)
        if (db_create_overwrite(&r->plan, &r->source, r->wanted.v[i].name) != 0)
            return -1;
    return 0;
}

static int copy(struct rollback *r, struct str old, struct str new_name)
{
    struct flow_database pair = {.name = old, .new_name = new_name};
    return db_create_copy_named(&r->plan, &r->source, &pair, r->at_ms);
}

static bool is_wanted(const struct rollback *r, struct str name)
{
    for (size_t i = 0; i < r->wanted.n; i++)
        if (str_eq(r->wanted.v[i].name, name))
            return true;
    return false;
}

static bool is_renamed(const struct rename_restore_database_list *pairs, struct str name)
{
    for (size_t i = 0; i < pairs->n; i++)
        if (str_eq(pairs->v[i].old_name, name))
            return true;
    return false;
}

/* What RenameRestore does not mention gets a default name. */
static int copy_beside(struct rollback *r, const struct rename_restore_database_list *pairs)
{
    for (size_t i = 0; i < pairs->n; i++) {
        if (!pairs->v[i].old_name.p)
            return reject_no_old_name(r->c, i);
        if (!is_wanted(r, pairs->v[i].old_name))
            return call_fail_explained(
                r->c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND, "database.not-chosen",
                "%.*s in RenameRestore is not one of the databases that are rolled back",
                STR_ARG(pairs->v[i].old_name));
        if (copy(r, pairs->v[i].old_name, pairs->v[i].new_name) != 0)
            return -1;
    }
    for (size_t i = 0; i < r->wanted.n; i++)
        if (!is_renamed(pairs, r->wanted.v[i].name) &&
            copy(r, r->wanted.v[i].name, (struct str){NULL, 0}) != 0)
            return -1;
    return 0;
}

/* The databases of the instance itself stay held while they are copied. */
static int make_databases(struct rollback *r, const struct rollback_instance_in *in)
{
    if (db_create_begin(&r->plan) != 0)
        return -1;
    if (in->type.v == ROLLBACK_OVERWRITES)
        return overwrite(r);
    if (r->source.row == r->target.row)
        r->plan.set = r->wanted;
    return copy_beside(r, &in->rename_restore);
}

/* Documented (238/55305): no other task on the source meanwhile. */
static int find_instances(struct rollback *r, const struct rollback_instance_in *in)
{
    if (instance_get(r->c, in->instance_id, &r->source) != 0 ||
        restore_target_get(r->c, &r->source, in->target_instance_id, &r->target) != 0 ||
        instance_accept_sole_task(r->c, &r->source) != 0)
        return -1;
    return instance_accept_task(r->c, &r->target);
}

/* The time is judged against the databases, not the instance: one that was made yesterday cannot be rolled
 * back to last week. */
int rollback_instance(struct call *c, const struct rollback_instance_in *in,
                      struct rollback_instance_out *out)
{
    struct rollback r = {.c = c, .plan = {.c = c, .target = &r.target, .codes = &codes}};
    struct flow flow;
    if (time_parse_beijing(in->time, &r.at_ms) != 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "time.form",
                                   "%.*s is not a time such as 2026-01-01 00:00:00", STR_ARG(in->time));
    if (find_instances(&r, in) != 0 || find_wanted(&r, in) != 0 || check_time(&r) != 0)
        return -1;
    if (make_databases(&r, in) != 0 || task_start(c, FLOW_KIND_ROLLBACK, &r.target, &r.plan.set, &flow) != 0)
        return -1;
    out->flow_id = U64((uint64_t)flow.id);
    return 0;
}
