/* The limit is the documented formula in whole numbers, so that no rounding of a floating point number
 * decides about a database. */
#include "product/sqlserver/dblimit.h"

/* 70 is for one core, and for 2008 R2 whatever its cores (documented). */
enum { LIMIT_SMALL = 70 };

/* More change no limit, and the steps to their root would be too many. */
enum { CORES_MAX = 1024 };

/* The root, rounded down; of CORES_MAX in less than two thousand steps. */
static int64_t root_of(int64_t n)
{
    int64_t root = 0;
    while ((root + 1) * (root + 1) <= n)
        root++;
    return root;
}

static int64_t at_most(int64_t n, int64_t max)
{
    return n < max ? n : max;
}

/*
 * Documented: 40 times the root of the cores, added to 80 up to version 2016 and to 120 since. The examples
 * (8 cores 193, 12 cores 218, 24 cores 275) hold when only the sum is rounded, down; 40 moves under the root
 * as 1600.
 */
static int64_t two_nodes(const struct dbhost *host, int64_t cores)
{
    bool recent = str_cmp(host->version, STR("2017")) >= 0;
    if (cores == 1 || str_starts(host->version, STR("2008")))
        return LIMIT_SMALL;
    return at_most((recent ? 120 : 80) + root_of(1600 * cores), recent ? 340 : 300);
}

int64_t dblimit_of(const struct dbhost *host)
{
    int64_t cores = host->cores < 1 ? 1 : at_most(host->cores, CORES_MAX);
    if (str_eq(host->instance_type, STR("SI")) || str_eq(host->instance_type, STR("BI")))
        return at_most(100 * root_of(cores), 400);
    return two_nodes(host, cores);
}

/* Databases that are being made or dropped count: their rows are there. */
int dblimit_room(struct call *c, const struct instance *instance, int64_t *ret_room)
{
    DB_STMT(s, c->world->db,
            "SELECT instance_type, version, cpu,"
            " (SELECT count(*) FROM database WHERE database.instance = instance.id) AS databases"
            " FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    struct dbhost host = {.instance_type = stmt_str(s, c->arena, "instance_type"),
                          .version = stmt_str(s, c->arena, "version"),
                          .cores = stmt_i64(s, "cpu")};
    *ret_room = dblimit_of(&host) - stmt_i64(s, "databases");
    return 0;
}
