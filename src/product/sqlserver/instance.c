/* An instance is looked up by its owner, region and id together: another account's is not forbidden but
 * simply not there. */
#include "product/sqlserver/instance.h"

#include "gen/sqlserver.h"
#include "product/sqlserver/explain.h"

/* Documented (release note of 14 March 2022): five tasks at once on an instance; that a sixth gets
 * InstanceStatusInvalid is assumed. */
enum { INSTANCE_TASKS_MAX = 5 };

/* Of the world file; the action's own is 1830. */
enum { SAVE_DAYS_MAX = 3650 };

int64_t instance_keep_ms(int64_t save_days)
{
    const int64_t day_ms = INT64_C(24) * 3600 * 1000;
    return (save_days < 0 ? 0 : save_days > SAVE_DAYS_MAX ? SAVE_DAYS_MAX : save_days) * day_ms;
}

static void read_row(struct stmt *s, struct call *c, struct str instance_id, struct instance *ret_instance)
{
    *ret_instance = (struct instance){
        .row = stmt_i64(s, "id"),
        .instance_id = instance_id,
        .region = c->common.region,
        .status = stmt_i64(s, "status"),
        .running = stmt_i64(s, "running"),
        .automatic = stmt_i64(s, "automatic") != 0,
        .port = stmt_i64(s, "port"),
        .single_files = stmt_i64(s, "single_files") != 0,
        .keep_ms = instance_keep_ms(stmt_i64(s, "backup_save_days")),
    };
}

/* One statement for all that handlers ask of an instance: it is the first thing that nearly every call does.
 */
int instance_get(struct call *c, struct str instance_id, struct instance *ret_instance)
{
    SCOPED_STMT(
        s, c->world->db,
        "SELECT id, status, port, backup_model IN ('master_no_pkg', 'slave_no_pkg') AS single_files, "
        "backup_save_days,"
        " (SELECT count(*) FROM flow WHERE flow.instance = instance.id AND flow.outcome IS NULL) AS running,"
        " EXISTS (SELECT 1 FROM flow WHERE flow.instance = instance.id AND flow.outcome IS NULL"
        " AND flow.kind = 'autobackup') AS automatic"
        " FROM instance WHERE account = :account AND region = :region AND instance_id = :instance_id");
    stmt_bind_str(s, ":account", c->credential->account->uin);
    stmt_bind_str(s, ":region", c->common.region);
    stmt_bind_str(s, ":instance_id", instance_id);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    c->refused_id = rc == 0 ? instance_id : (struct str){NULL, 0};
    if (rc == 0)
        return call_fail(c, ERR_RESOURCE_NOT_FOUND_INSTANCE_NOT_FOUND);
    read_row(s, c, instance_id, ret_instance);
    return 0;
}

int instance_accept_change(struct call *c, const struct instance *instance)
{
    if (instance->status != INSTANCE_RUNNING)
        return reject_busy(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID, instance, instance->running);
    return 0;
}

static int accept_task(struct call *c, const struct instance *instance, enum error_id otherwise)
{
    if (instance->status != INSTANCE_RUNNING || instance->running >= INSTANCE_TASKS_MAX)
        return reject_busy(c, otherwise, instance, INSTANCE_TASKS_MAX - 1);
    return 0;
}

int instance_accept_task(struct call *c, const struct instance *instance)
{
    return accept_task(c, instance, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID);
}

int instance_accept_database_task(struct call *c, const struct instance *instance)
{
    return accept_task(c, instance, ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS);
}

int instance_accept_sole_task(struct call *c, const struct instance *instance)
{
    if (instance->status != INSTANCE_RUNNING || instance->running > 0)
        return reject_busy(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID, instance, 0);
    return 0;
}

/* --- instance view --- */

/* Much of what is shown of an instance is not stored: it follows from its kind, its region or its flows. */

enum {
    PREPAID = 1,
    WEEKDAYS = 7,
    PRODUCT_NUMBER = 1038028 /* Pid, as in the documented example */
};

/* A prepaid instance is taken to be paid for a month. */
static const int64_t paid_ms = INT64_C(30) * 24 * 3600 * 1000;

