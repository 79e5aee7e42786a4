/* The lifecycle of a world: start, commit and end. All parts that read the store are called here, each after
 * the parts that it needs, at the start and again after the state was replaced. */
#include "core/world.h"

#include <assert.h>

#include "base/codec.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/flow.h"
#include "core/journal.h"
#include "core/journal_file.h"
#include "core/memory_scope.h"
#include "core/test_account.h"
#include "core/world_check.h"
#include "core/world_file.h"
#include "wire/digest.h"

void world_reseed(struct world *w)
{
    if (w->settings.seeded)
        rng_seed(&w->rng, w->settings.seed);
}

/* A limit in the settings applies to the action of that name in every product. */
static int64_t limit_of(const struct settings *s, const struct action *action)
{
    int64_t limit = s->limit_off ? LIMIT_OFF : action->rate_per_second;
    for (size_t i = 0; i < s->n_limits; i++)
        if (str_eq(s->limits[i].action, action->name))
            limit = s->limits[i].per_second;
    return limit;
}

void world_set_limits(struct world *w)
{
    w->account_limits_off = w->settings.limit_off;
    for (size_t i = 0; i < registry_n_actions(w->registry); i++)
        w->limits[i] = limit_of(&w->settings, registry_action_at(w->registry, i));
}

int world_attempt(struct world *w, int (*work)(struct world *w, void *arg), void *arg)
{
    uint64_t mark = journal_flow_mark(w->journal);
    int64_t next_flow_id = w->next_flow_id;
    if (savepoint_begin(w->db) != 0)
        return -1;
    if (work(w, arg) == 0 && savepoint_release(w->db) == 0)
        return 0;
    savepoint_rollback(w->db);
    journal_flow_undo(w->journal, mark);
    w->next_flow_id = next_flow_id; /* no client has seen the ids that it took */
    return -1;
}

/* The next call looks for flows that are due. */
static void read_again(struct world *w)
{
    bool known = w->stale;
    w->next_due_ms = INT64_MIN;
    w->stale = test_account_load(w) != 0;
    if (w->stale && !known)
        log_say(LOG_ERROR, "the test accounts cannot be read again: %s", db_message(w->db));
}

/* A seeded world draws no random number in a reset, so that another state of the generator is a new seed. */
static void keep_numbers(struct world *w, int64_t next_flow_id, const struct rng *rng)
{
    struct world_numbers *before = &w->before;
    if (!before->replaced)
        before->next_flow_id = next_flow_id;
    before->replaced = true;
    if (before->reseeded || !w->settings.seeded || memcmp(rng, &w->rng, sizeof *rng) == 0)
        return;
    before->rng = *rng;
    before->reseeded = true;
}

int world_attempt_reload(struct world *w, int (*work)(struct world *w, void *arg), void *arg)
{
    const int64_t next_flow_id = w->next_flow_id;
    const struct rng rng = w->rng;
    if (world_attempt(w, work, arg) == 0) {
        keep_numbers(w, next_flow_id, &rng);
        return 0;
    }
    w->rng = rng;
    read_again(w);
    return -1;
}

/* --- the start --- */

/* Checks that there is a credential: no call is possible without one, and the start-up message shows the
 * first. */
static bool has_credential(const struct world_file *file)
{
    for (size_t i = 0; i < file->accounts.n; i++)
        if (file->accounts.v[i].credentials.n > 0)
            return true;
    return false;
}

static enum world_fault read_world_file(struct world *w, struct str *ret_problem)
{
    struct str text = world_default, problem;
    struct world_file *file;
    const char *path = w->settings.world_path;
    if (path && file_read(&w->arena, path, LIMIT_WORLD_FILE, &text, ret_problem) != 0)
        return WORLD_FILE_BAD;
    int parsed = world_file_parse(&w->arena, text, &file, &problem);
    if (parsed == 0)
        parsed = world_check(w->registry, &w->arena, file, &problem);
    if (parsed == 0 && has_credential(file)) {
        w->file = file;
        w->file_text = text;
        return WORLD_OK;
    }
    if (parsed == 0)
        problem = STR("no account has credentials, so no call is possible");
    *ret_problem =
        arena_printf(&w->arena, "world file %s: %.*s", path ? path : "(built in)", STR_ARG(problem));
    return WORLD_FILE_BAD;
}

