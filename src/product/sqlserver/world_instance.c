/* An instance is a row of some forty columns and rows of other tables, inserted in the order of their
 * references. Nothing is overwritten, because calls may have changed it. */
#include "product/sqlserver/world_instance.h"

#include <stdio.h>

#include "gen/sqlserver.h"
#include "gen/sqlserver_enums.h"
#include "product/sqlserver/instance.h"
#include "product/sqlserver/public_address.h"
#include "product/sqlserver/security_group.h"
#include "product/sqlserver/world_audit_log.h"
#include "product/sqlserver/world_import.h"
#include "product/sqlserver/world_log_file.h"
#include "product/sqlserver/world_publication.h"
#include "product/sqlserver/world_read_only.h"

/* --- the instance --- */

/* The zone that the file names, else the first of the region. */
static struct str zone_of(const struct product *p, struct arena *a, struct str region,
                          const struct world_instance *from)
{
    const struct region *known = product_find_region(p, region);
    if (from->zone.p)
        return from->zone;
    return known ? known->zones[0].name : arena_printf(a, "%.*s-1", STR_ARG(region));
}

/* An address for each row, from 10.0.0.16 on, without .0 and .255. */
static struct str address_of(struct arena *a, int64_t row)
{
    enum { HOSTS = 254, FIRST = 14 };
    long long host = row + FIRST, net = host / HOSTS;
    return arena_printf(a, "10.%lld.%lld.%lld", net / 256 % 256, net % 256, host % HOSTS + 1);
}

static void bind_backup_policy(struct stmt *s, const struct world_instance *from, int64_t now)
{
    bool weekly = str_eq(from->backup_type, STR("weekly"));
    unsigned days = weekdays_to_bits(&from->backup_cycle);
    stmt_bind_str(s, ":backup_model", from->backup_model);
    stmt_bind_str(s, ":backup_type", from->backup_type);
    stmt_bind_i64(s, ":backup_hour", from->backup_hour.v);
    stmt_bind_i64(s, ":backup_cycle", days);
    stmt_bind_i64(s, ":backup_save_days", from->backup_save_days.v);
    stmt_bind_i64(
        s, ":next_backup",
        time_next_beijing_hour(now, from->backup_hour.v, weekly && days ? days : CLOCK_EVERY_WEEKDAY));
}

static void bind_size(struct stmt *s, const struct world_instance *from)
{
    stmt_bind_str(s, ":version", from->version);
    stmt_bind_i64(s, ":cpu", from->cpu.v);
    stmt_bind_i64(s, ":memory", from->memory.v);
    stmt_bind_i64(s, ":storage", from->storage.v);
    stmt_bind_str(s, ":instance_type", from->instance_type);
    stmt_bind_str(s, ":machine_type", from->machine_type);
    stmt_bind_i64(s, ":pay_mode", from->pay_mode.v);
}

static void bind_network(struct stmt *s, struct arena *a, const struct world_instance *from, int64_t row)
{
    stmt_bind_str(s, ":vip", from->vip.p ? from->vip : address_of(a, row));
    stmt_bind_i64(s, ":port", from->port.v);
    stmt_bind_str(s, ":vpc", from->vpc_id);
    stmt_bind_str(s, ":subnet", from->subnet_id);
}

static void bind_maintenance(struct stmt *s, const struct world_instance *from)
{
    unsigned days = weekdays_to_bits(&from->maintenance_days);
    stmt_bind_i64(s, ":maintenance_days", days ? days : CLOCK_EVERY_WEEKDAY);
    stmt_bind_str(s, ":maintenance_start", from->maintenance_start);
    stmt_bind_i64(s, ":maintenance_span", from->maintenance_span.v);
}

