/*
 * The journal: the last calls, rejected ones too, and how often each action has answered each code.
 *
 * The calls are in a ring that is limited in number and in bytes; the oldest call is dropped first and
 * counted. The tallies count every call of the run. Changes of flows have a ring of their own and share their
 * serial numbers with the calls, so that a subscriber to events can follow both in their order.
 */
#ifndef VIRGA_CORE_JOURNAL_H
#define VIRGA_CORE_JOURNAL_H

#include "base/limits.h"
#include "core/journal_entry.h"

struct journal_file;

/* How often an action has answered a code. */
struct tally {
    uint32_t natural, injected;
};

/* A flow started, or ended with an outcome. */
struct flow_change {
    uint64_t serial;
    int64_t flow_id;
    int64_t at_ms;      /* by the service's clock */
    struct str kind;    /* lives as long as the program */
    struct str outcome; /* "success", "failure"; p == NULL: it started */
};

struct journal {
    struct journal_entry **ring; /* `room` places; the oldest at `first` */
    size_t room, first, n;
    size_t bytes, bytes_max;
    uint64_t next_serial;  /* of the next call or change */
    uint64_t last_dropped; /* the serial number of the newest dropped call */
    uint64_t dropped;      /* calls dropped since the start or the last clear */
    uint64_t dropped_ever; /* since the start */
    struct flow_change changes[LIMIT_JOURNAL_CHANGES];
    uint64_t n_changes;        /* since the start; number i is at i modulo the size */
    struct tally *tallies;     /* a row of ERR_COUNT for each action, and one for calls that name none */
    struct journal_file *file; /* NULL: in memory only */
    const struct registry *registry;
};

/* An empty journal in the arena that keeps at most so many calls and bytes. */
struct journal *journal_new(struct arena *a, const struct registry *registry, size_t calls, size_t bytes);
void journal_done(struct journal *j);

/* Counts a call that has ended and keeps a copy of it. */
void journal_record(struct journal *j, const struct call *c, int http_status);

/* The i-th of the journal->n calls that are kept, 0 the oldest. */
const struct journal_entry *journal_at(const struct journal *j, size_t i);
/* Finds a call by its RequestId, or NULL. */
const struct journal_entry *journal_find(const struct journal *j, struct str request_id);
/* The first call that is newer than a serial number, as an index for journal_at; j->n when there is none. */
size_t journal_after(const struct journal *j, uint64_t serial);
/* Deletes the calls, not the tallies. Returns how many there were. */
size_t journal_clear(struct journal *j);
/* Sets all tallies to 0. */
void journal_clear_tallies(struct journal *j);
/* The tallies of one SecretId, counted from the calls that are kept; a table like journal->tallies, in the
 * arena. */
struct tally *journal_tallies_of(struct arena *a, const struct journal *j, struct str secret_id);
/* `action` NULL: of the calls that named no known action. */
const struct tally *journal_tally(const struct journal *j, const struct action *action, enum error_id error);

/* --- changes of flows --- */

/* `outcome` p == NULL: it started. */
void journal_flow(struct journal *j, int64_t flow_id, int64_t at_ms, struct str kind, struct str outcome);
/* Takes a mark before a savepoint; journal_flow_undo then removes the changes that were recorded after it. */
uint64_t journal_flow_mark(const struct journal *j);
void journal_flow_undo(struct journal *j, uint64_t mark);
/* The first change that is newer than a serial number and still kept, or NULL. */
const struct flow_change *journal_change_after(const struct journal *j, uint64_t serial);

#endif
