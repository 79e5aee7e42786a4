/* Magic instances (core/magic.h): creating one. */
#ifndef VIRGA_PRODUCT_SQLSERVER_MAGIC_H
#define VIRGA_PRODUCT_SQLSERVER_MAGIC_H

#include "core/call.h"

/* The hook ensure_magic (core/product.h). The instance has one database, db1, and is hidden from lists. */
int magic_instance_ensure(struct call *c, struct str instance_id);

#endif
