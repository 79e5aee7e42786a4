/* Prices: InquiryPriceCreateDBInstances, InquiryPriceRenewDBInstance and InquiryPriceUpgradeDBInstance. There
 * are no discounts, so the original price is what is paid. */
#include "product/sqlserver/price.h"

#include <assert.h>

#include "product/sqlserver/spec.h"

/* --- the table --- */

const struct sale_type_row *sale_type_find(struct str instance_type)
{
    for (size_t i = 0; i < SALE_TYPE_ROWS; i++)
        if (str_eq(sale_type_rows[i].type, instance_type))
            return &sale_type_rows[i];
    return NULL;
}

/* The rows of the table, in its order. */
enum { PRICE_CORE, PRICE_MEMORY, PRICE_STORAGE, PRICE_THROUGHPUT };

int64_t price_of_month(const struct sale_type_row *type, const struct node_size *size)
{
    static_assert(PRICE_ROWS == PRICE_THROUGHPUT + 1, "a price for each part");
    int64_t node = size->cpu * price_rows[PRICE_CORE].month_fen +
                   size->memory_gb * price_rows[PRICE_MEMORY].month_fen +
                   size->storage_gb * price_rows[PRICE_STORAGE].month_fen +
                   size->throughput * price_rows[PRICE_THROUGHPUT].month_fen;
    return node * type->nodes;
}

int64_t price_of_hour(int64_t month)
{
    enum { HOURS = 500 };
    return (month + HOURS - 1) / HOURS;
}

/* --- purchases --- */

static bool has_many_nodes(const struct sale_type_row *type)
{
    return str_eq(type->architecture, STR("MULTI"));
}

/* Local disks are in physical machines, PM, and only there (assumed). */
static int check_machine(const struct purchase *p, const struct sale_type_row *type)
{
    if (str_eq(p->like.machine_type, STR("PM")) == type->local)
        return 0;
    return call_fail_explained(p->c, ERR_INVALID_PARAMETER_VALUE_ILLEGAL_SPEC, "spec.machine",
                               "instances of the type %.*s are not sold on %.*s", STR_ARG(type->type),
                               STR_ARG(p->like.machine_type));
}

int priced_purchase_check(struct purchase *p)
{
    static const struct str_list no_groups;
    static const struct resource_tag_list no_tags;
    const struct sale_type_row *type = sale_type_find(p->like.instance_type);
    assert(type); /* the rules allow these types */
    if (p->like.machine_type.n == 0)
        p->like.machine_type = type->local ? STR("PM") : type->machine;
    if (type->local && !p->like.cpu.set)
        p->like.cpu = I64(spec_local_cores(p->like.memory.v));
    if (has_many_nodes(type)) {
        p->many_nodes = true;
        p->like.multi_zones = BOOL(true);
    }
    if (!p->security_groups)
        p->security_groups = &no_groups;
    if (!p->tags)
        p->tags = &no_tags;
    return purchase_check(p) == 0 ? check_machine(p, type) : -1;
}

struct node_size priced_purchase_size(const struct purchase *p)
{
    return (struct node_size){p->like.cpu.v, p->like.memory.v, p->like.storage.v, p->like.throughput.v};
}

/* A month's or an hour's price (documented) of all instances together (assumed). */
int inquiry_price_create_db_instances(struct call *c, const struct inquiry_price_create_db_instances_in *in,
                                      struct inquiry_price_create_db_instances_out *out)
{
    struct purchase p = PRICED_PURCHASE(c, in);
    p.like.throughput = I64((int64_t)in->throughput_performance.v);
    if (priced_purchase_check(&p) != 0)
        return -1;
    struct node_size size = priced_purchase_size(&p);
    int64_t month = price_of_month(sale_type_find(p.like.instance_type), &size);
    out->price = I64((p.like.pay_mode.v == 1 ? month : price_of_hour(month)) * p.goods);
    out->original_price = out->price;
    return 0;
}

/* --- instances --- */

/* What an instance has and until when that is paid. */
struct paid {
    struct instance instance;
    const struct sale_type_row *type;
    struct str machine_type;
    struct node_size size;
    int64_t until_ms;
};

