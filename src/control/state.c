/* The state as a whole: reading it, replacing it, resetting it, and adding an account to it. */
#include <assert.h>

#include "base/limits.h"
#include "core/journal.h"
#include "core/snapshot.h"
#include "core/test_account.h"
#include "core/world.h"
#include "gen/control.h"
#include "product/sqlserver/reset.h"

enum { STATE_FIRST_ROOM = 64 * 1024 };

/* GET /_virga/state: written straight into the answer, which may be as large as LIMIT_STATE. */
int control_get_state(struct control *k)
{
    buf_init(&k->text, k->call->arena, STATE_FIRST_ROOM, LIMIT_STATE);
    if (state_write(k->call->world, &k->text) != 0)
        return control_fail_store(k);
    if (!k->text.over)
        return 0;
    return control_fail(k, HTTP_TOO_LARGE,
                        arena_printf(k->call->arena, "the state is larger than %d bytes", LIMIT_STATE),
                        STR("copy the file of --db instead"));
}

/* Either failure leaves the state as it was. */
int control_put_state(struct control *k, struct state_replaced *answer)
{
    struct str problem;
    int64_t rows;
    if (state_replace(k->call->world, k->call->arena, k->call->request.body, &rows, &problem) != 0)
        return problem.p ? control_fail_request(
                               k, problem, STR("GET /_virga/state gives a document; nothing has changed"))
                         : control_fail_store(k);
    k->call->changed = true;
    answer->rows = I64(rows);
    return 0;
}

/* --- reset --- */

/* A part of the state that can be reset. `store` runs in the savepoint of the request and may fail; `memory`
 * runs after it was released and cannot fail. Either may be NULL. What is in memory belongs to no account. */
struct scope {
    struct str name;
    int (*store)(struct world *w, struct str account, struct reset_counts *counts);
    void (*memory)(struct world *w, struct reset_counts *counts);
};

/* The counters go, and the limits become those of the options again. */
static void reset_limiter(struct world *w, struct reset_counts *counts)
{
    counts->rate_counter = (int64_t)rate_counter_clear(&w->rate_counter);
    world_set_limits(w);
}

static void reset_faults(struct world *w, struct reset_counts *counts)
{
    counts->faults = (int64_t)fault_clear(&w->faults);
}

/* The calls and the counts of coverage. */
static void reset_journal(struct world *w, struct reset_counts *counts)
{
    counts->journal = (int64_t)journal_clear(w->journal);
    journal_clear_tallies(w->journal);
}

static const struct scope scopes[] = {
    {STR_INIT("all"), reset_everything, NULL}, /* and all of the rows below: see choose_scopes */
    {STR_INIT("flows"), reset_flows, NULL},     {STR_INIT("backups"), reset_backups, NULL},
    {STR_INIT("limiter"), NULL, reset_limiter}, {STR_INIT("faults"), NULL, reset_faults},
    {STR_INIT("journal"), NULL, reset_journal},
};

enum { SCOPES = sizeof scopes / sizeof scopes[0], SCOPE_ALL = 0 };

/* SCOPES when there is no such scope. */
static size_t scope_find(struct str name)
{
    size_t i = 0;
    while (i < SCOPES && !str_eq(scopes[i].name, name))
        i++;
    return i;
}

/* The hint lists the scopes that there are. */
static int fail_scope(struct control *k, struct str name)
{
    struct str known = STR("all");
    for (size_t i = 1; i < SCOPES; i++)
        known = CONCAT(k->call->arena, known, STR(", "), scopes[i].name);
    return control_fail_request(k, arena_printf(k->call->arena, "there is no scope %.*s", STR_ARG(name)),
                                CONCAT(k->call->arena, STR("there are "), known));
}

/* An unknown name refuses the whole request: a test that continues after half a reset proves nothing. */
static int choose_scopes(struct control *k, const struct reset_query *query, bool chosen[SCOPES])
{
    struct str rest = query->scope, name;
    while (str_next(&rest, ',', &name)) {
        size_t i = scope_find(str_trim(name));
        if (i == SCOPES)
            return fail_scope(k, str_trim(name));
        if (scopes[i].memory && query->account.p)
            return control_fail_request(
                k, arena_printf(k->call->arena, "%.*s belongs to no account", STR_ARG(name)),
                STR("leave account out, or reset flows, backups or all of it"));
        chosen[i] = true;
    }
    for (size_t i = 1; chosen[SCOPE_ALL] && i < SCOPES; i++)
        chosen[i] = !(scopes[i].memory && query->account.p);
    return 0;
}

