/*
 * The world file: accounts with their credentials and resources, as a user writes them (schema/world/ and the
 * _world.json of the products).
 */
#ifndef VIRGA_CORE_WORLD_FILE_H
#define VIRGA_CORE_WORLD_FILE_H

#include "core/world.h"
#include "gen/world.h"

/* Decodes a document and checks it by the rules of its form; world_check does the rest. -1 and a sentence
 * that names the place. The result is in `a`. */
int world_file_parse(struct arena *a, struct str text, struct world_file **ret_file, struct str *ret_problem);

/* Adds the credentials to w->accounts, and the accounts and resources to the store where it does not have
 * them yet. -1 when the store failed, or with *ret_problem set when the file contradicts itself. */
int world_file_apply(struct world *w, const struct world_file *file, struct str *ret_problem);

/* The two parts of that for one account: in the store, inside a savepoint of the caller, and in w->accounts.
 * After the first the caller calls flow_reschedule, because scheduled work of the account may be the next.
 * The second reports a secret_id that another account has, an address or an expiry that is none. */
int world_file_put_owned(struct world *w, const struct world_account *from);
int world_file_put_credentials(struct world *w, const struct world_account *from, bool test_account,
                               struct str *ret_problem);

/* The id of the region's first resource of any product; p == NULL when it has none. */
struct str world_file_first_resource(const struct registry *r, const struct world_region *from);

#endif
