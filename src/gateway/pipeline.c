/* The table of the steps. Clients can observe their order. */
#include "gateway/pipeline.h"

#include <assert.h>

#include "core/flow.h"

/* --- the last step: the handler --- */

static int run_handler(struct world *w, void *arg)
{
    struct call *c = arg;
    (void)w;
    return c->action->handle(c, c->in, c->out);
}

/* A handler that writes runs inside a savepoint. A failure without an error of the call is one of the store,
 * at the end of the savepoint. */
static int run(struct call *c)
{
    if (!c->action->writes)
        return run_handler(c->world, c);
    if (world_attempt(c->world, run_handler, c) != 0)
        return c->error == ERR_NONE ? call_fail_store(c) : -1;
    c->changed = true;
    return 0;
}

/* Settles the flows that are due, then runs the handler. The settling needs no wait for the disk: after a
 * crash the stored data would lead to the same result again. */
int step_handle(struct call *c)
{
    c->out = arena_zalloc(c->arena, c->action->out->size);
    if (!c->action->handle)
        return call_fail_with(c, ERR_UNSUPPORTED_OPERATION_NOT_EMULATED, ARGS(c->action->name));
    if (flow_settle(c->world) != 0)
        return call_fail_store(c);
    int rc = run(c);
    assert((rc == 0) == (c->error == ERR_NONE));
    assert(rc == 0 ||
           code_fits(c->action, c->error)); /* a handler fails only with codes that its action declares */
    return rc;
}

/* --- the table --- */

const struct step pipeline[] = {
    {"method", step_method, PROV_ASSUMED},
    {"size", step_size, PROV_ASSUMED},
    {"form", step_form, PROV_OBSERVED},
    {"common", step_common, PROV_OBSERVED},
    {"language", step_language, PROV_ASSUMED},
    {"authorization", step_authorization, PROV_OBSERVED},
    {"expiry", step_expiry, PROV_OBSERVED},
    {"credential", step_credential, PROV_OBSERVED},
    {"token", step_token, PROV_ASSUMED},
    {"payload", step_payload, PROV_ASSUMED},
    {"signature", step_signature, PROV_OBSERVED},
    {"mfa", step_mfa, PROV_ASSUMED},
    {"address", step_address, PROV_ASSUMED},
    {"product", step_product, PROV_ASSUMED},
    {"version", step_version, PROV_ASSUMED},
    {"action", step_action, PROV_ASSUMED},
    {"offline", step_offline, PROV_ASSUMED},
    {"region", step_region, PROV_ASSUMED},
    {"limit", step_limit, PROV_ASSUMED},
    {"decode", step_decode, PROV_OBSERVED},
    {"permission", step_permission, PROV_ASSUMED},
    {"fault", step_fault, PROV_ASSUMED},
    {"available", step_available, PROV_ASSUMED},
    {"rules", step_rules, PROV_ASSUMED},
    {"handle", step_handle, PROV_DOCUMENTED},
};

const size_t pipeline_steps = sizeof pipeline / sizeof pipeline[0];

void pipeline_run(struct call *c)
{
    assert(c->error == ERR_NONE && c->product);
    for (size_t i = 0; i < pipeline_steps; i++) {
        if (pipeline[i].run(c) == 0)
            continue;
        assert(c->error != ERR_NONE || fault_suppresses_response(&c->effect));
        c->failed_step = pipeline[i].name;
        break;
    }
    call_answer(c);
}

int pipeline_lost(struct call *c, enum db_fault fault, const char *problem)
{
    assert(c->error == ERR_NONE && c->changed);
    (void)call_fail_fault(c, fault, problem);
    c->failed_step = "durable";
    call_answer(c);
    return c->http_status;
}
