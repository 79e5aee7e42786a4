/* Instances of the world file and of purchases with their contents: inserting them into the store. */
#ifndef VIRGA_PRODUCT_SQLSERVER_WORLD_INSTANCE_H
#define VIRGA_PRODUCT_SQLSERVER_WORLD_INSTANCE_H

#include "core/world.h"
#include "gen/world.h"

/* Inserts an instance with its databases, logins, grants and tags. One that exists stays unchanged: a client
 * may have dropped its databases. -1 when the store failed. */
int world_instance_put(struct world *w, const struct resource_owner *owner,
                       const struct world_instance *from);

/* Inserts an instance whose id the owner does not have yet, and returns its row. Members without a value must
 * have the defaults of the world file. -1 when the store failed. */
int world_instance_insert(struct world *w, const struct resource_owner *owner,
                          const struct world_instance *from, int64_t *ret_row);

/* 1 when the owner has an instance of that id, 0 when not, -1 when the store failed. */
int world_instance_exists(struct world *w, const struct resource_owner *owner, struct str instance_id);

/* The hooks check_region, put_region and first_resource (core/product.h). */
int world_instance_check_region(struct arena *a, const struct world_region *from, struct str path,
                                struct str *ret_problem);
int world_instance_put_region(struct world *w, const struct resource_owner *owner,
                              const struct world_region *from);
struct str world_instance_first(const struct world_region *from);

#endif
