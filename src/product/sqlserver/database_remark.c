/* ModifyDBRemark: databases get other remarks, at once and without a flow. */
#include "gen/sqlserver.h"
#include "product/sqlserver/reason.h"

/* A remark is the service's own and not the database's, so that a database of any status takes one, also one
 * that a task holds (assumed: the action has no DBInvalidStatus). */
static int set_remark(struct call *c, const struct instance *instance, const struct db_remark *remark)
{
    DB_STMT(s, c->world->db,
            "UPDATE database SET remark = :remark WHERE instance = :instance AND name = :name RETURNING 1");
    stmt_bind_str(s, ":remark", remark->remark);
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", remark->name);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    return rc ? 0 : refuse_no_database(c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND, instance, remark->name);
}

/* Of a database that comes twice the last remark stays (assumed). */
int modify_db_remark(struct call *c, const struct modify_db_remark_in *in, struct modify_db_remark_out *out)
{
    struct instance instance;
    (void)out; /* only the RequestId */
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_change(c, &instance) != 0)
        return -1;
    for (size_t i = 0; i < in->db_remarks.n; i++)
        if (set_remark(c, &instance, &in->db_remarks.v[i]) != 0)
            return -1;
    return 0;
}
