/* Fixtures first and flows last: a flow refers to instances, and to settle one needs everything else in its
 * place. */
#include "core/life.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/fixtures.h"
#include "core/flow.h"
#include "core/guest.h"
#include "core/journal.h"
#include "core/journal_file.h"
#include "core/secret.h"
#include "gen/migrations.h"

/* A world without any is of no use, and start-up shows the first. */
static bool has_credential(const struct world_file *file)
{
    for (size_t i = 0; i < file->accounts.n; i++)
        if (file->accounts.v[i].credentials.n > 0)
            return true;
    return false;
}

static enum world_fault read_fixtures(struct world *w, struct str *ret_why)
{
    struct str text = world_default, why;
    struct world_file *file;
    const char *path = w->settings.world_path;
    if (path && file_read(&w->arena, path, LIMIT_WORLD_FILE, &text, ret_why) != 0)
        return WORLD_FILE_BAD;
    int parsed = fixtures_parse(&w->arena, text, &file, &why);
    if (parsed == 0 && has_credential(file)) {
        w->file = file;
        w->file_text = text;
        return WORLD_OK;
    }
    if (parsed == 0)
        why = STR("no account has credentials, so nobody could call");
    *ret_why = arena_printf(&w->arena, "world file %s: %.*s", path ? path : "(built in)", STR_ARG(why));
    return WORLD_FILE_BAD;
}

static const enum world_fault open_faults[] = {
    [DB_OPEN_OK] = WORLD_OK,
    [DB_OPEN_HELD] = WORLD_DB_HELD,
    [DB_OPEN_NEWER] = WORLD_DB_NEWER,
    [DB_OPEN_FOREIGN] = WORLD_DB_FOREIGN,
    [DB_OPEN_FAILED] = WORLD_DB_FAILED,
};

static enum world_fault open_store(struct world *w, struct str *ret_why)
{
    return open_faults[db_open(&w->arena, w->settings.db_path, migrations, n_migrations, &w->db, ret_why)];
}

static enum world_fault open_journal(struct world *w, struct str *ret_why)
{
    const struct settings *s = &w->settings;
    if (!s->journal_path)
        return WORLD_OK;
    enum db_open_fault fault = journal_file_open(&w->arena, s->journal_path, w->journal, ret_why);
    if (fault == DB_OPEN_OK)
        journal_file_follow(w->journal->file, w->db);
    return open_faults[fault];
}

static enum world_fault fill_store(struct world *w, struct str *ret_why)
{
    *ret_why = (struct str){NULL, 0};
    int applied = fixtures_apply(w, w->file, ret_why);
    if (ret_why->p)
        return WORLD_FILE_BAD;
    if (applied == 0 && secret_load(w) == 0 && guest_load(w) == 0 && flow_resume(w) == 0 &&
        db_commit(w->db) == 0)
        return WORLD_OK;
    *ret_why = arena_printf(&w->arena, "the store failed: %s", db_message(w->db));
    return WORLD_DB_FAILED;
}

static void set_clock_and_chance(struct world *w)
{
    clock_set_real(&w->clock);
    if (w->settings.clock_frozen)
        clock_freeze(&w->clock, w->settings.clock_ms);
    rng_seed_system(&w->rng);
    world_reseed(w);
}

enum world_fault world_init(struct world *w, const struct settings *settings,
                            const struct emulation *emulation, struct str *ret_why)
{
    *w = (struct world){.settings = *settings,
                        .product = emulation->product,
                        .flow_types = emulation->flow_types,
                        .n_flow_types = emulation->n_flow_types,
                        .schedule = emulation->schedule,
                        .serve_file = emulation->serve_file};
    arena_init(&w->arena);
    identity_init(&w->identity, &w->arena);
    limiter_init(&w->limiter, &w->arena);
    w->journal = journal_new(&w->arena, w->product, settings->journal_calls, settings->journal_bytes);
    set_clock_and_chance(w);
    metrics_init(&w->metrics, &w->arena, w->product);
    w->limits = ARENA_ARRAY(&w->arena, int64_t, w->product->n_actions);
    world_set_limits(w);
    enum world_fault fault = read_fixtures(w, ret_why);
    if (fault == WORLD_OK)
        fault = open_store(w, ret_why);
    if (fault == WORLD_OK)
        fault = fill_store(w, ret_why);
    if (fault == WORLD_OK)
        fault = open_journal(w, ret_why);
    if (fault == WORLD_OK)
        journal_file_write(w->journal->file, w->journal);
    return fault;
}

void world_done(struct world *w)
{
    journal_done(w->journal);
    db_close(w->db);
    (void)fault_clear(&w->faults);
    identity_done(&w->identity);
    arena_done(&w->arena);
}

static int reread(struct world *w)
{
    return guest_load(w) == 0 && flow_resume(w) == 0 ? 0 : -1;
}

int world_replaced(struct world *w, int64_t next_flow_id)
{
    w->replaced = true;
    if (reread(w) != 0)
        return -1;
    if (next_flow_id > 0)
        w->next_flow_id = next_flow_id;
    return 0;
}

/* Flows that the lost turn had settled run again, so the next call must look for what is due. FlowIds that it
 * took stay unused. */
static void turn_lost(struct world *w)
{
    if (w->replaced && reread(w) != 0)
        log_say(LOG_ERROR, "the state before a reset that was lost cannot be read: %s", db_message(w->db));
    w->next_due_ms = INT64_MIN;
}

int world_commit(struct world *w)
{
    bool dirty = db_dirty(w->db);
    int rc = db_commit(w->db);
    if (rc != 0)
        turn_lost(w);
    else
        w->metrics.commits += dirty;
    w->replaced = false;
    journal_file_write(w->journal->file, w->journal);
    return rc;
}
