/* UpgradeDBInstance and DescribeUpgradeInstanceCheck. Both find out what the instance is and what it is to
 * become; the one orders it, the other says what that would mean. */
#include "product/sqlserver/upgrade.h"

#include <assert.h>

#include "base/buf.h"
#include "core/page.h"
#include "product/sqlserver/change.h"
#include "product/sqlserver/deal.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/purchase.h"
#include "product/sqlserver/spec.h"

/* --- what it is and what it is to become --- */

/* What an upgrade may change. */
struct size {
    struct str version, high_availability;
    int64_t cpu, memory_gb, storage_gb, multi_zones, throughput;
};

/* What the call asks for; an absent member stays as it is. */
struct wish {
    struct opt_i64 cpu, memory, storage, throughput;
    struct str version, ha_type, multi_zones;
    const struct dr_zone_info_list *zones;
};

/* One action has a signed throughput and the other an unsigned one, so the numbers are converted. */
#define NUMBER(x)                                                                                            \
    {                                                                                                        \
        (int64_t)(x).v, (x).set                                                                              \
    }
#define WISH(in)                                                                                             \
    {                                                                                                        \
        .cpu = NUMBER((in)->cpu), .memory = NUMBER((in)->memory), .storage = NUMBER((in)->storage),          \
        .throughput = NUMBER((in)->throughput_performance), .version = (in)->db_version,                     \
        .ha_type = (in)->ha_type, .multi_zones = (in)->multi_zones, .zones = &(in)->dr_zones                 \
    }

struct upgrade {
    struct call *c;
    struct instance instance;
    struct str type, machine_type;
    int64_t pay_mode, master_storage; /* master_storage: of the primary instance of a read-only one, else 0 */
    bool has_copies;                  /* it is the primary instance of read-only ones */
    struct size now, then;
    struct str zones; /* as in the table */
};

static int read_now(struct upgrade *u)
{
    SCOPED_STMT(s, u->c->world->db,
                "SELECT instance_type, machine_type, pay_mode, version, cpu, memory_gb, storage_gb,"
                " high_availability, multi_zones, throughput,"
                " (SELECT master.storage_gb FROM instance AS master WHERE master.id = instance.master)"
                " AS master_storage,"
                " EXISTS (SELECT 1 FROM instance AS copy WHERE copy.master = instance.id) AS has_copies"
                " FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", u->instance.row);
    if (stmt_step(s) != 1)
        return call_fail_store(u->c);
    u->type = stmt_str(s, u->c->arena, "instance_type");
    u->machine_type = stmt_str(s, u->c->arena, "machine_type");
    u->pay_mode = stmt_i64(s, "pay_mode");
    u->master_storage = stmt_i64(s, "master_storage");
    u->has_copies = stmt_i64(s, "has_copies") != 0;
    u->now = (struct size){.version = stmt_str(s, u->c->arena, "version"),
                           .high_availability = stmt_str(s, u->c->arena, "high_availability"),
                           .cpu = stmt_i64(s, "cpu"),
                           .memory_gb = stmt_i64(s, "memory_gb"),
                           .storage_gb = stmt_i64(s, "storage_gb"),
                           .multi_zones = stmt_i64(s, "multi_zones"),
                           .throughput = stmt_i64(s, "throughput")};
    return 0;
}

static int64_t wanted(struct opt_i64 value, int64_t now)
{
    return value.set ? value.v : now;
}

/* The cores of local disks follow from the memory, when a client changes it. */
static void set_then(struct upgrade *u, const struct wish *wish)
{
    const struct spec_type *type = spec_type_find(u->type);
    u->then = u->now;
    u->then.cpu = wanted(wish->cpu, u->now.cpu);
    u->then.memory_gb = wanted(wish->memory, u->now.memory_gb);
    u->then.storage_gb = wanted(wish->storage, u->now.storage_gb);
    u->then.throughput = wanted(wish->throughput, u->now.throughput);
    if (type && type->local_disk && u->then.memory_gb != u->now.memory_gb)
        u->then.cpu = spec_local_cores(u->then.memory_gb);
    if (wish->version.n > 0)
        u->then.version = wish->version;
    if (wish->ha_type.n > 0)
        u->then.high_availability = STR("ALWAYSON");
    if (wish->multi_zones.n > 0)
        u->then.multi_zones = str_eq(wish->multi_zones, STR("MultiZones"));
}

/* --- checks --- */

