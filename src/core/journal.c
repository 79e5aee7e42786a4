#include "core/journal.h"

#include <assert.h>
#include <stdlib.h>

#include "core/journal_file.h"

static size_t tally_count(const struct registry *registry)
{
    return (registry_n_actions(registry) + 1) * ERR_COUNT;
}

/* Zero pages come from the system: only the rows of actions that are called use memory. */
static struct tally *tallies_new(const struct registry *registry)
{
    return memory_new(tally_count(registry) * sizeof(struct tally));
}

struct journal *journal_new(struct arena *a, const struct registry *registry, size_t calls, size_t bytes)
{
    struct journal *j = ARENA_NEW(a, struct journal);
    j->ring = ARENA_ARRAY(a, struct journal_entry *, calls);
    j->room = calls;
    j->bytes_max = bytes;
    j->next_serial = 1;
    j->registry = registry;
    j->tallies = tallies_new(registry);
    return j;
}

/* --- calls --- */

static struct journal_entry **slot(const struct journal *j, size_t i)
{
    size_t at = j->first + i;
    return &j->ring[at < j->room ? at : at - j->room];
}

static void remove_oldest(struct journal *j)
{
    struct journal_entry *e = *slot(j, 0);
    j->bytes -= e->size;
    j->first = j->first + 1 < j->room ? j->first + 1 : 0;
    j->n--;
    free(e);
}

/* An entry that is larger than the limit is kept as the only one. */
static bool is_full(const struct journal *j, size_t bytes)
{
    return j->n == j->room || (j->n > 0 && j->bytes + bytes > j->bytes_max);
}

/* Drops old calls; first writes those to the file that it does not have yet. */
static void make_room(struct journal *j, size_t bytes)
{
    if (is_full(j, bytes))
        journal_file_save_oldest(j->file, j);
    while (is_full(j, bytes)) {
        j->last_dropped = journal_at(j, 0)->serial;
        j->dropped++;
        j->dropped_ever++;
        remove_oldest(j);
    }
}

/* Counts the code. When a fault only delays the call, its code counts as a natural one. */
static void count(struct tally *t, const char *failed_step)
{
    if (failed_step && strcmp(failed_step, "fault") == 0)
        t->injected++;
    else
        t->natural++;
}

static struct tally *place(const struct journal *j, struct tally *rows, const struct action *action,
                           enum error_id error)
{
    assert(error < ERR_COUNT);
    return &rows[registry_row(j->registry, action) * ERR_COUNT + (size_t)error];
}

struct tally *journal_tallies_of(struct arena *a, const struct journal *j, struct str secret_id)
{
    struct tally *rows = ARENA_ARRAY(a, struct tally, tally_count(j->registry));
    for (size_t i = 0; i < j->n; i++) {
        const struct journal_entry *e = journal_at(j, i);
        if (str_eq(journal_entry_text(e, ENTRY_SECRET_ID), secret_id))
            count(place(j, rows, e->action, e->error), e->failed_step);
    }
    return rows;
}

void journal_record(struct journal *j, const struct call *c, int http_status)
{
    count(place(j, j->tallies, c->action, c->error), c->failed_step);
    if (j->room == 0)
        return;
    struct journal_entry *e = journal_entry_new(c, http_status);
    make_room(j, e->size);
    e->serial = j->next_serial++;
    *slot(j, j->n++) = e;
    j->bytes += e->size;
}

const struct journal_entry *journal_at(const struct journal *j, size_t i)
{
    assert(i < j->n);
    return *slot(j, i);
}

const struct journal_entry *journal_find(const struct journal *j, struct str request_id)
{
    for (size_t i = j->n; i-- > 0;) /* most clients ask for the newest */
        if (str_eq(request_id, (struct str){journal_at(j, i)->request_id, REQUEST_ID_CHARS}))
            return journal_at(j, i);
    return NULL;
}

size_t journal_after(const struct journal *j, uint64_t serial)
{
    size_t low = 0, high = j->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (journal_at(j, middle)->serial <= serial)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t journal_clear(struct journal *j)
{
    size_t n = j->n;
    while (j->n > 0)
        remove_oldest(j);
    j->dropped = 0;
    journal_file_clear(j->file);
    return n;
}

void journal_clear_tallies(struct journal *j)
{
    free(j->tallies);
    j->tallies = tallies_new(j->registry);
}

const struct tally *journal_tally(const struct journal *j, const struct action *action, enum error_id error)
{
    return place(j, j->tallies, action, error);
}

void journal_done(struct journal *j)
{
    journal_file_close(j->file, j);
    while (j->n > 0)
        remove_oldest(j);
    free(j->tallies);
}

/* --- changes of flows --- */

void journal_flow(struct journal *j, int64_t flow_id, int64_t at_ms, struct str kind, struct str outcome)
{
    j->changes[j->n_changes++ % LIMIT_JOURNAL_CHANGES] = (struct flow_change){
        .serial = j->next_serial++, .flow_id = flow_id, .at_ms = at_ms, .kind = kind, .outcome = outcome};
}

uint64_t journal_flow_mark(const struct journal *j)
{
    return j->n_changes;
}

void journal_flow_undo(struct journal *j, uint64_t mark)
{
    j->n_changes = mark;
}

const struct flow_change *journal_change_after(const struct journal *j, uint64_t serial)
{
    uint64_t i = j->n_changes > LIMIT_JOURNAL_CHANGES ? j->n_changes - LIMIT_JOURNAL_CHANGES : 0;
    for (; i < j->n_changes; i++)
        if (j->changes[i % LIMIT_JOURNAL_CHANGES].serial > serial)
            return &j->changes[i % LIMIT_JOURNAL_CHANGES];
    return NULL;
}
