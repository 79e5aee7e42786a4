#include "product/sqlserver/tags.h"

#include "core/world.h"

static int find(struct world *w, const struct resource_owner *owner, struct str resource_id,
                int64_t *ret_resource)
{
    SCOPED_STMT(
        s, w->db,
        "SELECT id FROM instance WHERE account = :account AND region = :region AND instance_id = :id");
    stmt_bind_str(s, ":account", owner->account);
    stmt_bind_str(s, ":region", owner->region);
    stmt_bind_str(s, ":id", resource_id);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_resource = stmt_i64(s, "id");
    return rc;
}

static int count(struct world *w, int64_t resource, size_t *ret_n)
{
    SCOPED_STMT(s, w->db, "SELECT count(*) AS n FROM tag WHERE instance = :instance");
    stmt_bind_i64(s, ":instance", resource);
    if (stmt_step(s) != 1)
        return -1;
    *ret_n = (size_t)stmt_i64(s, "n");
    return 0;
}

static int list(struct world *w, struct arena *a, int64_t resource, struct tag_row **ret_tags, size_t *ret_n)
{
    SCOPED_STMT(s, w->db, "SELECT key, value FROM tag WHERE instance = :instance ORDER BY key");
    size_t room, n = 0;
    int rc;
    if (count(w, resource, &room) != 0)
        return -1;
    struct tag_row *tags = ARENA_ARRAY(a, struct tag_row, room);
    stmt_bind_i64(s, ":instance", resource);
    while ((rc = stmt_step(s)) == 1 && n < room)
        tags[n++] = (struct tag_row){stmt_str(s, a, "key"), stmt_str(s, a, "value")};
    *ret_tags = tags;
    *ret_n = n;
    return rc < 0 ? -1 : 0;
}

static int put(struct world *w, int64_t resource, const struct tag_row *tag)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO tag (instance, key, value) VALUES (:instance, :key, :value)"
                " ON CONFLICT (instance, key) DO UPDATE SET value = excluded.value");
    stmt_bind_i64(s, ":instance", resource);
    stmt_bind_str(s, ":key", tag->key);
    stmt_bind_str(s, ":value", tag->value);
    return stmt_run(s);
}

static int remove_key(struct world *w, int64_t resource, struct str key)
{
    SCOPED_STMT(s, w->db, "DELETE FROM tag WHERE instance = :instance AND key = :key");
    stmt_bind_i64(s, ":instance", resource);
    stmt_bind_str(s, ":key", key);
    return stmt_run(s);
}

const struct tag_hooks instance_tag_hooks = {find, list, put, remove_key};
