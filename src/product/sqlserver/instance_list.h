/*
 * An instance as lists show it: what is stored, and what follows from it.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_INSTANCE_LIST_H
#define VIRGA_PRODUCT_SQLSERVER_INSTANCE_LIST_H

#include "gen/sqlserver_rows.h"
#include "product/sqlserver/instance.h"

/* What a statement FROM instance selects for instance_read; it has the parameter :short_region. */
#define INSTANCE_COLUMNS "instance.id, instance.backup_cycle, " DB_INSTANCE_COLUMNS

/* Binds :account, :region and :short_region to what the call asks for. */
void instance_bind_owner(const struct call *c, struct stmt *s);

/* Reads the current row. -1 after failing the call. */
int instance_read(struct call *c, struct stmt *s, struct db_instance *ret_view);

#endif
