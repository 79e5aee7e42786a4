/*
 * Prices, and the purchases that a client asks the price of.
 *
 * The prices are those of the table Price of the schema: round figures of our own. All are in hundredths of a
 * yuan, as the API has them.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_PRICE_H
#define VIRGA_PRODUCT_SQLSERVER_PRICE_H

#include "gen/sqlserver_tables.h"
#include "product/sqlserver/purchase.h"

/* The type of that name, or NULL. */
const struct sale_type_row *sale_type_find(struct str instance_type);

/* What each node of an instance has. */
struct node_size {
    int64_t cpu, memory_gb, storage_gb, throughput;
};

/* What all nodes of an instance of the type cost in a month. */
int64_t price_of_month(const struct sale_type_row *type, const struct node_size *size);
/* What it costs by the hour, when it costs so much in a month; at least 1. */
int64_t price_of_hour(int64_t month);

/* --- purchases that are asked about --- */

/* What a client asks the price of with the parameters that InquiryPriceCreateDBInstances and
 * DescribeInquiryPriceParameter have in common. */
#define PRICED_PURCHASE(call, in)                                                                            \
    {                                                                                                        \
        .c = (call), .goods = (in)->goods_num.v, .months = (in)->period.v,                                   \
        .like = {.zone = (in)->zone,                                                                         \
                 .instance_type = (in)->instance_type,                                                       \
                 .version = (in)->db_version,                                                                \
                 .machine_type = (in)->machine_type,                                                         \
                 .cpu = (in)->cpu,                                                                           \
                 .memory = (in)->memory,                                                                     \
                 .storage = (in)->storage,                                                                   \
                 .pay_mode = I64(str_eq((in)->instance_charge_type, STR("PREPAID"))),                        \
                 .replica_zones = (in)->dr_zones},                                                           \
    }

/* Completes what a client leaves out, and checks the purchase as the actions that buy do. -1 after failing
 * the call. */
int priced_purchase_check(struct purchase *p);

/* The size of its nodes. */
struct node_size priced_purchase_size(const struct purchase *p);

#endif
