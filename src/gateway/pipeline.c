/* The order of the steps in one table, because clients see it. */
#include "gateway/pipeline.h"

#include <assert.h>

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
