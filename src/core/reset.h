/*
 * Resets, with which a test restores the state before the next one starts. A reset is for one account or for
 * all accounts, and clears everything or some scopes, which are parts of the state that the products define.
 * A second reset removes nothing.
 */
#ifndef VIRGA_CORE_RESET_H
#define VIRGA_CORE_RESET_H

#include "core/world.h"

enum { RESET_SCOPES_MAX = 16 };

/* The names of all products' scopes, each once. Returns how many there are. */
size_t reset_scopes(const struct registry *r, struct str ret_names[RESET_SCOPES_MAX]);

struct reset_plan {
    struct str account;            /* p == NULL: all accounts */
    bool all;                      /* everything; `scopes` then has no meaning */
    bool scopes[RESET_SCOPES_MAX]; /* in the order of reset_scopes */
};

struct reset_counts {
    int64_t removed[RESET_SCOPES_MAX]; /* in the order of reset_scopes */
    int64_t accounts;                  /* test accounts */
};

/* Clears what the plan names. Everything of one account is deleted and its fixtures are inserted again; of
 * all accounts, the test accounts are deleted as well, and a seeded world gives the ids of its start again.
 * -1 when the store failed: nothing has changed, in the store and in memory. */
int reset_run(struct world *w, const struct reset_plan *plan, struct reset_counts *ret_counts);

/* Deletes a test account with everything that it owns, and its credentials. 1, 0 when there is no such test
 * account, -1 when the store failed and nothing has changed. */
int reset_remove_test_account(struct world *w, struct str uin);

/* 1 when there is such an account, 0 when not, -1 when the store failed. */
int reset_account_exists(struct world *w, struct str account);

#endif
