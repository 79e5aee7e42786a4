/* An instance of the world file, with what is in it: its way into the store. */
#ifndef VIRGA_CORE_FIXTURE_INSTANCE_H
#define VIRGA_CORE_FIXTURE_INSTANCE_H

#include "core/world.h"
#include "gen/world.h"

/* Whose instances these are, and where. */
struct fixture_owner {
    struct str account, region;
};

/* Inserts it, with its databases, logins, grants and tags. One that is there already keeps what it has: its
 * databases may have been dropped since. -1 when the store failed, or with *ret_why set when the file asks
 * for what cannot be. */
int fixture_instance_put(struct world *w, const struct fixture_owner *owner,
                         const struct world_instance *from, struct str *ret_why);

/* 1 if the owner has an instance of that id, 0 if not, -1 when the store failed. */
int fixture_instance_is_there(struct world *w, const struct fixture_owner *owner, struct str instance_id);

#endif
