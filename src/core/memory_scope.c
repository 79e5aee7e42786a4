/* What is to be cleared at the commit is a set of bits in the world, because several resets may be in one
 * transaction. */
#include "core/memory_scope.h"

#include "core/journal.h"

static int64_t count_limiter(const struct world *w)
{
    return (int64_t)rate_counter_used(&w->rate_counter);
}

static void clear_limiter(struct world *w)
{
    (void)rate_counter_clear(&w->rate_counter);
    world_set_limits(w);
}

static int64_t count_faults(const struct world *w)
{
    return (int64_t)w->faults.n;
}

static void clear_faults(struct world *w)
{
    (void)fault_clear(&w->faults);
}

static int64_t count_journal(const struct world *w)
{
    return (int64_t)w->journal->n;
}

static void clear_journal(struct world *w)
{
    (void)journal_clear(w->journal);
    kept_requests_clear(&w->kept_requests);
    journal_clear_tallies(w->journal);
}

const struct memory_scope memory_scopes[MEMORY_SCOPES] = {
    {STR_INIT("limiter"), count_limiter, clear_limiter},
    {STR_INIT("faults"), count_faults, clear_faults},
    {STR_INIT("journal"), count_journal, clear_journal},
};

void memory_scopes_clear(struct world *w, const bool chosen[MEMORY_SCOPES])
{
    for (unsigned i = 0; i < MEMORY_SCOPES; i++)
        w->memory_scopes |= chosen[i] ? 1U << i : 0;
    if (!w->settings.db_path)
        memory_scopes_committed(w);
}

void memory_scopes_committed(struct world *w)
{
    for (unsigned i = 0; i < MEMORY_SCOPES; i++)
        if (w->memory_scopes & 1U << i)
            memory_scopes[i].clear(w);
    w->memory_scopes = 0;
}

void memory_scopes_lost(struct world *w)
{
    w->memory_scopes = 0;
}
