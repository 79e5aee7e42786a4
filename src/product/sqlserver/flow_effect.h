/*
 * The databases of a flow: what the flow does to each of them.
 *
 * The start of the flow writes them as rows, so that the outcome can be applied after a restart. While the
 * flow runs, the status of the database shows its effect, and no other flow can use the database.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_FLOW_EFFECT_H
#define VIRGA_PRODUCT_SQLSERVER_FLOW_EFFECT_H

#include "core/flow.h"
#include "gen/sqlserver_enums.h"

struct flow_database {
    struct str name, new_name; /* new_name of DATABASE_EFFECT_RENAME */
    enum database_effect effect;
};

/* Starts a flow with its databases. A database that the flow creates must exist with the status "creating";
 * this function sets the status of one that the flow changes, drops or renames. When the flow has no
 * duration, the effects are applied as well. -1 when the store failed. */
int flow_effect_start(struct world *w, const struct flow_plan *plan, const struct flow_database *databases,
                      size_t n, struct flow *ret_flow);

/* The same without the effects of a flow without a duration, for a caller that records more of the flow
 * before it settles it. */
int flow_effect_begin(struct world *w, const struct flow_plan *plan, const struct flow_database *databases,
                      size_t n, struct flow *ret_flow);

/* 1 when a running flow of the instance uses the database, or will give a database that name; 0 when not, -1
 * when the store failed. */
int flow_holds(struct world *w, int64_t instance, struct str database, bool ignore_case);

/* Runs and releases a statement whose one parameter, :flow, is the flow. -1 when the store failed. */
int flow_run(struct stmt *taken, const struct flow *f);
/* The same with the literal text of the statement; returns -1 from the function when the store failed. */
#define RUN_OF_FLOW(w, f, sql)                                                                               \
    do {                                                                                                     \
        if (flow_run(stmt_get((w)->db, "" sql), (f)) != 0)                                                   \
            return -1;                                                                                       \
    } while (0)

/* The settle function of flows (core/flow.h): success applies the effects, failure restores what the start
 * had changed. It is declared in gen/sqlserver_flows.h: int databases_settle(struct world *w, const struct
 * flow *f); */

#endif
