/*
 * Rejects calls with an explanation that needs a query of the state.
 *
 * An explanation is one sentence about this call, with the values that decided: what the client named, what
 * the state has instead, what is in the way. The first argument after the code is the cause, a stable id for
 * programs; several sentences may have the same cause.
 */
#include "product/sqlserver/explain.h"

#include "base/buf.h"

/* --- databases --- */

/* "db1, db2, ..." or "none": at most SHOWN_DATABASES names, by name. The statement reads one more, to know
 * whether there are more. */
static struct str database_list(struct call *c, const struct instance *instance)
{
    enum { SHOWN_DATABASES = 8, LIST_ROOM = 128, LIST_MAX = 4096 };
    SCOPED_STMT(s, c->world->db,
                "SELECT name FROM database WHERE instance = :instance ORDER BY name LIMIT :max");
    struct buf b;
    size_t n = 0;
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":max", SHOWN_DATABASES + 1);
    buf_init(&b, c->arena, LIST_ROOM, LIST_MAX);
    for (; stmt_step(s) == 1; n++) {
        struct str name = n < SHOWN_DATABASES ? stmt_str(s, c->arena, "name") : STR("...");
        buf_printf(&b, "%s%.*s", n > 0 ? ", " : "", STR_ARG(name));
    }
    return n > 0 ? buf_str(&b) : STR("none");
}

/* `id`, or where the action does not declare it the nearest of its codes (assumed). */
static enum error_id nearest(const struct call *c, enum error_id id)
{
    const enum error_id codes[] = {id, ERR_RESOURCE_NOT_FOUND_DB_NOT_EXIT,
                                   ERR_RESOURCE_NOT_FOUND_PARAMS_NOT_FOUND,
                                   ERR_INVALID_PARAMETER_INPUT_ILLEGAL};
    return call_first_declared(c, codes, sizeof codes / sizeof codes[0]);
}

int reject_no_database(struct call *c, enum error_id id, const struct instance *instance, struct str name)
{
    struct str others = database_list(c, instance);
    return call_fail_explained(c, nearest(c, id), "database.not-found",
                               "%.*s has no database %.*s; it has %.*s", STR_ARG(instance->instance_id),
                               STR_ARG(name), STR_ARG(others));
}

int reject_no_databases(struct call *c, const struct instance *instance)
{
    return call_fail_explained(c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND, "database.none",
                               "%.*s has no database in normal status", STR_ARG(instance->instance_id));
}

/* DBInvalidStatus, or InstanceStatusInvalid of an action that declares only that (assumed). */
static enum error_id busy_code(const struct call *c)
{
    static const enum error_id codes[] = {ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS,
                                          ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID};
    return call_first_declared(c, codes, sizeof codes / sizeof codes[0]);
}

int reject_database_status(struct call *c, struct str name, int64_t status)
{
    return call_fail_explained(c, busy_code(c), "database.status",
                               "database %.*s has the status %lld, not %d, normal", STR_ARG(name),
                               (long long)status, DATABASE_STATUS_NORMAL);
}

/* Describes the flow in the statement's first row: "flow 5293 (backup)". */
static struct str flow_text(struct call *c, struct stmt *s)
{
    if (stmt_step(s) != 1)
        return STR("a flow");
    struct str kind = stmt_str(s, c->arena, "kind");
    return arena_printf(c->arena, "flow %lld (%.*s)", (long long)stmt_i64(s, "id"), STR_ARG(kind));
}

int reject_locked(struct call *c, const struct instance *instance, struct str name)
{
    SCOPED_STMT(
        s, c->world->db,
        "SELECT flow.id, flow.kind FROM flow JOIN flow_database ON flow_database.flow = flow.id"
        " WHERE flow.instance = :instance AND flow.outcome IS NULL"
        " AND (flow_database.name = :name COLLATE NOCASE OR flow_database.new_name = :name COLLATE NOCASE)"
        " ORDER BY flow.id LIMIT 1");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    struct str flow = flow_text(c, s);
    return call_fail_explained(c, busy_code(c), "database.held", "%.*s holds database %.*s until it ends",
                               STR_ARG(flow), STR_ARG(name));
}

/* --- new names --- */

int reject_characters(struct call *c, enum error_id id, struct str name)
{
    return call_fail_explained(c, id, "name.characters",
                               "\"%.*s\" is not 1 to 64 letters, digits and underscores, of which the first"
                               " is no underscore",
                               STR_ARG(name));
}

int reject_reserved(struct call *c, enum error_id id, struct str name)
{
    return call_fail_explained(c, id, "name.reserved",
                               "%.*s is a system database or a reserved word of Transact-SQL", STR_ARG(name));
}

int reject_taken(struct call *c, enum error_id id, const struct instance *instance, struct str name)
{
    return call_fail_explained(c, id, "name.taken",
                               "%.*s has a database %.*s, or a running flow gives one that name",
                               STR_ARG(instance->instance_id), STR_ARG(name));
}

int reject_same(struct call *c, enum error_id id, struct str name)
{
    return call_fail_explained(c, id, "name.same", "%.*s is the old name and the new one", STR_ARG(name));
}

