/* Instances: finding one, accepting tasks on it, and DescribeDBInstancesAttribute. */
#include "product/sqlserver/instance.h"

#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/readable_replica.h"

enum {
    /* Documented (release note of 14 March 2022); that a sixth task gets InstanceStatusInvalid is assumed. */
    INSTANCE_TASKS_MAX = 5,
    /* Of the world file; ModifyBackupStrategy accepts 1830. */
    SAVE_DAYS_MAX = 3650
};

int64_t instance_keep_ms(int64_t save_days)
{
    const int64_t day_ms = INT64_C(24) * 3600 * 1000;
    return (save_days < 0 ? 0 : save_days > SAVE_DAYS_MAX ? SAVE_DAYS_MAX : save_days) * day_ms;
}

static int two_digits(const char *p, int most)
{
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
        return -1;
    int n = (p[0] - '0') * 10 + p[1] - '0';
    return n <= most ? n : -1;
}

int maintenance_parse(struct str start, int64_t *ret_ms)
{
    const int64_t minute_ms = 60000;
    if (start.n != sizeof "HH:MM" - 1 || start.p[2] != ':')
        return -1;
    int hour = two_digits(start.p, 23), minute = two_digits(start.p + 3, 59);
    if (hour < 0 || minute < 0)
        return -1;
    *ret_ms = (hour * INT64_C(60) + minute) * minute_ms;
    return 0;
}

enum { WEEKDAYS = 7 };

struct i64_list weekdays_of_bits(struct arena *a, int64_t bits)
{
    struct i64_list days = {ARENA_ARRAY(a, int64_t, WEEKDAYS), 0, true};
    for (int day = 0; day < WEEKDAYS; day++)
        if ((bits ? bits : CLOCK_EVERY_WEEKDAY) >> day & 1)
            days.v[days.n++] = day + 1;
    return days;
}

unsigned weekdays_to_bits(const struct i64_list *days)
{
    unsigned bits = 0;
    for (size_t i = 0; i < days->n; i++)
        if (days->v[i] >= 1 && days->v[i] <= WEEKDAYS)
            bits |= 1u << (days->v[i] - 1);
    return bits;
}

int64_t instance_network_number(struct str name, int64_t least)
{
    return name.n == 0 ? 0 : least + str_hash32(name) % (9 * least);
}

struct str resource_id_new(struct call *c, const char *prefix)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    char random[8];
    for (size_t i = 0; i < sizeof random; i++)
        random[i] = letters[rng_next(&c->world->rng) % (sizeof letters - 1)];
    return arena_printf(c->arena, "%s%.*s", prefix, (int)sizeof random, random);
}

static struct instance read_row(struct stmt *s, const struct call *c, struct str instance_id)
{
    return (struct instance){
        .row = stmt_i64(s, "id"),
        .instance_id = instance_id,
        .region = c->common.region,
        .status = (enum instance_status)stmt_i64(s, "status"),
        .running = stmt_i64(s, "running"),
        .port = stmt_i64(s, "port"),
        .single_files = stmt_i64(s, "single_files") != 0,
        .ignore_case = stmt_i64(s, "ignore_case") != 0,
        .single_node = stmt_i64(s, "single_node") != 0,
        .read_only = stmt_i64(s, "read_only") != 0,
        .keep_ms = instance_keep_ms(stmt_i64(s, "backup_save_days")),
    };
}

/* Reads all that nearly every handler needs in one statement, because nearly every call begins here. */
int instance_get(struct call *c, struct str instance_id, struct instance *ret_instance)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT id, status, port, backup_save_days, " INSTANCE_SINGLE_FILES " AS single_files,"
                " instr(collation, '_CI_') > 0 AS ignore_case, instance_type IN ('SI', 'BI') AS single_node, "
                "instance_type IN ('RO', 'cvmRO') AS read_only,"
                " (SELECT count(*) FROM flow WHERE flow.instance = instance.id AND flow.outcome IS NULL)"
                " AS running"
                " FROM instance"
                " WHERE account = :account AND region = :region AND instance_id = :instance_id");
    call_bind_owner(c, s);
    stmt_bind_str(s, ":instance_id", instance_id);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 0)
        return reject_no_instance(c, instance_id);
    *ret_instance = read_row(s, c, instance_id);
    assert(ret_instance->row > 0 && ret_instance->running >= 0);
    return 0;
}

