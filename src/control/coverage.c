/*
 * Coverage: the documented codes of each action that a test suite has seen, and how many of them a fault
 * caused.
 *
 * The journal counts each answer by action and error, also after it has dropped the call itself. "Natural" is
 * a code that the state or the request caused, "injected" one that a fault rule caused.
 */

#include <assert.h>

#include "core/journal.h"
#include "gen/control.h"

/* The number of answers with each code: the journal's own table, or one of the same form for one SecretId. */
struct counted {
    const struct registry *registry;
    const struct tally *rows;
};

/* `action` NULL: the calls that named no known action. */
static const struct tally *count_of(const struct counted *all, const struct action *action,
                                    enum error_id error)
{
    assert(error < ERR_COUNT);
    return &all->rows[registry_row(all->registry, action) * ERR_COUNT + (size_t)error];
}

/* Adds up the errors of the table that have the same code on the wire, because a client cannot distinguish
 * them. */
static struct tally tally_of(const struct counted *all, const struct action *action, struct str code)
{
    struct tally sum = {0, 0};
    for (int id = ERR_NONE + 1; id < ERR_COUNT; id++) {
        if (!str_eq(error_table[id].code, code))
            continue;
        const struct tally *t = count_of(all, action, (enum error_id)id);
        sum.natural += t->natural;
        sum.injected += t->injected;
    }
    return sum;
}

/* Has the action answered any call? */
static bool was_called(const struct counted *all, const struct action *action)
{
    for (int id = ERR_NONE; id < ERR_COUNT; id++) {
        const struct tally *t = count_of(all, action, (enum error_id)id);
        if (t->natural || t->injected)
            return true;
    }
    return false;
}

/* Is the code in the list already? Several errors may have the same one. */
static bool has_code(const struct coverage_code *v, size_t n, struct str code)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(v[i].code, code))
            return true;
    return false;
}

/* True when the code was seen at all. */
static bool put_code(struct coverage_code_list *list, const struct counted *all, const struct action *action,
                     struct str code)
{
    struct tally t = tally_of(all, action, code);
    list->v[list->n++] = (struct coverage_code){
        .code = code, .natural = I64((int64_t)t.natural), .injected = I64((int64_t)t.injected)};
    return t.natural || t.injected;
}

/* Lists the documented codes. Returns how many of them were seen. */
static int64_t list_codes(struct arena *a, const struct counted *all, const struct action *action,
                          struct coverage_action *ret)
{
    int64_t seen = 0;
    ret->never.set = true;
    ret->codes = (struct coverage_code_list){ARENA_ARRAY(a, struct coverage_code, action->n_errors), 0, true};
    for (size_t i = 0; i < action->n_errors; i++) {
        struct str code = error_table[action->errors[i]].code;
        if (has_code(ret->codes.v, ret->codes.n, code))
            continue;
        if (put_code(&ret->codes, all, action, code))
            seen++;
        else
            str_list_add(a, &ret->never, code);
    }
    return seen;
}

/* Lists the other codes that were answered: those of the gateway, which no action documents. */
static void list_others(struct arena *a, const struct counted *all, const struct action *action,
                        struct coverage_action *ret)
{
    ret->others = (struct coverage_code_list){ARENA_ARRAY(a, struct coverage_code, ERR_COUNT), 0, true};
    for (int id = ERR_NONE + 1; id < ERR_COUNT; id++) {
        const struct tally *t = count_of(all, action, (enum error_id)id);
        struct str code = error_table[id].code;
        if ((t->natural || t->injected) && !has_code(ret->codes.v, ret->codes.n, code) &&
            !has_code(ret->others.v, ret->others.n, code))
            (void)put_code(&ret->others, all, action, code);
    }
}

/* Adds a row. Only actions that were called count in the percentage. */
static void add_action(struct control *k, const struct counted *all, const struct action *action,
                       struct coverage *answer)
{
    struct coverage_action *row = &answer->actions.v[answer->actions.n++];
    struct arena *a = k->call->arena;
    uint32_t done = count_of(all, action, ERR_NONE)->natural; /* the injected ones had no answer */
    row->action = action ? action->name : STR("");
    row->emulated = BOOL(action && action->handle);
    row->done = I64((int64_t)done);
    int64_t seen = action ? list_codes(a, all, action, row) : 0;
    list_others(a, all, action, row);
    if (!action || !was_called(all, action))
        return;
    answer->documented.v += (int64_t)row->codes.n + 1;
    answer->seen.v += seen + (done > 0);
}

/* Does the query's `actions` include it? */
static bool is_wanted(const struct counted *all, const struct action *action, struct str which)
{
    return was_called(all, action) || str_eq(which, STR("all")) ||
           (str_eq(which, STR("emulated")) && action && action->handle);
}

/* The percentage is that of the documented codes, success included, of all actions that were called. */
static void fill_coverage(struct control *k, const struct counted *all, struct str which,
                          struct coverage *answer)
{
    const size_t n = registry_n_actions(all->registry);
    answer->actions.v = ARENA_ARRAY(k->call->arena, struct coverage_action, n + 1);
    answer->actions.set = answer->documented.set = answer->seen.set = answer->percent.set = true;
    for (size_t i = 0; i < n; i++) {
        const struct action *action = registry_action_at(all->registry, i);
        if (is_wanted(all, action, which))
            add_action(k, all, action, answer);
    }
    if (was_called(all, NULL))
        add_action(k, all, NULL, answer);
    if (answer->documented.v > 0)
        answer->percent.v = 100.0 * (double)answer->seen.v / (double)answer->documented.v;
}

/* GET /_virga/coverage: of all calls since the counts began, or of those of one SecretId in the journal. */
int control_get_coverage(struct control *k, const struct get_coverage_query *query, struct coverage *answer)
{
    const struct journal *j = k->call->world->journal;
    struct counted all = {j->registry, j->tallies};
    if (query->secret_id.p)
        all.rows = journal_tallies_of(k->call->arena, j, query->secret_id);
    fill_coverage(k, &all, query->actions, answer);
    return 0;
}

/* DELETE /_virga/coverage: starts the counts again and answers the empty table. */
int control_delete_coverage(struct control *k, struct coverage *answer)
{
    struct journal *j = k->call->world->journal;
    journal_clear_tallies(j);
    fill_coverage(k, &(struct counted){j->registry, j->tallies}, STR("called"), answer);
    return 0;
}
