/*
 * Test accounts: accounts that are created while the server runs, so that tests share nothing.
 *
 * A test account is a row with its document, a world file of one account. It is part of the state: its
 * credentials are read again at a start, and a reset of the account restores what the document has. A reset
 * of everything deletes the test accounts.
 */
#ifndef VIRGA_CORE_TEST_ACCOUNT_H
#define VIRGA_CORE_TEST_ACCOUNT_H

#include "core/world.h"
#include "wire/json.h"

/* What the client that creates one gets. */
struct test_account {
    struct str uin, secret_id, secret_key;
    struct str region, resource_id; /* its first resource; p == NULL: none */
};

/* Creates an account with a credential; its ids come from the world's random numbers. `given` is an account
 * as in a world file, without uin and credentials; NULL for a copy of the world's first account with a
 * credential. -1: nothing was created; *ret_problem is a sentence in `a` when `given` is wrong, and p == NULL
 * when the store failed. */
int test_account_create(struct world *w, struct arena *a, const struct node *given,
                        struct test_account *ret_account, struct str *ret_problem);

/* Replaces the credentials of test accounts in memory by those in the store. -1 when the store failed. */
int test_account_load(struct world *w);

/* Checks that test_account_load can use every test account of the store. -1 and a sentence in `a`, or p ==
 * NULL when the store failed. */
int test_account_check(struct world *w, struct arena *a, struct str *ret_problem);

/* Inserts what the account's document has and the store does not, inside a savepoint of the caller. 1, 0 when
 * there is no such test account, -1 when the store failed. */
int test_account_restore(struct world *w, struct str uin);

#endif