/* Without an end of the paid time the column stays NULL, which shows as 30 days from the creation. */
static void bind_purchase(struct stmt *s, const struct world_instance *from)
{
    int64_t until;
    bind_maintenance(s, from);
    stmt_bind_str(s, ":collation", from->collation);
    stmt_bind_str(s, ":time_zone", from->time_zone);
    stmt_bind_str(s, ":high_availability", from->high_availability.p ? from->high_availability : STR(""));
    stmt_bind_i64(s, ":multi_zones", from->multi_zones.v);
    stmt_bind_i64(s, ":disk_encrypted", from->disk_encrypted.v);
    stmt_bind_i64(s, ":throughput", from->throughput.v);
    stmt_bind_i64(s, ":renew_flag", from->renew_flag.v);
    if (from->end_time.p && time_parse_beijing(from->end_time, &until) == 0)
        stmt_bind_i64(s, ":paid_until", until);
    else
        stmt_bind_null(s, ":paid_until");
}

static int put_row(struct world *w, const struct resource_owner *owner, const struct world_instance *from,
                   int64_t row)
{
    SCOPED_STMT(
        s, w->db,
        "INSERT INTO instance (id, account, region, instance_id, name, status, project_id, zone, version,"
        " cpu, memory_gb, storage_gb, instance_type, machine_type, pay_mode, vip, port, vpc_id, subnet_id,"
        " note, created_ms, backup_model, backup_type, backup_hour, backup_cycle, backup_save_days,"
        " next_backup_ms, regular_enable, regular_save_days, regular_strategy, regular_counts,"
        " regular_start, collation, time_zone, high_availability, multi_zones, disk_encrypted, throughput,"
        " maintenance_days, maintenance_start, maintenance_span, renew_flag, paid_until_ms)"
        " VALUES (:row, :account, :region, :id, :name, :status, :project, :zone, :version,"
        " :cpu, :memory, :storage, :instance_type, :machine_type, :pay_mode, :vip, :port, :vpc, :subnet,"
        " :note, :now, :backup_model, :backup_type, :backup_hour, :backup_cycle, :backup_save_days,"
        " :next_backup, 0, 365, 'months', 1, '', :collation, :time_zone, :high_availability, :multi_zones,"
        " :disk_encrypted, :throughput, :maintenance_days, :maintenance_start, :maintenance_span,"
        " :renew_flag, :paid_until)");
    struct arena scratch; /* the world's arena would grow with every reset */
    arena_init(&scratch);
    stmt_bind_i64(s, ":row", row);
    stmt_bind_str(s, ":account", owner->account);
    stmt_bind_str(s, ":region", owner->region);
    stmt_bind_str(s, ":id", from->instance_id);
    stmt_bind_str(s, ":name", from->name.p ? from->name : from->instance_id);
    stmt_bind_i64(s, ":status", from->status.v);
    stmt_bind_i64(s, ":project", from->project_id.v);
    stmt_bind_str(s, ":zone", zone_of(&product_sqlserver, &scratch, owner->region, from));
    stmt_bind_str(s, ":note", from->note);
    stmt_bind_i64(s, ":now", world_now_ms(w));
    bind_size(s, from);
    bind_network(s, &scratch, from, row);
    bind_backup_policy(s, from, world_now_ms(w));
    bind_purchase(s, from);
    int rc = stmt_run(s);
    arena_done(&scratch);
    return rc;
}

int world_instance_exists(struct world *w, const struct resource_owner *owner, struct str instance_id)
{
    SCOPED_STMT(s, w->db,
                "SELECT 1 FROM instance WHERE account = :account AND region = :region AND instance_id = :id");
    stmt_bind_str(s, ":account", owner->account);
    stmt_bind_str(s, ":region", owner->region);
    stmt_bind_str(s, ":id", instance_id);
    return stmt_step(s);
}

static int next_row(struct world *w, int64_t *ret_row)
{
    SCOPED_STMT(s, w->db, "SELECT coalesce(max(id), 0) + 1 AS next FROM instance");
    if (stmt_step(s) != 1)
        return -1;
    *ret_row = stmt_i64(s, "next");
    return 0;
}

/* --- what is in it --- */

static int put_database(struct world *w, int64_t instance, const struct world_database *from)
{
    SCOPED_STMT(
        s, w->db,
        "INSERT INTO database (instance, name, status, charset, remark, simple_recovery, encrypted, "
        "created_ms)"
        " VALUES (:instance, :name, :status, :charset, :remark, :simple, :encrypted, :now) ON CONFLICT DO "
        "NOTHING");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", from->name);
    stmt_bind_i64(s, ":status", from->status.v);
    stmt_bind_str(s, ":charset", from->charset);
    stmt_bind_str(s, ":remark", from->remark);
    stmt_bind_i64(s, ":simple", from->simple_recovery.v);
    stmt_bind_i64(s, ":encrypted", from->encrypted.v);
    stmt_bind_i64(s, ":now", world_now_ms(w));
    return stmt_run(s);
}

