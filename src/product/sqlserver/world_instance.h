/* An instance of the world file, with what is in it: its way into the store. */
#ifndef VIRGA_PRODUCT_SQLSERVER_WORLD_INSTANCE_H
#define VIRGA_PRODUCT_SQLSERVER_WORLD_INSTANCE_H

#include "core/world.h"
#include "gen/world.h"

/* Whose instances these are, and where. */
struct resource_owner {
    struct str account, region;
};

/* Inserts it, with its databases, logins, grants and tags. One that is there already keeps what it has: its
 * databases may have been dropped since. -1 when the store failed, or with *ret_problem set when the file
 * asks for what cannot be. */
int world_instance_put(struct world *w, const struct resource_owner *owner, const struct world_instance *from,
                       struct str *ret_problem);

/* 1 if the owner has an instance of that id, 0 if not, -1 when the store failed. */
int world_instance_exists(struct world *w, const struct resource_owner *owner, struct str instance_id);

#endif
