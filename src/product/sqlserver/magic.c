/*
 * A magic instance is made by the first call that names it and not at the start: it belongs to an account and
 * a region, of which there are more than anybody calls in.
 */
#include "product/sqlserver/magic.h"

#include "core/world_file.h"
#include "product/sqlserver/world_instance.h"

const struct magic *magic_find(const struct world *w, struct str instance_id)
{
    for (size_t i = 0; !w->settings.no_magic && i < n_magic; i++)
        if (str_eq(magic_table[i].instance_id, instance_id))
            return &magic_table[i];
    return NULL;
}

/* A world file's words, so that the defaults are those of every instance; whose it is comes from the call. */
static struct str document(struct call *c, struct str instance_id)
{
    return arena_printf(
        c->arena,
        "{\"version\":1,\"accounts\":[{\"uin\":\"0\",\"regions\":[{\"region\":\"%.*s\",\"instances\":"
        "[{\"instance_id\":\"%.*s\",\"databases\":[{\"name\":\"db1\"}]}]}]}]}",
        STR_ARG(c->common.region), STR_ARG(instance_id));
}

/* It makes no backups by itself, or every account that ever called would go on making them. */
static int hide(struct call *c, struct str instance_id)
{
    SCOPED_STMT(s, c->world->db,
                "UPDATE instance SET hidden = 1, next_backup_ms = :never"
                " WHERE account = :account AND region = :region AND instance_id = :id");
    stmt_bind_i64(s, ":never", INT64_MAX);
    stmt_bind_str(s, ":account", c->credential->account->uin);
    stmt_bind_str(s, ":region", c->common.region);
    stmt_bind_str(s, ":id", instance_id);
    return stmt_run(s);
}

/* The file's owner and region are not looked at: the caller is the owner. */
static int put(struct call *c, const struct world_instance *instance)
{
    struct resource_owner owner = {c->credential->account->uin, c->common.region};
    struct str problem;
    return world_instance_put(c->world, &owner, instance, &problem) == 0 ? hide(c, instance->instance_id)
                                                                         : -1;
}

static int make(struct call *c, struct str instance_id)
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

/* Without a region there is no place for it: the region's own step refuses such a call where one is needed.
 */
int magic_ensure(struct call *c, struct str instance_id)
{
    if (!magic_find(c->world, instance_id) || c->common.region.n == 0)
        return 0;
    struct resource_owner owner = {c->credential->account->uin, c->common.region};
    int there = world_instance_exists(c->world, &owner, instance_id);
    return there == 0 ? make(c, instance_id) : there < 0 ? -1 : 0;
}
