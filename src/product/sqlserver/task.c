/* The start that most tasks share; a backup has one of its own, since it may fail for what it holds. */
#include "product/sqlserver/task.h"

int task_accept_by_database(struct call *c, const struct instance *instance)
{
    if (instance_accept_task(c, instance) != 0)
        return call_fail(c, ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS);
    return 0;
}

int task_start(struct call *c, size_t kind, const struct instance *instance, const struct database_set *set,
               struct flow *ret_flow)
{
    struct flow_plan plan = {.kind = kind,
                             .instance = instance->row,
                             .start_ms = world_now_ms(c->world),
                             .databases = set->v,
                             .n_databases = set->n};
    return flow_start(c->world, &plan, ret_flow) == 0 ? 0 : call_fail_store(c);
}