/* What follows from the kind of instance; that several nodes are one cluster in one zone is assumed, since
 * the store has no replicas. */
static const struct kind {
    struct str name;
    int64_t model;
    struct str ha, architecture, ro;
} kinds[] = {
    {STR_INIT("HA"), 1, STR_INIT("MIRROR"), STR_INIT("DOUBLE"), STR_INIT("")},
    {STR_INIT("cvmHA"), 1, STR_INIT("MIRROR"), STR_INIT("DOUBLE"), STR_INIT("")},
    {STR_INIT("MultiHA"), 6, STR_INIT("ALWAYSON"), STR_INIT("MULTI"), STR_INIT("")},
    {STR_INIT("cvmMultiHA"), 6, STR_INIT("ALWAYSON"), STR_INIT("MULTI"), STR_INIT("")},
    {STR_INIT("RO"), 2, STR_INIT("SINGLE"), STR_INIT("SINGLE"), STR_INIT("RO")},
    {STR_INIT("cvmRO"), 2, STR_INIT("SINGLE"), STR_INIT("SINGLE"), STR_INIT("RO")},
    {STR_INIT("SI"), 2, STR_INIT("SINGLE"), STR_INIT("SINGLE"), STR_INIT("")},
    {STR_INIT("BI"), 2, STR_INIT("SINGLE"), STR_INIT("SINGLE"), STR_INIT("")},
};

/* A kind that is not in the table has the zeros of its fields. */
static void view_kind(struct db_instance *view)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eq(kinds[i].name, view->instance_type)) {
            view->model = I64(kinds[i].model);
            view->ha_flag = kinds[i].ha;
            view->architecture = kinds[i].architecture;
            view->ro_flag = kinds[i].ro;
        }
}

/* Networks have a number beside their name; here it follows from the name, so that equal names have equal
 * numbers. The classic network is 0 (documented). */
static struct opt_i64 number_of(struct str name, int64_t low)
{
    return I64(name.n == 0 ? 0 : low + str_hash32(name) % (9 * low));
}

static void view_place(struct call *c, struct stmt *s, struct db_instance *view)
{
    const struct region *region = product_find_region(c->world->product, c->common.region);
    view->region = c->common.region;
    view->region_id = I64(region->id);
    view->zone = stmt_str(s, c->arena, "zone");
    for (size_t i = 0; i < region->n_zones; i++)
        if (str_eq(region->zones[i].name, view->zone))
            view->zone_id = I64(region->zones[i].id);
    view->uniq_vpc_id = stmt_str(s, c->arena, "vpc_id");
    view->uniq_subnet_id = stmt_str(s, c->arena, "subnet_id");
    view->vpc_id = number_of(view->uniq_vpc_id, 10000);
    view->subnet_id = number_of(view->uniq_subnet_id, 1000000);
    view->vip = stmt_str(s, c->arena, "vip");
    view->vport = I64(stmt_i64(s, "port"));
}

static void view_times(struct call *c, struct stmt *s, struct db_instance *view)
{
    enum { ISOLATED = 4, RECYCLED = 6 };
    int64_t created = stmt_i64(s, "created_ms"), status = view->status.v;
    view->create_time = view->update_time = view->start_time = time_beijing(c->arena, created);
    view->end_time = view->pay_mode.v == PREPAID ? time_beijing(c->arena, created + paid_ms) : NO_TIME;
    view->isolate_time = status >= ISOLATED && status <= RECYCLED ? view->create_time : NO_TIME;
}

/* "SQL Server 2017 Enterprise", "SQL Server 2008 R2 Enterprise". */
static struct str version_name(struct arena *a, struct str version)
{
    struct str year = str_head(version, 4), rest = str_skip(version, 4);
    return arena_printf(a, "SQL Server %.*s%s%.*s Enterprise", STR_ARG(year), rest.n ? " " : "",
                        STR_ARG(rest));
}

