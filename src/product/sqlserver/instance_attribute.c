/* DescribeDBInstancesAttribute: what is told of an instance beside the list. */
#include "gen/sqlserver.h"
#include "product/sqlserver/instance.h"

enum { EVENT_SAVE_DAYS = 7 }; /* documented by example */

static struct str switched(bool on)
{
    return on ? STR("enable") : STR("disable");
}

/* Connections are never encrypted here. */
static struct ssl_config *no_ssl(struct arena *a)
{
    struct ssl_config *ssl = ARENA_NEW(a, struct ssl_config);
    ssl->encryption = switched(false);
    ssl->ssl_validity_period = NO_TIME;
    return ssl;
}

/* The certificate is the account's own, if there is one (assumed). */
static struct tde_config_attribute *tde(struct arena *a, bool encrypted)
{
    struct tde_config_attribute *config = ARENA_NEW(a, struct tde_config_attribute);
    config->encryption = switched(encrypted);
    config->certificate_attribution = encrypted ? STR("self") : STR("none");
    return config;
}

static void put_archive_backups(struct call *c, struct stmt *s,
                                struct describe_db_instances_attribute_out *out)
{
    out->regular_backup_enable = switched(stmt_i64(s, "regular_enable") != 0);
    out->regular_backup_save_days = U64((uint64_t)stmt_i64(s, "regular_save_days"));
    out->regular_backup_strategy = stmt_str(s, c->arena, "regular_strategy");
    out->regular_backup_counts = U64((uint64_t)stmt_i64(s, "regular_counts"));
    out->regular_backup_start_time = stmt_str(s, c->arena, "regular_start");
}

/* Much of this action is about audits, encryption and certificates, which are not emulated: what is told of
 * them is what a new instance has. */
int describe_db_instances_attribute(struct call *c, const struct describe_db_instances_attribute_in *in,
                                    struct describe_db_instances_attribute_out *out)
{
    struct instance instance;
    DB_STMT(s, c->world->db,
            "SELECT regular_enable, regular_save_days, regular_strategy, regular_counts, regular_start,"
            " EXISTS (SELECT 1 FROM database WHERE database.instance = instance.id AND database.encrypted)"
            " AS encrypted FROM instance WHERE id = :row");
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    stmt_bind_i64(s, ":row", instance.row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    put_archive_backups(c, s, out);
    out->instance_id = in->instance_id;
    out->event_save_days = I64(EVENT_SAVE_DAYS);
    out->tde_config = tde(c->arena, stmt_i64(s, "encrypted") != 0);
    out->ssl_config = no_ssl(c->arena);
    out->x_event_status = switched(false);
    return 0;
}