/* Only one that is paid in advance has a price for the future (documented; the code is assumed). */
static int find_paid(struct call *c, struct str instance_id, struct paid *ret_paid)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT instance_type, machine_type, cpu, memory_gb, storage_gb, throughput, pay_mode,"
                " " INSTANCE_PAID_UNTIL " AS until FROM instance WHERE id = :id");
    if (instance_get(c, instance_id, &ret_paid->instance) != 0)
        return -1;
    stmt_bind_i64(s, ":id", ret_paid->instance.row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    if (stmt_i64(s, "pay_mode") == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_COST_TYPE_NOT_SUPPORTED, "price.by-use",
                                   "%.*s is paid by use, not in advance", STR_ARG(instance_id));
    const struct sale_type_row *type = sale_type_find(stmt_str(s, c->arena, "instance_type"));
    ret_paid->type = type ? type : &sale_type_rows[0]; /* of an edited state file */
    ret_paid->machine_type = stmt_str(s, c->arena, "machine_type");
    ret_paid->size = (struct node_size){stmt_i64(s, "cpu"), stmt_i64(s, "memory_gb"),
                                        stmt_i64(s, "storage_gb"), stmt_i64(s, "throughput")};
    ret_paid->until_ms = stmt_i64(s, "until");
    return 0;
}

int inquiry_price_renew_db_instance(struct call *c, const struct inquiry_price_renew_db_instance_in *in,
                                    struct inquiry_price_renew_db_instance_out *out)
{
    struct paid paid;
    if (find_paid(c, in->instance_id, &paid) != 0)
        return -1;
    out->price = U64((uint64_t)price_of_month(paid.type, &paid.size) * in->period.v);
    out->original_price = out->price;
    return 0;
}

/* Nothing becomes smaller (documented); the codes for cores and memory are assumed. */
static int check_growth(struct call *c, const struct paid *paid, const struct node_size *then)
{
    const struct node_size *now = &paid->size;
    if (then->storage_gb < now->storage_gb)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_INSTANCE_EXPAND_VOLUME_LOW, "spec.smaller",
                                   "%lld GB of storage are less than %lld GB", (long long)then->storage_gb,
                                   (long long)now->storage_gb);
    if (then->memory_gb < now->memory_gb || then->cpu < now->cpu)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "spec.smaller",
                                   "%lld cores and %lld GB are less than %lld cores and %lld GB",
                                   (long long)then->cpu, (long long)then->memory_gb, (long long)now->cpu,
                                   (long long)now->memory_gb);
    if (then->throughput == now->throughput || str_eq(paid->machine_type, STR("CLOUD_HSSD")))
        return 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "spec.throughput",
                               "only CLOUD_HSSD has ThroughputPerformance, not %.*s",
                               STR_ARG(paid->machine_type));
}

/* The cores of local disks follow from the memory, when that changes. */
static int64_t cores_then(const struct paid *paid, const struct inquiry_price_upgrade_db_instance_in *in)
{
    if (in->cpu.set)
        return in->cpu.v;
    return paid->type->local && in->memory.v != paid->size.memory_gb ? spec_local_cores(in->memory.v)
                                                                     : paid->size.cpu;
}

/* The difference of a month's prices for the rest of the paid time, of which 30 days are a month (assumed).
 */
static int64_t price_of_growth(const struct call *c, const struct paid *paid, const struct node_size *then)
{
    const int64_t hour_ms = 3600 * 1000, month_hours = 30 * 24;
    int64_t left = (paid->until_ms - world_now_ms(c->world) + hour_ms - 1) / hour_ms;
    int64_t more = price_of_month(paid->type, then) - price_of_month(paid->type, &paid->size);
    return left <= 0 || more <= 0 ? 0 : (more * left + month_hours - 1) / month_hours;
}

int inquiry_price_upgrade_db_instance(struct call *c, const struct inquiry_price_upgrade_db_instance_in *in,
                                      struct inquiry_price_upgrade_db_instance_out *out)
{
    struct paid paid;
    if (find_paid(c, in->instance_id, &paid) != 0)
        return -1;
    struct node_size then = {cores_then(&paid, in), in->memory.v, in->storage.v,
                             in->throughput_performance.set ? (int64_t)in->throughput_performance.v
                                                            : paid.size.throughput};
    struct instance_spec spec = {paid.type->type, then.cpu, then.memory_gb, then.storage_gb};
    if (check_growth(c, &paid, &then) != 0 || instance_spec_check(c, &spec) != 0)
        return -1;
    out->price = I64(price_of_growth(c, &paid, &then));
    out->original_price = out->price;
    return 0;
}
