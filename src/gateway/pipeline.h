/*
 * The pipeline: the table of steps that every call walks. The order of its rows is behaviour: it decides
 * which error wins when several things are wrong. docs/fidelity.md says what is known about that order; tests
 * pin each neighbouring pair.
 */
#ifndef VIRGA_GATEWAY_PIPELINE_H
#define VIRGA_GATEWAY_PIPELINE_H

#include "core/call.h"

struct step {
    const char *name;
    int (*run)(struct call *c); /* 0 on to the next row, -1 after call_fail */
    enum provenance place;      /* how sure we are of this row's place */
};

extern const struct step pipeline[];
extern const size_t pipeline_steps;

/* Runs the steps until one fails, then makes the answer. */
void pipeline_run(struct call *c);

/* The state that a call changed could not be made durable: its response becomes the store's error. Returns
 * its HTTP status, as c->http_status. */
int pipeline_lost(struct call *c, enum db_fault fault, const char *problem);

/* --- steps --- */

/* The steps of the pipeline, one function a row, grouped by file. Each returns 0, or -1 after call_fail. */

/* core/envelope.c: the request's outer form */
int step_method(struct call *c);
int step_size(struct call *c);
int step_form(struct call *c);
int step_common(struct call *c);
int step_language(struct call *c);

/* core/authenticate.c */
int step_authorization(struct call *c);
int step_expiry(struct call *c);
int step_credential(struct call *c);
int step_payload(struct call *c);
int step_signature(struct call *c);

/* core/admit.c */
int step_token(struct call *c);
int step_mfa(struct call *c);
int step_address(struct call *c);
int step_permission(struct call *c);
/* Refuses the call as a policy does. Always -1. */
int permission_fail(struct call *c);

/* core/route.c */
int step_product(struct call *c);
int step_version(struct call *c);
int step_action(struct call *c);
int step_offline(struct call *c);
int step_region(struct call *c);
int step_available(struct call *c);

/* core/throttle.c */
int step_limit(struct call *c);

/* core/params.c */
/* Is it one of the keys that version 1 carries among the action's parameters? */
bool params_is_common(struct str key);
int step_decode(struct call *c);
int step_rules(struct call *c);

/* core/inject.c */
int step_fault(struct call *c);

/* core/handle.c */
int step_handle(struct call *c);

#endif
