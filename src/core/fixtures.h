/* The world file: accounts with their credentials, instances and databases, as a user writes them
 * (schema/world/). */
#ifndef VIRGA_CORE_FIXTURES_H
#define VIRGA_CORE_FIXTURES_H

#include "core/world.h"
#include "gen/world.h"

/* Reads and checks a document. -1 and a sentence that names the place. The result lives in `a`. */
int fixtures_parse(struct arena *a, struct str text, struct world_file **ret_file, struct str *ret_why);

/* Credentials go into the identity, everything else into the store where it is not there yet. -1 when the
 * store failed, or with *ret_why set when the file contradicts itself. */
int fixtures_apply(struct world *w, const struct world_file *file, struct str *ret_why);

/* One account's part of that: the store's, inside a savepoint, and the identity's, as a guest's or not. */
int fixtures_put_owned(struct world *w, const struct world_account *from, struct str *ret_why);
int fixtures_put_credentials(struct world *w, const struct world_account *from, bool guest,
                             struct str *ret_why);

#endif
