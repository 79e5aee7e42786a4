/* DescribeDBsNormal: how SQL Server itself has an instance's databases set. */
#include "gen/sqlserver.h"
#include "product/sqlserver/instance.h"

/* The action has no pages. No instance has more databases: a world file gives it no more, and what is made
 * stays below (dblimit.h). Only an edited state has, and its answer is cut rather than too long. */
enum { DATABASES_MAX = 1024 };

/* A database that is still being made, or no longer, is none of the server's: it has no settings (assumed).
 */
#define FROM_AND_WHERE " FROM database WHERE instance = :instance AND status IN (2, 3)"

#define OFF STR("0")
#define ON STR("1")

/*
 * What virga does not keep is as the documented example has it of a database with nothing switched on
 * (238/101643): there the settings of change tracking are empty while it is off, and full-text search is on
 * under the older of its two names alone. The two fields of availability groups are not in the example:
 * assumed like those of mirroring.
 */
static struct db_normal_detail view(struct call *c, struct stmt *s)
{
    return (struct db_normal_detail){
        .name = stmt_str(s, c->arena, "name"),
        .collation_name = stmt_str(s, c->arena, "charset"),
        .create_time = time_beijing_ms(c->arena, stmt_i64(s, "created_ms")),
        .recovery_model_desc = stmt_i64(s, "simple_recovery") ? STR("SIMPLE") : STR("FULL"),
        .is_encrypted = stmt_i64(s, "encrypted") ? ON : OFF,
        .state_desc = STR("ONLINE"),
        .user_access_desc = STR("MULTI_USER"),
        .is_fulltext_enabled = ON,
        .is_broker_enabled = OFF,
        .is_cdc_enabled = OFF,
        .is_db_chaining_on = OFF,
        .is_mirroring = OFF,
        .is_published = OFF,
        .is_read_committed_snapshot_on = OFF,
        .is_subscribed = OFF,
        .is_trustworthy_on = OFF,
        .is_availability_groups = OFF,
    };
}

static int count(struct call *c, const struct instance *instance, struct opt_i64 *ret_count)
{
    DB_STMT(s, c->world->db, "SELECT count(*) AS n" FROM_AND_WHERE);
    stmt_bind_i64(s, ":instance", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_count = I64(stmt_i64(s, "n"));
    return 0;
}

/* In the order of DescribeDBs (assumed: the example's follows nothing). `list` has room for `limit`. */
static int read_rows(struct call *c, const struct instance *instance, int64_t limit,
                     struct db_normal_detail_list *list)
{
    DB_STMT(s, c->world->db,
            "SELECT name, charset, created_ms, simple_recovery, encrypted" FROM_AND_WHERE
            " ORDER BY created_ms DESC, name LIMIT :limit");
    int rc;
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":limit", limit);
    while ((rc = stmt_step(s)) == 1)
        list->v[list->n++] = view(c, s);
    return rc == 0 ? 0 : call_fail_store(c);
}

int describe_dbs_normal(struct call *c, const struct describe_dbs_normal_in *in,
                        struct describe_dbs_normal_out *out)
{
    struct instance instance;
    if (instance_get(c, in->instance_id, &instance) != 0 || count(c, &instance, &out->total_count) != 0)
        return -1;
    int64_t limit = out->total_count.v < DATABASES_MAX ? out->total_count.v : DATABASES_MAX;
    out->db_list = (struct db_normal_detail_list){
        ARENA_ARRAY(c->arena, struct db_normal_detail, (size_t)limit), 0, true};
    return read_rows(c, &instance, limit, &out->db_list);
}
