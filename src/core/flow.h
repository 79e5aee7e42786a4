/*
 * Flows: the asynchronous work that a FlowId names.
 *
 * A flow has a kind, an instance, the databases it holds with what it does to each, a start, a time at which
 * it is due and an outcome. Nothing runs in the background: whether a flow is over follows from the service's
 * clock, and what it brings about is applied by flow_settle, in the order of the due times and exactly once,
 * before the next call looks at the state; also after a restart. A flow of no duration is over when it
 * starts.
 */
#ifndef VIRGA_CORE_FLOW_H
#define VIRGA_CORE_FLOW_H

#include "product/sqlserver/flow_effect.h"

/* A due time that never comes: the flow waits to be finished by hand. */
#define FLOW_BY_HAND INT64_MAX

/* As in the store's rule: 2^42, so that the ids of its files, 1024 times as large, are integers in JSON. */
#define FLOW_ID_MAX (INT64_C(1) << 42)

struct flow {
    int64_t id;  /* the FlowId */
    size_t kind; /* index into the world's flow types */
    int64_t instance;
    int64_t start_ms, due_ms;
    bool fails; /* how it ends */
    bool over;  /* no duration: over at its start */
};

/* A kind of flow: its name in the store and in --flow-seconds, how long it takes unless told otherwise, and
 * what its end does beside the effects on databases (NULL: nothing). `f->fails` says how it ended. 0, or -1
 * when the store failed. */
struct flow_type {
    struct str name;
    int64_t default_ms;
    int (*settle)(struct world *w, const struct flow *f);
};

/* What a product does by itself when the clock passes a time: scheduled work. */
struct schedule {
    /* The earliest time at which something is to be done; INT64_MAX for never. -1 when the store failed. */
    int (*next)(struct world *w, int64_t *ret_ms);
    /* Does what was to be done at exactly `at_ms`. */
    int (*run)(struct world *w, int64_t at_ms);
};

/* DescribeFlowStatus's numbers (sqlserver 238/19967). */
enum flow_state { FLOW_SUCCEEDED = 0, FLOW_FAILED = 1, FLOW_RUNNING = 2 };

/* A flow that is about to start: kind, instance and start are the caller's; the rest follows from the
 * settings. */
struct flow_plan {
    size_t kind;
    int64_t instance;
    int64_t start_ms;
    bool fails;
    const struct fault_effect *effect; /* of the call that starts it; NULL: no call starts it */
    const struct flow_database *databases;
    size_t n_databases;
};

/* Takes the next FlowId, records the flow and marks its databases. When it is over at once its effects are
 * applied, but not its type's settle function: the starter, which has yet to write what belongs to the flow,
 * sees `over` and does that. -1 when the store failed. */
int flow_start(struct world *w, const struct flow_plan *plan, struct flow *ret_flow);

/* Applies every flow that is due and every scheduled work, in the order of their times. -1 when the store
 * failed; what was not applied stays due. A flow whose effects the store's rules forbid ends as failed. */
int flow_settle(struct world *w);

/* Ends a running flow now; flow_settle first, for what is due before. 1, 0 if no flow of that id is running,
 * -1 when the store failed and the savepoint around it is to be undone. */
int flow_finish(struct world *w, int64_t id, bool fails);

/* How many flows are running on an instance. -1 when the store failed. */
int flow_count_running(struct world *w, int64_t instance, int64_t *ret_count);

/* 1 if a running flow of the instance holds the database, 0 if not, -1 when the store failed. */
int flow_holds(struct world *w, int64_t instance, struct str database);

/* 1 and the state of an account's flow in a region, 0 if there is no such flow, -1 when the store failed. */
int flow_find(struct world *w, struct str account, struct str region, int64_t id, enum flow_state *ret_state);

/* Reads what is kept across runs: the next FlowId and the next due time. -1 when the store failed. */
int flow_resume(struct world *w);

/* The next time may be earlier than was thought (a policy has changed). -1 when the store failed. */
int flow_reschedule(struct world *w);

#endif
