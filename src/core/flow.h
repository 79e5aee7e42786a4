/*
 * Flows: the asynchronous work that a FlowId names.
 *
 * A flow has a kind, an instance, the databases it holds, a start and a time at which it is due. Nothing runs
 * in the background: whether a flow is over follows from the service's clock, and what it brings about is
 * applied by flow_settle, in the order of the due times and exactly once, before the next call looks at the
 * state. A flow of no duration is over when it starts; its starter writes the result itself.
 */
#ifndef VIRGA_CORE_FLOW_H
#define VIRGA_CORE_FLOW_H

#include "core/world.h"

struct flow {
    int64_t id;  /* the FlowId */
    size_t kind; /* index into the world's flow types */
    int64_t instance;
    int64_t start_ms, due_ms;
    bool over; /* no duration: over at its start */
};

/* A kind of flow: its name in the store and in --flow-seconds, how long it takes unless told otherwise, and
 * what its end does. */
struct flow_type {
    struct str name;
    int64_t default_ms;
    int (*settle)(struct world *w, const struct flow *f); /* 0, or -1 when the store failed */
};

/* DescribeFlowStatus's numbers (sqlserver 238/19967). */
enum flow_state { FLOW_SUCCEEDED = 0, FLOW_FAILED = 1, FLOW_RUNNING = 2 };

/* Takes the next FlowId and records the flow with the databases it holds. -1 when the store failed. */
int flow_start(struct world *w, size_t kind, int64_t instance, const struct str_list *databases,
               struct flow *ret_flow);

/* Applies every flow that is due. -1 when the store failed; what was not applied stays due. */
int flow_settle(struct world *w);

/* How many flows are running on an instance. -1 when the store failed. */
int flow_count_running(struct world *w, int64_t instance, int64_t *ret_count);

/* 1 if a running flow of the instance holds the database, 0 if not, -1 when the store failed. */
int flow_holds(struct world *w, int64_t instance, struct str database);

/* 1 and the state of an account's flow in a region, 0 if there is no such flow, -1 when the store failed. */
int flow_find(struct world *w, struct str account, struct str region, int64_t id, enum flow_state *ret_state);

/* Reads what is kept across runs: the next FlowId and the next due time. -1 when the store failed. */
int flow_resume(struct world *w);

#endif
