/*
 * Which databases a task may take. They are looked at one by one in the order in which the call names them,
 * so that the first that is wrong decides the answer.
 */
#include "product/sqlserver/database.h"

#include "base/ascii.h"
#include "base/map.h"
#include "product/sqlserver/reason.h"

enum { DATABASE_NORMAL = 2, DATABASE_NAME_MAX = 64 };

/* The default of CreateDB, and of what restoring makes (documented). */
#define DEFAULT_CHARSET "Chinese_PRC_CI_AS"

static void append(struct arena *a, struct database_set *set, struct flow_database database)
{
    set->v = arena_grow(a, set->v, set->n, sizeof *set->v);
    set->v[set->n++] = database;
}

void database_set_add(struct call *c, struct database_set *set, struct flow_database database)
{
    append(c->arena, set, database);
}

/* By name, so that a backup's files have the same order every time. */
int database_all(struct world *w, struct arena *a, int64_t instance, struct database_set *ret_set)
{
    DB_STMT(
        s, w->db,
        "SELECT name, simple_recovery FROM database WHERE instance = :instance AND status = 2 ORDER BY name");
    struct database_set set = {.n = 0};
    int rc;
    stmt_bind_i64(s, ":instance", instance);
    while ((rc = stmt_step(s)) == 1) {
        append(a, &set, (struct flow_database){.name = stmt_str(s, a, "name"), .effect = FLOW_HOLDS});
        set.any_simple |= stmt_i64(s, "simple_recovery") != 0;
    }
    *ret_set = set;
    return rc;
}

/* Looks one named database up and adds it. */
static int choose_one(struct call *c, const struct instance *instance, const struct flow_database *database,
                      struct database_set *set)
{
    DB_STMT(s, c->world->db,
            "SELECT status, simple_recovery FROM database WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", database->name);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 0)
        return refuse_no_database(c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND, instance, database->name);
    if (stmt_i64(s, "status") != DATABASE_NORMAL)
        return call_refuse(c, ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS, "database.status",
                           "database %.*s has the status %lld, not 2, running", STR_ARG(database->name),
                           (long long)stmt_i64(s, "status"));
    set->any_simple |= stmt_i64(s, "simple_recovery") != 0;
    append(c->arena, set, *database);
    return 0;
}

/* Asked only when something runs: most instances are idle, and the question is a join. */
static int check_free(struct call *c, const struct instance *instance, struct str name)
{
    int held = instance->running > 0 ? flow_holds(c->world, instance->row, name) : 0;
    if (held < 0)
        return call_fail_store(c);
    return held ? refuse_held(c, ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS, instance, name) : 0;
}

/* A name that comes twice is taken once; that the service does so is assumed. */
int database_choose(struct call *c, const struct instance *instance, const struct str_list *names,
                    enum flow_effect effect, struct database_set *ret_set)
{
    struct database_set set = {.n = 0};
    struct map seen;
    map_init(&seen, c->arena);
    for (size_t i = 0; i < names->n; i++) {
        struct flow_database database = {.name = names->v[i], .effect = effect};
        if (map_get(&seen, database.name))
            continue;
        map_put(&seen, database.name, &set);
        if (choose_one(c, instance, &database, &set) != 0 || check_free(c, instance, database.name) != 0)
            return -1;
    }
    *ret_set = set;
    return 0;
}

int database_exists(struct call *c, const struct instance *instance, struct str name)
{
    DB_STMT(s, c->world->db, "SELECT 1 FROM database WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    int rc = stmt_step(s);
    if (rc == 0 && instance->running > 0) /* the target of a renaming */
        rc = flow_holds(c->world, instance->row, name);
    return rc < 0 ? call_fail_store(c) : rc;
}

int database_insert(struct call *c, const struct instance *instance, struct str name, struct str charset,
                    struct str remark)
{
    DB_STMT(s, c->world->db,
            "INSERT INTO database (instance, name, status, charset, remark, simple_recovery, created_ms)"
            " VALUES (:instance, :name, 1, :charset, :remark, 0, :now)");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    stmt_bind_str(s, ":charset", charset.n ? charset : STR(DEFAULT_CHARSET));
    stmt_bind_str(s, ":remark", remark.p ? remark : STR(""));
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

bool database_name_ok(struct str name)
{
    if (name.n == 0 || name.n > DATABASE_NAME_MAX || name.p[0] == '_')
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!ascii_is_letter(name.p[i]) && !ascii_is_digit(name.p[i]) && name.p[i] != '_')
            return false;
    return true;
}
