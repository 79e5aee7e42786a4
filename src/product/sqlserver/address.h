/*
 * Private networks and the addresses in them.
 *
 * The networks belong to another service, which is not emulated. So every id of the right form names one. An
 * address is free in a network unless an instance of the caller has it there, or keeps it for some hours.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_ADDRESS_H
#define VIRGA_PRODUCT_SQLSERVER_ADDRESS_H

#include "product/sqlserver/instance.h"

struct address {
    struct str vip, vpc_id, subnet_id; /* vpc_id is "" in the classic network */
};

/* Fails with ResourceNotFound.VpcNotExist unless the ids have the form vpc-... and subnet-... */
int address_check_network(struct call *c, struct str vpc_id, struct str subnet_id);

/* Returns in `ret_vip` the `wanted` address, or when it is absent or empty a free one, for the instance in
 * the network of that VPC. -1 after failing the call: the text is no IPv4 address, InvalidParameterValue; it
 * is in use, VPCError; of an action that does not declare these, ParamsNotFound and NotSupport (assumed). */
int address_choose(struct call *c, const struct instance *instance, struct str vpc_id, struct str wanted,
                   struct str *ret_vip);

#endif
