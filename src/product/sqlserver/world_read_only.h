/*
 * Read-only groups and instances of the world file.
 *
 * A read-only instance may come before its primary one in the file, so they are joined when all instances of
 * a region are inserted.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_WORLD_READ_ONLY_H
#define VIRGA_PRODUCT_SQLSERVER_WORLD_READ_ONLY_H

#include "base/map.h"
#include "core/world.h"
#include "gen/world.h"

/* Checks the groups of an instance, and the primary one and the group that it names. `instances` has those of
 * the region by their ids. 0, or -1 and "path: sentence" in `ret_problem`. */
int world_read_only_check(struct arena *a, const struct map *instances, const struct world_instance *from,
                          struct str path, struct str *ret_problem);

/* --- -1 when the store failed --- */

/* Inserts the groups of the instance with that row. */
int world_read_only_put_groups(struct world *w, int64_t instance, const struct world_instance *from);

/* Joins the owner's read-only instance with its primary one and its group, unless it has a primary one. */
int world_read_only_join(struct world *w, const struct resource_owner *owner,
                         const struct world_instance *from);

#endif
