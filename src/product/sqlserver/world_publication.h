/* Publications of the world file: checking them, and inserting them into the store. */
#ifndef VIRGA_PRODUCT_SQLSERVER_WORLD_PUBLICATION_H
#define VIRGA_PRODUCT_SQLSERVER_WORLD_PUBLICATION_H

#include "core/world.h"
#include "gen/world.h"

/* Checks the publications of an instance of the region: their subscribers and databases exist, and no
 * subscriber is a publisher. 0, or -1 and "path: sentence". */
int world_publications_check(struct arena *a, const struct world_region *region,
                             const struct world_instance *publisher, struct str path,
                             struct str *ret_problem);

/* Inserts them, after all instances of the region. -1 when the store failed. */
int world_publications_put(struct world *w, const struct resource_owner *owner,
                           const struct world_instance *publisher);

#endif
