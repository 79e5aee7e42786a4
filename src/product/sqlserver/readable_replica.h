/*
 * Replicas of an instance and how they can be read.
 *
 * A world file or a purchase names the replicas of an instance in several zones. An instance with several
 * nodes that has none of these has one replica in its own zone, whose id follows from its own.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_READABLE_REPLICA_H
#define VIRGA_PRODUCT_SQLSERVER_READABLE_REPLICA_H

#include "product/sqlserver/instance.h"

/* An expression for a SELECT from `instance LEFT JOIN replica`. */
#define READABLE_REPLICA_ID                                                                                  \
    "coalesce(replica.replica_id, 'mssqldr-' || substr(instance_id, instr(instance_id, '-') + 1))"

/* Sets what DescribeDBInstancesAttribute shows: of an instance with two nodes in DrReadableInfo, of one with
 * many in MultiDrReadableInfo, of one without replicas nothing. -1 after failing the call. */
int readable_replicas_read(struct call *c, const struct instance *instance,
                           struct describe_db_instances_attribute_out *out);

#endif
