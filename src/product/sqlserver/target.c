/* Restoring and rolling back share where they may write to. */
#include "product/sqlserver/target.h"

/* Versions begin with their year, as in 2008R2 and 2012SP3. */
static int check_version(struct call *c, const struct instance *source, const struct instance *target)
{
    DB_STMT(s, c->world->db,
            "SELECT source.version AS wanted, target.version AS there FROM instance source JOIN instance "
            "target ON target.id = :target"
            " WHERE source.id = :source AND substr(target.version, 1, 4) < substr(source.version, 1, 4)");
    stmt_bind_i64(s, ":source", source->row);
    stmt_bind_i64(s, ":target", target->row);
    int older = stmt_step(s);
    if (older < 0)
        return call_fail_store(c);
    if (!older)
        return 0;
    struct str wanted = stmt_str(s, c->arena, "wanted"), there = stmt_str(s, c->arena, "there");
    return call_refuse(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "target.older",
                       "%.*s has version %.*s, older than the source's %.*s", STR_ARG(target->instance_id),
                       STR_ARG(there), STR_ARG(wanted));
}

/* The source itself is never older than itself, so that the question is asked in either case. */
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
