/*
 * Faults: rules by which calls fail, are answered late or lose their answer, so that a test can see how a
 * client bears it.
 *
 * A rule says which calls it is for, which of those it strikes, and what it does to them. The rules are tried
 * in the order in which they were made; the first that strikes is the only one. core/inject.c does so as a
 * step of the pipeline. What happens on the wire is data here (struct fault_effect), which the server carries
 * out.
 */
#ifndef VIRGA_CORE_FAULT_H
#define VIRGA_CORE_FAULT_H

#include "base/rng.h"
#include "core/registry.h"

enum fault_close {
    FAULT_ANSWERS,      /* the connection stays */
    FAULT_CLOSE_BEFORE, /* it closes and the call was never carried out */
    FAULT_CLOSE_AFTER   /* the call is carried out and durable, then it closes without an answer */
};

struct fault_effect {
    int64_t delay_ms; /* between the end of the call and its answer */
    enum fault_close close;
    bool truncates;
    uint64_t truncate_bytes; /* of the body; the connection closes behind them */
    int http_status;         /* not 0: this of the edge, and the call was never carried out */
    bool flow_fails;         /* the flow that the call starts will fail */
    bool flow_timed;         /* it takes flow_ms, whatever the settings say */
    int64_t flow_ms;
};

/* What is done to a call that is struck. */
struct fault_action {
    enum error_id code; /* ERR_NONE: the call goes on */
    struct str message; /* instead of the code's text; p == NULL: none */
    struct fault_effect effect;
};

struct fault_param {
    struct str path, value; /* as on the wire in a form: "DBNames.0", "db1" */
};

/* Which calls a rule is for; all that is given must hold. */
struct fault_match {
    const struct action *action;      /* NULL: any that may answer the code */
    struct str region, secret_id;     /* p == NULL: any */
    struct str trace;                 /* a prefix of X-TC-TraceId */
    const struct fault_param *params; /* each equal */
    size_t n_params;
};

/* Which of them it strikes; 0 says nothing. */
struct fault_when {
    int64_t after;      /* leaves out so many at first */
    int64_t first;      /* then only the next so many */
    int64_t every;      /* of these each so-manieth */
    int64_t count;      /* and no more than so many in all */
    double probability; /* each with this chance; 1: surely */
};

struct fault {
    int64_t id; /* from 1, never given again */
    struct fault_match match;
    struct fault_when when;
    struct fault_action act;
    int64_t seen; /* calls it was for, while no rule before it struck */
    int64_t hits; /* of those struck */
    struct arena arena;
    struct fault *next;
};

struct faults {
    struct fault *first;
    size_t n;
    int64_t last_id;
};

/* Adds a copy of a rule behind the others, with an id of its own. NULL when there are LIMIT_FAULTS. */
const struct fault *fault_add(struct faults *l, const struct fault *rule);
/* NULL when there is no such rule. */
const struct fault *fault_find(const struct faults *l, int64_t id);
/* False when there is no such rule. */
bool fault_remove(struct faults *l, int64_t id);
/* Removes all; how many there were. */
size_t fault_clear(struct faults *l);

/* Counts one more call that the rule is for: is it struck? Chance comes from `rng`, and only where a rule
 * leaves something to it. */
bool fault_applies(struct fault *f, struct rng *rng);

/* Is there nothing to answer, since the call was ended before it could be carried out? */
static inline bool fault_suppresses_response(const struct fault_effect *e)
{
    return e->http_status != 0 || e->close == FAULT_CLOSE_BEFORE;
}

/* The page that the edge sends with one of its statuses, 502 to 504; empty for another. */
struct str fault_page(int http_status);

#endif
