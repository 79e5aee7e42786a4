/* CloneDB: copies of databases beside them, in the same instance. */
#include "gen/sqlserver.h"
#include "product/sqlserver/making.h"
#include "product/sqlserver/reason.h"
#include "product/sqlserver/task.h"

static const struct making_codes codes = {.chars = ERR_INVALID_PARAMETER_VALUE_DB_CHAR_ILLEGAL,
                                          .reserved = ERR_INVALID_PARAMETER_VALUE_DB_NAME_IS_KEY_WRODS,
                                          .exists = ERR_INVALID_PARAMETER_VALUE_DB_EXIST,
                                          .too_many = ERR_LIMIT_EXCEEDED_TOO_MANY_DB};

/* Documented: both names are needed and differ. That a missing one gets InputIllegal is assumed. */
static int check_pair(struct call *c, const struct rename_restore_database *pair)
{
    if (pair->old_name.n == 0 || pair->new_name.n == 0)
        return call_refuse(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                           "each element of RenameRestore needs OldName and NewName");
    if (str_eq(pair->old_name, pair->new_name))
        return refuse_same(c, ERR_INVALID_PARAMETER_VALUE_DB_NAME_SAME, pair->new_name);
    return 0;
}

/* The databases to copy must work and be free; the flow holds them. */
static int hold_sources(struct making *m, const struct rename_restore_database_list *pairs)
{
    struct str_list names = {ARENA_ARRAY(m->c->arena, struct str, pairs->n), pairs->n, true};
    for (size_t i = 0; i < pairs->n; i++) {
        if (check_pair(m->c, &pairs->v[i]) != 0)
            return -1;
        names.v[i] = pairs->v[i].old_name;
    }
    return database_choose(m->c, m->target, &names, FLOW_HOLDS, &m->set);
}

static int copy_all(struct making *m, const struct rename_restore_database_list *pairs)
{
    if (making_begin(m) != 0)
        return -1;
    for (size_t i = 0; i < pairs->n; i++)
        if (making_check_name(m, pairs->v[i].new_name) != 0 ||
            making_copy(m, m->target, pairs->v[i].old_name, pairs->v[i].new_name) != 0)
            return -1;
    return 0;
}

int clone_db(struct call *c, const struct clone_db_in *in, struct clone_db_out *out)
{
    struct instance instance;
    struct making making = {.c = c, .target = &instance, .codes = &codes};
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_task(c, &instance) != 0)
        return -1;
    if (hold_sources(&making, &in->rename_restore) != 0 || copy_all(&making, &in->rename_restore) != 0 ||
        task_start(c, FLOW_CLONE, &instance, &making.set, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}
