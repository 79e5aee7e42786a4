/* Orders, and the actions DescribeOrders and DescribeInstanceByOrders. */
#include "product/sqlserver/deal.h"

#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver_rows.h"

/* --- rows --- */

struct str deal_name_new(struct call *c)
{
    enum { DIGITS = 12 };
    struct str day = str_head(time_beijing_compact(c->arena, world_now_ms(c->world)), sizeof "YYYYMMDD" - 1);
    char *digits = ARENA_ARRAY(c->arena, char, DIGITS);
    for (size_t i = 0; i < DIGITS; i++)
        digits[i] = (char)('0' + rng_next(&c->world->rng) % 10);
    return CONCAT(c->arena, day, ((struct str){digits, DIGITS}));
}

static int put_one(struct call *c, const struct deal *deal, int64_t instance, size_t ordinal)
{
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO deal (instance, name, ordinal, creates, pay_mode, flow)"
                " VALUES (:instance, :name, :ordinal, :creates, :pay_mode, :flow)");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", deal->name);
    stmt_bind_i64(s, ":ordinal", (int64_t)ordinal);
    stmt_bind_i64(s, ":creates", deal->creates);
    stmt_bind_i64(s, ":pay_mode", deal->pay_mode);
    stmt_bind_i64(s, ":flow", deal->flow);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

int deal_put(struct call *c, const struct deal *deal, const int64_t *instances, size_t n)
{
    assert(deal->name.n > 0 && deal->flow > 0 && n > 0);
    for (size_t i = 0; i < n; i++)
        if (put_one(c, deal, instances[i], i) != 0)
            return -1;
    return 0;
}

/* --- lists --- */

/* The caller's order of that name; most orders have one instance. */
#define OF_NAME                                                                                              \
    " FROM deal JOIN instance ON instance.id = deal.instance WHERE deal.name = :name"                        \
    " AND instance.account = :account AND instance.region = :region"

static void bind_name(const struct call *c, struct stmt *s, struct str name)
{
    stmt_bind_str(s, ":name", name);
    call_bind_owner(c, s);
}

/* Reads the instances of an order; with `created`, only of one that `creates`. 1, 0 when the caller has
 * no order of that name, -1 after failing the call. */
static int read_instances(struct call *c, struct str name, bool created, struct str_list *ret_ids)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT instance.instance_id AS instance_id, deal.creates AS creates" OF_NAME
                " ORDER BY deal.ordinal");
    int rc, found = 0;
    bind_name(c, s, name);
    for (; (rc = stmt_step(s)) == 1; found = 1)
        if (!created || stmt_i64(s, "creates") != 0)
            *LIST_ADD(c->arena, ret_ids) = stmt_str(s, c->arena, "instance_id");
    ret_ids->set = true;
    return rc == 0 ? found : call_fail_store(c);
}

static int reject_no_deal(struct call *c, enum error_id id, struct str name)
{
    return call_fail_explained(c, id, "order.not-found", "account %.*s has no order %.*s in %.*s",
                               STR_ARG(c->credential->account->uin), STR_ARG(name),
                               STR_ARG(c->common.region));
}

/* 1 and the order, 0 when there is none, -1 after failing the call. */
static int read_deal(struct call *c, struct str name, struct deal_info *ret_deal)
{
    SCOPED_STMT(s, c->world->db, "SELECT " DEAL_INFO_COLUMNS OF_NAME " GROUP BY deal.name");
    bind_name(c, s, name);
    int rc = stmt_step(s);
    if (rc == 1)
        deal_info_from_row(s, c->arena, ret_deal);
    return rc < 0 ? call_fail_store(c) : rc;
}

/* An unknown order fails the whole call (assumed): Terraform asks again after any error, and reads the first
 * order of an answer without a check. */
int describe_orders(struct call *c, const struct describe_orders_in *in, struct describe_orders_out *out)
{
    out->deals.set = true;
    for (size_t i = 0; i < in->deal_names.n; i++) {
        struct deal_info *deal = LIST_ADD(c->arena, &out->deals);
        int found = read_deal(c, in->deal_names.v[i], deal);
        if (found < 0)
            return -1;
        if (found == 0)
            return reject_no_deal(c, ERR_FAILED_OPERATION_QUERY_ORDER_FAILED, in->deal_names.v[i]);
        if (read_instances(c, in->deal_names.v[i], true, &deal->instance_id_set) < 0)
            return -1;
    }
    out->total_count = I64((int64_t)out->deals.n);
    return 0;
}

/* Also of orders that made no instance (assumed from the action's name). */
int describe_instance_by_orders(struct call *c, const struct describe_instance_by_orders_in *in,
                                struct describe_instance_by_orders_out *out)
{
    out->deal_instance.set = true;
    for (size_t i = 0; i < in->deal_names.n; i++) {
        struct deal_instance *deal = LIST_ADD(c->arena, &out->deal_instance);
        deal->deal_name = in->deal_names.v[i];
        int found = read_instances(c, deal->deal_name, false, &deal->instance_id);
        if (found <= 0)
            return found < 0 ? -1
                             : reject_no_deal(c, ERR_RESOURCE_NOT_FOUND_PARAMS_NOT_FOUND, deal->deal_name);
    }
    return 0;
}
