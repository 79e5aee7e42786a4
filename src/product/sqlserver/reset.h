/*
 * Resets: what a test puts back before the next one begins. Each works inside the caller's savepoint, for one
 * account or for all of them (p == NULL), and counts what it removed; a second time it removes nothing.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_RESET_H
#define VIRGA_PRODUCT_SQLSERVER_RESET_H

#include "core/world.h"

struct reset_counts {
    int64_t flows, backups, accounts, rate_counter, faults, journal;
};

/* Flows: those that run end as failed, so that the databases they hold are as before, and all are forgotten
 * but those of finished backups, which are the backups' own ids. -1 when the store failed. */
int reset_flows(struct world *w, struct str account, struct reset_counts *counts);

/* Backups, also those being made, and their flows. -1 when the store failed. */
int reset_backups(struct world *w, struct str account, struct reset_counts *counts);

/* All that the account has is gone and its fixtures are there again; of all accounts, made ones are gone too,
 * and ids begin again as at the start. -1 when the store failed. After it was kept: world_reload
 * (core/life.h). */
int reset_everything(struct world *w, struct str account, struct reset_counts *counts);

/* 1 if there is such an account, 0 if not, -1 when the store failed. */
int reset_account_exists(struct world *w, struct str account);

#endif