static int put_login(struct world *w, int64_t instance, const struct world_login *from)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO login (instance, name, account_type, created_ms, updated_ms)"
                " VALUES (:instance, :name, :type, :now, :now)"
                " ON CONFLICT DO NOTHING");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", from->name);
    stmt_bind_str(s, ":type", from->account_type);
    stmt_bind_i64(s, ":now", world_now_ms(w));
    return stmt_run(s);
}

static int put_grant(struct world *w, int64_t instance, struct str database, const struct world_grant *from)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO grants (instance, database, login, privilege)"
                " VALUES (:instance, :database, :login, :privilege) ON CONFLICT DO NOTHING");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":database", database);
    stmt_bind_str(s, ":login", from->login);
    stmt_bind_str(s, ":privilege", from->privilege);
    return stmt_run(s);
}

static int put_tag(struct world *w, int64_t instance, const struct world_tag *from)
{
    SCOPED_STMT(
        s, w->db,
        "INSERT INTO tag (instance, key, value) VALUES (:instance, :key, :value) ON CONFLICT DO NOTHING");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":key", from->key);
    stmt_bind_str(s, ":value", from->value);
    return stmt_run(s);
}

/* The id follows from the instance's and the place, so that a reset makes the same again. */
static int put_replica(struct world *w, int64_t instance, const struct world_instance *from, size_t i)
{
    SCOPED_STMT(
        s, w->db,
        "INSERT INTO replica (instance, replica_id, ordinal, zone) VALUES (:instance, :id, :ordinal, :zone)");
    char id[sizeof "mssqldr-00000000"];
    uint32_t hash = str_hash32(from->instance_id) + (uint32_t)i;
    int n = snprintf(id, sizeof id, "mssqldr-%08x", (unsigned)hash);
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":id", (struct str){id, (size_t)n});
    stmt_bind_i64(s, ":ordinal", (int64_t)i);
    stmt_bind_str(s, ":zone", from->replica_zones.v[i]);
    return stmt_run(s);
}

/* The order of an instance that no call has bought; it has no flow. */
static int put_order(struct world *w, int64_t instance, const struct world_instance *from)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO deal (instance, name, ordinal, creates, pay_mode)"
                " VALUES (:instance, :name, :instance, 1, :pay_mode)");
    if (!from->order.p)
        return 0;
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", from->order);
    stmt_bind_i64(s, ":pay_mode", from->pay_mode.v);
    return stmt_run(s);
}

static int put_parameter(struct world *w, int64_t instance, const struct world_parameter *from)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO parameter (instance, name, value) VALUES (:instance, :name, :value)"
                " ON CONFLICT DO NOTHING");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", from->name);
    stmt_bind_str(s, ":value", from->value);
    return stmt_run(s);
}

static int put_grants(struct world *w, int64_t row, const struct world_database *database)
{
    for (size_t i = 0; i < database->grants.n; i++)
        if (put_grant(w, row, database->name, &database->grants.v[i]) != 0)
            return -1;
    return 0;
}

/* Only an instance with TDE has encrypted databases. */
static int put_encryption(struct world *w, int64_t row)
{
    SCOPED_STMT(s, w->db,
                "UPDATE instance SET tde = 1, tde_certificate = 'self' WHERE id = :row"
                " AND EXISTS (SELECT 1 FROM database WHERE instance = :row AND encrypted)");
    stmt_bind_i64(s, ":row", row);
    return stmt_run(s);
}

static int put_public_address(struct world *w, int64_t row, const struct world_instance *from)
{
    SCOPED_STMT(s, w->db, "UPDATE instance SET wan_domain = :domain, wan_port = :port WHERE id = :row");
    struct arena scratch;
    if (!from->public_address.v)
        return 0;
    arena_init(&scratch);
    stmt_bind_str(s, ":domain", public_address_name(&scratch, from->instance_id));
    stmt_bind_i64(s, ":port", public_address_port(row));
    stmt_bind_i64(s, ":row", row);
    int rc = stmt_run(s);
    arena_done(&scratch);
    return rc;
}

