/*
 * The journal: the last calls, refused ones too, and how often each action has answered each code.
 *
 * The calls are a ring bounded in number and in bytes; the oldest goes first, and is counted as dropped. The
 * counters beside it know every call of the run. Changes of flows have a small ring of their own, numbered
 * together with the calls, so that a listener can follow both in their order.
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
    uint64_t last_dropped; /* the serial number of the newest that had to go */
    uint64_t dropped;      /* calls that had to go since the start, or since a clear */
    struct flow_change changes[LIMIT_JOURNAL_CHANGES];
    uint64_t n_changes;        /* ever; the i-th is at i modulo the size */
    struct tally *tallies;     /* a row of ERR_COUNT for each action, and one more for calls without */
    struct journal_file *file; /* NULL: in memory alone */
    const struct product *product;
};

/* An empty one in the arena that keeps at most so many calls and bytes. */
struct journal *journal_new(struct arena *a, const struct product *product, size_t calls, size_t bytes);
void journal_done(struct journal *j);

/* At the end of a call: counts it and keeps what it was. */
void journal_record(struct journal *j, const struct call *c, int http_status);

/* The i-th of the journal->n calls that are kept, 0 the oldest. */
const struct journal_entry *journal_at(const struct journal *j, size_t i);
/* By RequestId, or NULL. */
const struct journal_entry *journal_find(const struct journal *j, struct str request_id);
/* The first call that is newer than a serial number, as a place for journal_at; j->n when none is. */
size_t journal_after(const struct journal *j, uint64_t serial);
/* Forgets the calls, not the counters. How many it had. */
size_t journal_clear(struct journal *j);
/* Forgets the counters. */
void journal_clear_tallies(struct journal *j);
/* The row of an action in a table of tallies; NULL: of the calls that named none. */
size_t journal_row(const struct product *product, const struct action *action);
/* The counts of one SecretId's calls alone, of those that are kept; a table like journal->tallies, in the
 * arena. */
struct tally *journal_tallies_of(struct arena *a, const struct journal *j, struct str secret_id);
/* `action` NULL: of the calls that named none. */
const struct tally *journal_tally(const struct journal *j, const struct action *action, enum error_id error);

/* --- changes of flows --- */

/* `outcome` p == NULL: it started. */
void journal_flow(struct journal *j, int64_t flow_id, int64_t at_ms, struct str kind, struct str outcome);
/* What a savepoint takes back: the changes since *mark. */
uint64_t journal_flow_mark(const struct journal *j);
void journal_flow_undo(struct journal *j, uint64_t mark);
/* The first change that is newer than a serial number and still kept, or NULL. */
const struct flow_change *journal_change_after(const struct journal *j, uint64_t serial);

#endif