static void view_size(struct call *c, struct stmt *s, struct db_instance *view)
{
    view->cpu = I64(stmt_i64(s, "cpu"));
    view->memory = I64(stmt_i64(s, "memory_gb"));
    view->storage = I64(stmt_i64(s, "storage_gb"));
    view->type = stmt_str(s, c->arena, "machine_type");
    view->instance_type = stmt_str(s, c->arena, "instance_type");
    view->version = stmt_str(s, c->arena, "version");
    view->version_name = version_name(c->arena, view->version);
    view->pay_mode = I64(stmt_i64(s, "pay_mode"));
    view->pid = I64(PRODUCT_NUMBER);
    view_kind(view);
}

/* Bits as days 1 to 7; none chosen is every day. */
static struct i64_list days_of(struct arena *a, int64_t bits)
{
    struct i64_list days = {ARENA_ARRAY(a, int64_t, WEEKDAYS), 0, true};
    for (int day = 0; day < WEEKDAYS; day++)
        if ((bits ? bits : CLOCK_EVERY_WEEKDAY) >> day & 1)
            days.v[days.n++] = day + 1;
    return days;
}

static void view_backups(struct call *c, struct stmt *s, struct db_instance *view)
{
    view->backup_model = stmt_str(s, c->arena, "backup_model");
    view->backup_cycle_type = stmt_str(s, c->arena, "backup_type");
    view->backup_cycle = days_of(c->arena, stmt_i64(s, "backup_cycle"));
    view->backup_time = arena_printf(c->arena, "%02lld:00", (long long)stmt_i64(s, "backup_hour"));
    view->backup_save_days = I64(stmt_i64(s, "backup_save_days"));
    view->cross_backup_enabled = STR("disable");
}

static void view_names(struct call *c, struct stmt *s, struct db_instance *view)
{
    view->instance_id = stmt_str(s, c->arena, "instance_id");
    view->name = stmt_str(s, c->arena, "name");
    view->instance_note = stmt_str(s, c->arena, "note");
    view->uid = stmt_str(s, c->arena, "uid");
    view->project_id = I64(stmt_i64(s, "project_id"));
    view->status = I64(stmt_i64(s, "shown_status"));
    view->collation = STR("Chinese_PRC_CI_AS"); /* documented default of CreateDBInstances, like the next */
    view->time_zone = STR("China Standard Time");
    view->style = STR("EXCLUSIVE");
}

/* Left out, and so null, without tags. */
static int view_tags(struct call *c, int64_t row, struct db_instance *view)
{
    enum { TAGS_MAX = 50 }; /* ours; the cloud allows a resource no more */
    SCOPED_STMT(s, c->world->db,
                "SELECT key, value FROM tag WHERE instance = :instance ORDER BY key LIMIT :max");
    struct resource_tag *tags = NULL;
    size_t n = 0;
    int rc;
    stmt_bind_i64(s, ":instance", row);
    stmt_bind_i64(s, ":max", TAGS_MAX);
    while ((rc = stmt_step(s)) == 1) {
        if (!tags)
            tags = ARENA_ARRAY(c->arena, struct resource_tag, TAGS_MAX);
        tags[n++] = (struct resource_tag){.tag_key = stmt_str(s, c->arena, "key"),
                                          .tag_value = stmt_str(s, c->arena, "value")};
    }
    if (n > 0)
        view->resource_tags = (struct resource_tag_list){tags, n, true};
    return rc == 0 ? 0 : call_fail_store(c);
}

void instance_view_bind(const struct call *c, struct stmt *s)
{
    stmt_bind_str(s, ":short_region", product_find_region(c->world->product, c->common.region)->short_name);
}

int instance_view(struct call *c, struct stmt *s, struct db_instance *ret_view)
{
    struct db_instance view = {.instance_id = {NULL, 0}};
    view_names(c, s, &view);
    view_place(c, s, &view);
    view_size(c, s, &view);
    view_times(c, s, &view);
    view_backups(c, s, &view);
    if (view_tags(c, stmt_i64(s, "id"), &view) != 0)
        return -1;
    *ret_view = view;
    return 0;
}

/* --- instance attribute --- */

/* DescribeDBInstancesAttribute: what is told of an instance beside the list. */

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
    SCOPED_STMT(
        s, c->world->db,
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
