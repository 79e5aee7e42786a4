#include "product/sqlserver/database.h"

#include "base/map.h"
#include "core/flow.h"

enum { DATABASE_NORMAL = 2 };

/* A list that doubles as it grows; what it leaves behind in the arena is at most its own size. */
static void append(struct arena *a, struct str_list *list, struct str name)
{
    if ((list->n & (list->n - 1)) == 0) { /* 0 or a power of two: full */
        struct str *wider = ARENA_ARRAY(a, struct str, list->n ? list->n * 2 : 1);
        if (list->n)
            memcpy(wider, list->v, list->n * sizeof *wider);
        list->v = wider;
    }
    list->v[list->n++] = name;
}

int database_all(struct call *c, const struct instance *instance, struct str_list *ret_names)
{
    DB_STMT(s, c->world->db,
            "SELECT name FROM database WHERE instance = :instance AND status = 2 ORDER BY name");
    struct str_list list = {.set = true};
    int rc;
    stmt_bind_i64(s, ":instance", instance->row);
    while ((rc = stmt_step(s)) == 1)
        append(c->arena, &list, stmt_str(s, c->arena, "name"));
    if (rc < 0)
        return call_fail_store(c);
    if (list.n == 0)
        return call_fail(c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND);
    *ret_names = list;
    return 0;
}

static int check_status(struct call *c, const struct instance *instance, struct str name)
{
    DB_STMT(s, c->world->db, "SELECT status FROM database WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 0)
        return call_fail(c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND);
    if (stmt_i64(s, "status") != DATABASE_NORMAL)
        return call_fail(c, ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS);
    return 0;
}

static int check_free(struct call *c, const struct instance *instance, struct str name)
{
    int held = flow_holds(c->world, instance->row, name);
    if (held < 0)
        return call_fail_store(c);
    return held ? call_fail(c, ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS) : 0;
}

int database_choose(struct call *c, const struct instance *instance, const struct str_list *names,
                    struct str_list *ret_names)
{
    struct str_list list = {.set = true};
    struct map seen;
    map_init(&seen, c->arena);
    for (size_t i = 0; i < names->n; i++) {
        if (map_get(&seen, names->v[i]))
            continue;
        map_put(&seen, names->v[i], &list);
        if (check_status(c, instance, names->v[i]) != 0 || check_free(c, instance, names->v[i]) != 0)
            return -1;
        append(c->arena, &list, names->v[i]);
    }
    *ret_names = list;
    return 0;
}
