/*
 * Guests: accounts that are made while the server runs, so that tests share nothing.
 *
 * A guest is a row that holds its document, a world file of one account. It lives as long as the state: its
 * credentials are read again at a start, and a reset of it puts back what the document says. A reset of
 * everything takes guests away.
 */
#ifndef VIRGA_CORE_TEST_ACCOUNT_H
#define VIRGA_CORE_TEST_ACCOUNT_H

#include "core/world.h"
#include "wire/json.h"

/* What the maker of a guest is told. */
struct test_account {
    struct str uin, secret_id, secret_key;
    struct str region, instance_id; /* the first instance; p == NULL: none */
};

/* Makes an account with a credential, ids from the world's chance. `given` is an account as in a world file
 * without uin and credentials; NULL: what the world's first account with a credential has. -1: nothing was
 * made; *ret_problem is a sentence in `a` when `given` is wrong, and p == NULL when the store failed. */
int test_account_create(struct world *w, struct arena *a, const struct node *given,
                        struct test_account *ret_account, struct str *ret_problem);

/* Makes the credentials in memory those of the guests in the store. -1 when the store failed. */
int test_account_load(struct world *w);

/* Would test_account_load take every guest of the store? -1 and a sentence, or p == NULL when the store
 * failed. */
int test_account_check(struct world *w, struct arena *a, struct str *ret_problem);

/* Puts back what a guest's document says it has, where the store lacks it. 1, 0 when there is no such guest,
 * -1 when the store failed. Inside a savepoint. */
int test_account_restore(struct world *w, struct str uin);

#endif
