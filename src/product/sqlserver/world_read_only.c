#include "product/sqlserver/world_read_only.h"

#include "gen/sqlserver_enums.h"
#include "product/sqlserver/public_address.h"

/* --- checks --- */

static int reject(struct arena *a, struct str path, const char *member, struct str sentence,
                  struct str *ret_problem)
{
    *ret_problem = arena_printf(a, "%.*s.%s: %.*s", STR_ARG(path), member, STR_ARG(sentence));
    return -1;
}

static bool is_read_only(const struct world_instance *from)
{
    return str_eq(from->instance_type, STR("RO")) || str_eq(from->instance_type, STR("cvmRO"));
}

/* The number of groups of the instance with that id. */
static size_t count_groups(const struct world_instance *from, struct str id)
{
    size_t n = 0;
    for (size_t i = 0; i < from->read_only_groups.n; i++)
        n += str_eq(from->read_only_groups.v[i].read_only_group_id, id);
    return n;
}

static int check_groups(struct arena *a, const struct world_instance *from, struct str path,
                        struct str *ret_problem)
{
    for (size_t i = 0; i < from->read_only_groups.n; i++) {
        struct str id = from->read_only_groups.v[i].read_only_group_id;
        if (count_groups(from, id) > 1)
            return reject(a, path, "read_only_groups",
                          arena_printf(a, "the group %.*s is there twice", STR_ARG(id)), ret_problem);
    }
    if (from->read_only_groups.n > 0 && is_read_only(from))
        return reject(a, path, "read_only_groups", STR("a read-only instance has no groups of its own"),
                      ret_problem);
    return 0;
}

int world_read_only_check(struct arena *a, const struct map *instances, const struct world_instance *from,
                          struct str path, struct str *ret_problem)
{
    if (check_groups(a, from, path, ret_problem) != 0)
        return -1;
    if (!from->primary_id.p)
        return from->read_only_group_id.p
                   ? reject(a, path, "read_only_group_id", STR("it needs primary_id, too"), ret_problem)
                   : 0;
    const struct world_instance *primary = map_get(instances, from->primary_id);
    if (!is_read_only(from))
        return reject(a, path, "primary_id", STR("only an instance of the type RO or cvmRO has one"),
                      ret_problem);
    if (!primary || is_read_only(primary))
        return reject(a, path, "primary_id",
                      arena_printf(a, "%.*s is not an instance of the region that can have copies",
                                   STR_ARG(from->primary_id)),
                      ret_problem);
    if (from->read_only_group_id.p && count_groups(primary, from->read_only_group_id) == 0)
        return reject(a, path, "read_only_group_id",
                      arena_printf(a, "%.*s has no read-only group %.*s", STR_ARG(from->primary_id),
                                   STR_ARG(from->read_only_group_id)),
                      ret_problem);
    return 0;
}

/* --- groups --- */

static int next_row(struct world *w, int64_t *ret_row)
{
    SCOPED_STMT(s, w->db, "SELECT coalesce(max(id), 0) + 1 AS next FROM ro_group");
    if (stmt_step(s) != 1)
        return -1;
    *ret_row = stmt_i64(s, "next");
    return 0;
}

/* An address for each row, from 10.200.0.2 on, without .0 and .255. */
static struct str address_of(struct arena *a, int64_t row)
{
    enum { HOSTS = 254, NETS = 256 };
    return arena_printf(a, "10.200.%d.%d", (int)(row / HOSTS % NETS), (int)(row % HOSTS + 1));
}

/* In the network of the primary instance. */
static int put_group(struct world *w, struct arena *a, int64_t instance, int64_t row,
                     const struct world_read_only_group *from)
{
    SCOPED_STMT(
        s, w->db,
        "INSERT INTO ro_group (id, instance, ro_group_id, name, type, status, is_offline_delay,"
        " max_delay_time, min_in_group, vip, port, vpc_id, subnet_id, created_ms, wan_domain, wan_port)"
        " SELECT :row, id, :id, :name, 2, " RO_GROUP_STATUS_SQL_NORMAL
        ", :offline_delay, :max_delay, :least, :vip, port, vpc_id, subnet_id, :now, :domain, :port"
        " FROM instance WHERE id = :instance");
    bool is_public = from->public_address.v != 0;
    struct str id = from->read_only_group_id;
    stmt_bind_i64(s, ":row", row);
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":id", id);
    stmt_bind_str(s, ":name", from->name.p ? from->name : id);
    stmt_bind_i64(s, ":offline_delay", from->offline_delay.v);
    stmt_bind_i64(s, ":max_delay", from->max_delay_time.v);
    stmt_bind_i64(s, ":least", from->min_in_group.v);
    stmt_bind_str(s, ":vip", from->vip.p ? from->vip : address_of(a, row));
    stmt_bind_i64(s, ":now", world_now_ms(w));
    stmt_bind_str(s, ":domain", is_public ? public_address_name(a, id) : STR(""));
    stmt_bind_i64(s, ":port", is_public ? public_address_port(row) : 0);
    return stmt_run(s);
}

int world_read_only_put_groups(struct world *w, int64_t instance, const struct world_instance *from)
{
    int64_t row;
    struct arena scratch;
    int rc = 0;
    arena_init(&scratch);
    for (size_t i = 0; i < from->read_only_groups.n && rc == 0; i++) {
        rc = next_row(w, &row);
        if (rc == 0)
            rc = put_group(w, &scratch, instance, row, &from->read_only_groups.v[i]);
    }
    arena_done(&scratch);
    return rc;
}

/* --- instances --- */

int world_read_only_join(struct world *w, const struct resource_owner *owner,
                         const struct world_instance *from)
{
    SCOPED_STMT(
        s, w->db,
        "UPDATE instance SET master = primary_one.id, ro_weight = :weight,"
        " ro_group = (SELECT id FROM ro_group WHERE instance = primary_one.id AND ro_group_id = :group)"
        " FROM instance AS primary_one"
        " WHERE instance.account = :account AND instance.region = :region"
        " AND instance.instance_id = :id AND instance.master IS NULL"
        " AND primary_one.account = :account AND primary_one.region = :region"
        " AND primary_one.instance_id = :primary");
    stmt_bind_i64(s, ":weight", from->weight.v);
    stmt_bind_str(s, ":group", from->read_only_group_id);
    stmt_bind_str(s, ":account", owner->account);
    stmt_bind_str(s, ":region", owner->region);
    stmt_bind_str(s, ":id", from->instance_id);
    stmt_bind_str(s, ":primary", from->primary_id);
    return stmt_run(s);
}
