/*
 * What a reset clears in this product: the hooks of core/product.h.
 *
 * Clearing `flows` ends the running ones as failed, which restores their databases, and deletes all flows
 * except those of finished backups, because a backup is identified by its flow. Clearing `backups` deletes
 * all backups with their flows, also those that still run.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_RESET_H
#define VIRGA_PRODUCT_SQLSERVER_RESET_H

#include "core/world.h"

enum { RESET_SCOPES = 2 };
extern const struct reset_scope reset_scopes_table[RESET_SCOPES];

int reset_remove_owned(struct world *w, struct str account);

#endif
