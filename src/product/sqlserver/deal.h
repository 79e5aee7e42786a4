/*
 * Orders: what a purchase, an upgrade or a renewal is known by.
 *
 * An order has a name, the instances that it is about, and the flow that carries it out. A client asks for it
 * until it knows the instances and the flow, then for the flow.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_DEAL_H
#define VIRGA_PRODUCT_SQLSERVER_DEAL_H

#include "product/sqlserver/instance.h"

/* An order that is about to be written. */
struct deal {
    struct str name;
    int64_t flow;
    int64_t pay_mode;
    bool creates; /* its flow makes or changes the instances, so DescribeOrders lists them */
};

/* A new name, "YYYYMMDD" of the service's clock and 12 random digits (documented by example: the date and
 * more digits). */
struct str deal_name_new(struct call *c);

/* Writes the order of n instances, which are rows. -1 after failing the call. */
int deal_put(struct call *c, const struct deal *deal, const int64_t *instances, size_t n);

#endif
