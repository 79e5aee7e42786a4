/*
 * Upgrades: what an instance is to become, and when.
 *
 * UpgradeDBInstance stores the wanted size and version and starts a flow. When the flow ends, the instance
 * has them, or waits for a switch of its nodes: CompleteExpansion switches them, or the clock does at the
 * start of the maintenance window. The settle functions are declared in gen/sqlserver_flows.h.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_UPGRADE_H
#define VIRGA_PRODUCT_SQLSERVER_UPGRADE_H

#include "product/sqlserver/instance.h"

/* Scheduled work (core/product.h): the nodes that the maintenance window switches. */
int upgrade_next(struct world *w, int64_t *ret_ms);
int upgrade_run(struct world *w, int64_t at_ms);

#endif
