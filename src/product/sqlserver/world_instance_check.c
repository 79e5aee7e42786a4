/* What the rules of the world file's form cannot express about instances: ids and names that must differ,
 * zones of the region, statuses that exist, and grants to logins that exist. */
#include "base/map.h"
#include "core/world_check.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/instance.h"
#include "product/sqlserver/parameter.h"
#include "product/sqlserver/security_group.h"
#include "product/sqlserver/world_audit_log.h"
#include "product/sqlserver/world_import.h"
#include "product/sqlserver/world_instance.h"
#include "product/sqlserver/world_log_file.h"
#include "product/sqlserver/world_publication.h"
#include "product/sqlserver/world_read_only.h"

/* Writes "path: sentence". -1, for the caller to return. */
static int reject(struct arena *a, struct str path, struct str sentence, struct str *ret_problem)
{
    *ret_problem = CONCAT(a, path, STR(": "), sentence);
    return -1;
}

/* Names that were met, so that a second one is found without comparing each with each. */
static bool is_second(struct map *met, struct str name)
{
    if (map_get(met, name))
        return true;
    map_put(met, name, met);
    return false;
}

/* --- databases --- */

static bool has_login(const struct world_instance *from, struct str name)
{
    for (size_t i = 0; i < from->logins.n; i++)
        if (str_eq(from->logins.v[i].name, name))
            return true;
    return false;
}

static int check_grants(struct arena *a, const struct world_instance *from,
                        const struct world_database *database, struct str path, struct str *ret_problem)
{
    for (size_t i = 0; i < database->grants.n; i++) {
        struct str login = database->grants.v[i].login;
        if (!has_login(from, login))
            return reject(a, arena_printf(a, "%.*s.grants.%zu.login", STR_ARG(path), i),
                          arena_printf(a, "%.*s is not a login of the instance", STR_ARG(login)),
                          ret_problem);
    }
    return 0;
}

/* The rule of the schema allows a range, in which not every number is a status. */
static int check_database(struct arena *a, const struct world_instance *from,
                          const struct world_database *database, struct str path, struct str *ret_problem)
{
    if (database->status.v == 0)
        return reject(a, CONCAT(a, path, STR(".status")), STR("a database cannot have the status 0"),
                      ret_problem);
    return check_grants(a, from, database, path, ret_problem);
}

static int check_databases(struct arena *a, const struct world_instance *from, struct str path,
                           struct str *ret_problem)
{
    struct map met;
    map_init(&met, a);
    for (size_t i = 0; i < from->databases.n; i++) {
        const struct world_database *database = &from->databases.v[i];
        struct str place = arena_printf(a, "%.*s.databases.%zu", STR_ARG(path), i);
        if (is_second(&met, database->name))
            return reject(a, CONCAT(a, place, STR(".name")),
                          arena_printf(a, "the database %.*s is there twice", STR_ARG(database->name)),
                          ret_problem);
        if (check_database(a, from, database, place, ret_problem) != 0)
            return -1;
    }
    return 0;
}

/* --- security groups --- */

static int check_security_group_id(struct arena *a, struct str id, struct str path, struct str *ret_problem)
{
    if (security_group_is_id(id))
        return 0;
    return reject(a, path, arena_printf(a, "%.*s is not an id like sg-igw86yth", STR_ARG(id)), ret_problem);
}

static int check_bound_groups(struct arena *a, const struct world_instance *from, struct str path,
                              struct str *ret_problem)
{
    for (size_t i = 0; i < from->security_groups.n; i++)
        if (check_security_group_id(a, from->security_groups.v[i],
                                    arena_printf(a, "%.*s.security_groups.%zu", STR_ARG(path), i),
                                    ret_problem) != 0)
            return -1;
    return 0;
}

static int check_groups(struct arena *a, const struct world_region *from, struct str path,
                        struct str *ret_problem)
{
    struct map met;
    map_init(&met, a);
    for (size_t i = 0; i < from->security_groups.n; i++) {
        struct str id = from->security_groups.v[i].security_group_id;
        struct str place = arena_printf(a, "%.*s.security_groups.%zu.security_group_id", STR_ARG(path), i);
        if (check_security_group_id(a, id, place, ret_problem) != 0)
            return -1;
        if (is_second(&met, id))
            return reject(a, place, arena_printf(a, "the security group %.*s is there twice", STR_ARG(id)),
                          ret_problem);
    }
    return 0;
}

/* --- instances --- */

