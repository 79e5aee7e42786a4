#include "product/sqlserver/magic.h"

#include "core/world_file.h"
#include "product/sqlserver/world_instance.h"

/* Makes a world file with the instance, so that the instance has the usual defaults. */
static struct str document(struct call *c, struct str instance_id)
{
    return arena_printf(
        c->arena,
        "{\"version\":1,\"accounts\":[{\"uin\":\"0\",\"regions\":[{\"region\":\"%.*s\",\"instances\":"
        "[{\"instance_id\":\"%.*s\",\"databases\":[{\"name\":\"db1\"}]}]}]}]}",
        STR_ARG(c->common.region), STR_ARG(instance_id));
}

/* Hides the instance from lists and switches its automatic backups off: otherwise each account that has named
 * it once would make backups every day. */
static int hide(struct call *c, struct str instance_id)
{
    SCOPED_STMT(s, c->world->db,
                "UPDATE instance SET hidden = 1, next_backup_ms = :never"
                " WHERE account = :account AND region = :region AND instance_id = :id");
    stmt_bind_i64(s, ":never", INT64_MAX);
    call_bind_owner(c, s);
    stmt_bind_str(s, ":id", instance_id);
    return stmt_run(s);
}

/* The caller is the owner; the account and region of the document have no meaning. */
static int put(struct call *c, const struct world_instance *instance)
{
    struct resource_owner owner = {c->credential->account->uin, c->common.region};
    return world_instance_put(c->world, &owner, instance) == 0 ? hide(c, instance->instance_id) : -1;
}

static int create(struct call *c, struct str instance_id)
{
    struct db *db = c->world->db;
    struct world_file *file;
    struct str problem;
    if (world_file_parse(c->arena, document(c, instance_id), &file, &problem) != 0 ||
        savepoint_begin(db) != 0)
        return -1;
    if (put(c, &file->accounts.v[0].regions.v[0].instances.v[0]) == 0 && savepoint_release(db) == 0)
        return 0;
    savepoint_rollback(db);
    return -1;
}

int magic_instance_ensure(struct call *c, struct str instance_id)
{
    struct resource_owner owner = {c->credential->account->uin, c->common.region};
    int exists = world_instance_exists(c->world, &owner, instance_id);
    return exists == 0 ? create(c, instance_id) : exists < 0 ? -1 : 0;
}