/* Versions are compared by their years: an edition may change (assumed). No downgrade (documented). */
static bool is_older(struct str version, struct str than)
{
    enum { YEAR = 4 };
    return str_cmp(str_head(version, YEAR), str_head(than, YEAR)) < 0;
}

static bool has_two_nodes(const struct upgrade *u)
{
    return str_eq(u->type, STR("HA")) || str_eq(u->type, STR("cvmHA"));
}

static bool has_many_nodes(const struct upgrade *u)
{
    return str_eq(u->type, STR("MultiHA")) || str_eq(u->type, STR("cvmMultiHA"));
}

/* Fails with the first of a code of DescribeUpgradeInstanceCheck and InputIllegal that the action declares.
 */
static int reject_nodes(const struct upgrade *u, enum error_id wanted_code, const char *why)
{
    const enum error_id codes[] = {wanted_code, ERR_INVALID_PARAMETER_INPUT_ILLEGAL};
    return call_fail_explained(u->c, call_first_declared(u->c, codes, sizeof codes / sizeof codes[0]),
                               "upgrade.nodes", "%.*s, of type %.*s, %s", STR_ARG(u->instance.instance_id),
                               STR_ARG(u->type), why);
}

/* Documented: a cluster needs 2017 or later and an instance that was mirrored. Assumed: other zones need
 * several nodes, and the nodes of an instance with read-only ones are not changed. */
static int check_nodes(const struct upgrade *u, const struct wish *wish)
{
    if (wish->ha_type.n == 0 && wish->multi_zones.n == 0)
        return 0;
    if (!has_two_nodes(u) && !has_many_nodes(u))
        return reject_nodes(u, ERR_INVALID_PARAMETER_NOT_SUPPORT_SINGLE_INSTANCE, "has one node");
    if (u->has_copies && call_declares(u->c, ERR_INVALID_PARAMETER_NOT_SUPPORT_READ_ONLY_MASTER_INSTANCE))
        return reject_nodes(u, ERR_INVALID_PARAMETER_NOT_SUPPORT_READ_ONLY_MASTER_INSTANCE,
                            "has read-only instances");
    if (wish->ha_type.n > 0 && (!has_two_nodes(u) || is_older(u->then.version, STR("2017"))))
        return reject_nodes(u, ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                            "becomes no cluster: that needs two nodes and version 2017 or later");
    return 0;
}

static int check_spec(const struct upgrade *u)
{
    struct instance_spec spec = {u->type, u->then.cpu, u->then.memory_gb, u->then.storage_gb};
    if (instance_spec_check(u->c, &spec) != 0)
        return -1;
    if (is_older(u->then.version, u->now.version))
        return call_fail_explained(u->c, ERR_INVALID_PARAMETER_VALUE_ILLEGAL_SPEC, "spec.version",
                                   "version %.*s is older than %.*s", STR_ARG(u->then.version),
                                   STR_ARG(u->now.version));
    if (u->then.throughput == u->now.throughput || str_eq(u->machine_type, STR("CLOUD_HSSD")))
        return 0;
    return call_fail_explained(u->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "spec.throughput",
                               "only CLOUD_HSSD has ThroughputPerformance, not %.*s",
                               STR_ARG(u->machine_type));
}

/* 1 when the instance has the replica, 0 when not, -1 after failing the call. */
static int has_replica(const struct upgrade *u, struct str replica_id)
{
    SCOPED_STMT(s, u->c->world->db, "SELECT 1 FROM replica WHERE instance = :instance AND replica_id = :id");
    stmt_bind_i64(s, ":instance", u->instance.row);
    stmt_bind_str(s, ":id", replica_id);
    return call_step(u->c, s);
}

/* Writes the JSON of the replicas' zones. Ids and zones have no character that JSON escapes, once they are
 * checked. */
static int check_zones(struct upgrade *u, const struct dr_zone_info_list *zones)
{
    enum { ROW_MAX = 128 };
    struct buf json;
    buf_init(&json, u->c->arena, ROW_MAX, (zones->n + 1) * ROW_MAX);
    for (size_t i = 0; i < zones->n; i++) {
        struct str id = zones->v[i].dr_instance_id, zone = zones->v[i].zone;
        int known = has_replica(u, id);
        if (known < 0 || (known == 1 && purchase_check_zone(u->c, zone) != 0))
            return -1;
        if (known == 0)
            return call_fail_explained(u->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "replica.not-found",
                                       "%.*s has no replica \"%.*s\"", STR_ARG(u->instance.instance_id),
                                       STR_ARG(id));
        buf_printf(&json, "%s{\"id\":\"%.*s\",\"zone\":\"%.*s\"}", i > 0 ? "," : "", STR_ARG(id),
                   STR_ARG(zone));
    }
    u->zones = json.over ? STR("[]") : CONCAT(u->c->arena, STR("["), buf_str(&json), STR("]"));
    return 0;
}

