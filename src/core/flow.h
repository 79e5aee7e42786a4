/*
 * Flows: asynchronous work that a client follows by an id.
 *
 * A flow has a kind, a resource that it works on, a start, a due time and an outcome. Nothing runs in the
 * background: the service's clock decides whether a flow has ended. flow_settle ends the flows that are due,
 * in the order of their due times and each exactly once, before the next call reads the state, also after a
 * restart. A flow without a duration has ended when it starts.
 *
 * What a flow does is the product's: its functions write it at the start, and the settle function of the kind
 * applies the outcome. A product with flows has the table flow (id, instance, kind, start_ms, due_ms, fails,
 * outcome), where `instance` is the row of the resource.
 */
#ifndef VIRGA_CORE_FLOW_H
#define VIRGA_CORE_FLOW_H

#include "core/world.h"

/* A due time that never comes: the flow waits until a client ends it. */
#define FLOW_BY_HAND INT64_MAX

/* As in the CHECK of the table. */
#define FLOW_ID_MAX (INT64_C(1) << 42)

struct flow {
    int64_t id;
    const struct flow_type *type;
    int64_t resource; /* row of the product's table */
    int64_t start_ms, due_ms;
    bool fails; /* its outcome */
    bool over;  /* it had no duration and ended at its start */
};

/* A kind of flow. */
struct flow_type {
    struct str name; /* in the store and in --flow-seconds; no other product has a kind of this name */
    int64_t default_ms;
    /* Applies the outcome, f->fails, at the due time; NULL when there is nothing to apply. 0, or -1 when the
     * store failed. */
    int (*settle)(struct world *w, const struct flow *f);
};

enum flow_state { FLOW_SUCCEEDED, FLOW_FAILED, FLOW_RUNNING };

/* A flow that is about to start. Its duration follows from the settings or the fault. */
struct flow_plan {
    const struct flow_type *type;
    int64_t resource;
    int64_t start_ms;
    bool fails;
    const struct fault_effect *effect; /* of the call that starts it; NULL: no call starts it */
};

/* Takes the next id and records the flow. The caller then writes what belongs to it; when ret_flow->over is
 * set, the caller also applies the outcome, because settle is not called. -1 when the store failed. */
int flow_start(struct world *w, const struct flow_plan *plan, struct flow *ret_flow);

/* Ends every flow that is due and runs the scheduled work of the products, in the order of their times. -1
 * when the store failed; what was not applied stays due. A flow whose outcome violates a constraint of the
 * store ends as failed. */
int flow_settle(struct world *w);

/* Ends a running flow now. Call flow_settle first for what is due earlier. 1, 0 when no flow of that id runs,
 * -1 when the store failed and the caller must undo its savepoint. */
int flow_finish(struct world *w, int64_t id, bool fails);

/* Counts the flows that run on a resource. -1 when the store failed. */
int flow_count_running(struct world *w, int64_t resource, int64_t *ret_count);

/* The state of the flow in the statement's current row, from its column `outcome`. */
enum flow_state flow_state_read(struct stmt *s, struct arena *a);

/* Reads the next id and the next due time from the store, at a start. -1 when the store failed. */
int flow_resume(struct world *w);

/* Sets the service's clock, unless it is frozen, to the start of the last running flow when that start is in
 * the future, at a start: the machine's clock went back while no server ran, and without this the flow would
 * run until that time. -1 when the store failed. */
int flow_catch_up(struct world *w);

/* To be called when a scheduled time has changed. -1 when the store failed. */
int flow_reschedule(struct world *w);

#endif
