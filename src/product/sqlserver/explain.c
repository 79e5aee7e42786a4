#include "product/sqlserver/explain.h"

#include "base/buf.h"

enum { SHOWN_ID = 64, SHOWN_DATABASES = 8, LIST_ROOM = 128, LIST_MAX = 4096 };

/* --- instances --- */

/* Where an instance is. */
struct place {
    struct str account, region;
};

static bool read_place(struct stmt *s, struct arena *a, struct place *ret_place)
{
    if (stmt_step(s) != 1)
        return false;
    *ret_place = (struct place){stmt_str(s, a, "account"), stmt_str(s, a, "region")};
    return true;
}

static bool find_own(struct call *c, struct str instance_id, struct place *ret_place)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT account, region FROM instance WHERE instance_id = :instance_id AND account = :account"
                " LIMIT 1");
    stmt_bind_str(s, ":instance_id", instance_id);
    stmt_bind_str(s, ":account", c->credential->account->uin);
    return read_place(s, c->arena, ret_place);
}

static bool find_any(struct call *c, struct str instance_id, struct place *ret_place)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT account, region FROM instance WHERE instance_id = :instance_id LIMIT 1");
    stmt_bind_str(s, ":instance_id", instance_id);
    return read_place(s, c->arena, ret_place);
}

int reject_no_instance(struct call *c, struct str instance_id)
{
    const enum error_id code = ERR_RESOURCE_NOT_FOUND_INSTANCE_NOT_FOUND;
    const char *cause = "instance.not-found";
    const struct world *w = c->world;
    const struct str id = str_head(instance_id, SHOWN_ID);
    struct place at;
    if (find_own(c, instance_id, &at))
        return call_fail_explained(c, code, cause, "%.*s is in %.*s, and the call went to %.*s", STR_ARG(id),
                                   STR_ARG(at.region), STR_ARG(c->common.region));
    if (find_any(c, instance_id, &at))
        return call_fail_explained(
            c, code, cause, "%.*s is in %.*s and belongs to account %.*s, and the SecretId to account %.*s",
            STR_ARG(id), STR_ARG(at.region), STR_ARG(at.account), STR_ARG(c->credential->account->uin));
    return call_fail_explained(c, code, cause,
                               "no account has an instance %.*s; the world's first is %.*s in %.*s",
                               STR_ARG(id), STR_ARG(w->example_resource), STR_ARG(w->example_region));
}

/* --- databases --- */

static struct str database_list(struct call *c, const struct instance *instance)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT name FROM database WHERE instance = :instance ORDER BY name LIMIT 9");
    struct buf b;
    size_t n = 0;
    stmt_bind_i64(s, ":instance", instance->row);
    buf_init(&b, c->arena, LIST_ROOM, LIST_MAX);
    for (; stmt_step(s) == 1; n++) {
        struct str name = n < SHOWN_DATABASES ? stmt_str(s, c->arena, "name") : STR("...");
        buf_printf(&b, "%s%.*s", n > 0 ? ", " : "", STR_ARG(name));
    }
    return n > 0 ? buf_str(&b) : STR("none");
}

int reject_no_database(struct call *c, enum error_id id, const struct instance *instance, struct str name)
{
    struct str others = database_list(c, instance);
    return call_fail_explained(c, id, "database.not-found", "%.*s has no database %.*s; it has %.*s",
                               STR_ARG(instance->instance_id), STR_ARG(name), STR_ARG(others));
}

int reject_no_databases(struct call *c, const struct instance *instance)
{
    return call_fail_explained(c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND, "database.none",
                               "%.*s has no database that works", STR_ARG(instance->instance_id));
}

int reject_no_old_name(struct call *c, size_t i)
{
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                               "element %zu of the list of new names has no OldName", i);
}

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

int reject_span(struct call *c, struct str start, struct str end)
{
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "time.order", "%.*s is after %.*s",
                               STR_ARG(start), STR_ARG(end));
}

int reject_characters(struct call *c, enum error_id id, struct str name)
{
    return call_fail_explained(
        c, id, "name.characters",
        "\"%.*s\" is not 1 to 64 letters, digits and underscores, the first no underscore", STR_ARG(name));
}

int reject_reserved(struct call *c, enum error_id id, struct str name)
{
    return call_fail_explained(c, id, "name.reserved",
                               "%.*s is a system database or a reserved word of Transact-SQL", STR_ARG(name));
}

int reject_taken(struct call *c, enum error_id id, const struct instance *instance, struct str name)
{
    return call_fail_explained(c, id, "name.taken", "%.*s has a database %.*s, or a running flow makes one",
                               STR_ARG(instance->instance_id), STR_ARG(name));
}

int reject_same(struct call *c, enum error_id id, struct str name)
{
    return call_fail_explained(c, id, "name.same", "%.*s is the old name and the new one", STR_ARG(name));
}

/* "flow 5293 (backup)", of the flow in the current row. */
static struct str flow_text(struct call *c, struct stmt *s)
{
    if (stmt_step(s) != 1)
        return STR("a flow");
    struct str kind = stmt_str(s, c->arena, "kind");
    return arena_printf(c->arena, "flow %lld (%.*s)", (long long)stmt_i64(s, "id"), STR_ARG(kind));
}

int reject_held(struct call *c, enum error_id id, const struct instance *instance, struct str name)
{
    SCOPED_STMT(
        s, c->world->db,
        "SELECT flow.id, flow.kind FROM flow JOIN flow_database ON flow_database.flow = flow.id"
        " WHERE flow.instance = :instance AND flow.outcome IS NULL"
        " AND (flow_database.name = :name OR flow_database.new_name = :name) ORDER BY flow.id LIMIT 1");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    struct str flow = flow_text(c, s);
    return call_fail_explained(c, id, "database.held", "%.*s holds database %.*s until it ends",
                               STR_ARG(flow), STR_ARG(name));
}

/* The oldest of the instance's tasks that run. */
static struct str running_flow(struct call *c, const struct instance *instance)
{
    SCOPED_STMT(
        s, c->world->db,
        "SELECT id, kind FROM flow WHERE instance = :instance AND outcome IS NULL ORDER BY id LIMIT 1");
    stmt_bind_i64(s, ":instance", instance->row);
    return flow_text(c, s);
}

int reject_busy(struct call *c, enum error_id id, const struct instance *instance, int64_t most)
{
    struct str name = instance->instance_id;
    if (instance->running <= most)
        return call_fail_explained(c, id, "instance.status",
                                   "%.*s has the status %lld; only in 2, running, it takes this",
                                   STR_ARG(name), (long long)instance->status);
    struct str flow = running_flow(c, instance);
    if (most == 0)
        return call_fail_explained(c, id, "instance.busy", "%.*s runs on %.*s, and this task must run alone",
                                   STR_ARG(flow), STR_ARG(name));
    return call_fail_explained(c, id, "instance.busy", "%lld tasks run on %.*s, %.*s first; more may not",
                               (long long)instance->running, STR_ARG(name), STR_ARG(flow));
}