/* Finds the instance and checks what both actions require. */
static int upgrade_plan(struct upgrade *u, struct str instance_id, const struct wish *wish)
{
    if (instance_get(u->c, instance_id, &u->instance) != 0 || read_now(u) != 0)
        return -1;
    set_then(u, wish);
    return check_nodes(u, wish) == 0 && check_spec(u) == 0 ? check_zones(u, wish->zones) : -1;
}

/* --- UpgradeDBInstance --- */

static bool same_size(const struct size *a, const struct size *b)
{
    return a->cpu == b->cpu && a->memory_gb == b->memory_gb && a->storage_gb == b->storage_gb &&
           a->throughput == b->throughput;
}

static bool same_server(const struct size *a, const struct size *b)
{
    return str_eq(a->version, b->version) && str_eq(a->high_availability, b->high_availability) &&
           a->multi_zones == b->multi_zones;
}

/* Memory and storage do not shrink (documented), and the storage of a read-only instance is not smaller than
 * that of its primary one (documented for the check; the codes are assumed). */
static int check_growth(const struct upgrade *u)
{
    if (u->then.memory_gb < u->now.memory_gb || u->then.storage_gb < u->now.storage_gb)
        return call_fail_explained(u->c, ERR_INVALID_PARAMETER_VALUE_ILLEGAL_SPEC, "spec.smaller",
                                   "%lld GB and %lld GB of storage are less than %lld GB and %lld GB",
                                   (long long)u->then.memory_gb, (long long)u->then.storage_gb,
                                   (long long)u->now.memory_gb, (long long)u->now.storage_gb);
    if (u->then.storage_gb < u->master_storage)
        return call_fail_explained(u->c, ERR_INVALID_PARAMETER_VALUE_ILLEGAL_SPEC, "spec.primary",
                                   "the primary instance has %lld GB of storage",
                                   (long long)u->master_storage);
    if (!same_size(&u->now, &u->then) || !same_server(&u->now, &u->then) || u->zones.n > 2)
        return 0;
    return call_fail_explained(u->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "upgrade.same",
                               "%.*s has all of this already", STR_ARG(u->instance.instance_id));
}

/* The nodes of an instance with several are switched, unless only its disk changes (assumed). */
static bool needs_switch(const struct upgrade *u)
{
    return (has_two_nodes(u) || has_many_nodes(u)) &&
           (u->then.cpu != u->now.cpu || u->then.memory_gb != u->now.memory_gb ||
            !same_server(&u->now, &u->then));
}

static int put_upgrade(const struct upgrade *u, bool waits)
{
    SCOPED_STMT(s, u->c->world->db,
                "INSERT INTO upgrade (instance, waits, version, cpu, memory_gb, storage_gb,"
                " high_availability, multi_zones, throughput, replica_zones)"
                " VALUES (:instance, :waits, :version, :cpu, :memory, :storage, :high_availability,"
                " :multi_zones, :throughput, :zones)");
    stmt_bind_i64(s, ":instance", u->instance.row);
    stmt_bind_i64(s, ":waits", waits);
    stmt_bind_str(s, ":version", u->then.version);
    stmt_bind_i64(s, ":cpu", u->then.cpu);
    stmt_bind_i64(s, ":memory", u->then.memory_gb);
    stmt_bind_i64(s, ":storage", u->then.storage_gb);
    stmt_bind_str(s, ":high_availability", u->then.high_availability);
    stmt_bind_i64(s, ":multi_zones", u->then.multi_zones);
    stmt_bind_i64(s, ":throughput", u->then.throughput);
    stmt_bind_str(s, ":zones", u->zones);
    return stmt_run(s) == 0 ? 0 : call_fail_store(u->c);
}

static int order(const struct upgrade *u, struct str *ret_deal)
{
    struct change_plan plan = {.c = u->c, .instance = &u->instance};
    struct flow flow;
    change_during(&plan, INSTANCE_FIELD_STATUS, FIELD_NUMBER(INSTANCE_STATUS_SCALING));
    if (change_begin(&plan, FLOW_KIND_UPGRADE, &flow) != 0)
        return -1;
    struct deal deal = {
        .name = deal_name_new(u->c), .flow = flow.id, .pay_mode = u->pay_mode, .creates = true};
    if (deal_put(u->c, &deal, &u->instance.row, 1) != 0 || change_end(u->c, &flow) != 0)
        return -1;
    *ret_deal = deal.name;
    return 0;
}