static const enum world_fault open_faults[] = {
    [DB_OPEN_OK] = WORLD_OK,
    [DB_OPEN_LOCKED] = WORLD_DB_LOCKED,
    [DB_OPEN_NEWER] = WORLD_DB_NEWER,
    [DB_OPEN_FOREIGN] = WORLD_DB_FOREIGN,
    [DB_OPEN_FAILED] = WORLD_DB_FAILED,
};

static enum world_fault open_store(struct world *w, struct str *ret_problem)
{
    const struct registry *r = w->registry;
    return open_faults[db_open(&w->arena, w->settings.db_path, r->migrations, r->n_migrations, &w->db,
                               ret_problem)];
}

static enum world_fault open_journal(struct world *w, struct str *ret_problem)
{
    const struct settings *s = &w->settings;
    if (!s->journal_path)
        return WORLD_OK;
    enum db_open_fault fault = journal_file_open(&w->arena, s->journal_path, w->journal, ret_problem);
    if (fault == DB_OPEN_OK)
        journal_file_follow(w->journal->file, w->db);
    return fault == DB_OPEN_LOCKED ? WORLD_JOURNAL_LOCKED : open_faults[fault];
}

static enum world_fault fail_store(struct world *w, struct str *ret_problem)
{
    const char *path = w->settings.db_path ? w->settings.db_path : "the state in memory";
    bool locked = db_fault(w->db) == DB_BUSY;
    *ret_problem = locked ? arena_printf(&w->arena, "%s is locked by another program", path)
                          : arena_printf(&w->arena, "%s: the store failed: %s", path, db_message(w->db));
    return locked ? WORLD_DB_LOCKED : WORLD_DB_FAILED;
}

/* Fixtures first and flows last: flows refer to resources, and settling one may need everything else. */
static enum world_fault fill_store(struct world *w, struct str *ret_problem)
{
    *ret_problem = (struct str){NULL, 0};
    int applied = world_file_apply(w, w->file, ret_problem);
    if (ret_problem->p)
        return WORLD_FILE_BAD;
    if (applied == 0 && secret_load(w) == 0 && test_account_load(w) == 0 && flow_catch_up(w) == 0 &&
        flow_resume(w) == 0 && transaction_commit(w->db) == 0)
        return WORLD_OK;
    return fail_store(w, ret_problem);
}

static void set_clock_and_rng(struct world *w)
{
    clock_set_real(&w->clock);
    if (w->settings.clock_frozen)
        clock_freeze(&w->clock, w->settings.clock_ms);
    rng_seed_system(&w->rng);
    world_reseed(w);
}

/* Initializes the parts that need no store. */
static void init_memory(struct world *w)
{
    size_t actions = registry_n_actions(w->registry);
    arena_init(&w->arena);
    accounts_init(&w->accounts, &w->arena);
    rate_counter_init(&w->rate_counter, &w->arena);
    w->journal = journal_new(&w->arena, w->registry, w->settings.journal_calls, w->settings.journal_bytes);
    metrics_init(&w->metrics, &w->arena, w->registry);
    w->limits = ARENA_ARRAY(&w->arena, int64_t, actions);
    set_clock_and_rng(w);
    world_set_limits(w);
}

