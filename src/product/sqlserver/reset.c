/* Each scope is a few statements about the instances of the account. They do not restore what a running flow
 * has changed: the flow ends as failed first, and its settle function restores that. */
#include "product/sqlserver/reset.h"

#include "core/flow.h"
#include "store/snapshot.h"

/* The instances of an account, or all. */
#define CONCERNED "(:account IS NULL OR instance IN (SELECT id FROM instance WHERE account = :account))"

/* Runs and releases a statement about an account's instances. */
static int run(struct stmt *taken, struct str account)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = taken;
    stmt_bind_str(s, ":account", account);
    return stmt_run(s);
}

/* Returns from the function when the store fails. `sql` is a literal, as for SCOPED_STMT. */
#define RUN(w, account, sql)                                                                                 \
    do {                                                                                                     \
        if (run(stmt_get((w)->db, "" sql), (account)) != 0)                                                  \
            return -1;                                                                                       \
    } while (0)

/* Reads the one number that a statement selects as "n". */
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

/* --- scopes --- */

/* Reads the id of the first flow. 1 and the id, 0 when there is none, -1 when the store failed. */
static int first(struct stmt *s, struct str account, int64_t *ret_id)
{
    stmt_bind_str(s, ":account", account);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_id = stmt_i64(s, "id");
    return rc;
}

static int first_running(struct world *w, struct str account, int64_t *ret_id)
{
    SCOPED_STMT(s, w->db,
                "SELECT id FROM flow WHERE outcome IS NULL AND " CONCERNED " ORDER BY due_ms, id LIMIT 1");
    return first(s, account, ret_id);
}

static int first_running_with_backup(struct world *w, struct str account, int64_t *ret_id)
{
    SCOPED_STMT(s, w->db,
                "SELECT id FROM flow WHERE outcome IS NULL"
                " AND EXISTS (SELECT 1 FROM backup WHERE backup.instance = flow.instance"
                " AND backup.start_ms = flow.start_ms AND backup.flow = flow.id) AND " CONCERNED
                " ORDER BY due_ms, id LIMIT 1");
    return first(s, account, ret_id);
}

/* Ends the flows that `next` finds as failed. The order does not matter, because no two flows use the same
 * database. */
static int end_running(struct world *w, struct str account,
                       int (*next)(struct world *w, struct str account, int64_t *ret_id))
{
    int64_t id;
    int rc;
    while ((rc = next(w, account, &id)) == 1)
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

static int clear_flows(struct world *w, struct str account)
{
    RUN(w, account,
        "DELETE FROM backup WHERE " CONCERNED " AND flow IN (SELECT id FROM flow WHERE outcome IS NULL)");
    return end_running(w, account, first_running) == 0 ? remove_flows(w, account) : -1;
}

/* A running flow that has a backup may change databases too: DeleteDB backs them up first. */
static int clear_backups(struct world *w, struct str account)
{
    if (end_running(w, account, first_running_with_backup) != 0 || foreign_keys_defer(w->db) != 0)
        return -1;
    RUN(w, account, "DELETE FROM flow_database WHERE flow IN (SELECT flow FROM backup WHERE " CONCERNED ")");
    RUN(w, account, "DELETE FROM flow WHERE id IN (SELECT flow FROM backup WHERE " CONCERNED ")");
    RUN(w, account, "DELETE FROM backup WHERE " CONCERNED);
    return foreign_keys_enforce(w->db);
}

const struct reset_scope reset_scopes_table[RESET_SCOPES] = {
    {STR_INIT("flows"), count_flows, clear_flows},
    {STR_INIT("backups"), count_backups, clear_backups},
};

/* --- everything --- */

/* Deletes rows that refer to others first. */
int reset_remove_owned(struct world *w, struct str account)
{
    RUN(w, account, "DELETE FROM flow_database WHERE flow IN (SELECT id FROM flow WHERE " CONCERNED ")");
    RUN(w, account, "DELETE FROM backup WHERE " CONCERNED);
    RUN(w, account, "DELETE FROM flow WHERE " CONCERNED);
    RUN(w, account, "DELETE FROM grants WHERE " CONCERNED);
    RUN(w, account, "DELETE FROM database WHERE " CONCERNED);
    RUN(w, account, "DELETE FROM login WHERE " CONCERNED);
    RUN(w, account, "DELETE FROM tag WHERE " CONCERNED);
    RUN(w, account, "DELETE FROM instance WHERE account = :account");
    RUN(w, account, "DELETE FROM security_group WHERE account = :account");
    return 0;
}
