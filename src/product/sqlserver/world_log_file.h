/* Log files and the recording of events of an instance in the world file: checking them, and inserting them
 * into the store. */
#ifndef VIRGA_PRODUCT_SQLSERVER_WORLD_LOG_FILE_H
#define VIRGA_PRODUCT_SQLSERVER_WORLD_LOG_FILE_H

#include "core/world.h"
#include "gen/world.h"

/* A file must not end before it begins. Writes "path: sentence" and returns -1 for one that does. */
int world_log_file_check(struct arena *a, const struct world_instance *from, struct str path,
                         struct str *ret_problem);

/* Inserts them for a new instance, a row. -1 when the store failed. */
int world_log_file_put(struct world *w, int64_t instance, const struct world_instance *from);

#endif
