/*
 * Each reset is a handful of statements over the instances that it concerns. What a running flow has marked
 * is not put back by them: the flow is ended as failed, and its own undoing does that.
 */
#include "product/sqlserver/reset.h"

#include "core/flow.h"
#include "core/test_account.h"
#include "core/world_file.h"
#include "store/snapshot.h"

/* The instances of an account, or all. */
#define CONCERNED "(:account IS NULL OR instance IN (SELECT id FROM instance WHERE account = :account))"

/* Runs and leaves a statement about an account's instances. */
static int run(struct stmt *taken, struct str account)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = taken;
    stmt_bind_str(s, ":account", account);
    return stmt_run(s);
}

/* Ends the function when the store fails. `sql` is a literal, as SCOPED_STMT asks for. */
#define RUN(w, account, sql)                                                                                 \
    do {                                                                                                     \
        if (run(stmt_get((w)->db, "" sql), (account)) != 0)                                                  \
            return -1;                                                                                       \
    } while (0)

/* The one number, as "n", that a statement gives. */
static int count(struct stmt *s, struct str account, int64_t *ret_n)
{
    stmt_bind_str(s, ":account", account);
    if (stmt_step(s) != 1)
        return -1;
    *ret_n = stmt_i64(s, "n");
    return 0;
}

static int count_flows(struct world *w, struct str account, int64_t *ret_n)
{
    SCOPED_STMT(s, w->db, "SELECT count(*) AS n FROM flow WHERE " CONCERNED);
    return count(s, account, ret_n);
}

static int count_backups(struct world *w, struct str account, int64_t *ret_n)
{
    SCOPED_STMT(s, w->db, "SELECT count(*) AS n FROM backup WHERE " CONCERNED);
    return count(s, account, ret_n);
}

static int count_test_accounts(struct world *w, int64_t *ret_n)
{
    SCOPED_STMT(s, w->db, "SELECT count(*) AS n FROM guest WHERE :account IS NULL");
    return count(s, (struct str){NULL, 0}, ret_n);
}

/* --- parts --- */

/* 1 and the first running flow, 0 when none runs, -1. */
static int first_running(struct world *w, struct str account, int64_t *ret_id)
{
    SCOPED_STMT(s, w->db,
                "SELECT id FROM flow WHERE outcome IS NULL AND " CONCERNED " ORDER BY due_ms, id LIMIT 1");
    stmt_bind_str(s, ":account", account);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_id = stmt_i64(s, "id");
    return rc;
}

/* The later flow first would be the way back, but no two of them hold one database. */
static int end_running(struct world *w, struct str account)
{
    int64_t id;
    int rc;
    while ((rc = first_running(w, account, &id)) == 1)
        if (flow_finish(w, id, true) != 1)
            return -1;
    return rc;
}

static int remove_flows(struct world *w, struct str account)
{
    RUN(w, account,
        "DELETE FROM flow_database WHERE flow IN (SELECT id FROM flow WHERE " CONCERNED
        " AND id NOT IN (SELECT flow FROM backup))");
    RUN(w, account, "DELETE FROM flow WHERE " CONCERNED " AND id NOT IN (SELECT flow FROM backup)");
    return 0;
}

int reset_flows(struct world *w, struct str account, struct reset_counts *counts)
{
    int64_t flows, backups, flows_left, backups_left;
    if (count_flows(w, account, &flows) != 0 || count_backups(w, account, &backups) != 0)
        return -1;
    RUN(w, account,
        "DELETE FROM backup WHERE " CONCERNED " AND flow IN (SELECT id FROM flow WHERE outcome IS NULL)");
    if (end_running(w, account) != 0 || remove_flows(w, account) != 0 ||
        count_flows(w, account, &flows_left) != 0 || count_backups(w, account, &backups_left) != 0)
        return -1;
    counts->flows += flows - flows_left;
    counts->backups += backups - backups_left;
    return flow_reschedule(w);
}

/* A backup's flow holds databases and changes none, so that nothing is to be taken back. */
int reset_backups(struct world *w, struct str account, struct reset_counts *counts)
{
    int64_t backups;
    if (count_backups(w, account, &backups) != 0 || foreign_keys_defer(w->db) != 0)
        return -1;
    RUN(w, account, "DELETE FROM flow_database WHERE flow IN (SELECT flow FROM backup WHERE " CONCERNED ")");
    RUN(w, account, "DELETE FROM flow WHERE id IN (SELECT flow FROM backup WHERE " CONCERNED ")");
    RUN(w, account, "DELETE FROM backup WHERE " CONCERNED);
    if (foreign_keys_enforce(w->db) != 0)
        return -1;
    counts->flows += backups;
    counts->backups += backups;
    return flow_reschedule(w);
}

/* --- everything --- */

static int count_all(struct world *w, struct str account, struct reset_counts *counts)
{
    return count_flows(w, account, &counts->flows) == 0 && count_backups(w, account, &counts->backups) == 0
               ? 0
               : -1;
}

/* References are let go meanwhile, so that it does not matter in which order tables are emptied. */
static int restart_world(struct world *w)
{
    struct table_list tables;
    struct arena scratch;
    struct str problem;
    arena_init(&scratch);
    int rc = tables_list(w->db, &scratch, &tables) == 0 && foreign_keys_defer(w->db) == 0 &&
                     tables_clear(w->db, &tables) == 0 && foreign_keys_enforce(w->db) == 0
                 ? 0
                 : -1;
    arena_done(&scratch);
    for (size_t i = 0; rc == 0 && i < w->file->accounts.n; i++)
        rc = world_file_put_owned(w, &w->file->accounts.v[i], &problem);
    return rc;
}

/* Children first. */
static int remove_owned(struct world *w, struct str account)
{
    RUN(w, account, "DELETE FROM flow_database WHERE flow IN (SELECT id FROM flow WHERE " CONCERNED ")");
    RUN(w, account, "DELETE FROM backup WHERE " CONCERNED);
    RUN(w, account, "DELETE FROM flow WHERE " CONCERNED);
    RUN(w, account, "DELETE FROM grants WHERE " CONCERNED);
    RUN(w, account, "DELETE FROM database WHERE " CONCERNED);
    RUN(w, account, "DELETE FROM login WHERE " CONCERNED);
    RUN(w, account, "DELETE FROM tag WHERE " CONCERNED);
    RUN(w, account, "DELETE FROM instance WHERE account = :account");
    return 0;
}

static int refill_from_file(struct world *w, struct str account)
{
    struct str problem;
    for (size_t i = 0; i < w->file->accounts.n; i++)
        if (str_eq(w->file->accounts.v[i].uin, account) &&
            world_file_put_owned(w, &w->file->accounts.v[i], &problem) != 0)
            return -1;
    return 0;
}

static int restart_account(struct world *w, struct str account)
{
    if (remove_owned(w, account) != 0)
        return -1;
    int refilled = test_account_restore(w, account);
    return refilled == 0 ? refill_from_file(w, account) : refilled == 1 ? 0 : -1;
}

int reset_everything(struct world *w, struct str account, struct reset_counts *counts)
{
    if (count_all(w, account, counts) != 0)
        return -1;
    if (account.p)
        return restart_account(w, account) == 0 ? flow_reschedule(w) : -1;
    return count_test_accounts(w, &counts->accounts) == 0 ? restart_world(w) : -1;
}

int reset_account_exists(struct world *w, struct str account)
{
    SCOPED_STMT(s, w->db, "SELECT 1 FROM account WHERE uin = :account");
    stmt_bind_str(s, ":account", account);
    return stmt_step(s);
}
