#include "product/sqlserver/target.h"

/* Versions begin with their year, as in 2008R2 and 2012SP3. */
static int check_version(struct call *c, const struct instance *source, const struct instance *target)
{
    DB_STMT(s, c->world->db,
            "SELECT 1 FROM instance source JOIN instance target ON target.id = :target"
            " WHERE source.id = :source AND substr(target.version, 1, 4) < substr(source.version, 1, 4)");
    stmt_bind_i64(s, ":source", source->row);
    stmt_bind_i64(s, ":target", target->row);
    int older = stmt_step(s);
    if (older < 0)
        return call_fail_store(c);
    return older ? call_fail(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL) : 0;
}

int target_get(struct call *c, const struct instance *source, struct str target_id,
               struct instance *ret_target)
{
    struct instance target = *source;
    if (target_id.n > 0 && instance_get(c, target_id, &target) != 0)
        return -1;
    if (check_version(c, source, &target) != 0)
        return -1;
    *ret_target = target;
    return 0;
}
