/* The world file: accounts with their credentials, instances and databases, as a user writes them
 * (schema/world/). */
#ifndef VIRGA_CORE_WORLD_FILE_H
#define VIRGA_CORE_WORLD_FILE_H

#include "core/world.h"
#include "gen/world.h"

/* Reads and checks a document. -1 and a sentence that names the place. The result lives in `a`. */
int world_file_parse(struct arena *a, struct str text, struct world_file **ret_file, struct str *ret_problem);

/* Credentials go into the identity, everything else into the store where it is not there yet. -1 when the
 * store failed, or with *ret_problem set when the file contradicts itself. */
int world_file_apply(struct world *w, const struct world_file *file, struct str *ret_problem);

/* One account's part of that: the store's, inside a savepoint, and the identity's, as a guest's or not. */
int world_file_put_owned(struct world *w, const struct world_account *from, struct str *ret_problem);
int world_file_put_credentials(struct world *w, const struct world_account *from, bool test_account,
                               struct str *ret_problem);

#endif