int reject_no_old_name(struct call *c, size_t i)
{
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                               "element %zu of the list of new names has no OldName", i);
}

/* --- backups --- */

int reject_no_file(struct call *c, const struct instance *instance, int64_t file_id)
{
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "backup.not-found",
                               "%.*s keeps no finished backup with a file %lld",
                               STR_ARG(instance->instance_id), (long long)file_id);
}

int reject_no_group(struct call *c, const struct instance *instance, struct str group_id)
{
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "backup.not-found",
                               "%.*s keeps no backup of single files with the group \"%.*s\"",
                               STR_ARG(instance->instance_id), STR_ARG(group_id));
}

/* --- instances --- */

/* Where an instance is. */
struct place {
    struct str account, region;
};

/* The first instance of that id; `account` p == NULL: of any account. false also when the store failed. */
static bool find_place(struct call *c, struct str instance_id, struct str account, struct place *ret_place)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT account, region FROM instance WHERE instance_id = :instance_id"
                " AND (:account IS NULL OR account = :account) LIMIT 1");
    stmt_bind_str(s, ":instance_id", instance_id);
    stmt_bind_str(s, ":account", account);
    if (stmt_step(s) != 1)
        return false;
    *ret_place = (struct place){stmt_str(s, c->arena, "account"), stmt_str(s, c->arena, "region")};
    return true;
}

int reject_no_instance(struct call *c, struct str instance_id)
{
    enum { SHOWN_ID = 64 };
    static const enum error_id codes[] = {ERR_RESOURCE_NOT_FOUND_INSTANCE_NOT_FOUND,
                                          ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID,
                                          ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                          ERR_INVALID_PARAMETER_PARAMS_ASSERT_FAILED, ERR_INVALID_PARAMETER};
    const enum error_id code = call_first_declared(c, codes, sizeof codes / sizeof codes[0]);
    const char *cause = "instance.not-found";
    const struct world *w = c->world;
    struct str id = str_head(instance_id, SHOWN_ID), account = c->credential->account->uin;
    struct place at;
    if (find_place(c, instance_id, account, &at))
        return call_fail_explained(c, code, cause, "%.*s is in %.*s, and the call went to %.*s", STR_ARG(id),
                                   STR_ARG(at.region), STR_ARG(c->common.region));
    if (find_place(c, instance_id, (struct str){NULL, 0}, &at))
        return call_fail_explained(
            c, code, cause, "%.*s is in %.*s and belongs to account %.*s, and the SecretId to account %.*s",
            STR_ARG(id), STR_ARG(at.region), STR_ARG(at.account), STR_ARG(account));
    return call_fail_explained(c, code, cause,
                               "no account has an instance %.*s; the world's first is %.*s in %.*s",
                               STR_ARG(id), STR_ARG(w->example_resource), STR_ARG(w->example_region));
}

/* The oldest task that runs on the instance. */
static struct str oldest_flow(struct call *c, const struct instance *instance)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT id, kind FROM flow WHERE instance = :instance AND outcome IS NULL"
                " ORDER BY id LIMIT 1");
    stmt_bind_i64(s, ":instance", instance->row);
    return flow_text(c, s);
}

int reject_busy(struct call *c, enum error_id id, const struct instance *instance, int64_t running_max)
{
    struct str name = instance->instance_id;
    if (instance->running <= running_max)
        return call_fail_explained(c, id, "instance.status",
                                   "%.*s has the status %d; this action needs %d, normal", STR_ARG(name),
                                   (int)instance->status, INSTANCE_STATUS_NORMAL);
    struct str flow = oldest_flow(c, instance);
    if (running_max == 0)
        return call_fail_explained(c, id, "instance.busy", "%.*s runs on %.*s, and this task must run alone",
                                   STR_ARG(flow), STR_ARG(name));
    return call_fail_explained(c, id, "instance.busy",
                               "%lld tasks run on %.*s, %.*s first; no more may run at the same time",
                               (long long)instance->running, STR_ARG(name), STR_ARG(flow));
}

int reject_status(struct call *c, enum error_id id, const struct instance *instance, uint32_t statuses)
{
    struct str list = STR("");
    for (size_t i = 0; i < INSTANCE_STATUS_COUNT; i++) {
        const struct enum_value *v = &instance_status_values[i];
        if (statuses >> v->value & 1)
            list = arena_printf(c->arena, "%.*s%s%d (%.*s)", STR_ARG(list), list.n > 0 ? ", " : "", v->value,
                                STR_ARG(v->meaning[0]));
    }
    return call_fail_explained(c, id, "instance.status",
                               "%.*s has the status %d; this action needs one of %.*s",
                               STR_ARG(instance->instance_id), (int)instance->status, STR_ARG(list));
}

int reject_read_only(struct call *c, const struct instance *instance)
{
    return call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_NOT_SUPPORT_RO_INSTANCE, "instance.read-only",
                               "%.*s is a read-only instance", STR_ARG(instance->instance_id));
}
