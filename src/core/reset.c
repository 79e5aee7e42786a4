#include "core/reset.h"

#include <assert.h>

#include "core/flow.h"
#include "core/test_account.h"
#include "core/world_file.h"
#include "store/snapshot.h"

/* --- scopes --- */

static size_t scope_index(const struct str *names, size_t n, struct str name)
{
    size_t i = 0;
    while (i < n && !str_eq(names[i], name))
        i++;
    return i;
}

size_t reset_scopes(const struct registry *r, struct str ret_names[RESET_SCOPES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_products; i++) {
        const struct reset_hooks *hooks = &r->products[i]->hooks->reset;
        for (size_t k = 0; k < hooks->n_scopes; k++) {
            if (scope_index(ret_names, n, hooks->scopes[k].name) < n)
                continue;
            assert(n < RESET_SCOPES_MAX);
            ret_names[n++] = hooks->scopes[k].name;
        }
    }
    return n;
}

/* Calls `use` for every product's scope, with its index in reset_scopes. */
static int for_each_scope(struct world *w, void *data,
                          int (*use)(struct world *w, void *data, const struct reset_scope *scope, size_t i))
{
    struct str names[RESET_SCOPES_MAX];
    size_t n = reset_scopes(w->registry, names);
    for (size_t i = 0; i < w->registry->n_products; i++) {
        const struct reset_hooks *hooks = &w->registry->products[i]->hooks->reset;
        for (size_t k = 0; k < hooks->n_scopes; k++) {
            const struct reset_scope *scope = &hooks->scopes[k];
            if (use(w, data, scope, scope_index(names, n, scope->name)) != 0)
                return -1;
        }
    }
    return 0;
}

/* --- counts --- */

struct counting {
    struct str account;
    struct reset_counts counts;
};

static int add_count(struct world *w, void *data, const struct reset_scope *scope, size_t i)
{
    struct counting *c = data;
    int64_t n;
    if (scope->count(w, c->account, &n) != 0)
        return -1;
    c->counts.removed[i] += n;
    return 0;
}

static int count_test_accounts(struct world *w, int64_t *ret_n)
{
    SCOPED_STMT(s, w->db, "SELECT count(*) AS n FROM guest");
    if (stmt_step(s) != 1)
        return -1;
    *ret_n = stmt_i64(s, "n");
    return 0;
}

static int count(struct world *w, struct str account, struct reset_counts *ret_counts)
{
    struct counting c = {.account = account};
    if (for_each_scope(w, &c, add_count) != 0 || count_test_accounts(w, &c.counts.accounts) != 0)
        return -1;
    *ret_counts = c.counts;
    return 0;
}

/* --- everything --- */

/* Foreign keys are deferred, so that the tables can be emptied in any order. */
static int clear_tables(struct world *w)
{
    struct table_list tables;
    struct arena scratch;
    arena_init(&scratch);
    int rc = tables_list(w->db, &scratch, &tables) == 0 && foreign_keys_defer(w->db) == 0 &&
                     tables_clear(w->db, &tables) == 0 && foreign_keys_enforce(w->db) == 0
                 ? 0
                 : -1;
    arena_done(&scratch);
    return rc;
}

/* The accounts of the world file with this uin, or all of them. */
static int put_fixtures(struct world *w, struct str account)
{
    for (size_t i = 0; i < w->file->accounts.n; i++) {
        const struct world_account *from = &w->file->accounts.v[i];
        if ((!account.p || str_eq(from->uin, account)) && world_file_put_owned(w, from) != 0)
            return -1;
    }
    return 0;
}

static int remove_owned(struct world *w, struct str account)
{
    for (size_t i = 0; i < w->registry->n_products; i++) {
        const struct reset_hooks *hooks = &w->registry->products[i]->hooks->reset;
        if (hooks->remove_owned && hooks->remove_owned(w, account) != 0)
            return -1;
    }
    return 0;
}

static int restart_account(struct world *w, struct str account)
{
    if (remove_owned(w, account) != 0)
        return -1;
    int restored = test_account_restore(w, account);
    if (restored < 0)
        return -1;
    return restored == 1 ? 0 : put_fixtures(w, account);
}

static int restart_world(struct world *w)
{
    return clear_tables(w) == 0 ? put_fixtures(w, (struct str){NULL, 0}) : -1;
}

/* --- a reset --- */

static int clear_scope(struct world *w, void *data, const struct reset_scope *scope, size_t i)
{
    const struct reset_plan *plan = data;
    return plan->scopes[i] ? scope->clear(w, plan->account) : 0;
}

static int clear(struct world *w, const struct reset_plan *plan)
{
    struct reset_plan copy = *plan;
    if (!plan->all)
        return for_each_scope(w, &copy, clear_scope);
    return plan->account.p ? restart_account(w, plan->account) : restart_world(w);
}

struct running_reset {
    const struct reset_plan *plan;
    struct reset_counts *ret_counts;
};

/* The world reads what it caches while the reset can still be rolled back, because reading can fail. */
static int run(struct world *w, void *arg)
{
    struct running_reset *r = arg;
    const struct reset_plan *plan = r->plan;
    struct reset_counts before, after;
    if (count(w, plan->account, &before) != 0 || clear(w, plan) != 0 ||
        count(w, plan->account, &after) != 0 || flow_reschedule(w) != 0)
        return -1;
    for (size_t i = 0; i < RESET_SCOPES_MAX; i++)
        r->ret_counts->removed[i] = before.removed[i] - after.removed[i];
    r->ret_counts->accounts = before.accounts - after.accounts;
    return plan->all && !plan->account.p ? world_restart(w) : 0;
}

/* What is due ends first, so that a flow whose time has passed is not one that runs. */
int reset_run(struct world *w, const struct reset_plan *plan, struct reset_counts *ret_counts)
{
    if (!plan->all && flow_settle(w) != 0)
        return -1;
    return world_attempt_reload(w, run, &(struct running_reset){plan, ret_counts});
}

/* --- a test account --- */

static int delete_account(struct world *w, struct str uin)
{
    SCOPED_STMT(s, w->db, "DELETE FROM account WHERE uin = :uin");
    stmt_bind_str(s, ":uin", uin);
    return stmt_run(s);
}

struct removal {
    struct str uin;
    bool found;
};

/* Its document goes first: the table has the test accounts alone. */
static int remove_test_account(struct world *w, void *arg)
{
    struct removal *r = arg;
    SCOPED_STMT(s, w->db, "DELETE FROM guest WHERE account = :uin RETURNING 1");
    stmt_bind_str(s, ":uin", r->uin);
    int rc = stmt_step(s);
    r->found = rc == 1;
    if (rc != 1)
        return rc;
    if (remove_owned(w, r->uin) != 0 || delete_account(w, r->uin) != 0)
        return -1;
    return world_reload(w, w->next_flow_id);
}

int reset_remove_test_account(struct world *w, struct str uin)
{
    struct removal r = {.uin = uin};
    if (world_attempt_reload(w, remove_test_account, &r) != 0)
        return -1;
    return r.found;
}

int reset_account_exists(struct world *w, struct str account)
{
    SCOPED_STMT(s, w->db, "SELECT 1 FROM account WHERE uin = :account");
    stmt_bind_str(s, ":account", account);
    return stmt_step(s);
}