/* Skips the query on an idle instance; most instances are idle. */
int instance_runs_automatic(struct call *c, const struct instance *instance)
{
    if (instance->running == 0)
        return 0;
    SCOPED_STMT(s, c->world->db,
                "SELECT 1 FROM flow WHERE instance = :instance AND outcome IS NULL"
                " AND kind = " FLOW_KIND_SQL_AUTOBACKUP " LIMIT 1");
    stmt_bind_i64(s, ":instance", instance->row);
    return call_step(c, s);
}

int instance_accept(struct call *c, const struct instance *instance, enum accept accept, enum error_id code)
{
    static const int64_t running_max[] = {
        [ACCEPT_TASK] = INSTANCE_TASKS_MAX - 1, [ACCEPT_SOLE_TASK] = 0, [ACCEPT_CHANGE] = INT64_MAX};
    if (accept == ACCEPT_ANY)
        return 0;
    if (instance->status == INSTANCE_STATUS_NORMAL && instance->running <= running_max[accept])
        return 0;
    return reject_busy(c, code, instance, running_max[accept]);
}

int instance_accept_statuses(struct call *c, const struct instance *instance, uint32_t statuses,
                             enum error_id code)
{
    if (instance->running == 0 && (statuses >> instance->status & 1))
        return 0;
    return instance->running > 0 ? reject_busy(c, code, instance, 0)
                                 : reject_status(c, code, instance, statuses);
}

int instance_accept_writable(struct call *c, const struct instance *instance)
{
    if (!instance->read_only || !call_declares(c, ERR_RESOURCE_UNAVAILABLE_NOT_SUPPORT_RO_INSTANCE))
        return 0;
    return reject_read_only(c, instance);
}

int instance_accept_task(struct call *c, const struct instance *instance)
{
    return instance_accept(c, instance, ACCEPT_TASK, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID);
}

int instance_accept_sole_task(struct call *c, const struct instance *instance)
{
    return instance_accept(c, instance, ACCEPT_SOLE_TASK, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID);
}

int instance_accept_change(struct call *c, const struct instance *instance)
{
    return instance_accept(c, instance, ACCEPT_CHANGE, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID);
}

int instance_accept_database_task(struct call *c, const struct instance *instance)
{
    return instance_accept(c, instance, ACCEPT_TASK, ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS);
}

/* --- DescribeDBInstancesAttribute --- */

static struct tde_config_attribute *tde_config(struct stmt *s, struct arena *a)
{
    struct tde_config_attribute *config = ARENA_NEW(a, struct tde_config_attribute);
    tde_config_attribute_from_row(s, a, config);
    return config;
}

static struct ssl_config *ssl_config(struct stmt *s, struct call *c)
{
    struct ssl_config *config = ARENA_NEW(c->arena, struct ssl_config);
    ssl_config_from_row(s, c->arena, config);
    config->ssl_validity = U64(stmt_i64(s, "ssl_until_ms") > world_now_ms(c->world));
    return config;
}

/* The former addresses that are still kept, those first that are given back first. */
static int read_old_vips(struct call *c, const struct instance *instance, struct old_vip_list *list)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " OLD_VIP_COLUMNS " FROM old_vip WHERE instance = :instance AND until_ms > :now"
                " ORDER BY until_ms, vip");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    return old_vip_list_read(c, s, list);
}

int describe_db_instances_attribute(struct call *c, const struct describe_db_instances_attribute_in *in,
                                    struct describe_db_instances_attribute_out *out)
{
    struct instance instance;
    SCOPED_STMT(s, c->world->db,
                "SELECT " DESCRIBE_DB_INSTANCES_ATTRIBUTE_OUT_COLUMNS ", " TDE_CONFIG_ATTRIBUTE_COLUMNS
                ", " SSL_CONFIG_COLUMNS " FROM instance WHERE id = :row");
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    stmt_bind_i64(s, ":row", instance.row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    describe_db_instances_attribute_out_from_row(s, c->arena, out);
    out->slow_log_threshold.set = out->slow_log_threshold.v > 0; /* null without one */
    out->tde_config = tde_config(s, c->arena);
    out->ssl_config = ssl_config(s, c);
    return readable_replicas_read(c, &instance, out) == 0 ? read_old_vips(c, &instance, &out->old_vip_list)
                                                          : -1;
}
