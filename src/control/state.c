/* The state as a whole: reading it, replacing it, and resetting it. */
#include <assert.h>

#include "base/limits.h"
#include "core/memory_scope.h"
#include "core/reset.h"
#include "core/snapshot.h"
#include "core/world.h"
#include "gen/control.h"

/* GET /_virga/state */
int control_get_state(struct control *k)
{
    switch (state_stream(k->call->world, k->call->arena, &k->stream)) {
    case STATE_OK:
        return 0;
    case STATE_FAILED:
        return control_fail_store(k);
    case STATE_TOO_LARGE:
        return control_fail(k, HTTP_TOO_LARGE,
                            arena_printf(k->call->arena, "the state is larger than %d bytes", LIMIT_STATE),
                            STR("copy the file of --db instead"));
    case STATE_BUSY:
        return control_fail(k, HTTP_UNAVAILABLE,
                            STR("the answers of other clients take all the memory for copies"),
                            STR("try again when they have read their answers"));
    }
    return -1;
}

/* A failure leaves the state unchanged. */
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

/* The scopes of a request. */
struct chosen {
    struct reset_plan plan;             /* in the store */
    struct str names[RESET_SCOPES_MAX]; /* reset_scopes */
    size_t n_names;
    bool memory[MEMORY_SCOPES];
};

static bool choose_memory(struct chosen *chosen, struct str name)
{
    for (size_t i = 0; i < MEMORY_SCOPES; i++)
        if (str_eq(memory_scopes[i].name, name))
            return chosen->memory[i] = true;
    return false;
}

static bool choose_stored(struct chosen *chosen, struct str name)
{
    if (str_eq(name, STR("all")))
        return chosen->plan.all = true;
    for (size_t i = 0; i < chosen->n_names; i++)
        if (str_eq(chosen->names[i], name))
            return chosen->plan.scopes[i] = true;
    return false;
}

/* The names of the store's scopes, each with ", " after it. */
static struct str stored_names(struct control *k, const struct chosen *chosen)
{
    struct str names = STR("");
    for (size_t i = 0; i < chosen->n_names; i++)
        names = CONCAT(k->call->arena, names, chosen->names[i], STR(", "));
    return names;
}

static int fail_scope(struct control *k, const struct chosen *chosen, struct str name)
{
    struct arena *a = k->call->arena;
    struct str known = CONCAT(a, STR("all, "), stored_names(k, chosen));
    for (size_t i = 0; i < MEMORY_SCOPES; i++)
        known = CONCAT(a, known, i ? STR(", ") : STR(""), memory_scopes[i].name);
    return control_fail(k, HTTP_BAD_REQUEST, arena_printf(a, "there is no scope %.*s", STR_ARG(name)),
                        CONCAT(a, STR("there are "), known));
}

static int fail_account_scope(struct control *k, const struct chosen *chosen, struct str name)
{
    struct arena *a = k->call->arena;
    struct str names = stored_names(k, chosen);
    return control_fail(k, HTTP_BAD_REQUEST, arena_printf(a, "%.*s belongs to no account", STR_ARG(name)),
                        arena_printf(a, "leave account out, or reset %.*s or all of it",
                                     STR_ARG(str_head(names, names.n > 2 ? names.n - 2 : 0))));
}

/* Rejects the whole request for an unknown name, because a test must not continue after an incomplete
 * reset. */
static int choose(struct control *k, const struct reset_query *query, struct chosen *ret_chosen)
{
    struct chosen chosen = {.plan = {.account = query->account}};
    struct str rest = query->scope, name;
    chosen.n_names = reset_scopes(k->call->world->registry, chosen.names);
    while (str_next(&rest, ',', &name)) {
        name = str_trim(name);
        if (choose_stored(&chosen, name))
            continue;
        if (!choose_memory(&chosen, name))
            return fail_scope(k, &chosen, name);
        if (query->account.p)
            return fail_account_scope(k, &chosen, name);
    }
    for (size_t i = 0; chosen.plan.all && i < MEMORY_SCOPES; i++)
        chosen.memory[i] = !query->account.p;
    *ret_chosen = chosen;
    return 0;
}

/* Rejects an unknown account, because a reset of nothing would hide a typing mistake. */
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

/* The count of a scope is the member of its name. */
static void set_count(struct reset_removed *removed, struct str name, int64_t n)
{
    const struct shape_field *f = shape_find(&reset_removed_shape, name);
    assert(f && f->type == SHAPE_INT64);
    *(struct opt_i64 *)(void *)((char *)removed + f->offset) = I64(n);
}

static void add_stored(struct control *k, const struct chosen *chosen, const struct reset_counts *counts,
                       struct reset *answer)
{
    if (chosen->plan.all)
        str_list_add(k->call->arena, &answer->scopes, STR("all"));
    for (size_t i = 0; i < chosen->n_names; i++) {
        if (chosen->plan.all || chosen->plan.scopes[i])
            str_list_add(k->call->arena, &answer->scopes, chosen->names[i]);
        set_count(answer->removed, chosen->names[i], counts->removed[i]);
    }
    answer->removed->accounts = I64(counts->accounts);
}

/* The counts are those of now: the scopes themselves are cleared when the store's part is committed. */
static void add_memory(struct control *k, const struct chosen *chosen, struct reset *answer)
{
    for (size_t i = 0; i < MEMORY_SCOPES; i++) {
        set_count(answer->removed, memory_scopes[i].name,
                  chosen->memory[i] ? memory_scopes[i].count(k->call->world) : 0);
        if (chosen->memory[i])
            str_list_add(k->call->arena, &answer->scopes, memory_scopes[i].name);
    }
    memory_scopes_clear(k->call->world, chosen->memory);
}

/* A failure has changed nothing, in the store and in memory. */
int control_reset(struct control *k, const struct reset_query *query, struct reset *answer)
{
    struct chosen chosen;
    struct reset_counts counts;
    if (choose(k, query, &chosen) != 0 || check_account(k, query->account) != 0)
        return -1;
    if (reset_run(k->call->world, &chosen.plan, &counts) != 0)
        return control_fail_store(k);
    k->call->changed = true;
    answer->scopes.set = true;
    answer->removed = ARENA_NEW(k->call->arena, struct reset_removed);
    add_stored(k, &chosen, &counts, answer);
    add_memory(k, &chosen, answer);
    return 0;
}
