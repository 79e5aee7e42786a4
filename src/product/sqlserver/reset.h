/*
 * What a reset clears of this product: the hooks of core/product.h.
 *
 * Clearing `flows` ends the running ones as failed, so that their databases are as before, and deletes all
 * flows except those of finished backups, whose ids are the backups'. Clearing `backups` deletes all backups,
 * also those being made, with their flows.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_RESET_H
#define VIRGA_PRODUCT_SQLSERVER_RESET_H

#include "core/world.h"

enum { RESET_SCOPES = 2 };
extern const struct reset_scope reset_scopes_table[RESET_SCOPES];

int reset_remove_owned(struct world *w, struct str account);

#endif
