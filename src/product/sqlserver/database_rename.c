/* ModifyDBName: a database gets another name and keeps all else. */
#include "gen/sqlserver.h"
#include "product/sqlserver/dbname.h"
#include "product/sqlserver/reason.h"
#include "product/sqlserver/task.h"

static int check_new_name(struct call *c, const struct instance *instance, const struct modify_db_name_in *in)
{
    if (str_eq(in->old_db_name, in->new_db_name))
        return refuse_same(c, ERR_INVALID_PARAMETER_VALUE_DB_NAME_SAME, in->new_db_name);
    if (!database_name_ok(in->new_db_name))
        return refuse_characters(c, ERR_INVALID_PARAMETER_VALUE_DB_CHAR_ILLEGAL, in->new_db_name);
    if (dbname_reserved(in->new_db_name))
        return refuse_reserved(c, ERR_INVALID_PARAMETER_VALUE_DB_NAME_IS_KEY_WRODS, in->new_db_name);
    int exists = database_exists(c, instance, in->new_db_name);
    if (exists < 0)
        return -1;
    return exists ? refuse_taken(c, ERR_INVALID_PARAMETER_VALUE_DB_EXIST, instance, in->new_db_name) : 0;
}

/* The new name is judged before the old one is looked for: assumed. */
int modify_db_name(struct call *c, const struct modify_db_name_in *in, struct modify_db_name_out *out)
{
    struct str old = in->old_db_name;
    struct str_list names = {&old, 1, true};
    struct instance instance;
    struct database_set set;
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || check_new_name(c, &instance, in) != 0)
        return -1;
    if (task_accept_by_database(c, &instance) != 0 ||
        database_choose(c, &instance, &names, FLOW_RENAMES, &set) != 0)
        return -1;
    set.v[0].new_name = in->new_db_name;
    if (task_start(c, FLOW_RENAMEDB, &instance, &set, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}
