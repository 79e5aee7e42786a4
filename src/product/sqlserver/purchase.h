/*
 * Purchases: what the six actions that buy instances have in common.
 *
 * A purchase makes its instances at once, in the status "creating", with an order and a flow. The end of the
 * flow makes them normal. When it fails they are offline, and a list shows them by their id only.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_PURCHASE_H
#define VIRGA_PRODUCT_SQLSERVER_PURCHASE_H

#include "gen/world.h"
#include "product/sqlserver/change.h"

/* As documented: "GoodsNum at most 10". */
enum { PURCHASE_GOODS_MAX = 10 };

/* What is bought. The schema's rules have checked each parameter alone. */
struct purchase {
    struct call *c;
    struct world_instance like; /* what all instances have; without an id and a name */
    const char *id_prefix;      /* "mssql-" */
    int64_t goods, months;
    const struct str_list *security_groups;
    const struct resource_tag_list *tags;
    bool many_nodes;
};

/* The members of a purchase that all actions have a parameter for. */
#define PURCHASE_COMMON(call, in)                                                                            \
    .c = (call), .goods = (int64_t)(in)->goods_num.v, .security_groups = &(in)->security_group_list,         \
    .tags = &(in)->resource_tags,                                                                            \
    .like = {                                                                                                \
        .zone = (in)->zone,                                                                                  \
        .memory = {(int64_t)(in)->memory.v, true},                                                           \
        .storage = {(int64_t)(in)->storage.v, true},                                                         \
        .vpc_id = (in)->vpc_id,                                                                              \
        .subnet_id = (in)->subnet_id,                                                                        \
    }

/* What most of them have: how it is paid, and how its server is set up. */
#define PURCHASE_TERMS(p, in)                                                                                \
    do {                                                                                                     \
        (p)->like.pay_mode = I64(str_eq((in)->instance_charge_type, STR("PREPAID")));                        \
        (p)->months = (in)->period.v;                                                                        \
        (p)->like.collation = (in)->collation;                                                               \
        (p)->like.time_zone = (in)->time_zone;                                                               \
    } while (0)

/* What those on cloud disks have. */
#define PURCHASE_SIZE(p, in)                                                                                 \
    do {                                                                                                     \
        (p)->like.cpu = I64((int64_t)(in)->cpu.v);                                                           \
        (p)->like.machine_type = (in)->machine_type;                                                         \
    } while (0)
#define PURCHASE_DISK(p, in)                                                                                 \
    do {                                                                                                     \
        (p)->like.disk_encrypted = BOOL((in)->disk_encrypt_flag.v == 1);                                     \
        (p)->like.throughput = I64((int64_t)(in)->throughput_performance.v);                                 \
    } while (0)

/* -1 after failing the call because the zone is not one of the call's region: IllegalZone, IllegalRegion, or
 * of an action that declares neither InputIllegal. */
int purchase_check_zone(struct call *c, struct str zone);

/* Checks what the rules cannot: zone, size, network, replicas, security groups. -1 after failing the call. */
int purchase_check(const struct purchase *p);

/* Inserts the instances, which have passed the check, and returns their rows and ids. `like` gets the values
 * that a purchase does not choose. -1 after failing the call. */
int purchase_insert(struct purchase *p, int64_t ret_rows[PURCHASE_GOODS_MAX], struct str_list *ret_ids);

/* Starts the flow of the plan, or a flow on the first instance when `plan` is NULL, and writes the order.
 * Returns its name. -1 after failing the call. */
int purchase_order(const struct purchase *p, const struct change_plan *plan, const int64_t *rows,
                   struct str *ret_deal, int64_t *ret_flow);

/* The three steps for a purchase without a plan. */
int purchase_run(struct purchase *p, struct str *ret_deal, int64_t *ret_flow, struct str_list *ret_ids);

#endif