/* What other instances and networks have to do with it. */
static int put_network(struct world *w, const struct resource_owner *owner, int64_t row,
                       const struct world_instance *from)
{
    if (put_order(w, row, from) != 0)
        return -1;
    for (size_t i = 0; i < from->security_groups.n; i++)
        if (security_group_bind(w, owner, row, from->security_groups.v[i]) != 0)
            return -1;
    return put_public_address(w, row, from) == 0 ? world_read_only_put_groups(w, row, from) : -1;
}

static int put_contents(struct world *w, const struct resource_owner *owner, int64_t row,
                        const struct world_instance *from)
{
    if (put_network(w, owner, row, from) != 0)
        return -1;
    for (size_t i = 0; i < from->tags.n; i++)
        if (put_tag(w, row, &from->tags.v[i]) != 0)
            return -1;
    for (size_t i = 0; i < from->replica_zones.n; i++)
        if (put_replica(w, row, from, i) != 0)
            return -1;
    for (size_t i = 0; i < from->parameters.n; i++)
        if (put_parameter(w, row, &from->parameters.v[i]) != 0)
            return -1;
    for (size_t i = 0; i < from->logins.n; i++)
        if (put_login(w, row, &from->logins.v[i]) != 0)
            return -1;
    for (size_t i = 0; i < from->databases.n; i++)
        if (put_database(w, row, &from->databases.v[i]) != 0 ||
            put_grants(w, row, &from->databases.v[i]) != 0)
            return -1;
    if (put_encryption(w, row) != 0 || world_audit_log_put(w, row, from) != 0 ||
        world_log_file_put(w, row, from) != 0)
        return -1;
    return world_import_put(w, owner, row, from);
}

int world_instance_insert(struct world *w, const struct resource_owner *owner,
                          const struct world_instance *from, int64_t *ret_row)
{
    int64_t row;
    if (next_row(w, &row) != 0 || put_row(w, owner, from, row) != 0 || put_contents(w, owner, row, from) != 0)
        return -1;
    *ret_row = row;
    return 0;
}

int world_instance_put(struct world *w, const struct resource_owner *owner, const struct world_instance *from)
{
    int64_t row;
    int known = world_instance_exists(w, owner, from->instance_id);
    if (known != 0)
        return known < 0 ? -1 : 0;
    return world_instance_insert(w, owner, from, &row);
}

/* --- hooks --- */

/* The publications of an instance come after all instances, of which one is the subscriber; those of an
 * instance that existed stay as they are. */
/* What refers to other instances of the region, which are all there by then. */
static int put_references(struct world *w, const struct resource_owner *owner,
                          const struct world_instance *from)
{
    if (from->primary_id.p && world_read_only_join(w, owner, from) != 0)
        return -1;
    return world_publications_put(w, owner, from);
}

int world_instance_put_region(struct world *w, const struct resource_owner *owner,
                              const struct world_region *from)
{
    struct arena scratch;
    int rc = 0;
    arena_init(&scratch);
    int *known = ARENA_ARRAY(&scratch, int, from->instances.n + 1);
    for (size_t i = 0; i < from->security_groups.n && rc == 0; i++)
        rc = security_group_put(w, owner, &from->security_groups.v[i]);
    for (size_t i = 0; i < from->instances.n && rc == 0; i++) {
        known[i] = world_instance_exists(w, owner, from->instances.v[i].instance_id);
        rc = known[i] < 0 ? -1 : world_instance_put(w, owner, &from->instances.v[i]);
    }
    for (size_t i = 0; i < from->instances.n && rc == 0; i++)
        rc = known[i] ? 0 : put_references(w, owner, &from->instances.v[i]);
    arena_done(&scratch);
    return rc;
}

struct str world_instance_first(const struct world_region *from)
{
    return from->instances.n > 0 ? from->instances.v[0].instance_id : (struct str){NULL, 0};
}
