/*
 * The pipeline: the table of steps that every call runs through. The order of its rows is behaviour: it
 * decides which error a call with several mistakes gets. docs/fidelity.md says what is known about the order;
 * a test checks each pair of neighbours.
 */
#ifndef VIRGA_GATEWAY_PIPELINE_H
#define VIRGA_GATEWAY_PIPELINE_H

#include "core/call.h"

struct step {
    const char *name;
    int (*run)(struct call *c); /* 0: continue with the next row; -1 after call_fail */
    enum provenance place;      /* how well the position of this row is known */
};

extern const struct step pipeline[];
extern const size_t pipeline_steps;

/* Runs the steps until one fails, then makes the response. */
void pipeline_run(struct call *c);

/* To be called when the state that a call changed could not be made durable: its response becomes the store's
 * error. Returns its HTTP status, as c->http_status. */
int pipeline_lost(struct call *c, enum db_fault fault, const char *problem);

/* --- steps: one function for each row, grouped by file; each returns 0, or -1 after call_fail --- */

/* request.c: the form of the request, its common parameters and those of the action */
int step_method(struct call *c);
int step_size(struct call *c);
int step_form(struct call *c);
int step_common(struct call *c);
int step_language(struct call *c);
int step_decode(struct call *c);
int step_rules(struct call *c);

/* authenticate.c */
int step_authorization(struct call *c);
int step_expiry(struct call *c);
int step_credential(struct call *c);
int step_payload(struct call *c);
int step_signature(struct call *c);

/* authorize.c */
int step_token(struct call *c);
int step_mfa(struct call *c);
int step_address(struct call *c);
int step_permission(struct call *c);
/* Fails the call as a policy does. Always -1. */
int permission_fail(struct call *c);

/* route.c */
int step_product(struct call *c);
int step_version(struct call *c);
int step_action(struct call *c);
int step_offline(struct call *c);
int step_region(struct call *c);
int step_available(struct call *c);

/* rate_limit.c */
int step_limit(struct call *c);

/* fault.c */
int step_fault(struct call *c);

/* pipeline.c */
int step_handle(struct call *c);

#endif
