/* The public address of an instance or of a read-only group, while it is open. */
#ifndef VIRGA_PRODUCT_SQLSERVER_PUBLIC_ADDRESS_H
#define VIRGA_PRODUCT_SQLSERVER_PUBLIC_ADDRESS_H

#include "base/arena.h"

/* The name of the address is the id of what it belongs to, in this domain; the port follows from the row in
 * the store (both assumed). */
#define PUBLIC_ADDRESS_DOMAIN ".sql.tencentcdb.com"
enum { PUBLIC_PORT_FIRST = 20000, PUBLIC_PORTS = 40000 };

struct str public_address_name(struct arena *a, struct str resource_id);
int64_t public_address_port(int64_t row);

#endif