/* An unknown account is an error: a reset of nothing would hide a typing mistake. */
static int check_account(struct control *k, struct str account)
{
    int known = account.p ? reset_account_exists(k->call->world, account) : 1;
    if (known == 1)
        return 0;
    if (known < 0)
        return control_fail_store(k);
    return control_fail(k, HTTP_NOT_FOUND,
                        arena_printf(k->call->arena, "there is no account %.*s", STR_ARG(account)),
                        STR("POST /_virga/accounts makes one and answers its uin"));
}

/* One savepoint for all scopes: either all of them are reset or none. */
static int reset_store(struct world *w, const bool chosen[SCOPES], struct str account,
                       struct reset_counts *counts)
{
    if (savepoint_begin(w->db) != 0)
        return -1;
    for (size_t i = 0; i < SCOPES; i++)
        if (chosen[i] && scopes[i].store && scopes[i].store(w, account, counts) != 0) {
            savepoint_rollback(w->db);
            return -1;
        }
    if (savepoint_release(w->db) == 0)
        return 0;
    savepoint_rollback(w->db);
    return -1;
}

/* Called when the store's part was done. */
static void reset_memory(struct world *w, const bool chosen[SCOPES], struct reset_counts *counts)
{
    for (size_t i = 0; i < SCOPES; i++)
        if (chosen[i] && scopes[i].memory)
            scopes[i].memory(w, counts);
}

/* The names of the scopes that were reset, and how many rows each of them had. */
static void fill_answer(struct control *k, const bool chosen[SCOPES], const struct reset_counts *counts,
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
                                      .limiter = I64(counts->rate_counter),
                                      .faults = I64(counts->faults),
                                      .journal = I64(counts->journal)};
    answer->removed = removed;
}

/* The store comes first, since it may fail and memory cannot. A reset of everything also restarts the ids and
 * reads the fixtures again. */
int control_reset(struct control *k, const struct reset_query *query, struct reset *answer)
{
    struct world *w = k->call->world;
    bool chosen[SCOPES] = {false};
    struct reset_counts counts = {.flows = 0};
    if (choose_scopes(k, query, chosen) != 0 || check_account(k, query->account) != 0)
        return -1;
    if (reset_store(w, chosen, query->account, &counts) != 0)
        return control_fail_store(k);
    k->call->changed = true;
    reset_memory(w, chosen, &counts);
    fill_answer(k, chosen, &counts, answer);
    if (!chosen[SCOPE_ALL] || query->account.p)
        return 0;
    world_reseed(w);
    return world_reload(w, 0) == 0 ? 0 : control_fail_store(k);
}

/* --- test accounts --- */

/* The rest of the fixtures is checked like a world file, by test_account_create. */
static int check_world(struct control *k, const struct node *world)
{
    if (!world || world->kind == NODE_OBJECT)
        return 0;
    return control_fail_request(
        k, STR("world is not an object"),
        STR("{\"world\":{\"regions\":[{\"region\":\"ap-guangzhou\",\"instances\":[]}]}}"));
}

/* Makes an account that one test uses alone, so that tests can run in parallel. The answer waits for the disk
 * as for any change: no client learns of an account that a crash takes back. */
int control_make_account(struct control *k, const struct account_new *body, struct account_made *answer)
{
    struct test_account g;
    struct str problem;
    if (check_world(k, body->world) != 0)
        return -1;
    if (test_account_create(k->call->world, k->call->arena, body->world, &g, &problem) != 0)
        return problem.p ? control_fail_request(
                               k, problem,
                               STR("world is an account as in a world file, without uin and credentials"))
                         : control_fail_store(k);
    k->call->changed = true;
    *answer = (struct account_made){.uin = g.uin,
                                    .secret_id = g.secret_id,
                                    .secret_key = g.secret_key,
                                    .region = g.region,
                                    .instance_id = g.instance_id};
    return 0;
}
