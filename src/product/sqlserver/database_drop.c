/* DeleteDB: databases go, after a backup of them unless the caller does without. */
#include "gen/sqlserver.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/task.h"

/*
 * The backup belongs to the very flow that drops, so that it is one task, holds its databases once and ends
 * with it. By its name NoDoBackup 0 takes one; its documentation says the contrary in one place, so this is
 * assumed.
 */
static int back_up(struct call *c, const struct instance *instance, const struct flow *flow)
{
    struct backup_record record = {.flow = flow,
                                   .name =
                                       backup_default_name(c->arena, instance->instance_id, flow->start_ms),
                                   .strategy = STRATEGY_DATABASES,
                                   .way = BACKUP_MANUAL,
                                   .single_files = instance->single_files};
    return backup_insert(c->world, &record) == 0 ? 0 : call_fail_store(c);
}

/* A database in the simple recovery model cannot be backed up (documented), but it can be dropped. */
int delete_db(struct call *c, const struct delete_db_in *in, struct delete_db_out *out)
{
    struct instance instance;
    struct database_set set;
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || task_accept_by_database(c, &instance) != 0)
        return -1;
    if (database_choose(c, &instance, &in->names, FLOW_DROPS, &set) != 0 ||
        task_start(c, FLOW_DELETEDB, &instance, &set, &flow) != 0)
        return -1;
    if (in->no_do_backup.v == 0 && !set.any_simple && back_up(c, &instance, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}