enum world_fault world_init(struct world *w, const struct settings *settings, const struct registry *registry,
                            struct str *ret_problem)
{
    assert(registry->n_products > 0 && registry_n_flow_types(registry) <= LIMIT_FLOW_TYPES);
    *w = (struct world){.settings = *settings, .registry = registry};
    init_memory(w);
    enum world_fault fault = read_world_file(w, ret_problem);
    if (fault == WORLD_OK)
        fault = open_store(w, ret_problem);
    if (fault == WORLD_OK)
        fault = fill_store(w, ret_problem);
    if (fault == WORLD_OK)
        fault = open_journal(w, ret_problem);
    if (fault == WORLD_OK)
        journal_file_write(w->journal->file, w->journal);
    return fault;
}

void world_done(struct world *w)
{
    journal_done(w->journal);
    db_close(w->db);
    (void)fault_clear(&w->faults);
    kept_requests_clear(&w->kept_requests);
    accounts_done(&w->accounts);
    arena_done(&w->arena);
}

int world_reload(struct world *w, int64_t next_flow_id)
{
    assert(next_flow_id > 0);
    w->replaced = true;
    w->next_flow_id = next_flow_id;
    return test_account_load(w) == 0 && flow_reschedule(w) == 0 ? 0 : -1;
}

int world_restart(struct world *w)
{
    w->replaced = true;
    world_reseed(w);
    return test_account_load(w) == 0 && flow_resume(w) == 0 ? 0 : -1;
}

/* Flows that the lost transaction had settled run again, so the next call must look for what is due. The flow
 * ids that it took stay unused, except those after a reset or a loaded state. */
static void commit_lost(struct world *w)
{
    const struct world_numbers *before = &w->before;
    w->next_due_ms = INT64_MIN;
    w->stale |= w->replaced;
    memory_scopes_lost(w);
    if (before->replaced)
        w->next_flow_id = before->next_flow_id;
    if (before->reseeded)
        w->rng = before->rng;
}

static void commit_done(struct world *w, bool dirty)
{
    w->metrics.commits += dirty;
    memory_scopes_committed(w);
}

int world_commit(struct world *w)
{
    bool dirty = transaction_dirty(w->db);
    int rc = transaction_commit(w->db);
    if (rc != 0)
        commit_lost(w);
    else
        commit_done(w, dirty);
    if (w->stale)
        read_again(w);
    w->replaced = false;
    w->before = (struct world_numbers){.replaced = false};
    if (w->journal->file)
        journal_file_write(w->journal->file, w->journal);
    return rc;
}

/* --- secret --- */

/* 1 and the secret, 0 when the store has none, -1 when it failed. */
static int find(struct world *w)
{
    SCOPED_STMT(s, w->db, "SELECT secret FROM world_secret WHERE id = 1");
    int rc = stmt_step(s);
    if (rc == 1)
        w->secret = stmt_str(s, &w->arena, "secret");
    return rc;
}

/* Does not use w->rng: that would change the ids of a seeded world, and a seed of 64 bits can be guessed. */
static struct str make(struct world *w)
{
    uint8_t bytes[SHA256_BYTES];
    char *hex = arena_alloc(&w->arena, SHA256_HEX);
    if (w->settings.seeded)
        sha256(arena_printf(&w->arena, "virga %llu", (unsigned long long)w->settings.seed), bytes);
    else
        random_bytes(bytes, sizeof bytes);
    hex_encode(bytes, sizeof bytes, hex);
    return (struct str){hex, SHA256_HEX};
}

static int put(struct world *w, struct str secret)
{
    SCOPED_STMT(s, w->db, "INSERT INTO world_secret (id, secret) VALUES (1, :secret)");
    stmt_bind_str(s, ":secret", secret);
    return stmt_run(s);
}

int secret_load(struct world *w)
{
    int found = find(w);
    if (found != 0)
        return found == 1 ? 0 : -1;
    struct str secret = make(w);
    if (savepoint_begin(w->db) != 0)
        return -1;
    if (put(w, secret) != 0 || savepoint_release(w->db) != 0) {
        savepoint_rollback(w->db);
        return -1;
    }
    w->secret = secret;
    return 0;
}
