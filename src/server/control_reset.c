/* Resets: the table of scopes, each with what it does to the store and to memory. */
#include "core/journal.h"
#include "core/life.h"
#include "core/reset.h"
#include "gen/control.h"

/* `store` works in the one savepoint of the request and may fail; `memory` comes after it was kept and
 * cannot. Either may be NULL. What is in memory belongs to no account. */
struct scope {
    struct str name;
    int (*store)(struct world *w, struct str account, struct reset_counts *counts);
    void (*memory)(struct world *w, struct reset_counts *counts);
};

static void reset_limiter(struct world *w, struct reset_counts *counts)
{
    counts->limiter = (int64_t)limiter_clear(&w->limiter);
    world_set_limits(w);
}

static void reset_faults(struct world *w, struct reset_counts *counts)
{
    counts->faults = (int64_t)fault_clear(&w->faults);
}

static void reset_journal(struct world *w, struct reset_counts *counts)
{
    counts->journal = (int64_t)journal_clear(w->journal);
    journal_clear_tallies(w->journal);
}

static const struct scope scopes[] = {
    {STR_INIT("all"), reset_everything, NULL}, /* and all of the rows below: see chosen */
    {STR_INIT("flows"), reset_flows, NULL},     {STR_INIT("backups"), reset_backups, NULL},
    {STR_INIT("limiter"), NULL, reset_limiter}, {STR_INIT("faults"), NULL, reset_faults},
    {STR_INIT("journal"), NULL, reset_journal},
};

enum { SCOPES = sizeof scopes / sizeof scopes[0], SCOPE_ALL = 0 };

static size_t scope_named(struct str name)
{
    size_t i = 0;
    while (i < SCOPES && !str_eq(scopes[i].name, name))
        i++;
    return i;
}

static int fail_scope(struct control *k, struct str name)
{
    struct str known = STR("all");
    for (size_t i = 1; i < SCOPES; i++)
        known = CONCAT(k->call->arena, known, STR(", "), scopes[i].name);
    return control_fail(k, HTTP_BAD_REQUEST,
                        arena_printf(k->call->arena, "there is no scope %.*s", STR_ARG(name)),
                        CONCAT(k->call->arena, STR("there are "), known));
}

/* A name that is not known refuses all of it: a test that goes on after half a reset tells nothing. */
static int take_scopes(struct control *k, const struct reset_query *query, bool chosen[SCOPES])
{
    struct str rest = query->scope, name;
    while (str_next(&rest, ',', &name)) {
        size_t i = scope_named(str_trim(name));
        if (i == SCOPES)
            return fail_scope(k, str_trim(name));
        if (scopes[i].memory && query->account.p)
            return control_fail(k, HTTP_BAD_REQUEST,
                                arena_printf(k->call->arena, "%.*s belongs to no account", STR_ARG(name)),
                                STR("leave account out, or reset flows, backups or all of it"));
        chosen[i] = true;
    }
    for (size_t i = 1; chosen[SCOPE_ALL] && i < SCOPES; i++)
        chosen[i] = !(scopes[i].memory && query->account.p);
    return 0;
}

static int check_account(struct control *k, struct str account)
{
    int known = account.p ? reset_knows(k->call->world, account) : 1;
    if (known == 1)
        return 0;
    if (known < 0)
        return control_fail_store(k);
    return control_fail(k, HTTP_NOT_FOUND,
                        arena_printf(k->call->arena, "there is no account %.*s", STR_ARG(account)),
                        STR("POST /_virga/accounts makes one and tells its uin"));
}

/* One savepoint for all scopes: either the test begins with what it asked for, or with what was there. */
static int reset_store(struct world *w, const bool chosen[SCOPES], struct str account,
                       struct reset_counts *counts)
{
    if (db_savepoint(w->db) != 0)
        return -1;
    for (size_t i = 0; i < SCOPES; i++)
        if (chosen[i] && scopes[i].store && scopes[i].store(w, account, counts) != 0) {
            db_undo(w->db);
            return -1;
        }
    if (db_keep(w->db) == 0)
        return 0;
    db_undo(w->db);
    return -1;
}

static void reset_memory(struct world *w, const bool chosen[SCOPES], struct reset_counts *counts)
{
    for (size_t i = 0; i < SCOPES; i++)
        if (chosen[i] && scopes[i].memory)
            scopes[i].memory(w, counts);
}

static void tell(struct control *k, const bool chosen[SCOPES], const struct reset_counts *counts,
                 struct reset *answer)
{
    struct reset_removed *removed = ARENA_NEW(k->call->arena, struct reset_removed);
    for (size_t i = 0; i < SCOPES; i++)
        if (chosen[i])
            str_list_add(k->call->arena, &answer->scopes, scopes[i].name);
    answer->scopes.set = true;
    *removed = (struct reset_removed){.flows = I64(counts->flows),
                                      .backups = I64(counts->backups),
                                      .accounts = I64(counts->accounts),
                                      .limiter = I64(counts->limiter),
                                      .faults = I64(counts->faults),
                                      .journal = I64(counts->journal)};
    answer->removed = removed;
}

/* The store first, since it may fail; what is only in memory cannot. */
int control_reset(struct control *k, const struct reset_query *query, struct reset *answer)
{
    struct world *w = k->call->world;
    bool chosen[SCOPES] = {false};
    struct reset_counts counts = {.flows = 0};
    if (take_scopes(k, query, chosen) != 0 || check_account(k, query->account) != 0)
        return -1;
    if (reset_store(w, chosen, query->account, &counts) != 0)
        return control_fail_store(k);
    k->call->changed = true;
    reset_memory(w, chosen, &counts);
    tell(k, chosen, &counts, answer);
    if (!chosen[SCOPE_ALL] || query->account.p)
        return 0;
    world_reseed(w);
    return world_replaced(w, 0) == 0 ? 0 : control_fail_store(k);
}
