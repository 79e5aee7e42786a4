/*
 * Fault rules: they make calls fail, respond late or lose their response, so that a test shows how a client
 * reacts.
 *
 * A rule is one struct from the control API to the store and back: `struct fault_rule` of gen/faults.h
 * (schema/faults.json). It says which calls it matches, to which of these it applies, and what happens to
 * them. What happens is decided once, when the rule is added, and kept as a `struct fault_effect`. Rules are
 * tried in the order in which they were added; the first that applies is the only one. gateway/fault.c tries
 * them; call_answer applies what concerns the response, flow_start what concerns the flow.
 */
#ifndef VIRGA_CORE_FAULT_H
#define VIRGA_CORE_FAULT_H

#include "base/rng.h"
#include "core/registry.h"
#include "gen/faults.h"

enum fault_close {
    FAULT_RESPONDS,     /* the connection stays open */
    FAULT_CLOSE_BEFORE, /* the connection closes and the call does not run */
    FAULT_CLOSE_AFTER   /* the call runs and its commit is durable; then the connection closes without a
                           response */
};

/* What happens to one call. Zeroed memory means: nothing. */
struct fault_effect {
    enum error_id code;  /* ERR_NONE: the call continues */
    struct str own_code; /* with ERR_UNDOCUMENTED: the code */
    struct str message;  /* in place of the code's text; p == NULL: the code's text */
    int64_t delay_ms;    /* between the end of the call and its response */
    enum fault_close close;
    bool truncates;
    uint64_t truncate_bytes; /* of the body that are sent; then the connection closes */
    int http_status;         /* not 0: the edge responds with this status and the call does not run */
    struct str request_id;   /* of the response; p == NULL: its own */
    bool flow_fails;         /* the flow that the call starts will fail */
    bool flow_timed;         /* the flow takes flow_ms instead of the duration in the settings */
    int64_t flow_ms;
};

/* A stored rule. `rule` has the texts of the request and the counters `seen` and `hits`. */
struct fault {
    struct fault_rule rule;
    const struct action *action; /* rule.action; NULL: every action that may answer the code */
    struct fault_effect effect;
    struct arena arena; /* of this rule alone, so that it can be removed without the others */
    struct fault *next;
};

struct faults {
    struct fault *first;
    size_t n;
    int64_t last_id;
};

/* Appends a copy of a rule, with the next id (from 1, never reused) and counters of zero. `action` and `code`
 * are what the rule's texts name. The parameters of the copy are texts (strings). NULL when there are
 * LIMIT_FAULTS rules. */
const struct fault *fault_add(struct faults *l, const struct fault_rule *rule, const struct action *action,
                              enum error_id code);
/* NULL when there is no such rule. */
const struct fault *fault_find(const struct faults *l, int64_t id);
/* False when there is no such rule. */
bool fault_remove(struct faults *l, int64_t id);
/* Removes all rules; returns how many there were. */
size_t fault_clear(struct faults *l);

/* Counts one more call that matches the rule; true when the rule applies to it. Chance comes from `rng`, and
 * only when the rule has a probability below 1. */
bool fault_applies(struct fault *f, struct rng *rng);

/* A parameter's value as a form carries it; false for an object, a list and null. */
bool fault_param_text(struct arena *a, const struct node *value, struct str *ret_text);

/* True when the call has neither a result nor an error to send, because the fault ends it before it runs. */
static inline bool fault_suppresses_response(const struct fault_effect *e)
{
    return e->http_status != 0 || e->close == FAULT_CLOSE_BEFORE;
}

/* The page that the edge sends with a status from 500 to 504; empty for another status. */
struct str fault_page(int http_status);

#endif
