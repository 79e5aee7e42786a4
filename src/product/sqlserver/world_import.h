/* Imports of backups and migrations of an instance in the world file: checking them, and inserting them into
 * the store. */
#ifndef VIRGA_PRODUCT_SQLSERVER_WORLD_IMPORT_H
#define VIRGA_PRODUCT_SQLSERVER_WORLD_IMPORT_H

#include "core/world.h"
#include "gen/world.h"

/* What the form of the file cannot express: statuses that need a running flow, or that do not exist, and
 * statuses of a type. Writes "path: sentence" and returns -1 for a wrong one. */
int world_import_check(struct arena *a, const struct world_instance *from, struct str path,
                       struct str *ret_problem);

/* Inserts them for a new instance, a row. The number of a migration that the store has already is left out.
 * -1 when the store failed. */
int world_import_put(struct world *w, const struct resource_owner *owner, int64_t instance,
                     const struct world_instance *from);

#endif