/* An instance that accepts no task gets CreateOrderFailed (assumed: the action does not declare
 * InstanceStatusInvalid). */
int upgrade_db_instance(struct call *c, const struct upgrade_db_instance_in *in,
                        struct upgrade_db_instance_out *out)
{
    struct upgrade u = {.c = c};
    struct wish wish = WISH(in);
    if (upgrade_plan(&u, in->instance_id, &wish) != 0 ||
        instance_accept(c, &u.instance, ACCEPT_SOLE_TASK, ERR_FAILED_OPERATION_CREATE_ORDER_FAILED) != 0 ||
        check_growth(&u) != 0)
        return -1;
    if (put_upgrade(&u, in->wait_switch.v == 1 && needs_switch(&u)) != 0)
        return -1;
    return order(&u, &out->deal_name);
}

/* --- DescribeUpgradeInstanceCheck --- */

/* An item of the answer. `text` says what changes; an item that is passed and affects nothing has none. */
static struct check_item item(const char *name, struct str current, bool passed, bool affects,
                              struct str text)
{
    return (struct check_item){.check_name = str_from(name),
                               .current_value = current,
                               .passed = I64(passed),
                               .is_affect = I64(affects),
                               .msg = passed && !affects ? STR("") : text,
                               .msg_code = I64(0)};
}

static struct str change_text(struct call *c, const char *what, int64_t now, int64_t then, const char *unit)
{
    return arena_printf(c->arena, "%s changes from %lld%s to %lld%s", what, (long long)now, unit,
                        (long long)then, unit);
}

/* The names are those of the documented field. An emulated instance uses no core, no memory and no storage.
 * What does not pass is what UpgradeDBInstance rejects. */
static void put_items(const struct upgrade *u, struct check_item_list *items)
{
    struct call *c = u->c;
    const struct size *now = &u->now, *then = &u->then;
    bool migrates = now->cpu != then->cpu || now->memory_gb != then->memory_gb || !same_server(now, then);
    bool fits = then->storage_gb >= u->master_storage;
    struct str master =
        u->master_storage > 0 ? arena_printf(c->arena, "%lld", (long long)u->master_storage) : STR("");
    *LIST_ADD(c->arena, items) =
        item("CK_CPU", STR("0"), true, now->cpu != then->cpu, change_text(c, "Cpu", now->cpu, then->cpu, ""));
    *LIST_ADD(c->arena, items) =
        item("CK_MEMORY", STR("0"), then->memory_gb >= now->memory_gb, now->memory_gb != then->memory_gb,
             change_text(c, "Memory", now->memory_gb, then->memory_gb, " GB"));
    *LIST_ADD(c->arena, items) =
        item("CK_STORAGE", STR("0"), then->storage_gb >= now->storage_gb, now->storage_gb != then->storage_gb,
             change_text(c, "Storage", now->storage_gb, then->storage_gb, " GB"));
    *LIST_ADD(c->arena, items) = item("CK_MASTER_STORAGE", master, fits, false,
                                      STR("Storage is less than that of the primary instance"));
    *LIST_ADD(c->arena, items) = item("CK_UPGRATE", migrates ? STR("MIGRATE") : STR("LOCAL"), true, migrates,
                                      STR("The instance is migrated"));
    items->set = true;
}

int describe_upgrade_instance_check(struct call *c, const struct describe_upgrade_instance_check_in *in,
                                    struct describe_upgrade_instance_check_out *out)
{
    struct upgrade u = {.c = c};
    struct wish wish = WISH(in);
    if (upgrade_plan(&u, in->instance_id, &wish) != 0)
        return -1;
    bool down =
        u.then.cpu < u.now.cpu || u.then.memory_gb < u.now.memory_gb || u.then.storage_gb < u.now.storage_gb;
    put_items(&u, &out->check_items);
    out->is_affect = I64(!same_size(&u.now, &u.then) || !same_server(&u.now, &u.then));
    out->passed = I64(1);
    for (size_t i = 0; i < out->check_items.n; i++)
        if (out->check_items.v[i].passed.v == 0)
            out->passed = I64(0);
    out->modify_mode = down ? STR("down") : STR("up");
    return 0;
}