/* A zone of the region that is not in the schema is allowed: the cloud opens new ones. */
static int check_zone(struct arena *a, struct str zone, struct str region, struct str path,
                      struct str *ret_problem)
{
    struct suggestion suggestion;
    const struct region *known = product_find_region(&product_sqlserver, region);
    if (!zone.p || str_starts(zone, CONCAT(a, region, STR("-"))))
        return 0;
    suggest_init(&suggestion, zone);
    for (size_t i = 0; known && i < known->n_zones; i++)
        suggest_offer(&suggestion, known->zones[i].name);
    struct world_name name = {path, "zone of this region called", zone};
    return world_check_unknown(a, &name, &suggestion, ret_problem);
}

static int check_parameters(struct arena *a, const struct world_instance *from, struct str path,
                            struct str *ret_problem)
{
    for (size_t i = 0; i < from->parameters.n; i++) {
        const struct world_parameter *parameter = &from->parameters.v[i];
        const struct parameter_row *row = parameter_find(parameter->name);
        struct str place = arena_printf(a, "%.*s.parameters.%zu", STR_ARG(path), i);
        if (!row) {
            struct suggestion suggestion;
            struct world_name name = {CONCAT(a, place, STR(".name")), "parameter", parameter->name};
            suggest_init(&suggestion, parameter->name);
            for (size_t k = 0; k < PARAMETER_ROWS; k++)
                suggest_offer(&suggestion, parameter_rows[k].name);
            return world_check_unknown(a, &name, &suggestion, ret_problem);
        }
        if (!parameter_accepts(row, from->memory.v, parameter->value))
            return reject(
                a, CONCAT(a, place, STR(".value")),
                arena_printf(a, "%.*s cannot be %.*s", STR_ARG(parameter->name), STR_ARG(parameter->value)),
                ret_problem);
    }
    return 0;
}

static int check_instance(struct arena *a, const struct world_instance *from, struct str region,
                          struct str path, struct str *ret_problem)
{
    int64_t start_ms;
    if (from->status.v == INSTANCE_STATUS_TASK_RUNNING)
        return reject(a, CONCAT(a, path, STR(".status")), STR("the status 7 is what running tasks make of 2"),
                      ret_problem);
    if (check_zone(a, from->zone, region, CONCAT(a, path, STR(".zone")), ret_problem) != 0 ||
        check_bound_groups(a, from, path, ret_problem) != 0)
        return -1;
    for (size_t i = 0; i < from->replica_zones.n; i++)
        if (check_zone(a, from->replica_zones.v[i], region,
                       arena_printf(a, "%.*s.replica_zones.%zu", STR_ARG(path), i), ret_problem) != 0)
            return -1;
    if (maintenance_parse(from->maintenance_start, &start_ms) != 0)
        return reject(a, CONCAT(a, path, STR(".maintenance_start")), STR("must be a time of a day, HH:MM"),
                      ret_problem);
    if (check_parameters(a, from, path, ret_problem) != 0)
        return -1;
    if (check_databases(a, from, path, ret_problem) != 0)
        return -1;
    if (world_audit_log_check(a, from, path, ret_problem) != 0 ||
        world_log_file_check(a, from, path, ret_problem) != 0)
        return -1;
    return world_import_check(a, from, path, ret_problem);
}

/* Tests that the ids differ, and returns the instances by their ids. */
static int check_ids(struct arena *a, const struct world_region *from, struct str path,
                     struct map *ret_instances, struct str *ret_problem)
{
    for (size_t i = 0; i < from->instances.n; i++) {
        struct world_instance *instance = &from->instances.v[i];
        if (map_get(ret_instances, instance->instance_id))
            return reject(a, arena_printf(a, "%.*s.instances.%zu.instance_id", STR_ARG(path), i),
                          arena_printf(a, "the instance %.*s is there twice", STR_ARG(instance->instance_id)),
                          ret_problem);
        map_put(ret_instances, instance->instance_id, instance);
    }
    return 0;
}

int world_instance_check_region(struct arena *a, const struct world_region *from, struct str path,
                                struct str *ret_problem)
{
    struct map instances;
    map_init(&instances, a);
    if (check_ids(a, from, path, &instances, ret_problem) != 0)
        return -1;
    for (size_t i = 0; i < from->instances.n; i++) {
        const struct world_instance *instance = &from->instances.v[i];
        struct str place = arena_printf(a, "%.*s.instances.%zu", STR_ARG(path), i);
        if (check_instance(a, instance, from->region, place, ret_problem) != 0 ||
            world_read_only_check(a, &instances, instance, place, ret_problem) != 0 ||
            world_publications_check(a, from, instance, place, ret_problem) != 0)
            return -1;
    }
    return check_groups(a, from, path, ret_problem);
}
